//! What an executor runs: stages of the plans of hunts, and nothing else.
//!
//! A plan comes over the network, and the engine would run any. One that writes files, or that reads others than those of a data
//! directory, is of nobody who hunts.

use std::sync::Arc;

use ballista_core::JobId;
use ballista_executor::execution_engine::DefaultExecutionEngine;
use ballista_executor::execution_engine::ExecutionEngine;
use ballista_executor::execution_engine::QueryStageExecutor;
use datafusion::common::Result;
use datafusion::common::exec_err;
use datafusion::datasource::physical_plan::FileScanConfig;
use datafusion::datasource::physical_plan::ParquetSource;
use datafusion::datasource::source::DataSourceExec;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionConfig;

/// Steps that compute, and pass rows between stages. What writes a table, or runs code of its own, is not among them.
const STEPS: [&str; 16] = [
    "AggregateExec",
    "CoalesceBatchesExec",
    "CoalescePartitionsExec",
    "CooperativeExec",
    "EmptyExec",
    "FilterExec",
    "PlaceholderRowExec",
    "ProjectionExec",
    "RepartitionExec",
    "ShuffleReaderExec",
    "ShuffleWriterExec",
    "SortExec",
    "SortPreservingMergeExec",
    "SortShuffleWriterExec",
    "UnionExec",
    "UnresolvedShuffleExec",
];
/// Folders of the tables of a data directory; files elsewhere are not read.
const TABLES: [&str; 2] = ["exchange", "profile"];
/// Longest id of a job, which names a folder.
const MAX_JOB: usize = 64;

/// The engine's own execution of stages that are ours.
pub(crate) struct OurStages(DefaultExecutionEngine);

impl OurStages {
    pub(crate) fn new() -> Self {
        Self(DefaultExecutionEngine::new())
    }
}

impl ExecutionEngine for OurStages {
    fn create_query_stage_exec(
        &self,
        job_id: JobId,
        stage_id: usize,
        task_id: usize,
        partitions: Vec<usize>,
        plan: Arc<dyn ExecutionPlan>,
        work_dir: &str,
        config: &SessionConfig,
    ) -> Result<Arc<dyn QueryStageExecutor>> {
        check_job(job_id.as_ref())?;
        check(plan.as_ref())?;
        self.0.create_query_stage_exec(job_id, stage_id, task_id, partitions, plan, work_dir, config)
    }
}

/// An id that can be no path but a name.
fn check_job(job: &str) -> Result<()> {
    let is_of_id = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if (1..=MAX_JOB).contains(&job.len()) && job.bytes().all(is_of_id) {
        return Ok(());
    }
    exec_err!("the id of a job is of letters, digits, `-` and `_` (is the scheduler one of stillwatch?)")
}

fn check(step: &dyn ExecutionPlan) -> Result<()> {
    if let Some(source) = step.downcast_ref::<DataSourceExec>() {
        check_source(source)?;
    } else if !STEPS.contains(&step.name()) {
        return exec_err!("{} is no step of a hunt (use `stillwatch sql` for queries)", step.name());
    }
    step.children().into_iter().try_for_each(|child| check(child.as_ref()))
}

/// A scan of Parquet files of a data directory.
fn check_source(source: &DataSourceExec) -> Result<()> {
    let Some((scan, _)) = source.downcast_to_file_source::<ParquetSource>() else {
        return exec_err!("a hunt reads Parquet files, and this plan reads something else");
    };
    let scan: &FileScanConfig = scan;
    let is_ours = |path: &str| {
        path.ends_with(".parquet") && TABLES.iter().any(|table| path.split('/').any(|part| part == *table))
    };
    let mut paths = scan.file_groups.iter().flat_map(|group| group.iter()).map(|file| file.path().as_ref());
    if paths.all(is_ours) {
        return Ok(());
    }
    exec_err!("a hunt reads files of data directories, and this plan reads others")
}

#[cfg(test)]
mod tests;
