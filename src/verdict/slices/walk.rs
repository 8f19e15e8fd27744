//! The walk: the calls of one integration, in one class, one by one as if live.
//!
//! Each failing call feeds every combination of what it says of itself; the first combination that fails often, long and
//! purely enough opens an incident, and combinations that fail with it are part of it.

use crate::model::call::Call;
use crate::model::time::Timestamp;
use crate::verdict::slices::absent::Successes;
use crate::verdict::slices::ground::Ground;
use crate::verdict::slices::limits;
use crate::verdict::slices::name::{compare_names, is_better_name};
use crate::verdict::slices::subsets::{Slice, has};
use crate::verdict::slices::tracker::{Run, Sum, Tracker};
use crate::verdict::thresholds as votes;

/// An incident as the walk saw it.
#[derive(Clone, Debug)]
pub struct Incident {
    pub slice: Slice,
    /// The first failure of the run, and the latest.
    pub from: Timestamp,
    pub last: Timestamp,
    pub alert: Timestamp,
    pub end: Option<Timestamp>,
    /// Numbers of the calls that failed.
    pub failed: Vec<u32>,
    pub returns: u32,
    /// What decided: the score, the score needed, and how many things were tried.
    pub score: f64,
    pub needed: f64,
    pub tried: usize,
    pub neighbours: Neighbours,
    recovered: f64,
}

/// How an incident differs from its neighbours, which have some of its traits but not all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Neighbours {
    /// What it is thought to fail with when healthy, by them too, and the score against that.
    pub usual: f64,
    pub score: f64,
    /// How much better two shares tell the least different of them and it than one; none has no such neighbours.
    pub split: Option<f64>,
    pub split_needed: f64,
}

pub struct Walk<'g> {
    ground: &'g Ground<'g>,
    tracker: Tracker,
    successes: Successes,
    bodies: Bodies,
    pub incidents: Vec<Incident>,
}

/// Of the calls that went well and whose body was kept: how many have each trait; and how many failed, in all.
struct Bodies {
    with: Vec<f64>,
    known: f64,
    failed: f64,
}

/// What happens in order of time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Begun,
    Healed,
}

impl<'g> Walk<'g> {
    /// Walks all calls up to the watermark.
    pub fn through(ground: &'g Ground<'g>, watermark: Timestamp) -> Self {
        let mut walk = Self {
            ground,
            tracker: Tracker::new(ground.frequency.clone(), ground.scales()),
            successes: Successes::default(),
            bodies: Bodies {
                with: vec![0.0; ground.calls.traits.len()],
                known: 0.0,
                failed: 0.0,
            },
            incidents: Vec::new(),
        };
        for (at, step, number) in steps(ground.own, watermark) {
            walk.end_in_silence(at);
            walk.take(at, step, number);
        }
        walk.end_in_silence(watermark);
        walk.end_recovered(watermark);
        walk
    }

    fn take(&mut self, at: Timestamp, step: Step, number: u32) {
        let call = &self.ground.own[number as usize];
        match (step, call.failed) {
            (Step::Begun, None) => self.went_well(call),
            (Step::Begun, Some(class)) if class == self.ground.class => self.failed(call, number),
            (Step::Healed, Some(class)) if class == self.ground.class => {
                self.healed(call, number, at)
            }
            // What failed in another way says nothing about this one.
            _ => {}
        }
    }

    fn went_well(&mut self, call: &Call) {
        let weight = f64::from(call.weight);
        self.tracker.succeed(&call.traits, weight);
        self.tracker.all.n += weight;
        self.successes.add(call.at, weight);
        if call.is_body_known {
            self.bodies.known += 1.0;
            for one in &call.traits {
                self.bodies.with[*one as usize] += 1.0;
            }
        }
        for incident in self.incidents.iter_mut().filter(|one| one.end.is_none()) {
            if has(&call.traits, &incident.slice) {
                let scale = self.ground.scale_of(&incident.slice);
                incident.recovered += votes::VOTE_SUCCESS * weight * scale;
            }
        }
        self.end_recovered(call.at);
    }

    fn failed(&mut self, call: &Call, number: u32) {
        let traits = self.ground.combined(call.traits.iter().copied());
        let weight = f64::from(call.weight).max(1.0);
        self.tracker.make_room(call.at);
        let (fields, tracker) = (self.ground.fields, &mut self.tracker);
        fields.each_slice(&traits, |slice| {
            tracker.fail(slice, number, call.at, weight)
        });
        self.tracker.all.n += weight;
        self.tracker.all.k += weight;
        self.bodies.failed += 1.0;
        for incident in self.incidents.iter_mut().filter(|one| one.end.is_none()) {
            if has(&call.traits, &incident.slice) {
                incident.failed.push(number);
                incident.last = call.at;
                incident.recovered = 0.0;
            }
        }
        self.look_for_alarm(&traits, call.at);
    }

    fn healed(&mut self, call: &Call, number: u32, at: Timestamp) {
        let traits = self.ground.combined(call.traits.iter().copied());
        let weight = f64::from(call.weight).max(1.0);
        let (fields, tracker) = (self.ground.fields, &mut self.tracker);
        fields.each_slice(&traits, |slice| tracker.heal(slice, number, weight));
        self.tracker.all.k = (self.tracker.all.k - weight).max(0.0);
        self.successes.add(at, weight);
        for incident in self.incidents.iter_mut().filter(|one| one.end.is_none()) {
            if let Ok(place) = incident.failed.binary_search(&number) {
                incident.failed.remove(place);
                incident.recovered += votes::VOTE_SUCCESS * weight;
            }
        }
        self.end_recovered(at);
    }

    fn look_for_alarm(&mut self, traits: &[u32], now: Timestamp) {
        let (needed, all) = (needed(self.tracker.tried()), self.tracker.all);
        let mut sure: Vec<&Run> = Vec::new();
        self.ground.fields.each_slice(traits, |slice| {
            let run = self.tracker.run(slice);
            sure.extend(run.filter(|run| self.is_reproducible(run, needed, now)));
        });
        sure.sort_by(|one, other| compare_names(self.ground, all, other, one));
        let wanted = sure.into_iter().take(limits::NAMES_TRIED).find_map(|run| {
            if self.incidents.iter().any(|known| is_same(known, run)) {
                return Some((run.clone(), None));
            }
            let neighbours = self.compare(run, now);
            let stands_out = neighbours.stands_out(needed);
            stands_out.then(|| (run.clone(), Some(neighbours)))
        });
        if let Some((run, neighbours)) = wanted {
            self.open(run, neighbours, needed, now);
        }
    }

    fn is_reproducible(&self, run: &Run, needed: f64, now: Timestamp) -> bool {
        let all = self.tracker.all;
        let outside = run.outside(all);
        run.failed.len() >= votes::VOTES_MIN as usize
            && now.secs_since(run.first) >= limits::SPAN_SECONDS
            && run.score(all) >= needed
            && outside.n - outside.k >= limits::NEIGHBOURS_MIN
            && self.is_pure(run)
            && apart(self.ground.own, &run.failed) >= votes::VOTES_MIN
            && self.bodies_agree(run, needed)
            && !self.is_waiting(run, now)
    }

    /// At least 85 % fail, also if as many successes are hidden as may be.
    fn is_pure(&self, run: &Run) -> bool {
        let operation = run
            .failed
            .first()
            .map(|at| self.ground.own[*at as usize].operation);
        let of_operation = self.ground.is_of_operation(&run.slice);
        let one_in = self.ground.one_in(operation.filter(|_| of_operation));
        let hidden = if one_in > 1 {
            limits::HIDDEN * f64::from(one_in)
        } else {
            0.0
        };
        let requests = run.failures + run.successes + run.healed + hidden;
        run.failures >= votes::VOTE_RATE * requests
    }

    /// A body's value must be so rare among the kept bodies of what went well that it is not in the failures by chance.
    fn bodies_agree(&self, run: &Run, needed: f64) -> bool {
        let of_body = run.slice.iter().filter(|one| self.ground.is_body(**one));
        let commonest = |one: f64, other: f64| one.min(other);
        let Some(with) = of_body
            .map(|one| self.bodies.with[*one as usize])
            .reduce(commonest)
        else {
            return true;
        };
        let failed = run.failed.len() as f64;
        let meanwhile = (self.bodies.failed - run.before.k).max(failed);
        let usual = (with + 1.0) / (self.bodies.known + 2.0);
        self.bodies.known >= limits::BODIES_MIN
            && run.failed.len() >= limits::BODY_FAILURES_MIN
            && chance_nats(failed, meanwhile, usual) >= needed
    }

    fn is_waiting(&self, run: &Run, now: Timestamp) -> bool {
        now.secs_since(run.first) < limits::ABSENT_WAIT_SECONDS && self.successes.are_absent(now)
    }

    /// Opens an incident, or lets the run be part of one that it fails with.
    fn open(&mut self, run: Run, neighbours: Option<Neighbours>, needed: f64, now: Timestamp) {
        let same = self
            .incidents
            .iter()
            .rposition(|known| is_same(known, &run));
        if let Some(at) = same {
            self.go_on(at, run);
            return;
        }
        let Some(neighbours) = neighbours else {
            return;
        };
        let explained = |call: &u32| {
            let traits = &self.ground.own[*call as usize].traits;
            let open = self.incidents.iter().filter(|one| one.end.is_none());
            open.into_iter().any(|one| has(traits, &one.slice))
        };
        let unexplained: Vec<u32> = run
            .failed
            .iter()
            .copied()
            .filter(|call| !explained(call))
            .collect();
        if apart(self.ground.own, &unexplained) < votes::VOTES_MIN {
            return;
        }
        self.incidents.push(Incident {
            from: run.first,
            last: run.last,
            alert: now,
            end: None,
            returns: 0,
            score: run.score(self.tracker.all),
            needed,
            tried: self.tracker.tried(),
            neighbours,
            recovered: 0.0,
            failed: run.failed,
            slice: run.slice,
        });
    }

    /// Also against its neighbours: what has some of its traits, but not all. Of what fails half of the time some part
    /// fails every time, by chance.
    fn compare(&self, run: &Run, now: Timestamp) -> Neighbours {
        let mut usual = run.normal(self.tracker.all);
        let mut split: Option<f64> = None;
        self.ground.fields.each_slice(&run.slice, |wider| {
            if wider.len() < run.slice.len() {
                let near = self.near(run, wider, now);
                usual = usual.max(2.0 * near.share());
                if near.since.n > 0.0 {
                    let nats = split_nats(run, near.since);
                    split = Some(split.map_or(nats, |least| least.min(nats)));
                }
            }
        });
        Neighbours {
            usual,
            score: run.score_against(usual),
            split,
            split_needed: (self.tracker.tried().max(1) as f64).ln() + limits::SPLIT_NATS,
        }
    }

    /// The calls of a wider slice, without those of the run's.
    fn near(&self, run: &Run, wider: &[u32], now: Timestamp) -> Near {
        let end = self.ground.own.partition_point(|call| call.at <= now);
        let latest = self.ground.own[..end].iter().rev();
        let recent = latest
            .take(limits::NEIGHBOURS_LOOKED_MAX)
            .take_while(|call| now.secs_since(call.at) <= limits::NEIGHBOURS_SECONDS)
            .filter(|call| has(&call.traits, wider) && !has(&call.traits, &run.slice));
        let mut near = Near::default();
        for call in recent {
            let failed = f64::from(u8::from(call.failed == Some(self.ground.class)));
            if call.at >= run.first {
                near.since.n += 1.0;
                near.since.k += failed;
            }
            if near.latest.n < limits::NEIGHBOURS_LATEST {
                near.latest.n += 1.0;
                near.latest.k += failed;
            }
        }
        near
    }

    /// The incident goes on, under the better of the two names.
    fn go_on(&mut self, at: usize, run: Run) {
        let known = &self.incidents[at];
        let own = self.tracker.run(&known.slice);
        let better = own.is_none_or(|own| {
            own.slice != run.slice && is_better_name(self.ground, self.tracker.all, &run, own)
        });
        let known = &mut self.incidents[at];
        if known.end.take().is_some() {
            known.returns += 1;
            known.recovered = 0.0;
        }
        known.last = known.last.max(run.last);
        known.failed.extend(&run.failed);
        known.failed.sort_unstable();
        known.failed.dedup();
        if better {
            known.from = known.from.min(run.first);
            known.slice = run.slice;
        }
    }

    fn end_recovered(&mut self, now: Timestamp) {
        let wait = votes::CLOSE_MINUTES as i64 * 60;
        let is_over = |one: &Incident| {
            one.recovered >= limits::RECOVERED_NATS && now.secs_since(one.last) >= wait
        };
        self.end_where(is_over);
    }

    /// Days without a failure, though nothing showed that it is well: nobody asks any more.
    fn end_in_silence(&mut self, now: Timestamp) {
        let most = votes::EPISODE_MINUTES_MAX as i64 * 60;
        self.end_where(|one| now.secs_since(one.last) >= most);
    }

    fn end_where(&mut self, is_over: impl Fn(&Incident) -> bool) {
        let open = self.incidents.iter_mut().filter(|one| one.end.is_none());
        for incident in open.filter(|one| is_over(one)) {
            incident.end = Some(incident.last);
            let (failed, last) = (&incident.failed, incident.last);
            self.tracker.retain(|run| {
                run.first > last
                    || !run
                        .failed
                        .iter()
                        .any(|call| failed.binary_search(call).is_ok())
            });
        }
    }

    pub fn dropped(&self) -> u64 {
        self.tracker.dropped
    }
}

impl Neighbours {
    fn stands_out(&self, needed: f64) -> bool {
        let is_split = self.split.is_none_or(|nats| nats >= self.split_needed);
        is_split && self.score >= needed
    }
}

/// Neighbours of a run, with those that failed at first, healed or not: since it began, and the latest.
#[derive(Default)]
struct Near {
    since: Sum,
    latest: Sum,
}

impl Near {
    /// The higher of both shares, since a rise may have begun with the run; too few calls have none.
    fn share(&self) -> f64 {
        let known = [self.since, self.latest]
            .into_iter()
            .filter(|sum| sum.n >= limits::NEIGHBOURS_MIN);
        known.map(|sum| sum.share()).fold(0.0, f64::max)
    }
}

/// How much better two shares tell the run and its neighbours than one share tells both, in nats.
fn split_nats(run: &Run, near: Sum) -> f64 {
    let own = Sum {
        n: run.failures + run.successes + run.healed,
        k: run.failures,
    };
    let both = Sum {
        n: own.n + near.n,
        k: own.k + near.k,
    };
    likelihood(own) + likelihood(near) - likelihood(both)
}

fn likelihood(sum: Sum) -> f64 {
    let part = |count: f64| {
        if count > 0.0 {
            count * (count / sum.n).ln()
        } else {
            0.0
        }
    };
    part(sum.k) + part(sum.n - sum.k)
}

/// Beginnings and healings in order of time.
fn steps(own: &[Call], watermark: Timestamp) -> Vec<(Timestamp, Step, u32)> {
    let mut steps: Vec<(Timestamp, Step, u32)> = Vec::with_capacity(own.len());
    for (number, call) in own.iter().enumerate() {
        steps.push((call.at, Step::Begun, number as u32));
        steps.extend(call.healed.map(|at| (at, Step::Healed, number as u32)));
    }
    steps.retain(|(at, _, _)| *at < watermark);
    steps.sort_unstable();
    steps
}

/// `ln(m / 1e-4)`: the chance of a false alarm is shared between the things that are tried, and a hundred more.
fn needed(tried: usize) -> f64 {
    crate::verdict::reproducible::threshold(tried)
}

/// How many of the calls lie more than half a minute after the one before.
fn apart(own: &[Call], failed: &[u32]) -> u32 {
    let mut last: Option<Timestamp> = None;
    let mut count = 0;
    for call in failed {
        let at = own[*call as usize].at;
        if last.is_none_or(|last| at.secs_since(last) > limits::APART_SECONDS) {
            count += 1;
            last = Some(at);
        }
        if count >= votes::VOTES_MIN {
            break;
        }
    }
    count
}

/// At least half of the failures of the one are failures of the other, or the same slice fails again soon after.
fn is_same(known: &Incident, run: &Run) -> bool {
    let shared = run
        .failed
        .iter()
        .filter(|call| known.failed.binary_search(call).is_ok());
    let few = run.failed.len().min(known.failed.len());
    if known.end.is_none() && 2 * shared.count() >= few {
        return true;
    }
    let joins = known
        .end
        .is_some_and(|end| run.first.secs_since(end) < votes::JOIN_MINUTES as i64 * 60);
    joins && (has(&known.slice, &run.slice) || has(&run.slice, &known.slice))
}

/// How surprising it is, in nats, that `k` of `n` have what a share of `usual` has: Chernoff's bound.
fn chance_nats(k: f64, n: f64, usual: f64) -> f64 {
    let share = (k / n.max(1.0)).min(1.0);
    if share <= usual {
        return 0.0;
    }
    let rest = if share < 1.0 {
        (1.0 - share) * ((1.0 - share) / (1.0 - usual)).ln()
    } else {
        0.0
    };
    n * (share * (share / usual).ln() + rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_among_good_bodies_is_no_surprise_among_bad_ones() {
        assert!(chance_nats(4.0, 4.0, 0.5) < 3.0);
        assert!(chance_nats(6.0, 6.0, 0.02) > 20.0);
        assert_eq!(chance_nats(1.0, 10.0, 0.5), 0.0);
        assert!(chance_nats(6.0, 12.0, 0.02).is_finite());
    }
}
