//! What a series is when no Category 2 episode is at hand: Category 1, quiet, or undecided.
//!
//! The rules, in this order, over the last day (`recent_hours`) before the watermark:
//!
//! 1. nothing failed: **quiet**, however little was asked;
//! 2. a burst was seen that healed (significant in 15 minutes, but it did not hold): **Category 1**;
//! 3. every latest request of a thin series failed, too few of them to be called reproducible: **undecided**;
//! 4. nearly all failures were tried again and nearly all of those ended well: **Category 1**, even without history;
//! 5. less than an hour of history: **undecided**, the hours are missing;
//! 6. too few requests for a doubling to show: **undecided**, the requests are missing;
//! 7. less than a day of history: up to 2 % failures, scattered, are **Category 1**; more is **undecided**, because
//!    nobody knows yet whether that is normal here;
//! 8. as many failures as normal, or no more of them than the day before (volume fell): **quiet**, the rate is said;
//! 9. more than normal, scattered: **Category 1**.

use crate::model::evidence::RetryCounts;
use crate::verdict::engine::Burst;
use crate::verdict::history::Tally;

use crate::verdict::tail::chance;
use crate::verdict::thresholds as limits;
use crate::verdict::walked::Walked;

/// Why there is no Category 2, with what the sentence needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Calm {
    NothingFailed,
    /// Short rises that healed; the last may still be going on.
    Bursts {
        bursts: Vec<Burst>,
        going_on: bool,
    },
    /// The latest requests all failed.
    Failing {
        votes: u32,
    },
    Healed,
    ShortHistory {
        needed_hours: u64,
    },
    NormalUnknown,
    FewRequests {
        needed: u64,
    },
    /// Against how many were expected outside the pattern minutes, which are not judged.
    Scattered {
        expected: Option<f64>,
    },
    Normal {
        expected: f64,
    },
    SameAsBefore {
        before: u64,
    },
}

/// What the rules look at.
pub struct Recent<'a> {
    pub walked: &'a Walked,
    /// The cells of the track that are recent.
    pub from: usize,
    pub counted: Tally,
    /// Of the failures counted here.
    pub retries: Option<RetryCounts>,
}

impl<'a> Recent<'a> {
    pub fn new(walked: &'a Walked, hours: u64, retries: Option<RetryCounts>) -> Self {
        let since = walked.grid.watermark.plus_secs(-(hours as i64) * 3600);
        let from = walked.grid.cell_of(since).saturating_sub(walked.first);
        let track = &walked.track;
        Self {
            walked,
            from,
            counted: track.history.between(from, track.history.len()),
            retries,
        }
    }

    pub fn decide(&self) -> Calm {
        if self.counted.all_k <= 0.0 {
            return Calm::NothingFailed;
        }
        self.bursts()
            .or_else(|| self.failing())
            .or_else(|| self.healed())
            .or_else(|| self.short_history())
            .or_else(|| self.few_requests())
            .or_else(|| self.first_day())
            .unwrap_or_else(|| self.against_normal())
    }

    fn share(&self) -> f64 {
        self.counted.all_k / self.counted.all_n.max(1.0)
    }

    /// Failures that are normal among all requests of the time; the level, where there was none.
    pub fn usual_share(&self) -> f64 {
        if self.counted.all_n > 0.0 {
            return self.counted.all_base / self.counted.all_n;
        }
        self.walked.track.baseline.level()
    }

    fn bursts(&self) -> Option<Calm> {
        let track = &self.walked.track;
        let bursts: Vec<Burst> = track
            .bursts
            .iter()
            .filter(|burst| burst.end > self.from)
            .copied()
            .collect();
        let last = bursts.last()?;
        let age = (track.history.len() - last.end.min(track.history.len())) * track.cell_minutes;
        let going_on = age < limits::BURNING_MINUTES[0];
        Some(Calm::Bursts { bursts, going_on })
    }

    /// On a dense series a few failing minutes are a burst; on a thin one they may be the beginning of more.
    fn failing(&self) -> Option<Calm> {
        let votes = &self.walked.track.votes;
        let thin = self.counted.all_n < self.needed_requests();
        let run = votes.failing() >= 2 && votes.succeeding() == 0;
        (thin && run).then(|| Calm::Failing {
            votes: votes.failing(),
        })
    }

    fn healed(&self) -> Option<Calm> {
        let retries = self.retries?;
        let (tried, healed) = (retries.tried as f64, retries.healed as f64);
        let all = tried >= limits::HEALED_TRIED * self.counted.all_k;
        let few = self.share() <= limits::FEW_SHARE;
        (few && all && healed >= limits::HEALED_SHARE * tried).then_some(Calm::Healed)
    }

    fn short_history(&self) -> Option<Calm> {
        let needed_hours = self.walked.track.settings.history_hours_min;
        let short = self.walked.history_seconds() < needed_hours as i64 * 3600;
        short.then_some(Calm::ShortHistory { needed_hours })
    }

    fn few_requests(&self) -> Option<Calm> {
        let needed = self.needed_requests();
        (self.counted.all_n < needed).then(|| Calm::FewRequests {
            needed: needed.ceil() as u64,
        })
    }

    /// A doubling shows when five failures are normal; where normal is rare, a rise to 2 % must show.
    pub fn needed_requests(&self) -> f64 {
        limits::VISIBLE_FAILURES / self.walked.track.baseline.level().max(limits::VISIBLE_RATE)
    }

    fn first_day(&self) -> Option<Calm> {
        if self.walked.history_seconds() >= limits::NORMAL_HOURS * 3600 {
            return None;
        }
        if self.share() > limits::FEW_SHARE {
            return Some(Calm::NormalUnknown);
        }
        Some(Calm::Scattered { expected: None })
    }

    fn against_normal(&self) -> Calm {
        if self.chance_of_normal() >= limits::NORMAL_TAIL {
            return Calm::Normal {
                expected: self.counted.base,
            };
        }
        let before = self.day_before();
        if before > 0.0 && self.counted.all_k < limits::GATE_RISE * before {
            return Calm::SameAsBefore {
                before: before as u64,
            };
        }
        Calm::Scattered {
            expected: Some(self.counted.base),
        }
    }

    /// How often a normal day has as many failures.
    pub fn chance_of_normal(&self) -> f64 {
        chance(self.counted.k, self.counted.e, self.alpha())
    }

    pub fn alpha(&self) -> f64 {
        let track = &self.walked.track;
        let known = track.baseline.known_at(self.from);
        track.noise.alpha_for_test(limits::WINDOW_DAY, known)
    }

    /// Failures of the same length of time before the recent one, if all of it is known.
    pub fn day_before(&self) -> f64 {
        let track = &self.walked.track;
        let cells = track.history.len() - self.from.min(track.history.len());
        match self.from.checked_sub(cells) {
            Some(from) => track.history.between(from, self.from).all_k,
            None => 0.0,
        }
    }
}
