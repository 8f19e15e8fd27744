//! Opening a store, appending to it exactly once, and keeping `rates` in step.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use deltalake::arrow::array::{Array as _, AsArray, BooleanArray};
use deltalake::arrow::compute::{concat_batches, filter_record_batch};
use deltalake::arrow::datatypes::Date32Type;
use deltalake::arrow::error::ArrowError;
use deltalake::arrow::record_batch::RecordBatch;
use deltalake::datafusion::catalog::TableProvider;
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel as _;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties};
use deltalake::kernel::{Action, StructType, Transaction};
use deltalake::parquet::basic::{Compression, Encoding, ZstdLevel};
use deltalake::parquet::file::properties::{WriterProperties, WriterVersion};
use deltalake::parquet::schema::types::ColumnPath;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::{DeltaTable, DeltaTableBuilder, DeltaTableError, TableProperty, ensure_table_uri};
use futures::TryStreamExt as _;
use tokio::sync::OnceCell;

use crate::mask::Masked;
use crate::model::time::Timestamp;
use crate::store::durable::DurableLocal;
use crate::store::error::StoreError;
use crate::store::files::File;
use crate::store::lock::WriterLock;
use crate::store::manifest::{MANIFEST, Manifest};
use crate::store::notes::{Notes, list_notes};
use crate::store::prove::{Healing, Masking, Proved, Ready, prove};
use crate::store::rollup::{Fresh, Step};
use crate::store::{batch, changes, files, rollup, schema};

/// The application id under which `rates` notes how far it has followed `exchanges`.
const ROLLUP_ID: &str = "rollup/exchanges";

/// The application id under which each commit of exchanges notes which one it is, so that a commit whose outcome is
/// unknown can be found.
const COMMIT_ID: &str = "writer/commit";

/// A checkpoint every so many commits keeps opening fast.
const CHECKPOINT_INTERVAL: &str = "100";

/// Entries of the log are kept this long behind a checkpoint: a service makes a hundred thousand of them a day.
const LOG_RETENTION: &str = "interval 1 days";

/// What was replaced is told in checkpoints this long, which is as long as its files are kept.
const REPLACED_RETENTION: &str = "interval 1 hours";

/// Batches that their senders have named are remembered this long: senders try again for minutes or hours, and all that
/// are remembered stand in every checkpoint. How far a source was read is remembered for ever.
const BATCH_RETENTION: &str = "interval 1 days";

/// Names of batches held in memory; then what is still remembered is read from the log again.
const NOTED_MAX: usize = 100_000;

/// Commits that are looked at for the last proof: those that only join files have none.
const PROOFS_LOOKED_AT: usize = 100;

/// What the caller wants to do with the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Read,
    /// Makes the store when there is none, and keeps other writers out.
    Write,
}

/// How far a source has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Bytes of the unpacked source.
    pub offset: u64,
    /// Hash of those bytes, so that a source with the same beginning is not taken for this one.
    pub check: u64,
}

/// The position of one source, committed together with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcePosition {
    pub source_id: String,
    pub position: Position,
}

/// A batch that its sender has named, so that it is known when it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchNote {
    pub batch_id: String,
    /// Hash of what was sent.
    pub hash: u64,
}

/// Masked rows in the form in which they are written. Cheap to clone, so that a commit can be tried again.
#[derive(Clone, Debug)]
pub struct Rows {
    batch: RecordBatch,
    masking: Masking,
    bytes: usize,
}

impl Rows {
    pub fn new(mut masked: Masked) -> Result<Self, StoreError> {
        let masking = Masking::take(&mut masked);
        let batch = batch::exchanges(masked).map_err(|e| StoreError::Rows {
            what: e.to_string(),
        })?;
        let bytes = batch::bytes(&batch) + masking.bytes();
        Ok(Self {
            batch,
            masking,
            bytes,
        })
    }

    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many dates they have: each becomes a file.
    pub fn dates(&self) -> usize {
        let dates = self.batch.column_by_name(schema::PARTITION);
        let dates = dates.map(|dates| dates.as_primitive::<Date32Type>());
        let distinct: BTreeSet<Option<i32>> = dates.into_iter().flatten().collect();
        distinct.len()
    }
}

/// Everything that becomes visible together.
#[derive(Clone, Debug, Default)]
pub struct Commit {
    pub rows: Vec<Rows>,
    pub reached: Vec<SourcePosition>,
    pub batches: Vec<BatchNote>,
    /// When it is made: the notes of batches are forgotten some time after that.
    pub made: Option<Timestamp>,
}

/// The tables as providers that see one frozen version each.
pub struct Tables {
    pub exchanges: Arc<dyn TableProvider>,
    pub rates: Arc<dyn TableProvider>,
}

/// Sizes for people.
#[derive(Clone, Debug, serde::Serialize)]
pub struct StoreInfo {
    pub schema: &'static str,
    pub dir: PathBuf,
    pub schema_version: u32,
    pub exchanges: TableInfo,
    pub rates: TableInfo,
    /// What the last commit of rows says of its proof.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<Manifest>,
}

#[derive(Clone, Debug, serde::Serialize)]
pub struct TableInfo {
    pub version: u64,
    pub files: usize,
    pub rows: u64,
    pub bytes: u64,
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    dir: PathBuf,
    exchanges: DeltaTable,
    rates: DeltaTable,
    /// What the transactions of `exchanges` note, read when it is first needed.
    notes: OnceCell<Option<Notes>>,
    /// Batches noted since then.
    noted: usize,
    /// The mark of a commit of which it is not known whether it has landed.
    unsure: Option<i64>,
    /// The version of `exchanges` that `rates` is known to have followed.
    followed: Option<u64>,
    /// What was committed since then, summed while it was in hand.
    fresh: Option<Fresh>,
    proved: Proved,
    healing: Healing,
    _lock: Option<WriterLock>,
}

impl Store {
    pub async fn open(dir: &Path, access: Access) -> Result<Self, StoreError> {
        let lock = match access {
            Access::Read if !has_table(dir, schema::EXCHANGES) => {
                return Err(StoreError::Missing {
                    dir: dir.to_owned(),
                });
            }
            Access::Read => None,
            Access::Write => Some(prepare(dir)?),
        };
        let io = |error: &std::io::Error| StoreError::from_io(dir, error);
        let dir = fs::canonicalize(dir).map_err(|e| io(&e))?;
        let exchanges = open_table(&dir, schema::EXCHANGES, access).await?;
        let rates = open_table(&dir, schema::RATES, access).await?;
        Ok(Self {
            dir,
            exchanges,
            rates,
            notes: OnceCell::new(),
            noted: 0,
            unsure: None,
            followed: None,
            fresh: None,
            proved: Proved::default(),
            healing: Healing::default(),
            _lock: lock,
        })
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// How far a source was read; `None` for one that was never seen.
    pub async fn position(&self, source_id: &str) -> Result<Option<Position>, StoreError> {
        let offset = self.note(&offset_id(source_id)).await?;
        let check = self.note(&check_id(source_id)).await?;
        Ok(match (offset, check) {
            (Some(offset), Some(check)) => Some(Position {
                offset: offset as u64,
                check: check as u64,
            }),
            _ => None,
        })
    }

    /// The hash under which a batch was stored; `None` when it was not.
    pub async fn batch_hash(&self, batch_id: &str) -> Result<Option<u64>, StoreError> {
        let hash = self.note(&batch_note_id(batch_id)).await?;
        Ok(hash.map(|hash| hash as u64))
    }

    /// How far each source was read that this store knows.
    pub async fn positions(&self) -> Result<HashMap<String, Position>, StoreError> {
        let mut positions = HashMap::new();
        for (id, offset) in self.notes().await?.iter().flatten() {
            let source_id = id.strip_prefix("source/");
            let Some(source_id) = source_id.and_then(|id| id.strip_suffix("/offset")) else {
                continue;
            };
            if let Some(check) = self.note(&check_id(source_id)).await? {
                let position = Position {
                    offset: *offset as u64,
                    check: check as u64,
                };
                positions.insert(source_id.to_owned(), position);
            }
        }
        Ok(positions)
    }

    /// Writes the rows and the positions they reach in one commit: both are there afterwards, or neither.
    pub async fn append(
        &mut self,
        masked: Masked,
        reached: &[SourcePosition],
    ) -> Result<(), StoreError> {
        let rows = Rows::new(masked)?;
        let commit = Commit {
            rows: vec![rows],
            reached: reached.to_vec(),
            ..Commit::default()
        };
        self.append_all(&commit).await
    }

    /// The same for rows of many sources. When it fails, `find_out` tells whether it has landed all the same.
    pub async fn append_all(&mut self, all: &Commit) -> Result<(), StoreError> {
        let mark = self.exchanges.version().unwrap_or_default() as i64 + 1;
        let mut transactions: Vec<Transaction> =
            all.reached.iter().flat_map(transactions).collect();
        transactions.extend(all.batches.iter().map(|batch| note_of(batch, all.made)));
        transactions.push(Transaction::new(COMMIT_ID, mark));
        self.unsure = Some(mark);
        let batch = match all.rows.as_slice() {
            [] => None,
            [only] => Some(only.batch.clone()),
            [first, ..] => {
                let batches = all.rows.iter().map(|rows| &rows.batch);
                let batch = concat_batches(&first.batch.schema(), batches);
                Some(batch.map_err(|e| self.failed(&e.into()))?)
            }
        };
        let masking = Masking::join(all.rows.iter().map(|rows| &rows.masking));
        let batch = batch.filter(|batch| batch.num_rows() > 0);
        let dir = self.dir.clone();
        let ready = batch.map(|batch| prove(batch, &masking, self.healing));
        let ready = ready
            .transpose()
            .map_err(|refusal| StoreError::from_refusal(&dir, refusal))?;
        let noted: Vec<_> = transactions
            .iter()
            .map(|note| (note.app_id.clone(), note.version))
            .collect();
        let (files, rows, proved) = match ready {
            Some(Ready {
                rows,
                files,
                manifest,
                took,
            }) => (files, Some(rows), Some((manifest, took))),
            None => Default::default(),
        };
        let manifest = proved.as_ref().map(|(manifest, _)| manifest);
        commit(&mut self.exchanges, files, transactions, manifest)
            .await
            .map_err(|e| StoreError::from_delta(&dir, &e))?;
        self.unsure = None;
        if let Some((manifest, took)) = &proved {
            self.proved.add(manifest, *took);
        }
        self.follow(mark as u64, rows.as_ref())?;
        self.noted += all.batches.len();
        if self.noted > NOTED_MAX {
            self.noted = 0;
            self.notes = OnceCell::new();
        }
        if let Some(Some(notes)) = self.notes.get_mut() {
            notes.extend(noted);
        }
        Ok(())
    }

    /// Whether the commit that failed last has landed; an error when that cannot be told yet.
    pub async fn find_out(&mut self) -> Result<bool, StoreError> {
        let Some(mark) = self.unsure else {
            return Ok(true);
        };
        self.refresh().await?;
        let landed = self.transaction(&self.exchanges, COMMIT_ID).await? == Some(mark);
        if landed {
            self.unsure = None;
        }
        Ok(landed)
    }

    /// Sums what the commit of `version` brought, unless commits of others stand between it and what is summed.
    fn follow(&mut self, version: u64, batch: Option<&RecordBatch>) -> Result<(), StoreError> {
        let alone = self.exchanges.version() == Some(version);
        let fresh = self.fresh.take().or_else(|| self.followed.map(Fresh::new));
        let Some(mut fresh) = fresh.filter(|fresh| alone && fresh.reached + 1 == version) else {
            return Ok(());
        };
        fresh
            .add(version, batch)
            .map_err(|e| self.failed(&e.into()))?;
        self.fresh = (!fresh.is_overfull()).then_some(fresh);
        Ok(())
    }

    /// Whether there is as much to roll up as makes one commit.
    pub fn wants_roll_up(&self) -> bool {
        self.fresh.as_ref().is_some_and(Fresh::is_full)
    }

    /// Brings `rates` up to the current version of `exchanges`, in as many commits as its memory needs.
    pub async fn roll_up(&mut self) -> Result<(), StoreError> {
        let dir = self.dir.clone();
        let failed = |e: DeltaTableError| StoreError::from_delta(&dir, &e);
        let current = self.exchanges.version().unwrap_or_default();
        loop {
            let done = match self.followed.take() {
                Some(done) => done,
                None => self
                    .transaction(&self.rates, ROLLUP_ID)
                    .await?
                    .map_or(0, |done| done as u64),
            };
            if done >= current {
                self.followed = Some(done);
                return Ok(());
            }
            let fresh = self.fresh.take().filter(|fresh| fresh.from == done);
            let step = match fresh {
                Some(fresh) => fresh.into_step().map_err(|e| failed(e.into())),
                None => rollup::summarise(&self.exchanges, done, current)
                    .await
                    .map_err(failed),
            };
            let Step { rates, reached } = step?;
            let note = vec![Transaction::new(ROLLUP_ID, reached as i64)];
            let files = make_files(rates).map_err(failed)?;
            commit(&mut self.rates, files, note, None)
                .await
                .map_err(failed)?;
            self.followed = Some(reached);
        }
    }

    /// Whether `exchanges` has rows that `rates` does not know yet: a writer died between the two commits.
    pub async fn is_behind(&self) -> Result<bool, StoreError> {
        let done = self.transaction(&self.rates, ROLLUP_ID).await?;
        let current = self.exchanges.version().unwrap_or_default();
        Ok(current > 0 && done.is_none_or(|done| (done as u64) < current))
    }

    /// Sees what other processes have committed meanwhile.
    pub async fn refresh(&mut self) -> Result<(), StoreError> {
        let dir = self.dir.clone();
        let failed = |e: DeltaTableError| StoreError::from_delta(&dir, &e);
        self.exchanges.update_state().await.map_err(failed)?;
        self.rates.update_state().await.map_err(failed)?;
        self.notes = OnceCell::new();
        self.followed = None;
        Ok(())
    }

    /// The version of `rates`: it changes when, and only when, an answer may change.
    pub fn version(&self) -> u64 {
        self.rates.version().unwrap_or_default()
    }

    /// The earliest window of `rates` that changed after a version; `None` when none did.
    pub async fn changed_since(&self, version: u64) -> Result<Option<Timestamp>, StoreError> {
        changes::earliest_since(&self.rates, "window_start", version)
            .await
            .map_err(|e| self.failed(&e))
    }

    pub async fn tables(&self) -> Result<Tables, StoreError> {
        Ok(Tables {
            exchanges: self
                .exchanges
                .table_provider()
                .await
                .map_err(|e| self.failed(&e.into()))?,
            rates: self
                .rates
                .table_provider()
                .await
                .map_err(|e| self.failed(&e.into()))?,
        })
    }

    pub fn info(&self) -> Result<StoreInfo, StoreError> {
        Ok(StoreInfo {
            schema: "tidemark.store/1",
            dir: self.dir.clone(),
            schema_version: schema::SCHEMA_VERSION,
            exchanges: table_info(&self.exchanges).map_err(|e| self.failed(&e))?,
            rates: table_info(&self.rates).map_err(|e| self.failed(&e))?,
            proof: None,
        })
    }

    /// What was proved since the store was opened.
    pub fn proved(&self) -> &Proved {
        &self.proved
    }

    /// What the last commit of rows says of its proof; `None` when none of the last ones has any.
    pub async fn last_proof(&self) -> Result<Option<Manifest>, StoreError> {
        let mut commits = self.exchanges.history(Some(PROOFS_LOOKED_AT));
        while let Some(commit) = commits.try_next().await.map_err(|e| self.failed(&e))? {
            if let Some(proof) = commit.info.get(MANIFEST) {
                return Ok(serde_json::from_value(proof.clone()).ok());
            }
        }
        Ok(None)
    }

    /// So that a proof fails.
    #[cfg(test)]
    pub(crate) fn stop_healing(&mut self) {
        self.healing = Healing::Off;
    }

    async fn notes(&self) -> Result<&Option<Notes>, StoreError> {
        let folder = self.dir.join(schema::EXCHANGES);
        let list = || list_notes(&self.exchanges, &folder);
        let notes = self.notes.get_or_try_init(list).await;
        notes.map_err(|e| self.failed(&e))
    }

    async fn note(&self, id: &str) -> Result<Option<i64>, StoreError> {
        match self.notes().await? {
            Some(notes) => Ok(notes.get(id).copied()),
            None => self.transaction(&self.exchanges, id).await,
        }
    }

    async fn transaction(&self, table: &DeltaTable, id: &str) -> Result<Option<i64>, StoreError> {
        let state = table.snapshot().map_err(|e| self.failed(&e))?;
        state
            .transaction_version(table.log_store().as_ref(), id)
            .await
            .map_err(|e| self.failed(&e))
    }

    fn failed(&self, error: &DeltaTableError) -> StoreError {
        StoreError::from_delta(&self.dir, error)
    }
}

fn offset_id(source_id: &str) -> String {
    format!("source/{source_id}/offset")
}

fn check_id(source_id: &str) -> String {
    format!("source/{source_id}/check")
}

fn batch_note_id(batch_id: &str) -> String {
    format!("batch/{batch_id}")
}

/// One with a time is forgotten at some checkpoint after `BATCH_RETENTION`.
fn note_of(batch: &BatchNote, made: Option<Timestamp>) -> Transaction {
    let made_ms = made.map(|made| made.micros() / 1_000);
    let id = batch_note_id(&batch.batch_id);
    Transaction::new_with_last_update(id, batch.hash as i64, made_ms)
}

fn transactions(reached: &SourcePosition) -> [Transaction; 2] {
    let Position { offset, check } = reached.position;
    [
        Transaction::new(offset_id(&reached.source_id), offset as i64),
        Transaction::new(check_id(&reached.source_id), check as i64),
    ]
}

/// A folder of a log without an entry is a table whose making was cut off.
fn has_table(dir: &Path, name: &str) -> bool {
    let log = fs::read_dir(dir.join(name).join("_delta_log"));
    let is_entry = |name: &str| {
        name.ends_with(".json") || name.ends_with(".parquet") || name == "_last_checkpoint"
    };
    log.is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|e| e.file_name().to_str().is_some_and(is_entry)))
    })
}

/// Makes the folder and takes the writer's lock.
fn prepare(dir: &Path) -> Result<WriterLock, StoreError> {
    let failed = |error: std::io::Error| StoreError::from_io(dir, &error);
    fs::create_dir_all(dir).map_err(failed)?;
    if !has_table(dir, schema::EXCHANGES) && holds_foreign_files(dir).map_err(failed)? {
        return Err(StoreError::NotAStore {
            dir: dir.to_owned(),
        });
    }
    WriterLock::take(dir)
}

/// A store begins in an empty folder; what tidemark itself puts there first does not count.
fn holds_foreign_files(dir: &Path) -> std::io::Result<bool> {
    const OWN: [&str; 7] = [
        "writer.lock",
        "mask.key",
        "keys",
        "marks",
        "marks.key",
        schema::EXCHANGES,
        schema::RATES,
    ];
    for entry in fs::read_dir(dir)? {
        if !OWN
            .iter()
            .any(|own| entry.as_ref().is_ok_and(|e| e.file_name() == *own))
        {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) async fn open_table(
    dir: &Path,
    name: &str,
    access: Access,
) -> Result<DeltaTable, StoreError> {
    let failed = |error: DeltaTableError| StoreError::from_delta(dir, &error);
    let mut table = build_table(&dir.join(name)).map_err(failed)?;
    if has_table(dir, name) {
        table.load().await.map_err(failed)?;
        check_version(dir, &table)?;
        return Ok(table);
    }
    match access {
        Access::Write => create_table(&table, name).await.map_err(failed),
        // A store without exchanges was not opened, so it is the rates.
        Access::Read => Err(StoreError::NoRates {
            dir: dir.to_owned(),
        }),
    }
}

fn build_table(path: &Path) -> Result<DeltaTable, DeltaTableError> {
    let url = ensure_table_uri(path.to_string_lossy())?;
    DeltaTableBuilder::from_url(url.clone())?
        .with_storage_backend(Arc::new(DurableLocal::new()), url)
        .build()
}

async fn create_table(table: &DeltaTable, name: &str) -> Result<DeltaTable, DeltaTableError> {
    let columns = if name == schema::EXCHANGES {
        schema::exchanges()
    } else {
        schema::rates()
    };
    let skipping = if name == schema::EXCHANGES {
        "ts,integration,status"
    } else {
        "window_start,integration"
    };
    let columns: StructType = columns.as_ref().try_into_kernel()?;
    table
        .clone()
        .create()
        .with_table_name(name)
        .with_columns(columns.fields().cloned())
        .with_partition_columns([schema::PARTITION])
        .with_raise_if_key_not_exists(false)
        .with_configuration([(
            schema::SCHEMA_VERSION_KEY,
            Some(schema::SCHEMA_VERSION.to_string()),
        )])
        .with_configuration_property(TableProperty::CheckpointInterval, Some(CHECKPOINT_INTERVAL))
        .with_configuration_property(TableProperty::EnableExpiredLogCleanup, Some("true"))
        .with_configuration_property(TableProperty::LogRetentionDuration, Some(LOG_RETENTION))
        .with_configuration_property(
            TableProperty::DeletedFileRetentionDuration,
            Some(REPLACED_RETENTION),
        )
        .with_configuration_property(
            TableProperty::SetTransactionRetentionDuration,
            Some(BATCH_RETENTION),
        )
        .with_configuration_property(TableProperty::DataSkippingStatsColumns, Some(skipping))
        .await
}

fn check_version(dir: &Path, table: &DeltaTable) -> Result<(), StoreError> {
    let state = table
        .snapshot()
        .map_err(|e| StoreError::from_delta(dir, &e))?;
    let found = state
        .metadata()
        .configuration()
        .get(schema::SCHEMA_VERSION_KEY)
        .and_then(|version| version.parse::<u32>().ok());
    match found {
        None => Err(StoreError::NotAStore {
            dir: dir.to_owned(),
        }),
        Some(found) if found > schema::SCHEMA_VERSION => Err(StoreError::Newer {
            dir: dir.to_owned(),
            found,
            known: schema::SCHEMA_VERSION,
        }),
        Some(_) => Ok(()),
    }
}

/// One atomic commit of files and notes.
async fn commit(
    table: &mut DeltaTable,
    files: Vec<File>,
    transactions: Vec<Transaction>,
    manifest: Option<&Manifest>,
) -> Result<(), DeltaTableError> {
    let mut actions = Vec::new();
    for file in files {
        actions.push(Action::Add(file.write(table).await?));
    }
    let manifest = manifest.map(serde_json::to_value).transpose()?;
    let metadata = manifest.map(|manifest| (MANIFEST.to_owned(), manifest));
    let snapshot = table.snapshot()?.clone();
    let operation = DeltaOperation::Write {
        mode: SaveMode::Append,
        partition_by: Some(vec![schema::PARTITION.to_owned()]),
        predicate: None,
    };
    let expected = transactions.clone();
    let done = CommitBuilder::from(
        CommitProperties::default().with_application_transactions(transactions),
    )
    .with_app_metadata(metadata.into_iter().collect())
    .with_actions(actions)
    .build(Some(&snapshot), table.log_store(), operation)
    .await;
    match done {
        Ok(done) => {
            table.state = Some(done.snapshot());
            Ok(())
        }
        // Work behind the commit (a checkpoint, say) may fail after the commit itself has landed.
        Err(error) => match landed(table, &expected).await {
            true => Ok(()),
            false => Err(error),
        },
    }
}

async fn landed(table: &mut DeltaTable, transactions: &[Transaction]) -> bool {
    if transactions.is_empty() || table.update_state().await.is_err() {
        return false;
    }
    let Ok(state) = table.snapshot() else {
        return false;
    };
    let log_store = table.log_store();
    for expected in transactions {
        let found = state
            .transaction_version(log_store.as_ref(), &expected.app_id)
            .await;
        if !matches!(found, Ok(Some(version)) if version == expected.version) {
            return false;
        }
    }
    true
}

/// Of rates, which are sums over rows that are proved.
fn make_files(rates: Option<RecordBatch>) -> Result<Vec<File>, DeltaTableError> {
    let rates = rates.filter(|rates| rates.num_rows() > 0);
    let parts = rates.map(by_dates).transpose()?.unwrap_or_default();
    let make = |part: &RecordBatch| Ok(files::make(part, &rate_properties())?);
    parts.iter().map(make).collect()
}

/// The rows of each date. Logs come in the order of time, so that is nearly always one piece a date, and free.
pub(super) fn by_dates(batch: RecordBatch) -> Result<Vec<RecordBatch>, ArrowError> {
    let dates = batch
        .column_by_name(schema::PARTITION)
        .map(|dates| dates.as_primitive::<Date32Type>());
    let Some(dates) = dates else {
        return Ok(vec![batch]);
    };
    let date = |row: usize| dates.is_valid(row).then(|| dates.value(row));
    let distinct: BTreeSet<Option<i32>> = dates.iter().collect();
    let mut starts = vec![0];
    starts.extend((1..batch.num_rows()).filter(|row| date(*row) != date(row - 1)));
    if starts.len() == distinct.len() {
        let ends = starts.iter().skip(1).copied().chain([batch.num_rows()]);
        let pieces = starts.iter().zip(ends);
        return Ok(pieces
            .map(|(start, end)| batch.slice(*start, end - start))
            .collect());
    }
    let part = |wanted: Option<i32>| {
        let wanted: BooleanArray = dates.iter().map(|date| Some(date == wanted)).collect();
        filter_record_batch(&batch, &wanted)
    };
    distinct.into_iter().map(part).collect()
}

/// A log asks for the same few ten thousand URLs, which is more than a dictionary usually may hold.
const URL_DICTIONARY_BYTES: usize = 16 << 20;

/// What was measured best for logs: zstd 1, deltas for what grows, no dictionary for what never repeats.
pub(super) fn exchange_properties() -> WriterProperties {
    let mut properties = base_properties();
    for column in ["ts", "line", "offset", "limit_reset"] {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(column), false)
            .set_column_encoding(ColumnPath::from(column), Encoding::DELTA_BINARY_PACKED);
    }
    for column in ["id", "call_id"] {
        properties = properties
            .set_column_dictionary_enabled(ColumnPath::from(column), false)
            .set_column_encoding(ColumnPath::from(column), Encoding::DELTA_BYTE_ARRAY);
    }
    for column in ["request_id", "vendor_request_id", "trace_id", "raw"] {
        properties = properties.set_column_dictionary_enabled(ColumnPath::from(column), false);
    }
    properties
        .set_column_dictionary_page_size_limit(ColumnPath::from("url"), URL_DICTIONARY_BYTES)
        .build()
}

pub(super) fn rate_properties() -> WriterProperties {
    base_properties().build()
}

fn base_properties() -> deltalake::parquet::file::properties::WriterPropertiesBuilder {
    WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_writer_version(WriterVersion::PARQUET_2_0)
}

fn table_info(table: &DeltaTable) -> Result<TableInfo, DeltaTableError> {
    let mut info = TableInfo {
        version: table.version().unwrap_or_default(),
        files: 0,
        rows: 0,
        bytes: 0,
    };
    for file in table.snapshot()?.log_data().iter() {
        info.files += 1;
        info.rows += file.num_records().unwrap_or_default() as u64;
        info.bytes += file.size().max(0) as u64;
    }
    Ok(info)
}
