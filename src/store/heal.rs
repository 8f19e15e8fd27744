//! Before rows are written: where an original of one record stands unmasked in another one, its stand-in takes the place.
//!
//! A value is known for a secret by its name in one record, and has none in the next. Ids stay: one that is an original
//! as a whole is left and counted, because support needs it and it was told as an id.

use std::collections::BTreeSet;
use std::sync::Arc;

use deltalake::arrow::array::{
    Array, ArrayRef, AsArray, DictionaryArray, RecordBatch, StringArray,
};
use deltalake::arrow::datatypes::UInt32Type;
use deltalake::arrow::error::ArrowError;

use crate::mask::{MaskCounts, Proof};
use crate::store::proof::span_of;
use crate::store::schema;

/// What healing found.
#[derive(Default)]
pub struct Healed {
    /// Originals that are left in columns of ids.
    pub left: BTreeSet<usize>,
    /// How many ids that is.
    pub left_in_ids: u64,
    /// What was masked, by kind.
    pub counts: MaskCounts,
}

/// What stands in the name of a host is no secret.
pub fn see_hosts(rows: &RecordBatch, proof: &mut Proof) {
    let Some(hosts) = rows.column_by_name("host") else {
        return;
    };
    if let Some(hosts) = hosts.as_dictionary_opt::<UInt32Type>() {
        let texts = hosts.values().as_string::<i32>();
        let used: BTreeSet<u32> = used(hosts);
        used.iter()
            .for_each(|key| proof.see_host(texts.value(*key as usize)));
    }
}

fn used(texts: &DictionaryArray<UInt32Type>) -> BTreeSet<u32> {
    let mut seen = vec![false; texts.values().len()];
    texts
        .keys()
        .iter()
        .flatten()
        .for_each(|key| seen[key as usize] = true);
    (0..)
        .zip(seen)
        .filter(|(_, seen)| *seen)
        .map(|(key, _)| key)
        .collect()
}

pub fn heal(rows: &RecordBatch, proof: &Proof) -> Result<(RecordBatch, Healed), ArrowError> {
    let mut healed = Healed::default();
    // Columns of numbered texts share them.
    let mut shared: Vec<(ArrayRef, ArrayRef)> = Vec::new();
    let schema = rows.schema();
    let mut columns = Vec::with_capacity(rows.num_columns());
    for (field, column) in schema.fields().iter().zip(rows.columns()) {
        let column = match column.as_dictionary_opt::<UInt32Type>() {
            Some(coded) => {
                let known = shared
                    .iter()
                    .find(|(before, _)| Arc::ptr_eq(before, coded.values()));
                let values = match known {
                    Some((_, after)) => Arc::clone(after),
                    None => {
                        let texts = coded.values().as_string::<i32>();
                        let after = healed.texts(coded.values(), texts, proof);
                        shared.push((Arc::clone(coded.values()), Arc::clone(&after)));
                        after
                    }
                };
                Arc::new(coded.with_values(values))
            }
            None => match column.as_string_opt::<i32>() {
                Some(texts) if schema::is_made_id(field.name()) => {
                    healed.see_made(texts, proof);
                    Arc::clone(column)
                }
                Some(texts) if schema::is_id(field.name()) => healed.ids(column, texts, proof),
                Some(texts) => healed.texts(column, texts, proof),
                None => Arc::clone(column),
            },
        };
        columns.push(column);
    }
    Ok((RecordBatch::try_new(schema, columns)?, healed))
}

impl Healed {
    fn texts(&mut self, array: &ArrayRef, texts: &StringArray, proof: &Proof) -> ArrayRef {
        if !proof.holds(&texts.value_data()[span_of(texts)]) {
            return Arc::clone(array);
        }
        let counts = &mut self.counts;
        let heal = |text: Option<&str>| {
            text.map(|text| proof.heal(text, counts).unwrap_or_else(|| text.to_owned()))
        };
        Arc::new(texts.iter().map(heal).collect::<StringArray>())
    }

    fn ids(&mut self, array: &ArrayRef, texts: &StringArray, proof: &Proof) -> ArrayRef {
        if !proof.holds(&texts.value_data()[span_of(texts)]) {
            return Arc::clone(array);
        }
        let heal = |text: Option<&str>| {
            text.map(|text| match self.is_left(text, proof) {
                true => text.to_owned(),
                false => {
                    let healed = proof.heal(text, &mut self.counts);
                    healed.unwrap_or_else(|| text.to_owned())
                }
            })
        };
        Arc::new(texts.iter().map(heal).collect::<StringArray>())
    }

    /// Somebody may log the ids that are made here, even as a token; they are no less ours.
    fn see_made(&mut self, ids: &StringArray, proof: &Proof) {
        proof.find(&ids.value_data()[span_of(ids)], |hit| {
            self.left.insert(hit.number);
            self.left_in_ids += 1;
        });
    }

    /// Whether an id is an original as a whole.
    fn is_left(&mut self, id: &str, proof: &Proof) -> bool {
        let mut numbers = Vec::new();
        let mut is_whole = false;
        proof.find(id.as_bytes(), |hit| {
            is_whole |= hit.span == (0..id.len());
            numbers.push(hit.number);
        });
        if is_whole {
            self.left.extend(numbers);
            self.left_in_ids += 1;
        }
        is_whole
    }
}
