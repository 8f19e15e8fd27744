//! Counts that every record adds to, kept as numbers until its block is done.

use crate::ingest::summary::Summary;

/// A source has few formats and few statuses, and the usual one was seen first.
#[derive(Default)]
pub struct Tally {
    statuses: Vec<(Option<u16>, u64)>,
    formats: Vec<(&'static str, u64)>,
}

impl Tally {
    pub fn count_status(&mut self, status: Option<u16>) {
        count(&mut self.statuses, status, 1);
    }

    pub fn count_format(&mut self, format: &'static str, records: u64) {
        count(&mut self.formats, format, records);
    }

    pub fn add_to(&self, summary: &mut Summary) {
        for (status, n) in &self.statuses {
            let status = status.map_or_else(|| "none".to_owned(), |status| status.to_string());
            *summary.by_status.entry(status).or_default() += n;
        }
        for (format, n) in &self.formats {
            *summary.by_format.entry(format).or_default() += n;
        }
    }
}

fn count<K: PartialEq>(list: &mut Vec<(K, u64)>, key: K, n: u64) {
    match list.iter_mut().find(|(known, _)| *known == key) {
        Some((_, count)) => *count += n,
        None => list.push((key, n)),
    }
}
