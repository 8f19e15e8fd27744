//! From the rows of a commit to files that are proved: healed, encoded, read again and searched for every original.
//!
//! It proves that what was found is gone everywhere, not that all was found. Files that are joined later are made of
//! proved ones; nothing is known of originals then.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use deltalake::DeltaTableError;
use deltalake::arrow::array::{
    Array, AsArray, DictionaryArray, RecordBatch, StringArray, UInt32Array,
};
use deltalake::arrow::datatypes::{Int64Type, UInt32Type};

use crate::mask::{Canaries, MaskCounts, Masked, Originals, Proof, Seal};
use crate::store::batch;
use crate::store::files::{self, File};
use crate::store::heal::{heal, see_hosts};
use crate::store::manifest::Manifest;
use crate::store::proof::{Found, Search};
use crate::store::table::{by_dates, exchange_properties};

/// What is known of the masking of some rows. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Masking {
    originals: Arc<Originals>,
    counts: MaskCounts,
    seal: Option<Arc<Seal>>,
}

impl Masking {
    pub fn take(masked: &mut Masked) -> Self {
        Self {
            originals: Arc::new(masked.take_originals()),
            counts: masked.counts().clone(),
            seal: masked.seal().cloned(),
        }
    }

    /// Approximate size on the heap.
    pub fn bytes(&self) -> usize {
        self.originals.bytes()
    }

    /// Of the rows of a commit together.
    pub fn join<'m>(all: impl Iterator<Item = &'m Self>) -> Self {
        all.cloned()
            .reduce(|mut all, more| {
                Arc::make_mut(&mut all.originals).merge((*more.originals).clone());
                all.counts.merge(&more.counts);
                all.seal = all.seal.or(more.seal);
                all
            })
            .unwrap_or_default()
    }
}

/// Rows and files that are proved, and what is said of them.
pub struct Ready {
    pub rows: RecordBatch,
    pub files: Vec<File>,
    pub manifest: Manifest,
    /// How long healing and searching took.
    pub took: Duration,
}

/// What was proved since a store was opened.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Proved {
    pub files: u64,
    /// Different values that were masked, commit by commit.
    pub originals: u64,
    pub searched: u64,
    pub healed: u64,
    pub left_in_ids: u64,
    pub seconds: f64,
}

impl Proved {
    pub fn add(&mut self, manifest: &Manifest, took: Duration) {
        self.files += manifest.files;
        self.originals += manifest.originals;
        self.searched += manifest.searched;
        self.healed += manifest.healed;
        self.left_in_ids += manifest.left_in_ids;
        self.seconds += took.as_secs_f64();
    }
}

/// Why nothing may be published.
pub enum Refusal {
    Delta(DeltaTableError),
    /// The search does not find what was planted for it, or finds what was masked.
    Blind,
    Present(Place),
}

impl<E: Into<DeltaTableError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Delta(error.into())
    }
}

/// Where a value was found that had been masked. Never which.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub column: Option<String>,
    pub line: Option<i64>,
    pub source: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "column {column}")?,
            None => f.write_str("the footer of a file")?,
        }
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        match &self.source {
            Some(source) => write!(f, " of {source}"),
            None => Ok(()),
        }
    }
}

/// What becomes of an original that stands in another record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Healing {
    #[default]
    On,
    /// To see the proof fail.
    #[cfg(test)]
    Off,
}

pub fn prove(rows: RecordBatch, masking: &Masking, healing: Healing) -> Result<Ready, Refusal> {
    if masking.seal.as_ref().is_some_and(|seal| !stands(seal)) {
        return Err(Refusal::Blind);
    }
    let began = Instant::now();
    let mut proof = Proof::new(&masking.originals);
    see_hosts(&rows, &mut proof);
    let (rows, healed) = match healing {
        Healing::On => heal(&rows, &proof)?,
        #[cfg(test)]
        Healing::Off => (rows, crate::store::heal::Healed::default()),
    };
    let mut took = began.elapsed();
    let parts = by_dates(rows.clone())?;
    let search = Search {
        proof: &proof,
        left: &healed.left,
    };
    let mut files = Vec::new();
    for part in &parts {
        let file = files::make(part, &exchange_properties())?;
        let began = Instant::now();
        let found = file.search(&search)?;
        // A column tells more than a footer, which holds bounds of columns.
        let telling = found.iter().find(|found| found.column.is_some());
        if let Some(found) = telling.or(found.first()) {
            return Err(Refusal::Present(locate(part, found, &proof)));
        }
        took += began.elapsed();
        files.push(file);
    }
    let seal = masking.seal.as_deref();
    let manifest = Manifest::new(&rows, files.len(), &masking.counts, &proof, &healed, seal);
    Ok(Ready {
        rows,
        files,
        manifest,
        took,
    })
}

/// The first row that holds it.
fn locate(rows: &RecordBatch, found: &Found, proof: &Proof) -> Place {
    let mut place = Place {
        column: found.column.clone(),
        line: None,
        source: None,
    };
    let column = found
        .column
        .as_ref()
        .and_then(|name| rows.column_by_name(name));
    let holds = |row: &usize| {
        let mut here = false;
        let text = column
            .and_then(|column| text_of(column, *row))
            .unwrap_or_default();
        proof.find(text.as_bytes(), |hit| here |= hit.number == found.number);
        here
    };
    if let Some(row) = (0..rows.num_rows()).find(holds) {
        let lines = rows.column_by_name("line");
        place.line = lines.map(|lines| lines.as_primitive::<Int64Type>().value(row));
        let source = rows
            .column_by_name("source")
            .and_then(|source| text_of(source, row));
        place.source = source
            .filter(|source| !proof.holds(source.as_bytes()))
            .map(str::to_owned);
    }
    place
}

fn text_of(column: &dyn Array, row: usize) -> Option<&str> {
    if let Some(coded) = column.as_dictionary_opt::<UInt32Type>() {
        let key = coded
            .keys()
            .is_valid(row)
            .then(|| coded.keys().value(row))?;
        return Some(coded.values().as_string::<i32>().value(key as usize));
    }
    let texts = column.as_string_opt::<i32>()?;
    texts.is_valid(row).then(|| texts.value(row))
}

/// Whether the proof can be trusted: it finds no made-up secret that was masked, and each that was not. Tried once for
/// each masker, which is once in a process.
fn stands(seal: &Seal) -> bool {
    *seal
        .tried
        .get_or_init(|| try_on(&seal.canaries).unwrap_or(false))
}

fn try_on(canaries: &Canaries) -> Result<bool, DeltaTableError> {
    let proof = Proof::new(canaries.masked.originals());
    let search = Search {
        proof: &proof,
        left: &BTreeSet::new(),
    };
    let masked = batch::exchanges(canaries.masked.clone())?;
    let search_in = |rows: &RecordBatch| -> Result<BTreeSet<Found>, DeltaTableError> {
        Ok(files::make(rows, &exchange_properties())?.search(&search)?)
    };
    let mut stands = search_in(&masked)?.is_empty();
    for planted in &canaries.planted {
        for column in ["url", "raw", "error_message"] {
            let found = search_in(&plant(&masked, column, planted)?)?;
            let found = found
                .iter()
                .filter(|found| found.column.as_deref() == Some(column));
            stands &= found.count() as u64 == canaries.count;
        }
    }
    Ok(stands)
}

fn plant(rows: &RecordBatch, column: &str, text: &str) -> Result<RecordBatch, DeltaTableError> {
    let at = rows.schema().index_of(column)?;
    let mut columns = rows.columns().to_vec();
    let texts = Arc::new(StringArray::from_iter_values([text]));
    columns[at] = match columns[at].as_dictionary_opt::<UInt32Type>() {
        Some(_) => Arc::new(DictionaryArray::new(UInt32Array::from(vec![0]), texts)),
        None => texts,
    };
    Ok(RecordBatch::try_new(rows.schema(), columns)?)
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::OnceLock;

    use super::*;
    use crate::mask::{MaskKey, Masker, Row, Settings};
    use crate::model::exchange::{Exchange, Outcome};
    use crate::model::time::Timestamp;
    use crate::store::{Access, Rows, Store, StoreError};

    const TOKEN: &str = "8f14e45fceea167a5a36dedd4bea2543";

    fn masker() -> Masker {
        Masker::new(MaskKey::from_bytes([9; 32]), Settings::default()).expect("valid settings")
    }

    /// A record in which a token is known by its name, and others.
    fn masked(masker: &Masker, others: &[Exchange<'_>]) -> Masked {
        let named = Exchange {
            path: "/login".into(),
            query: Some(format!("access_token={TOKEN}").into()),
            ..Exchange::default()
        };
        let mut batch = masker.batch();
        for (line, exchange) in [&named].into_iter().chain(others).enumerate() {
            let exchange = Exchange {
                line: line as u64 + 1,
                ts: Some(Timestamp::from_secs(1_763_800_000)),
                outcome: Outcome::ServerError,
                ..exchange.clone()
            };
            let row = Row {
                source: "a.log",
                source_id: "s1",
                ingested_at: Timestamp::from_secs(5),
                keep_content: true,
            };
            batch.push(&exchange, &row);
        }
        batch.finish()
    }

    fn with_raw(raw: &str) -> Exchange<'_> {
        Exchange {
            raw,
            ..Exchange::default()
        }
    }

    fn files_below(dir: &Path) -> usize {
        let files = walkdir::WalkDir::new(dir).into_iter().flatten();
        files
            .filter(|file| file.path().extension().is_some_and(|e| e == "parquet"))
            .count()
    }

    fn prove_masked(masked: Masked, healing: Healing) -> Result<Ready, Refusal> {
        let mut masked = masked;
        let masking = Masking::take(&mut masked);
        prove(batch::exchanges(masked).expect("rows"), &masking, healing)
    }

    fn place(refusal: Result<Ready, Refusal>) -> Place {
        match refusal.err() {
            Some(Refusal::Present(place)) => place,
            _ => panic!("not found"),
        }
    }

    #[tokio::test]
    async fn nothing_is_published_when_a_masked_value_is_still_there() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(dir.path(), Access::Write).await.expect("open");
        store.stop_healing();
        let before = store.info().expect("info").exchanges.version;
        let path = format!("/v1/{TOKEN}/x");
        let other = Exchange {
            path: path.into(),
            ..Exchange::default()
        };
        let refused = store.append(masked(&masker(), &[other]), &[]).await;
        let error = refused.expect_err("is refused");
        assert!(error.is_unproven());
        let told = error.to_string();
        assert!(told.contains("column url, line 2 of a.log"), "{told}");
        assert!(!told.contains(TOKEN), "{told}");
        assert_eq!(store.info().expect("info").exchanges.version, before);
        assert_eq!(files_below(dir.path()), 0);
        assert!(!store.find_out().await.expect("known"), "it has not landed");
    }

    #[tokio::test]
    async fn a_value_known_by_name_is_masked_in_all_records_but_not_as_an_id() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(dir.path(), Access::Write).await.expect("open");
        let raw = format!("rid={TOKEN} via %38f14e45fceea167a5a36dedd4bea2543");
        let inside = format!("req-{TOKEN}");
        let others = [
            Exchange {
                path: format!("/v1/{TOKEN}/x").into(),
                request_id: Some(TOKEN.into()),
                ..Exchange::default()
            },
            Exchange {
                trace_id: Some(inside.as_str().into()),
                raw: &raw,
                ..Exchange::default()
            },
        ];
        store
            .append(masked(&masker(), &others), &[])
            .await
            .expect("stored");
        let proof = store
            .last_proof()
            .await
            .expect("read")
            .expect("has a proof");
        assert_eq!((proof.rows, proof.files, proof.present), (3, 1, 0));
        assert_eq!((proof.left_in_ids, proof.searched), (1, 1));
        assert_eq!(proof.healed, 4, "{proof:?}");
        assert_eq!(proof.key, masker().key_id());
        assert_eq!(proof.policy, masker().policy_hash());
        assert_eq!(proof.positions["raw"], 2);
        assert_eq!(store.proved().files, 1);
    }

    /// Batches of two senders in one commit.
    #[tokio::test]
    async fn rows_of_others_in_the_same_commit_are_proved_too() {
        let dir = tempfile::tempdir().expect("a folder");
        let mut store = Store::open(dir.path(), Access::Write).await.expect("open");
        let masker = masker();
        let raw = format!("x {TOKEN} y");
        let mut other = masker.batch();
        let row = Row {
            source: "b.log",
            source_id: "s2",
            ingested_at: Timestamp::from_secs(5),
            keep_content: true,
        };
        other.push(&with_raw(&raw), &row);
        let rows = [masked(&masker, &[]), other.finish()];
        let rows = rows.map(|masked| Rows::new(masked).expect("rows"));
        let commit = crate::store::Commit {
            rows: rows.to_vec(),
            ..crate::store::Commit::default()
        };
        store.append_all(&commit).await.expect("stored");
        let proof = store
            .last_proof()
            .await
            .expect("read")
            .expect("has a proof");
        assert_eq!((proof.rows, proof.healed, proof.present), (2, 1, 0));
    }

    /// Written as a difference to the line before, no page holds it in one piece.
    #[test]
    fn a_value_is_found_in_columns_of_differences() {
        let (start, end) = TOKEN.split_at(20);
        let lines = [
            format!("at {start}0"),
            format!("at {start}{end}"),
            format!("at {end}"),
        ];
        let others: Vec<_> = lines.iter().map(|line| with_raw(line)).collect();
        let found = place(prove_masked(masked(&masker(), &others), Healing::Off));
        assert_eq!(
            (found.column.as_deref(), found.line),
            (Some("raw"), Some(3))
        );
        let pieces = [
            format!("at {start}"),
            format!("at {start}0{end}"),
            end.to_owned(),
        ];
        let others: Vec<_> = pieces.iter().map(|line| with_raw(line)).collect();
        assert!(prove_masked(masked(&masker(), &others), Healing::Off).is_ok());
    }

    #[test]
    fn an_id_is_left_only_as_a_whole() {
        let whole = Exchange {
            request_id: Some(TOKEN.into()),
            ..Exchange::default()
        };
        let ready = prove_masked(masked(&masker(), &[whole]), Healing::On);
        assert_eq!(ready.ok().map(|ready| ready.manifest.left_in_ids), Some(1));
        let more = format!("{TOKEN}-1");
        let inside = Exchange {
            request_id: Some(more.into()),
            ..Exchange::default()
        };
        let found = place(prove_masked(masked(&masker(), &[inside]), Healing::Off));
        assert_eq!(found.column.as_deref(), Some("request_id"));
    }

    #[test]
    fn a_proof_that_finds_nothing_is_none() {
        let masker = masker();
        let good = masked(&masker, &[]).seal().cloned().expect("a seal");
        assert!(stands(&good));
        let blind = Seal {
            key_id: String::new(),
            policy: String::new(),
            canaries: Canaries {
                masked: good.canaries.masked.clone(),
                planted: vec!["nothing".to_owned()],
                count: good.canaries.count,
            },
            tried: OnceLock::new(),
        };
        assert!(!stands(&blind));
        let mut masked = masked(&masker, &[]);
        let mut masking = Masking::take(&mut masked);
        masking.seal = Some(Arc::new(blind));
        let rows = batch::exchanges(masked).expect("rows");
        let refused = prove(rows, &masking, Healing::On);
        assert!(matches!(refused, Err(Refusal::Blind)));
        let dir = Path::new("x");
        let error = StoreError::from_refusal(dir, Refusal::Blind);
        assert!(error.is_unproven());
    }
}
