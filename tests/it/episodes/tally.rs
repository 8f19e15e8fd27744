//! Sums of what was scored, by family and in total, and the table that shows them.

use std::collections::BTreeMap;

use crate::episodes::score::{Found, Scored};

#[derive(Default)]
pub struct Tally {
    pub truths: usize,
    pub found: usize,
    pub false_alerts: usize,
    pub months: f64,
    delays: Vec<f64>,
    onset_errors: Vec<f64>,
    onsets_held: usize,
    rise_errors: Vec<f64>,
    rises_held: usize,
    reasons_right: usize,
    slices_right: usize,
}

impl Tally {
    pub fn add(&mut self, scored: &Scored) {
        self.truths += scored.truths;
        self.found += scored.found.len();
        self.false_alerts += scored.false_alerts.len();
        self.months += scored.months;
        for found in &scored.found {
            self.add_found(found);
        }
    }

    fn add_found(&mut self, found: &Found) {
        self.delays.push(found.delay);
        self.onset_errors.push(found.onset_error);
        self.onsets_held += usize::from(found.onset_held);
        if let Some((error, held)) = found.rise {
            self.rise_errors.push(error);
            self.rises_held += usize::from(held);
        }
        self.reasons_right += usize::from(found.reason_right);
        self.slices_right += usize::from(found.slice_right);
    }

    pub fn f1(&self) -> f64 {
        let missed = self.truths - self.found;
        let wrong = missed + self.false_alerts;
        ratio(2 * self.found, 2 * self.found + wrong)
    }

    pub fn share_found(&self) -> f64 {
        ratio(self.found, self.truths)
    }

    pub fn false_a_month(&self) -> f64 {
        self.false_alerts as f64 / self.months.max(1e-9)
    }

    /// Median and the value that nine of ten stay below.
    pub fn delay(&self) -> (f64, f64) {
        (rank(&self.delays, 0.5), rank(&self.delays, 0.9))
    }

    pub fn onset_error(&self) -> (f64, f64) {
        (rank(&self.onset_errors, 0.5), rank(&self.onset_errors, 0.9))
    }

    pub fn rise_error(&self) -> f64 {
        rank(&self.rise_errors, 0.5)
    }

    pub fn held(&self) -> (f64, f64) {
        let rises = ratio(self.rises_held, self.rise_errors.len());
        (ratio(self.onsets_held, self.found), rises)
    }

    pub fn right(&self) -> (f64, f64) {
        (
            ratio(self.reasons_right, self.found),
            ratio(self.slices_right, self.found),
        )
    }

    fn row(&self, name: &str) -> String {
        let ((delay, delay90), (onset, onset90)) = (self.delay(), self.onset_error());
        let ((onsets, rises), (reason, slice)) = (self.held(), self.right());
        format!(
            "| {name} | {} | {} | {} | {:.3} | {:.3} | {delay:.0} / {delay90:.0} | {onset:.0} / {onset90:.0} | {:.2} | {onsets:.2}, {rises:.2} | {reason:.2}, {slice:.2} |\n",
            self.truths,
            self.found,
            self.false_alerts,
            self.f1(),
            self.false_a_month(),
            self.rise_error(),
        )
    }
}

/// Nothing of nothing is all of it: a family without episodes has missed none.
fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    }
}

fn rank(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (share * sorted.len() as f64) as usize;
    sorted
        .get(at.min(sorted.len().saturating_sub(1)))
        .copied()
        .unwrap_or(0.0)
}

#[derive(Default)]
pub struct Table {
    pub total: Tally,
    families: BTreeMap<String, Tally>,
}

impl Table {
    /// All mixtures are one row.
    pub fn add(&mut self, family: &str, scored: &Scored) {
        let name = if family.starts_with("mixture") {
            "random mixtures"
        } else {
            family
        };
        self.families
            .entry(name.to_owned())
            .or_default()
            .add(scored);
        self.total.add(scored);
    }

    pub fn markdown(&self) -> String {
        let head = "| family | episodes | found | false | F1 | false a month | delay, median / p90 | onset error, median / p90 | rise error | held: onset, rise | right: reason, slice |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|\n";
        let rows = self.families.iter().map(|(name, tally)| tally.row(name));
        format!(
            "{head}{}{}",
            rows.collect::<String>(),
            self.total.row("**all**")
        )
    }
}
