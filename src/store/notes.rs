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
