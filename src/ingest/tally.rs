//! Counts that every record adds to, kept as numbers until its block is done.

use crate::ingest::summary::Summary;

/// Statuses that servers write have three digits; the few others share the rest of the table with nothing.
const STATUSES: usize = 1_000;

pub struct Tally {
    statuses: Box<[u64; STATUSES]>,
    /// Statuses beyond the table.
    odd: Vec<u16>,
    none: u64,
    /// A source has few formats.
    formats: Vec<(&'static str, u64)>,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            statuses: Box::new([0; STATUSES]),
            odd: Vec::new(),
            none: 0,
            formats: Vec::new(),
        }
    }
}

impl Tally {
    pub fn count_status(&mut self, status: Option<u16>) {
        let Some(status) = status else {
            self.none += 1;
            return;
        };
        match self.statuses.get_mut(usize::from(status)) {
            Some(n) => *n += 1,
            None => self.odd.push(status),
        }
    }

    pub fn count_format(&mut self, format: &'static str, records: u64) {
        match self.formats.iter_mut().find(|(known, _)| *known == format) {
            Some((_, n)) => *n += records,
            None => self.formats.push((format, records)),
        }
    }

    pub fn add_to(&self, summary: &mut Summary) {
        let all = self.statuses.iter().enumerate().filter(|(_, n)| **n > 0);
        let told = all.map(|(status, n)| (status.to_string(), *n));
        let odd = self.odd.iter().map(|status| (status.to_string(), 1));
        let none = (self.none > 0).then(|| ("none".to_owned(), self.none));
        for (status, n) in told.chain(odd).chain(none) {
            *summary.by_status.entry(status).or_default() += n;
        }
        for (format, n) in &self.formats {
            *summary.by_format.entry(format).or_default() += n;
        }
    }
}
