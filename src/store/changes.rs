//! What versions of a table added, from its log.

use chrono::DateTime;
use deltalake::kernel::{Action, Add};
use deltalake::logstore::get_actions;
use deltalake::{DeltaTable, DeltaTableError};
use serde_json::Value;

use crate::model::time::Timestamp;

/// Whoever has missed more versions than this reads the table.
const VERSIONS_READ_MAX: u64 = 1_000;

/// Before every window: all of them may have changed.
const ALL: Timestamp = Timestamp::from_secs(i64::MIN / 1_000_000);

/// The files with new rows of a version, compaction's left out; `None` when its log entry is gone.
pub async fn added(table: &DeltaTable, version: u64) -> Result<Option<Vec<Add>>, DeltaTableError> {
    let Some(bytes) = table.log_store().read_commit_entry(version).await? else {
        return Ok(None);
    };
    let files = get_actions(version, &bytes)?.into_iter();
    let added = files.filter_map(|action| match action {
        Action::Add(add) if add.data_change => Some(add),
        _ => None,
    });
    Ok(Some(added.collect()))
}

/// The earliest time in `column` of all rows that came after a version; `None` when none came.
pub async fn earliest_since(
    table: &DeltaTable,
    column: &str,
    version: u64,
) -> Result<Option<Timestamp>, DeltaTableError> {
    let current = table.version().unwrap_or_default();
    if current.saturating_sub(version) > VERSIONS_READ_MAX {
        return Ok(Some(ALL));
    }
    let mut earliest: Option<Timestamp> = None;
    for next in version + 1..=current {
        let Some(files) = added(table, next).await? else {
            return Ok(Some(ALL));
        };
        let least = files.iter().map(|add| least(add, column).unwrap_or(ALL));
        earliest = earliest.into_iter().chain(least).min();
    }
    Ok(earliest)
}

fn least(add: &Add, column: &str) -> Option<Timestamp> {
    let stats: Value = serde_json::from_str(add.stats.as_ref()?).ok()?;
    let least = stats.get("minValues")?.get(column)?.as_str()?;
    let at = DateTime::parse_from_rfc3339(least).ok()?;
    Some(Timestamp::from_secs(at.timestamp()))
}
