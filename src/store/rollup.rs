//! Exchanges to rates, version by version.
//!
//! Each roll-up commit notes the version of `exchanges` that it reaches, in the same commit, so after any crash the
//! next roll-up goes on exactly there. It adds the files that a version added; compaction adds none that count.

use deltalake::arrow::array::RecordBatch;
use deltalake::arrow::error::ArrowError;
use deltalake::kernel::Add;
use deltalake::parquet::arrow::ProjectionMask;
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::{DeltaTable, DeltaTableError, ObjectStoreError, Path};
use object_store::ObjectStoreExt as _;

use crate::store::changes;
use crate::store::sums::{self, Sums};

/// Sums that are enough for one commit; those of one more version of `exchanges` may come on top.
const KEYS_MAX: usize = 250_000;

/// What one commit of `rates` adds.
pub struct Step {
    /// `None` when the versions hold nothing that has a time.
    pub rates: Option<RecordBatch>,
    /// The version of `exchanges` up to which it goes.
    pub reached: u64,
}

/// Sums of commits that this process made, taken while their rows were in hand.
#[derive(Debug)]
pub struct Fresh {
    /// The version of `exchanges` behind which it begins.
    pub from: u64,
    pub reached: u64,
    sums: Sums,
}

impl Fresh {
    pub fn new(from: u64) -> Self {
        Self {
            from,
            reached: from,
            sums: Sums::default(),
        }
    }

    /// `None` for a commit without rows.
    pub fn add(&mut self, version: u64, batch: Option<&RecordBatch>) -> Result<(), ArrowError> {
        self.reached = version;
        batch.map_or(Ok(()), |batch| self.sums.add(batch))
    }

    pub fn is_full(&self) -> bool {
        self.sums.len() >= KEYS_MAX
    }

    /// Nobody rolls up; what is let go of is read again from the files.
    pub fn is_overfull(&self) -> bool {
        self.sums.len() >= 4 * KEYS_MAX
    }

    pub fn into_step(self) -> Result<Step, ArrowError> {
        Ok(Step {
            rates: self.sums.into_rates()?,
            reached: self.reached,
        })
    }
}

/// Sums the versions behind `done`, as many as make one commit.
pub async fn summarise(
    table: &DeltaTable,
    done: u64,
    current: u64,
) -> Result<Step, DeltaTableError> {
    let mut sums = Sums::default();
    let mut reached = done;
    while reached < current && sums.len() < KEYS_MAX {
        let next = reached + 1;
        match added_files(table, next).await? {
            Some(files) => {
                add_files(&mut sums, table, &files).await?;
                reached = next;
            }
            // The log keeps entries for a month at least, and checkpoints hold what came before. Nothing is summed yet
            // of an older table, or `rates` would know.
            None if done == 0 && sums.len() == 0 => {
                add_files(&mut sums, table, &active_files(table)?).await?;
                reached = current;
            }
            None => {
                return Err(DeltaTableError::generic(format!(
                    "version {next} is missing in the log of exchanges, and rates need it"
                )));
            }
        }
    }
    let rates = sums.into_rates()?;
    Ok(Step { rates, reached })
}

/// Files that a version of the table added; `None` when its log entry is gone.
async fn added_files(
    table: &DeltaTable,
    version: u64,
) -> Result<Option<Vec<Path>>, DeltaTableError> {
    let Some(added) = changes::added(table, version).await? else {
        return Ok(None);
    };
    let path = |add: &Add| Path::from_url_path(&add.path).map_err(ObjectStoreError::from);
    let files: Result<_, _> = added.iter().map(path).collect();
    Ok(Some(files?))
}

fn active_files(table: &DeltaTable) -> Result<Vec<Path>, DeltaTableError> {
    Ok(table
        .snapshot()?
        .log_data()
        .iter()
        .map(|file| file.object_store_path())
        .collect())
}

async fn add_files(
    sums: &mut Sums,
    table: &DeltaTable,
    files: &[Path],
) -> Result<(), DeltaTableError> {
    let store = table.object_store();
    for file in files {
        let bytes = store.get(file).await?.bytes().await?;
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
        let mask = ProjectionMask::columns(builder.parquet_schema(), sums::READ);
        for batch in builder.with_projection(mask).build()? {
            sums.add(&batch?)?;
        }
    }
    Ok(())
}
