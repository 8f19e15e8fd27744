//! Many small commits leave many small files; here they are joined while others read and write.
//!
//! Joining changes no row, and its commits say so, so a roll-up passes over them. What was replaced stays for a while,
//! for readers that began before.

use std::collections::HashMap;
use std::num::NonZeroU64;
use std::path::Path;
use std::time::Duration;

use deltalake::kernel::transaction::CommitProperties;
use deltalake::operations::optimize::OptimizeType;
use deltalake::parquet::file::properties::WriterProperties;
use deltalake::{DeltaTable, DeltaTableError};

use crate::store::error::StoreError;
use crate::store::schema;
use crate::store::table::{Access, Store, exchange_properties, open_table, rate_properties};

/// Sizes to which files are joined, and how many smaller ones are let be before. Small ones are joined often, large ones
/// seldom, so that no byte is written again more than a few times. A file of one row has 11 KB.
const TIERS: [Tier; 4] = [
    Tier {
        bytes: 128 << 10,
        files_max: 32,
        spare_max: 256,
    },
    Tier {
        bytes: 2 << 20,
        files_max: 32,
        spare_max: 512,
    },
    Tier {
        bytes: 32 << 20,
        files_max: 48,
        spare_max: 1_024,
    },
    Tier {
        bytes: 256 << 20,
        files_max: 64,
        spare_max: 2_048,
    },
];

/// Replaced files are kept this long: no question takes longer, and readers from elsewhere get their time too.
const REPLACED_KEPT_H: i64 = 1;

/// A commit of ours comes every half second, so joining has to try more often than the library's fifteen times.
const RETRIES_MAX: usize = 100;

/// How often, and after which time, to look whether the roll-up has caught up.
const LOOKS_MAX: usize = 30;
const LOOKED_AFTER: Duration = Duration::from_millis(100);

/// Files up to a size, and how many of them are too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tier {
    bytes: u64,
    /// Of one date.
    files_max: usize,
    /// Beyond one of each date, in all: commits may spread over any number of dates.
    spare_max: usize,
}

/// What joining did to one table.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Joined {
    pub files_before: u64,
    pub files_after: u64,
    /// Replaced files of earlier times that are gone from the disk.
    pub files_removed: u64,
}

/// What joining did to a store.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub struct Upkeep {
    pub schema: &'static str,
    pub exchanges: Joined,
    pub rates: Joined,
}

/// How much is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// What has grown too many; for a service, again and again.
    Due,
    /// As few files as can be.
    All,
}

/// Joins small files of the store in `dir`. Takes no lock: it goes on beside one writer and any readers.
pub async fn compact(dir: &Path, extent: Extent) -> Result<Upkeep, StoreError> {
    let dir = Store::open(dir, Access::Read).await?.dir().to_owned();
    let mut done = Upkeep {
        schema: "tidemark.compact/1",
        ..Upkeep::default()
    };
    let exchanges = open_table(&dir, schema::EXCHANGES, Access::Read).await?;
    done.exchanges = join_files(&dir, exchanges, extent, exchange_properties()).await?;
    let rates = open_table(&dir, schema::RATES, Access::Read).await?;
    done.rates = join_files(&dir, rates, extent, rate_properties()).await?;
    if extent == Extent::All {
        [done.exchanges.files_removed, done.rates.files_removed] = remove_replaced(&dir).await?;
    }
    Ok(done)
}

/// Removes from the disk what joining has replaced long enough ago; says how many files of `exchanges` and of `rates`.
/// A roll-up that is behind reads the files as they were added, so nothing is removed before it has.
pub async fn remove_replaced(dir: &Path) -> Result<[u64; 2], StoreError> {
    let mut store = Store::open(dir, Access::Read).await?;
    for _ in 0..LOOKS_MAX {
        if !store.is_behind().await? {
            let dir = store.dir().to_owned();
            return Ok([
                vacuum(&dir, schema::EXCHANGES).await?,
                vacuum(&dir, schema::RATES).await?,
            ]);
        }
        tokio::time::sleep(LOOKED_AFTER).await;
        store.refresh().await?;
    }
    Ok([0, 0])
}

async fn join_files(
    dir: &Path,
    table: DeltaTable,
    extent: Extent,
    properties: WriterProperties,
) -> Result<Joined, StoreError> {
    let failed = |e: DeltaTableError| StoreError::from_delta(dir, &e);
    let mut joined = Joined {
        files_before: count_files(&table).map_err(failed)?,
        ..Joined::default()
    };
    let table = match due_tier(&table, extent).map_err(failed)? {
        Some(tier) => optimize(table, tier, properties).await.map_err(failed)?,
        None => table,
    };
    joined.files_after = count_files(&table).map_err(failed)?;
    Ok(joined)
}

fn due_tier(table: &DeltaTable, extent: Extent) -> Result<Option<Tier>, DeltaTableError> {
    if extent == Extent::All {
        return Ok(TIERS.last().copied());
    }
    let log = table.snapshot()?.log_data();
    let files = log.iter().map(|file| {
        let bytes = u64::try_from(file.size()).unwrap_or_default();
        (folder_of(&file.path()), bytes)
    });
    Ok(tier_of(&files.collect::<Vec<_>>()))
}

/// The largest tier of which some date, or all together, have too many files.
fn tier_of(files: &[(String, u64)]) -> Option<Tier> {
    let is_due = |tier: &&Tier| {
        let mut of_date: HashMap<&str, usize> = HashMap::new();
        for (folder, _) in files.iter().filter(|(_, bytes)| *bytes < tier.bytes) {
            *of_date.entry(folder).or_default() += 1;
        }
        let spare: usize = of_date.values().map(|files| files - 1).sum();
        spare > tier.spare_max || of_date.values().any(|files| *files > tier.files_max)
    };
    TIERS.iter().rev().find(is_due).copied()
}

/// `date=2026-11-22` of `date=2026-11-22/part-….parquet`.
fn folder_of(path: &str) -> String {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.to_owned()
}

async fn optimize(
    table: DeltaTable,
    tier: Tier,
    properties: WriterProperties,
) -> Result<DeltaTable, DeltaTableError> {
    let target = NonZeroU64::new(tier.bytes).unwrap_or(NonZeroU64::MIN);
    let (table, _) = table
        .optimize()
        .with_type(OptimizeType::Compact)
        .with_target_size(target)
        .with_max_concurrent_tasks(1)
        .with_writer_properties(properties)
        .with_commit_properties(CommitProperties::default().with_max_retries(RETRIES_MAX))
        .await?;
    Ok(table)
}

async fn vacuum(dir: &Path, name: &str) -> Result<u64, StoreError> {
    let table = open_table(dir, name, Access::Read).await?;
    let done = table
        .vacuum()
        .with_retention_period(chrono::Duration::hours(REPLACED_KEPT_H))
        .with_enforce_retention_duration(false)
        .await;
    let (_, metrics) = done.map_err(|e| StoreError::from_delta(dir, &e))?;
    Ok(metrics.files_deleted.len() as u64)
}

fn count_files(table: &DeltaTable) -> Result<u64, DeltaTableError> {
    Ok(table.snapshot()?.log_data().iter().count() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `each` files of a size on each of so many dates.
    fn files(dates: usize, each: usize, bytes: u64) -> Vec<(String, u64)> {
        let of_date = |n| (format!("date={}", n % dates), bytes);
        (0..dates * each).map(of_date).collect()
    }

    #[test]
    fn files_are_joined_when_a_date_or_all_dates_have_too_many() {
        let due = |files: &[(String, u64)]| tier_of(files).map(|tier| tier.bytes);
        assert_eq!(due(&files(1, 32, 11 << 10)), None);
        assert_eq!(due(&files(1, 33, 11 << 10)), Some(2 << 20));
        assert_eq!(due(&files(1, 33, 3 << 20)), None);
        assert_eq!(due(&files(1, 49, 3 << 20)), Some(32 << 20));
        assert_eq!(due(&files(1_000, 1, 11 << 10)), None, "one of each date");
        assert_eq!(due(&files(100, 3, 11 << 10)), None);
        assert_eq!(due(&files(100, 4, 11 << 10)), Some(128 << 10));
        assert_eq!(due(&files(100, 7, 11 << 10)), Some(2 << 20));
        assert_eq!(due(&files(100, 7, 1 << 20)), Some(2 << 20));
        assert_eq!(due(&files(100, 7, 3 << 20)), None);
        assert_eq!(due(&files(100, 12, 3 << 20)), Some(32 << 20));
    }
}
