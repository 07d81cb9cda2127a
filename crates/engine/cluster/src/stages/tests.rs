use std::path::Path;

use datafusion::dataframe::DataFrameWriteOptions;
use datafusion::prelude::ParquetReadOptions;
use datafusion::prelude::SessionContext;

use super::*;

/// What a query over a table at a place is refused for.
async fn refused(place: &Path, query: &str) -> Option<String> {
    let context = SessionContext::new();
    let rows = context.sql("SELECT 1 AS account, 2 AS exchanges").await.unwrap();
    rows.write_parquet(place.to_str().unwrap(), DataFrameWriteOptions::new(), None).await.unwrap();
    context.register_parquet("t", place.to_str().unwrap(), ParquetReadOptions::default()).await.unwrap();
    let logical = context.state().create_logical_plan(query).await.unwrap();
    let plan = context.state().create_physical_plan(&logical).await.unwrap();
    check(plan.as_ref()).err().map(|error| error.to_string())
}

#[test]
fn only_stages_of_hunts_are_run() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("exchange/v4/day=2026-04-22");
        std::fs::create_dir_all(&table).unwrap();
        let ours = table.join("part-0.parquet");
        let counted = "SELECT account, sum(exchanges) FROM t WHERE exchanges > 0 GROUP BY account";
        assert_eq!(refused(&ours, counted).await, None);
        // A file elsewhere.
        let other = folder.path().join("salaries.parquet");
        let reason = refused(&other, counted).await.unwrap();
        assert!(reason.contains("files of data directories"), "{reason}");
        // A plan that writes, below steps that are ours.
        let copy = format!("COPY (SELECT * FROM t) TO '{}/stolen.parquet'", folder.path().display());
        let reason = refused(&table.join("part-1.parquet"), &copy).await.unwrap();
        assert!(reason.contains("DataSinkExec is no step"), "{reason}");
    });
}

#[test]
fn an_id_of_a_job_is_no_path() {
    assert!(check_job("k7Hq2zA").is_ok());
    for wrong in ["", "..", "../../etc", "a/b", "a\0", &"x".repeat(MAX_JOB + 1)] {
        assert!(check_job(wrong).is_err(), "{wrong:?}");
    }
}
