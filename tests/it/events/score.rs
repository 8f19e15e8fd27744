//! Compares what was told with the truth.

use std::collections::BTreeMap;

use serde_json::Value;
use tidemark::model::time::Timestamp;

use super::families::{Situation, Truth};

/// An alert belongs to what began up to an hour before or ended up to two hours before it: flapping ends late.
const SLACK_S: i64 = 3_600;

/// The sums of one family, or of all.
#[derive(Clone, Debug, Default)]
pub struct Score {
    pub situations: usize,
    pub truths: usize,
    pub found: usize,
    pub reasons: usize,
    /// Truths that name a slice or an operation, and the ones that got the right one.
    pub named: usize,
    pub slices: usize,
    pub false_alerts: usize,
    pub delays: Vec<i64>,
    pub misses: Vec<String>,
}

impl Score {
    pub fn add(&mut self, other: &Self) {
        self.situations += other.situations;
        self.truths += other.truths;
        self.found += other.found;
        self.reasons += other.reasons;
        self.named += other.named;
        self.slices += other.slices;
        self.false_alerts += other.false_alerts;
        self.delays.extend(&other.delays);
        self.misses.extend(other.misses.iter().cloned());
    }

    fn delay(&self, share: f64) -> String {
        let mut delays = self.delays.clone();
        delays.sort_unstable();
        let at = (delays.len() as f64 * share) as usize;
        let found = delays.get(at.min(delays.len().saturating_sub(1)));
        found.map_or("–".to_owned(), i64::to_string)
    }

    pub fn row(&self, title: &str) -> String {
        format!(
            "| {title} | {} | {} of {} | {} | {} of {} | {} | {} / {} |",
            self.situations,
            self.found,
            self.truths,
            self.reasons,
            self.slices,
            self.named,
            self.false_alerts,
            self.delay(0.5),
            self.delay(0.9),
        )
    }
}

pub fn time(value: &Value) -> Option<Timestamp> {
    value.as_str()?.parse().ok()
}

/// Judges the episodes of one situation.
pub fn judge(situation: &Situation, episodes: &[&Value]) -> Score {
    let mut score = Score {
        situations: 1,
        truths: situation.truths.len(),
        ..Score::default()
    };
    let mut left: Vec<&Value> = episodes.to_vec();
    for truth in &situation.truths {
        score.named += usize::from(is_named(truth));
        let at = left.iter().position(|episode| is_of(truth, episode));
        let Some(at) = at else {
            score.miss(situation, &format!("not found: {truth:?}"));
            continue;
        };
        let episode = left.remove(at);
        score.take(situation, truth, episode);
    }
    score.false_alerts = left.len();
    for episode in left {
        score.miss(situation, &format!("false alert: {}", told(episode)));
    }
    score
}

impl Score {
    fn miss(&mut self, situation: &Situation, what: &str) {
        self.misses.push(format!("{}: {what}", situation.name));
    }

    fn take(&mut self, situation: &Situation, truth: &Truth, episode: &Value) {
        self.found += 1;
        let reason = episode["reason"].as_str().unwrap_or_default();
        let class = episode["series"]["class"].as_str().unwrap_or_default();
        if truth.reasons.contains(&reason) && (truth.class.is_empty() || truth.class == class) {
            self.reasons += 1;
        } else {
            self.miss(situation, &format!("wrong reason: {}", told(episode)));
        }
        if is_named(truth) {
            if has_name(truth, episode) {
                self.slices += 1;
            } else {
                self.miss(situation, &format!("wrong slice: {}", told(episode)));
            }
        }
        let alert = time(&episode["alert_time"]).expect("an alert");
        self.delays.push(alert.secs_since(truth.onset) / 60);
    }
}

fn is_named(truth: &Truth) -> bool {
    !truth.slice.is_empty() || truth.operation.is_some()
}

fn is_of(truth: &Truth, episode: &Value) -> bool {
    let onset = time(&episode["onset"]).expect("an onset");
    let end = time(&episode["end"]);
    let alert = time(&episode["alert_time"]).expect("an alert");
    alert >= truth.onset
        && onset <= truth.end.plus_secs(SLACK_S)
        && alert <= truth.end.plus_secs(2 * SLACK_S)
        && end.is_none_or(|end| end >= truth.onset)
}

/// Exactly the traits of the truth; a region may be told as a host.
fn has_name(truth: &Truth, episode: &Value) -> bool {
    let series = &episode["series"];
    let slice = series["slice"].as_str().unwrap_or_default();
    let parts: Vec<&str> = slice.split(" & ").filter(|part| !part.is_empty()).collect();
    let right = |wanted: &&str| {
        parts.iter().any(|part| match wanted.contains(['=', '>']) {
            true => part == wanted,
            false => part.contains(&format!("={wanted}")),
        })
    };
    let operation = truth
        .operation
        .is_none_or(|wanted| series["operation"] == wanted);
    parts.len() == truth.slice.len() && truth.slice.iter().all(right) && operation
}

fn told(episode: &Value) -> String {
    let series = &episode["series"];
    format!(
        "{} {} op={} slice={} onset={} alert={} end={} {}/{}",
        episode["reason"],
        series["class"],
        series["operation"],
        series["slice"],
        episode["onset"],
        episode["alert_time"],
        episode["end"],
        episode["failures"],
        episode["requests"],
    )
}

/// The table of a run: a row a family, and the sums.
pub fn table(scores: &[(&'static str, Score)]) -> (Score, String) {
    let mut by_family: BTreeMap<&str, Score> = BTreeMap::new();
    let mut all = Score::default();
    for (family, score) in scores {
        by_family.entry(family).or_default().add(score);
        all.add(score);
    }
    let mut lines = vec![
        "| family | situations | found | right reason | right slice | false alerts | delay median / p90, minutes |".to_owned(),
        "|---|---|---|---|---|---|---|".to_owned(),
    ];
    lines.extend(by_family.iter().map(|(family, score)| score.row(family)));
    lines.push(all.row("all"));
    (all, lines.join("\n"))
}
