//! Do single calls bear out what the counts say? Ten attempts of one call are one failure, however high the count.
//!
//! Counts know attempts and the width of their windows. Where every failing attempt was looked at, an episode must rest
//! on as many calls, begun over as long a time, as one that is found call by call.

use std::sync::Arc;

use crate::model::evidence::Evidence;
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::verdict::thresholds::VOTES_MIN;

/// When the calls of a series began that failed at first.
#[derive(Clone, Debug)]
pub struct Begun {
    since: Timestamp,
    times: Arc<[Timestamp]>,
}

impl Begun {
    /// `None` where not every attempt was looked at.
    pub fn of(
        evidence: &Evidence,
        integration: &str,
        operation: Option<&str>,
        class: Class,
    ) -> Option<Self> {
        let mut all = evidence.calls.iter();
        let own = all.find(|calls| calls.integration == integration)?;
        if !own.looked.is_empty() {
            return None;
        }
        let of_class = own.calls.iter().filter(|call| call.failed == Some(class));
        let here = of_class
            .filter(|call| operation.is_none_or(|operation| own.name(call.operation) == operation));
        Some(Self {
            since: own.since,
            times: here.map(|call| call.at).collect(),
        })
    }

    /// At least four calls from `from` on, the first and the last so many minutes apart; and half of that without those
    /// two, because a chance failure before or after a hiccup makes it no longer.
    pub fn bears_out(&self, from: Timestamp, until: Timestamp, minutes: u64) -> bool {
        if from < self.since {
            return true;
        }
        let low = self.times.partition_point(|at| *at < from);
        let high = self.times.partition_point(|at| *at < until);
        let within = &self.times[low..high.max(low)];
        let hold = minutes.cast_signed().saturating_mul(60);
        let inner = match within {
            [_, inner @ .., _] if inner.len() > 2 => span(inner) >= hold / 2,
            _ => true,
        };
        let held = span(within) >= hold && inner;
        held && within.len() >= VOTES_MIN as usize
    }
}

fn span(times: &[Timestamp]) -> i64 {
    let ends = times.first().zip(times.last());
    ends.map_or(0, |(first, last)| last.secs_since(*first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_calls_or_a_short_while_bear_nothing_out() {
        let at = |minute: i64| Timestamp::from_secs(minute * 60);
        let begun = |minutes: &[i64]| Begun {
            since: at(0),
            times: minutes.iter().map(|minute| at(*minute)).collect(),
        };
        let check = |minutes: &[i64]| begun(minutes).bears_out(at(0), at(60), 12);
        assert!(check(&[1, 5, 9, 13]));
        assert!(!check(&[1, 5, 13]), "three calls");
        assert!(!check(&[1, 2, 3, 4, 5]), "five minutes");
        assert!(
            !check(&[1, 10, 11, 12, 13, 14, 20]),
            "a hiccup between chance failures"
        );
        assert!(check(&[1, 6, 10, 14, 20]));
        assert!(!check(&[]));
        assert!(begun(&[]).bears_out(at(-1), at(60), 12), "not looked at");
    }
}
