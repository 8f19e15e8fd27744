//! Holds what a judge said of a scene against its truth.

use crate::episodes::sample::Sampled;
use crate::episodes::scene::{Class, Lane, Reason, Scene, Truth};

/// One Category 2 episode as the judge told it; times are minutes since the scene began.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub class: Class,
    pub operation: Option<String>,
    pub onset: f64,
    pub low: f64,
    pub high: f64,
    pub end: Option<f64>,
    pub alert: f64,
    pub reproducible: bool,
    pub rise: Option<[f64; 3]>,
}

/// Reading JSON may round the last place of a number.
const ROUNDED: f64 = 1e-12;

impl Said {
    /// The same, but for what writing and reading rounded.
    pub fn is(&self, other: &Self) -> bool {
        let near = |(one, other): (&f64, &f64)| (one - other).abs() <= ROUNDED * other.abs();
        let rises = match (&self.rise, &other.rise) {
            (Some(one), Some(other)) => one.iter().zip(other).all(near),
            (one, other) => one == other,
        };
        let without = |said: &Self| Self {
            rise: None,
            ..said.clone()
        };
        rises && without(self) == without(other)
    }
}

/// An alert may come late, while people still talk about it.
const LATE_MINUTES: f64 = 60.0;
/// An alert this long before the onset is none of it.
const EARLY_MINUTES: f64 = 2.0;
/// Minutes whose normal rate is so many times the usual are a burst that comes back.
const BURST_FACTOR: f64 = 5.0;
/// What heals within this is sporadic.
const BURST_MINUTES: usize = 8;
/// Noise that doubles the true rate for so long is a sustained rise by definition.
const SUSTAINED_MINUTES: usize = 45;

#[derive(Default)]
pub struct Found {
    pub delay: f64,
    pub onset_error: f64,
    pub onset_held: bool,
    /// `|log2|` of stated by true, and whether the interval holds the truth; none where no factor was stated.
    pub rise: Option<(f64, bool)>,
    pub reason_right: bool,
    pub slice_right: bool,
}

#[derive(Default)]
pub struct Scored {
    pub truths: usize,
    pub found: Vec<Found>,
    pub missed: Vec<Truth>,
    pub false_alerts: Vec<Said>,
    pub months: f64,
}

pub fn score(scene: &Scene, sampled: &[Sampled], said: &[Said]) -> Scored {
    let truths = visible(scene, sampled);
    let mut hit = vec![false; truths.len()];
    let mut scored = Scored {
        truths: truths.len(),
        months: scene.minutes as f64 / (30.0 * 1440.0),
        ..Scored::default()
    };
    let mut said: Vec<&Said> = said.iter().collect();
    said.sort_by(|a, b| a.alert.total_cmp(&b.alert));
    for one in said {
        match truths
            .iter()
            .zip(&hit)
            .position(|(truth, hit)| !hit && is_about(one, truth))
        {
            Some(at) => {
                hit[at] = true;
                scored.found.push(measure(scene, &truths[at], one));
            }
            None if is_excused(scene, sampled, one) => {}
            None => scored.false_alerts.push(one.clone()),
        }
    }
    let missed = truths.into_iter().zip(hit).filter(|(_, hit)| !hit);
    scored.missed = missed.map(|(truth, _)| truth).collect();
    scored
}

/// An episode begins with its first request: before that there is nothing to see.
fn visible(scene: &Scene, sampled: &[Sampled]) -> Vec<Truth> {
    let mut truths = scene.truths.clone();
    for truth in &mut truths {
        let own = sampled
            .iter()
            .filter(|one| truth.operation.is_none() || one.operation == truth.operation);
        let minutes = own.flat_map(|one| &one.counts).map(|counts| counts.minute);
        let first = minutes
            .filter(|minute| (truth.onset..truth.end).contains(minute))
            .min();
        truth.onset_late = truth.onset_late.max(first.unwrap_or(truth.onset));
    }
    truths
}

fn is_about(said: &Said, truth: &Truth) -> bool {
    let place = match (&said.operation, truth.operation) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    };
    let from = truth.onset as f64 - EARLY_MINUTES;
    let to = truth.end as f64 + LATE_MINUTES;
    place && said.class == truth.class && (from..=to).contains(&said.alert)
}

fn is_excused(scene: &Scene, sampled: &[Sampled], said: &Said) -> bool {
    let told = said.onset - 5.0..said.alert;
    let overlaps = |span: &std::ops::Range<usize>| {
        told.start <= span.end as f64 + LATE_MINUTES && told.end >= span.start as f64
    };
    let unjudged = scene.unjudged.iter().any(overlaps);
    unjudged || is_between(scene, said) || noise_doubled(scene, sampled, said)
}

/// Bursts that happen to follow each other are raised for longer than a burst may last, and are not judged.
fn is_between(scene: &Scene, said: &Said) -> bool {
    let (from, to) = (said.onset as usize, said.alert as usize);
    let mut run = 0;
    for minute in from.saturating_sub(SUSTAINED_MINUTES)..to.min(scene.minutes) {
        let mut streams = told(scene, said).flat_map(|lane| &lane.streams);
        let raised = streams.any(|stream| stream.rate[minute] >= 2.0 * stream.normal[minute]);
        run = if raised { run + 1 } else { 0 };
        if run > BURST_MINUTES {
            return true;
        }
    }
    false
}

/// Did the noise alone, or with what is not told of, double the true rate for three quarters of an hour?
fn noise_doubled(scene: &Scene, sampled: &[Sampled], said: &Said) -> bool {
    let from = (said.onset as usize).saturating_sub(SUSTAINED_MINUTES);
    let to = (said.alert as usize + SUSTAINED_MINUTES).min(scene.minutes);
    let sums = |span: std::ops::Range<usize>| {
        let mut sums = (0.0, 0.0);
        let drawn = |lane: &Lane| sampled.iter().find(|one| one.operation == lane.operation);
        for (lane, drawn) in told(scene, said).filter_map(|lane| Some((lane, drawn(lane)?))) {
            for minute in span.clone() {
                let stream = lane
                    .streams
                    .iter()
                    .find(|stream| stream.class == said.class);
                let asked = lane.traffic[minute];
                let normal = stream.map_or(0.0, |stream| stream.normal[minute]);
                sums.0 += asked * normal * f64::from(drawn.noise[minute]);
                sums.1 += asked * normal;
            }
        }
        sums
    };
    let ends = (from + SUSTAINED_MINUTES..=to).step_by(5);
    ends.map(|end| sums(end - SUSTAINED_MINUTES..end))
        .any(|(noisy, normal)| noisy >= 2.0 * normal && normal > 0.0)
}

/// The lanes that an alert is about.
fn told<'a>(scene: &'a Scene, said: &'a Said) -> impl Iterator<Item = &'a Lane> {
    let of =
        move |lane: &&Lane| said.operation.is_none() || lane.operation == said.operation.as_deref();
    scene.lanes.iter().filter(of)
}

fn measure(scene: &Scene, truth: &Truth, said: &Said) -> Found {
    let (early, late) = (truth.onset as f64, truth.onset_late as f64);
    Found {
        delay: (said.alert - late).max(0.0),
        onset_error: (early - said.onset).max(said.onset - late).max(0.0),
        onset_held: said.low <= late && said.high >= early,
        rise: said.rise.map(|[factor, low, high]| {
            let rises = true_rises(scene, truth, said);
            let held = rises.iter().any(|rise| (low..=high).contains(rise));
            let errors = rises.map(|rise| (factor / rise).log2().abs());
            (errors[0].min(errors[1]), held)
        }),
        reason_right: match truth.reason {
            Reason::Either => true,
            Reason::Reproducible => said.reproducible,
            Reason::Sustained => !said.reproducible,
        },
        slice_right: said.operation.as_deref() == truth.operation,
    }
}

/// Of the series that was told of, over the whole episode: with the minutes in which a returning burst is due, and
/// without them. A judge may leave them out, as long as it says so.
fn true_rises(scene: &Scene, truth: &Truth, said: &Said) -> [f64; 2] {
    let mut sums = [(0.0, 0.0); 2];
    for lane in told(scene, said) {
        let own = lane
            .streams
            .iter()
            .filter(|stream| stream.class == said.class);
        for stream in own {
            let usual = median(&stream.normal[truth.onset..truth.end]);
            for minute in truth.onset..truth.end {
                let burst = stream.normal[minute] > BURST_FACTOR * usual;
                for sum in &mut sums[..if burst { 1 } else { 2 }] {
                    sum.0 += lane.traffic[minute] * stream.rate[minute];
                    sum.1 += lane.traffic[minute] * stream.normal[minute];
                }
            }
        }
    }
    sums.map(|(raised, normal)| raised / f64::max(normal, 1e-12))
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
