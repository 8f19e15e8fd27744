//! The application transactions of a table, all at once: the library reads the whole log again for each that is asked
//! for, and a thousand followed files ask for thousands.

use std::collections::HashMap;
use std::fs;
use std::path::Path as FsPath;

use bytes::Bytes;
use deltalake::arrow::array::{Array, AsArray};
use deltalake::arrow::datatypes::Int64Type;
use deltalake::kernel::Action;
use deltalake::logstore::get_actions;
use deltalake::parquet::arrow::ProjectionMask;
use deltalake::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use deltalake::{DeltaTable, DeltaTableError};

/// The latest version of each application id.
pub type Notes = HashMap<String, i64>;

const CHECKPOINT_END: &str = ".checkpoint.parquet";

/// All notes of the table as it is loaded; `None` when its log has a form that is not known here, so that each must be
/// asked for.
pub async fn list_notes(
    table: &DeltaTable,
    folder: &FsPath,
) -> Result<Option<Notes>, DeltaTableError> {
    let current = table.version().unwrap_or_default();
    let log = folder.join("_delta_log");
    let checkpoint = find_checkpoint(&log, current);
    let mut notes = match checkpoint {
        Some(version) => {
            let bytes = fs::read(log.join(format!("{version:020}{CHECKPOINT_END}")))?;
            read_checkpoint(bytes.into())?
        }
        None => Notes::new(),
    };
    for version in checkpoint.map_or(0, |version| version + 1)..=current {
        let Some(bytes) = table.log_store().read_commit_entry(version).await? else {
            return Ok(None);
        };
        for action in get_actions(version, &bytes)? {
            if let Action::Txn(txn) = action {
                notes.insert(txn.app_id, txn.version);
            }
        }
    }
    Ok(Some(notes))
}

/// The newest checkpoint that is one file.
fn find_checkpoint(log: &FsPath, current: u64) -> Option<u64> {
    let entries = fs::read_dir(log).ok()?;
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(CHECKPOINT_END)?.parse::<u64>().ok())
        .filter(|version| *version <= current)
        .max()
}

fn read_checkpoint(bytes: Bytes) -> Result<Notes, DeltaTableError> {
    let mut notes = Notes::new();
    let builder = ParquetRecordBatchReaderBuilder::try_new(bytes)?;
    let wanted = ["txn.appId", "txn.version"];
    let mask = ProjectionMask::columns(builder.parquet_schema(), wanted);
    for batch in builder.with_projection(mask).build()? {
        let batch = batch?;
        let Some(txn) = batch.column_by_name("txn") else {
            continue;
        };
        let txn = txn.as_struct();
        let (Some(ids), Some(versions)) =
            (txn.column_by_name("appId"), txn.column_by_name("version"))
        else {
            continue;
        };
        let (ids, versions) = (ids.as_string::<i32>(), versions.as_primitive::<Int64Type>());
        for row in (0..txn.len()).filter(|row| txn.is_valid(*row) && ids.is_valid(*row)) {
            notes.insert(ids.value(row).to_owned(), versions.value(row));
        }
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use crate::model::time::Timestamp;
    use crate::store::{Access, BatchNote, Commit, Position, SourcePosition, Store};

    /// A checkpoint comes at the hundredth commit.
    const COMMITS: u64 = 101;

    #[tokio::test]
    async fn batches_are_forgotten_in_time_and_positions_are_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(dir.path(), Access::Write).await.expect("open");
        let now = Timestamp::from(chrono::Utc::now());
        let commit = |batch: &str, hours_ago: i64| Commit {
            reached: vec![SourcePosition {
                source_id: "a".to_owned(),
                position: Position {
                    offset: 7,
                    check: 8,
                },
            }],
            batches: vec![BatchNote {
                batch_id: batch.to_owned(),
                hash: 9,
            }],
            made: Some(now.plus_secs(-3_600 * hours_ago)),
            ..Commit::default()
        };
        for (batch, hours_ago) in [("old", 25), ("recent", 23)] {
            let commit = commit(batch, hours_ago);
            store.append_all(&commit).await.expect("stored");
        }
        assert_eq!(store.batch_hash("old").await.expect("read"), Some(9));
        for _ in 2..COMMITS {
            store.append_all(&Commit::default()).await.expect("stored");
        }
        drop(store);
        let store = Store::open(dir.path(), Access::Read).await.expect("open");
        assert_eq!(store.batch_hash("old").await.expect("read"), None);
        assert_eq!(store.batch_hash("recent").await.expect("read"), Some(9));
        let position = store.position("a").await.expect("read");
        assert_eq!(position.map(|position| position.offset), Some(7));
    }
}
