//! The numbers behind the answers of detector A, and behind the onset and the rise that are stated.
//!
//! The tests themselves keep a yes or a no; what was compared with what is worked out here once more, by the functions
//! that decided, for whoever wants to follow them by hand.

use crate::verdict::found::Found;
use crate::verdict::gate::usual;
use crate::verdict::ground::Ground;
use crate::verdict::history::Tally;
use crate::verdict::span::{Checks, Span, burst_rest_nats, rise_min, significance};
use crate::verdict::tail::surprise;
use crate::verdict::thresholds as limits;
use crate::verdict::walked::Walked;

/// Names and numbers, in the order in which they are asked about.
pub type Numbers = Vec<(&'static str, f64)>;

/// What the questions about a supposed rise compared.
pub fn of_checks(ground: &Ground, window: usize, end: usize, checks: &Checks) -> Numbers {
    let span = Span {
        ground,
        from: checks.from,
        end,
        minutes: limits::WINDOWS[window].minutes,
    };
    let since = span.since();
    let mut numbers = held(ground, end, checks, &since);
    numbers.extend(volume(&span, &since));
    numbers.extend(significant(&span, checks));
    numbers.extend(burning(&span));
    numbers.extend(burst(&span));
    numbers.extend(spread(&span));
    numbers
}

fn minutes(ground: &Ground, cells: usize) -> f64 {
    (cells * ground.cell_minutes) as f64
}

fn held(ground: &Ground, end: usize, checks: &Checks, since: &Tally) -> Numbers {
    vec![
        ("requests", since.n),
        ("failures", since.k),
        ("expected", since.e),
        ("rise_needed", rise_min(ground)),
        ("failures_needed", ground.settings.failures_min as f64),
        ("minutes_old", minutes(ground, end - checks.latest)),
        ("minutes_needed", ground.settings.hold_minutes as f64),
    ]
}

/// What the same time usually has; nothing where nothing is known before.
fn volume(span: &Span, since: &Tally) -> Numbers {
    let usual = usual(span.ground, span.from, span.end, span.minutes);
    let known = usual.failures_least.is_finite();
    let mut numbers = vec![("requests_needed", limits::GATE_FELL * usual.requests_most)];
    if known && since.n < limits::GATE_FELL * usual.requests_most {
        numbers.push(("requests_least", usual.requests_least));
        numbers.push(("failures_least", usual.failures_least));
    }
    numbers
}

fn significant(span: &Span, checks: &Checks) -> Numbers {
    vec![
        ("limited_failures", span.limited().k),
        ("known_failures", span.ground.baseline.known_at(span.from)),
        ("alpha", span.alpha(span.window())),
        ("surprise", checks.surprise),
        ("surprise_needed", significance(span.window())),
    ]
}

fn burning(span: &Span) -> Numbers {
    let cells = span.now_cells();
    let now = span.recent(cells);
    let share = limits::BURNING_SHARE * span.raised_rate() * now.n;
    vec![
        ("now_minutes", minutes(span.ground, cells)),
        ("now_failures", now.k),
        ("now_needed", share.max(limits::BURNING_RISE * now.e)),
    ]
}

/// What is left without the burst, or the two, that the rise might be.
fn burst(span: &Span) -> Numbers {
    let bursts = span.bursts();
    let rest = span.without_bursts(bursts).unwrap_or_default();
    let alpha = span.alpha(limits::WINDOW_SHORT);
    vec![
        ("bursts_left_out", bursts as f64),
        ("rest_failures", rest.k),
        ("rest_expected", rest.e),
        (
            "rest_failures_needed",
            limits::BURNING_SHARE * span.raised_rate() * rest.n,
        ),
        ("rest_alpha", alpha),
        ("rest_surprise", surprise(rest.k, rest.n, rest.e, alpha)),
        ("rest_surprise_needed", burst_rest_nats()),
    ]
}

fn spread(span: &Span) -> Numbers {
    let (raised, seen) = span.raised_blocks();
    vec![
        ("blocks", seen as f64),
        ("blocks_raised", raised as f64),
        ("blocks_needed", limits::SPREAD_SHARE * seen as f64),
    ]
}

/// What the stated onset and rise of an episode rest on.
pub fn of_episode(walked: &Walked, found: &Found) -> Numbers {
    let mut numbers = vec![
        ("onset_nats", found.onset.nats),
        ("dispersion", found.onset.dispersion),
        (
            "onset_nats_needed",
            found.onset.nats - limits::ONSET_NATS * found.onset.dispersion,
        ),
        ("requests", found.counted.n),
        ("failures", found.counted.k),
        ("expected", found.counted.base),
        (
            "known_failures",
            walked.track.baseline.known_at(found.onset.at),
        ),
    ];
    if let Some(rise) = found.rise {
        numbers.extend([
            ("variance_count", rise.variance.count),
            ("variance_wander", rise.variance.wander),
            ("variance_daily", rise.variance.daily),
            ("variance_level", rise.variance.level),
            ("sigma", rise.variance.sigma()),
            ("rise", rise.factor),
            ("rise_low", rise.low),
            ("rise_high", rise.high),
        ]);
    }
    numbers
}
