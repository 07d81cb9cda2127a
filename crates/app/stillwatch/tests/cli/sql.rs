//! SQL over a data directory: read only, and every mistake of a query is told as one.

use crate::common::failed;
use crate::common::succeed;
use crate::common::text;
use crate::common::world;

#[test]
fn a_data_directory_can_be_queried_and_not_changed() {
    let folder = tempfile::tempdir().unwrap();
    let made = world(folder.path(), "7", "0.05");
    let data = folder.path().join("data");
    succeed(&["ingest", text(&made.log), "--data-dir", text(&data), "--quiet"]);
    let query = |sql: &str| succeed(&["sql", sql, "--data-dir", text(&data), "--json"]);
    let count = |rows: String| serde_json::from_str::<serde_json::Value>(&rows).unwrap()[0]["n"].as_u64().unwrap();
    let exchanges = count(query("SELECT count(*) AS n FROM exchange"));
    assert!(exchanges > 100, "{exchanges}");
    assert_eq!(count(query("SELECT CAST(sum(exchanges) AS BIGINT) AS n FROM account")), exchanges);
    for (sql, word) in [
        ("SELECT nothing FROM exchange", "nothing"),
        ("SELECT 1 FROM elsewhere", "elsewhere"),
        ("SELEKT", "SELEKT"),
        ("COPY exchange TO 'copy.csv'", "COPY"),
        ("DROP VIEW account", "DropView"),
    ] {
        let (code, error) = failed(&["sql", sql, "--data-dir", text(&data)]);
        assert!(code == 2 && error.contains(word), "{sql}: {code} {error}");
    }
    let (code, error) = failed(&["sql", "SELECT 1", "--data-dir", text(&folder.path().join("none"))]);
    assert!(code == 2 && error.contains("stillwatch ingest"), "{code} {error}");
}
