//! The chart in one sentence or three, for those who cannot see it.

use crate::chart::label;
use crate::chart::series::Point;
use crate::chart::trend::{Trend, has_unanswered};

pub fn describe(trend: &Trend<'_>) -> String {
    let range = trend.spec.range;
    let (since, until) = (label::minute(range.since), label::minute(range.until));
    let calls = trend
        .points
        .iter()
        .fold(0u64, |sum, p| sum.saturating_add(p.requests));
    if calls == 0 {
        return format!("No data from {since} to {until} UTC.");
    }
    let mut text = format!(
        "Share of 5xx and of 429 among {calls} calls from {since} to {until} UTC, calls below on the same time axis."
    );
    text.push_str(&highest(trend, "5xx", Point::share_5xx));
    text.push_str(&highest(trend, "429", Point::share_429));
    if has_unanswered(&trend.points) {
        text.push_str(&highest(trend, "missing answers", Point::share_no_response));
    }
    if let Some(onset) = trend.spec.mark.and_then(|mark| mark.onset) {
        text.push_str(&format!(" Onset at {} UTC.", label::minute(onset)));
    }
    text
}

fn highest(trend: &Trend<'_>, name: &str, share: fn(&Point) -> Option<f64>) -> String {
    let top = trend
        .points
        .iter()
        .filter_map(|p| share(p).map(|s| (s, p)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match top {
        Some((s, p)) if s > 0.0 => format!(
            " Highest share of {name}: {} at {}.",
            label::percent(s),
            label::minute(p.start)
        ),
        _ => format!(" No {name}."),
    }
}
