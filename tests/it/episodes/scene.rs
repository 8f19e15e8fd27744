//! A situation: what is asked of an integration minute by minute, what share truly fails, and what the truth is.
//!
//! Rates are true rates; counts are drawn from them in `sample.rs`. Whatever raises a rate also writes down what a judge
//! should say of it, by the definitions of scoring: sustained is at least twice the seasonal rate for at least 45 minutes,
//! sporadic is healed within eight, and what lies between is not judged.

use std::ops::Range;

use crate::episodes::random::Random;
use crate::episodes::shows::shows;

pub const HOUR: usize = 60;
pub const DAY: usize = 1440;
pub const WEEK: usize = 7 * DAY;
/// A rise that lasts so long is sustained.
const SUSTAINED_MINUTES: usize = 45;

/// A Monday, 2026-08-03, in seconds since 1970.
pub const BEGIN: i64 = 1_785_715_200;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    Server,
    Throttled,
    None,
}

/// The failures of one class on one lane, by minute.
pub struct Stream {
    pub class: Class,
    /// The seasonal rate: what is normal at that time.
    pub normal: Vec<f64>,
    /// The true rate, without noise.
    pub rate: Vec<f64>,
}

/// How the true rate wanders around itself: relative variance, and over how many minutes it stays alike.
#[derive(Clone, Copy)]
pub struct Noise {
    pub alpha: f64,
    pub minutes: f64,
}

/// One operation, or the whole integration where it has none.
pub struct Lane {
    pub operation: Option<&'static str>,
    pub traffic: Vec<f64>,
    pub streams: Vec<Stream>,
    pub noise: Noise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Sustained,
    Reproducible,
    /// Everything fails: both say it.
    Either,
}

/// An episode that a judge must find.
#[derive(Clone, Debug)]
pub struct Truth {
    pub class: Class,
    pub operation: Option<&'static str>,
    pub onset: usize,
    /// Until here a ramp is not yet a sustained rise; any onset up to here is right.
    pub onset_late: usize,
    pub end: usize,
    pub reason: Reason,
}

pub struct Scene {
    pub family: String,
    pub random: Random,
    pub minutes: usize,
    pub lanes: Vec<Lane>,
    pub truths: Vec<Truth>,
    /// Whatever is said of these is neither right nor wrong.
    pub unjudged: Vec<Range<usize>>,
    /// Windows come in any order and in several parts.
    pub shuffled: bool,
}

/// How the rate of a stream is raised at a minute.
#[derive(Clone, Copy)]
pub enum Raise {
    Times(f64),
    Share(f64),
}

impl Raise {
    pub fn of(self, normal: f64) -> f64 {
        match self {
            Self::Times(factor) => (normal * factor).min(0.98),
            Self::Share(share) => share.max(normal),
        }
    }
}

impl Scene {
    pub fn new(family: &str, seed: u64, days: usize) -> Self {
        let name = family.bytes().fold(seed, |sum, byte| {
            sum.wrapping_mul(0x0100_0193).wrapping_add(u64::from(byte))
        });
        Self {
            family: family.to_owned(),
            random: Random::new(name),
            minutes: days * DAY,
            lanes: Vec::new(),
            truths: Vec::new(),
            unjudged: Vec::new(),
            shuffled: false,
        }
    }

    /// A lane with requests a minute and a normal share of failures, each by minute.
    pub fn lane(
        &mut self,
        operation: Option<&'static str>,
        traffic: impl Fn(usize) -> f64,
        normal: impl Fn(usize) -> f64,
    ) -> &mut Self {
        let normal: Vec<f64> = (0..self.minutes).map(normal).collect();
        let stream = Stream {
            class: Class::Server,
            rate: normal.clone(),
            normal,
        };
        self.lanes.push(Lane {
            operation,
            traffic: (0..self.minutes).map(traffic).collect(),
            streams: vec![stream],
            noise: Noise {
                alpha: 0.0,
                minutes: 1.0,
            },
        });
        self
    }

    pub fn noisy(&mut self, alpha: f64, minutes: f64) -> &mut Self {
        for lane in &mut self.lanes {
            lane.noise = Noise { alpha, minutes };
        }
        self
    }

    /// The failures that there are become failures of this class.
    pub fn of_class(&mut self, class: Class) -> &mut Self {
        for lane in &mut self.lanes {
            lane.streams[0].class = class;
        }
        self
    }

    /// Another class of failures beside the first, on every lane.
    pub fn also(&mut self, class: Class, normal: f64) -> &mut Self {
        let minutes = self.minutes;
        for lane in &mut self.lanes {
            let normal = vec![normal; minutes];
            lane.streams.push(Stream {
                class,
                rate: normal.clone(),
                normal,
            });
        }
        self
    }

    pub fn main_class(&self) -> Class {
        self.lanes[0].streams[0].class
    }

    /// Raises the true rate and says nothing of it.
    pub fn raise(
        &mut self,
        class: Class,
        operation: Option<&str>,
        span: Range<usize>,
        raise: impl Fn(usize) -> Option<Raise>,
    ) {
        let span = span.start.min(self.minutes)..span.end.min(self.minutes);
        for lane in self
            .lanes
            .iter_mut()
            .filter(|lane| operation.is_none() || lane.operation == operation)
        {
            for stream in lane
                .streams
                .iter_mut()
                .filter(|stream| stream.class == class)
            {
                for minute in span.clone() {
                    if let Some(raise) = raise(minute) {
                        stream.rate[minute] = raise.of(stream.normal[minute]);
                    }
                }
            }
        }
    }

    /// What comes back belongs to the season: the normal rate is raised with the true one.
    pub fn season(&mut self, span: Range<usize>, raise: Raise) {
        let span = span.start.min(self.minutes)..span.end.min(self.minutes);
        for lane in &mut self.lanes {
            let stream = &mut lane.streams[0];
            for minute in span.clone() {
                stream.normal[minute] = raise.of(stream.normal[minute]);
                stream.rate[minute] = stream.rate[minute].max(stream.normal[minute]);
            }
        }
    }

    /// A sustained rise of the whole integration.
    pub fn incident(&mut self, span: Range<usize>, raise: Raise) {
        let class = self.main_class();
        self.incident_of(class, None, span, raise);
    }

    pub fn incident_of(
        &mut self,
        class: Class,
        operation: Option<&'static str>,
        span: Range<usize>,
        raise: Raise,
    ) {
        self.raise(class, operation, span.clone(), |_| Some(raise));
        let all = matches!(raise, Raise::Share(share) if share > 0.9);
        let reason = match (all, operation) {
            (true, Some(_)) => Reason::Reproducible,
            (true, None) => Reason::Either,
            (false, _) => Reason::Sustained,
        };
        self.expect(class, operation, span, reason);
    }

    /// A judge must find this, unless it is too short or drowns in the noise.
    pub fn expect(
        &mut self,
        class: Class,
        operation: Option<&'static str>,
        span: Range<usize>,
        reason: Reason,
    ) {
        let onset_late = span.start;
        self.expect_late(class, operation, span, onset_late, reason);
    }

    /// Any onset up to `onset_late` is right.
    pub fn expect_late(
        &mut self,
        class: Class,
        operation: Option<&'static str>,
        span: Range<usize>,
        onset_late: usize,
        reason: Reason,
    ) {
        let end = span.end.min(self.minutes);
        let truth = Truth {
            class,
            operation,
            onset: span.start,
            onset_late,
            end,
            reason,
        };
        if span.start + SUSTAINED_MINUTES <= end && shows(&self.lanes, &truth) {
            self.truths.push(truth);
        } else {
            self.unjudged.push(span.start..end);
        }
    }

    /// A rise that heals within eight minutes: nobody may be called.
    pub fn burst(&mut self, from: usize, minutes: usize, share: f64) {
        assert!(minutes <= 8, "what lasts longer is not judged");
        let class = self.main_class();
        self.raise(class, None, from..from + minutes, |_| {
            Some(Raise::Share(share))
        });
    }

    /// No traffic, or less, for a while.
    pub fn volume(&mut self, span: Range<usize>, factor: f64) {
        let span = span.start.min(self.minutes)..span.end.min(self.minutes);
        for lane in &mut self.lanes {
            for minute in span.clone() {
                lane.traffic[minute] *= factor;
            }
        }
    }

    /// A minute in the part of the scene in which a week of history is behind.
    pub fn some_minute(&mut self) -> usize {
        let (first, last) = (8 * DAY, self.minutes - DAY);
        self.random.between(first.min(last - 1), last)
    }
}
