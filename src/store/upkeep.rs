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

/// Sizes to which files are joined, and how many smaller ones of one date are let be before. Small ones are joined
/// often, large ones seldom, so that no byte is written again more than a few times.
const TIERS: [Tier; 3] = [
    Tier {
        bytes: 2 << 20,
        files_max: 32,
    },
    Tier {
        bytes: 32 << 20,
        files_max: 48,
    },
    Tier {
        bytes: 256 << 20,
        files_max: 64,
    },
];

/// Replaced files are kept this long: no question takes longer, and readers from elsewhere get their time too.
const REPLACED_KEPT_H: i64 = 1;

/// A commit of ours comes every half second, so joining has to try more often than the library's fifteen times.
const RETRIES_MAX: usize = 100;

/// How often, and after which time, to look whether the roll-up has caught up.
const LOOKS_MAX: usize = 30;
const LOOKED_AFTER: Duration = Duration::from_millis(100);

/// Files up to a size, and how many of them of one date are too many.
#[derive(Clone, Copy, Debug)]
struct Tier {
    bytes: u64,
    files_max: usize,
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

/// The largest tier of which some date has too many files.
fn due_tier(table: &DeltaTable, extent: Extent) -> Result<Option<Tier>, DeltaTableError> {
    if extent == Extent::All {
        return Ok(TIERS.last().copied());
    }
    let mut found = None;
    for tier in TIERS {
        let mut of_date: HashMap<String, usize> = HashMap::new();
        for file in table.snapshot()?.log_data().iter() {
            if u64::try_from(file.size()).unwrap_or_default() < tier.bytes {
                *of_date.entry(folder_of(&file.path())).or_default() += 1;
            }
        }
        if of_date.values().any(|files| *files > tier.files_max) {
            found = Some(tier);
        }
    }
    Ok(found)
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
