//! What a commit says of its proof, in the log beside its files.

use std::collections::BTreeMap;

use deltalake::arrow::array::{AsArray, RecordBatch, StringArray};
use deltalake::arrow::datatypes::UInt32Type;
use memchr::memmem::Finder;
use serde::{Deserialize, Serialize};

use crate::mask::{MaskCounts, Proof, Seal};
use crate::store::heal::Healed;
use crate::store::proof::span_of;

/// Its name among the facts of a commit.
pub const MANIFEST: &str = "tidemark.proof";

/// That what was found is gone everywhere; not that all was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    pub rows: u64,
    pub files: u64,
    /// Masked values by kind, counted at each place where they stood.
    pub masked: BTreeMap<String, u64>,
    /// Stand-ins by column.
    pub positions: BTreeMap<String, u64>,
    /// Hash of the rules that were in force, id of the key, version of the program.
    pub policy: String,
    pub key: String,
    pub version: String,
    /// Different values that were masked.
    pub originals: u64,
    /// Those that were looked for in all that was written.
    pub searched: u64,
    /// Those that were not, by reason: they are gone from their own record, and may rightly stand in others.
    pub not_searched: BTreeMap<String, u64>,
    /// Those that were found.
    pub present: u64,
    /// Ids that are an original as a whole and were left.
    pub left_in_ids: u64,
    /// What was masked because an original of another record stood there; a text that comes again counts once.
    pub healed: u64,
}

impl Manifest {
    /// Of rows in which nothing was found.
    pub fn new(
        rows: &RecordBatch,
        files: usize,
        masked: &MaskCounts,
        proof: &Proof,
        healed: &Healed,
        seal: Option<&Seal>,
    ) -> Self {
        let mut all = masked.clone();
        all.merge(&healed.counts);
        let owned = |(name, n): (&'static str, u64)| (name.to_owned(), n);
        Self {
            rows: rows.num_rows() as u64,
            files: files as u64,
            masked: all.iter().map(owned).collect(),
            positions: positions(rows),
            policy: seal.map_or_else(String::new, |seal| seal.policy.clone()),
            key: seal.map_or_else(String::new, |seal| seal.key_id.clone()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            originals: proof.masked(),
            searched: proof.searched(),
            not_searched: proof.unsearched().map(owned).collect(),
            present: 0,
            left_in_ids: healed.left_in_ids,
            healed: healed.counts.total(),
        }
    }
}

fn positions(rows: &RecordBatch) -> BTreeMap<String, u64> {
    let opens = Finder::new("‹");
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns());
    let count = |text: &str| opens.find_iter(text.as_bytes()).count() as u64;
    let counted = columns.filter_map(|(field, column)| {
        let n = match column.as_dictionary_opt::<UInt32Type>() {
            Some(coded) => {
                let texts: &StringArray = coded.values().as_string();
                let each: Vec<u64> = texts.iter().map(|text| text.map_or(0, count)).collect();
                coded
                    .keys()
                    .iter()
                    .flatten()
                    .map(|key| each[key as usize])
                    .sum()
            }
            None => {
                let texts = column.as_string_opt::<i32>()?;
                opens.find_iter(&texts.value_data()[span_of(texts)]).count() as u64
            }
        };
        (n > 0).then(|| (field.name().clone(), n))
    });
    counted.collect()
}
