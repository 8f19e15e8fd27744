//! Links attempts to calls, each link with what it rests on.
//!
//! The log's own word comes first: one line, one correlation id, one idempotency key. Then a trace or request id with the
//! same operation and address. Last, the same request again within the backoff range after it failed; where ids or
//! bodies show that two requests are not the same, likeness links nothing.

use std::collections::{HashMap, HashSet};

use crate::model::call::{Answer, Attempt, Call, HEALING_CERTAINTY_MIN, LinkBy};
use crate::model::time::Timestamp;
use crate::model::verdict::Class;

/// A caller that backs off tries again within ten minutes; what comes later, or goes on for longer, is another call.
pub const BACKOFF_SECONDS: i64 = 600;
/// Ids and keys are used anew after a day at the latest (Stripe forgets its idempotency keys then).
const ID_SECONDS: i64 = 86_400;

/// The calls that the attempts of one integration are, by the time of the first.
pub fn link(mut attempts: Vec<Attempt>) -> Vec<Call> {
    attempts.sort_by_key(|one| (one.at, one.number));
    let mut linker = Linker {
        habits: Habits::of(&attempts),
        ..Linker::default()
    };
    for attempt in &attempts {
        linker.add(attempt);
    }
    linker.calls
}

/// A call that failed and may be tried again, with what its last attempt told.
struct Open<'a> {
    call: usize,
    last: &'a Attempt,
}

/// What attempts of one call have in common, by how sure that is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Tie {
    Call(u64, u32),
    Key(u64, u32),
    Trace(u64, u32, u64),
    Body(u64, u64, u64),
    Address(u64, u64),
}

/// What the whole log shows of its ids and addresses.
#[derive(Default)]
struct Habits {
    /// Do attempts share request ids? Else each has its own, and different ones say nothing.
    has_shared_ids: bool,
    /// When each address was first and last asked.
    asked: HashMap<u64, (Timestamp, Timestamp)>,
}

impl Habits {
    fn of(attempts: &[Attempt]) -> Self {
        let mut habits = Self::default();
        let mut ids = HashSet::new();
        for attempt in attempts {
            let asked = habits.asked.entry(attempt.address);
            asked.or_insert((attempt.at, attempt.at)).1 = attempt.at;
            habits.has_shared_ids |= attempt.request.is_some_and(|id| !ids.insert(id));
        }
        habits
    }

    /// An address that was asked within two backoff ranges only is that of one request: an id stands in it.
    fn is_of_one_request(&self, address: u64) -> bool {
        let asked = self.asked.get(&address);
        asked.is_some_and(|(first, last)| last.secs_since(*first) <= 2 * BACKOFF_SECONDS)
    }

    /// Are two attempts at the same address, by the same caller, the same request? What tells them apart decides first.
    fn alike(&self, last: &Attempt, attempt: &Attempt) -> Option<LinkBy> {
        let told_apart = last.is_call_told && attempt.is_call_told && last.call != attempt.call;
        let begun_again = attempt.number <= last.number && last.number > 1;
        if told_apart
            || begun_again
            || differ(last.key, attempt.key)
            || differ(last.body, attempt.body)
        {
            return None;
        }
        if last.body.is_some() && last.body == attempt.body {
            return Some(LinkBy::SameBody);
        }
        if attempt.is_repeatable || self.is_of_one_request(attempt.address) {
            return Some(LinkBy::SameAddress);
        }
        let apart = self.has_shared_ids && differ(last.request, attempt.request)
            || differ(last.trace, attempt.trace);
        (!apart).then_some(LinkBy::MaybeSame)
    }
}

fn differ(one: Option<u64>, other: Option<u64>) -> bool {
    one.zip(other).is_some_and(|(one, other)| one != other)
}

#[derive(Default)]
struct Linker<'a> {
    habits: Habits,
    calls: Vec<Call>,
    open: Vec<Open<'a>>,
    ties: HashMap<Tie, usize>,
}

impl<'a> Linker<'a> {
    fn add(&mut self, attempt: &'a Attempt) {
        match self.find(attempt) {
            Some((open, by)) => self.join(open, attempt, by),
            None => self.begin(attempt),
        }
    }

    /// The call that the attempt goes on with.
    fn find(&self, attempt: &Attempt) -> Option<(usize, LinkBy)> {
        ties(attempt).into_iter().find_map(|tie| {
            let at = *self.ties.get(&tie)?;
            let open = &self.open[at];
            let by = self.allows(open, attempt, tie)?;
            let heals = attempt.answer == Answer::Fine;
            (!heals || by.certainty() >= HEALING_CERTAINTY_MIN).then_some((at, by))
        })
    }

    fn allows(&self, open: &Open<'_>, attempt: &Attempt, tie: Tie) -> Option<LinkBy> {
        let call = &self.calls[open.call];
        if call.healed.is_some() {
            return None;
        }
        let age = attempt.at.secs_since(call.at);
        match tie {
            Tie::Call(..) => (age <= ID_SECONDS).then_some(LinkBy::CallId),
            Tie::Key(..) => (age <= ID_SECONDS).then_some(LinkBy::Key),
            Tie::Trace(..) => (age <= ID_SECONDS).then_some(LinkBy::Trace),
            Tie::Body(..) | Tie::Address(..) => {
                let soon = attempt.at.secs_since(open.last.at) <= BACKOFF_SECONDS
                    && (age <= BACKOFF_SECONDS || attempt.number > open.last.number);
                self.habits.alike(open.last, attempt).filter(|_| soon)
            }
        }
    }

    fn join(&mut self, at: usize, attempt: &'a Attempt, by: LinkBy) {
        let open = &mut self.open[at];
        open.last = attempt;
        let call = &mut self.calls[open.call];
        call.tries += 1;
        call.link = call.link.max(Some(by));
        match attempt.answer {
            Answer::Fine => call.healed = Some(attempt.at),
            Answer::Failed(_) => {
                call.failures += 1;
                call.last_failure = attempt.at;
                call.kinds
                    .extend(attempt.kind.filter(|kind| !call.kinds.contains(kind)));
            }
            Answer::Refused => {}
        }
        self.tie(attempt, at);
    }

    /// Only a failure leaves a call open.
    fn begin(&mut self, attempt: &'a Attempt) {
        let failed = failed(attempt);
        self.calls.push(first(attempt));
        if failed.is_some() {
            self.open.push(Open {
                call: self.calls.len() - 1,
                last: attempt,
            });
            self.tie(attempt, self.open.len() - 1);
        }
    }

    fn tie(&mut self, attempt: &Attempt, open: usize) {
        for tie in ties(attempt) {
            self.ties.insert(tie, open);
        }
    }
}

fn failed(attempt: &Attempt) -> Option<Class> {
    match attempt.answer {
        Answer::Failed(class) => Some(class),
        Answer::Fine | Answer::Refused => None,
    }
}

fn first(attempt: &Attempt) -> Call {
    let failed = failed(attempt);
    Call {
        at: attempt.at,
        operation: attempt.operation,
        failed,
        is_refused: attempt.answer == Answer::Refused,
        tries: 1,
        failures: u32::from(failed.is_some()),
        last_failure: attempt.at,
        healed: None,
        link: None,
        kinds: attempt.kind.into_iter().collect(),
        weight: attempt.weight,
        is_body_known: attempt.is_body_known,
        traits: attempt.traits.clone(),
    }
}

/// From the surest to the least.
fn ties(attempt: &Attempt) -> Vec<Tie> {
    let operation = attempt.operation;
    let mut ties = vec![Tie::Call(attempt.call, operation)];
    ties.extend(attempt.key.map(|key| Tie::Key(key, operation)));
    let ids = [attempt.trace, attempt.request].into_iter().flatten();
    ties.extend(ids.map(|id| Tie::Trace(id, operation, attempt.address)));
    ties.extend(
        attempt
            .body
            .map(|body| Tie::Body(attempt.address, attempt.caller, body)),
    );
    ties.push(Tie::Address(attempt.address, attempt.caller));
    ties
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOWN: Answer = Answer::Failed(Class::ServerError);

    /// An attempt that shares nothing with any other but its address.
    fn attempt(at: i64, answer: Answer) -> Attempt {
        Attempt {
            at: Timestamp::from_secs(at),
            operation: 0,
            answer,
            number: 1,
            call: 1_000_000 + at.cast_unsigned(),
            is_call_told: false,
            key: None,
            trace: None,
            request: None,
            address: 7,
            caller: 1,
            body: None,
            is_repeatable: false,
            kind: None,
            weight: 1.0,
            is_body_known: false,
            traits: Box::default(),
        }
    }

    /// Tries and whether it was healed, of each call; the address is asked by others on another day, and their
    /// requests share ids.
    fn check(attempts: Vec<Attempt>, expected: &[(u32, bool)], by: Option<LinkBy>) {
        let other = |at| with(attempt(at, Answer::Fine), |one| one.request = Some(0));
        let calls = link(
            attempts
                .into_iter()
                .chain([other(90_000), other(90_001)])
                .collect(),
        );
        let calls = &calls[..calls.len() - 2];
        let found: Vec<(u32, bool)> = calls
            .iter()
            .map(|call| (call.tries, call.healed.is_some()))
            .collect();
        assert_eq!(found, expected);
        assert_eq!(calls[0].link, by);
    }

    fn with(attempt: Attempt, change: impl Fn(&mut Attempt)) -> Attempt {
        let mut attempt = attempt;
        change(&mut attempt);
        attempt
    }

    #[test]
    fn ten_retries_of_one_call_are_one_call_by_each_kind_of_link() {
        type Change = fn(&mut Attempt);
        let ways: [(LinkBy, Change); 6] = [
            (LinkBy::CallId, |one| one.call = 5),
            (LinkBy::Key, |one| one.key = Some(5)),
            (LinkBy::Trace, |one| one.trace = Some(5)),
            (LinkBy::SameBody, |one| one.body = Some(5)),
            (LinkBy::SameAddress, |one| one.is_repeatable = true),
            (LinkBy::MaybeSame, |_| {}),
        ];
        for (by, change) in ways {
            let tries = (0..10).map(|n| with(attempt(n * 50, DOWN), change));
            check(tries.collect(), &[(10, false)], Some(by));
        }
    }

    #[test]
    fn a_retry_heals_where_the_link_is_sure_enough() {
        let get = |at, answer| with(attempt(at, answer), |one| one.is_repeatable = true);
        check(
            vec![get(0, DOWN), get(5, Answer::Fine), get(9, Answer::Fine)],
            &[(2, true), (1, false)],
            Some(LinkBy::SameAddress),
        );
        let unknown = vec![attempt(0, DOWN), attempt(5, Answer::Fine)];
        check(unknown, &[(1, false), (1, false)], None);
        let refused = vec![get(0, DOWN), get(5, Answer::Refused), get(9, Answer::Fine)];
        check(refused, &[(3, true)], Some(LinkBy::SameAddress));
    }

    #[test]
    fn an_address_with_an_id_in_it_is_one_request_whatever_its_method() {
        let own = |at, answer| {
            with(attempt(at, answer), |one| {
                one.request = Some(at.cast_unsigned())
            })
        };
        let calls = link(vec![own(1, DOWN), own(9, DOWN), own(30, Answer::Fine)]);
        assert_eq!((calls.len(), calls[0].tries), (1, 3));
        assert_eq!(calls[0].link, Some(LinkBy::SameAddress));
    }

    #[test]
    fn what_tells_requests_apart_outweighs_likeness() {
        let ways: [fn(&mut Attempt, u64); 4] = [
            |one, n| one.body = Some(n),
            |one, n| one.key = Some(n),
            |one, n| one.request = Some(n),
            |one, n| {
                one.is_call_told = true;
                one.call = n;
            },
        ];
        for way in ways {
            let two = (1..3).map(|n| with(attempt(n, DOWN), |one| way(one, n.cast_unsigned())));
            check(two.collect(), &[(1, false), (1, false)], None);
        }
        let other = with(attempt(5, DOWN), |one| one.caller = 2);
        check(
            vec![attempt(0, DOWN), other],
            &[(1, false), (1, false)],
            None,
        );
    }

    #[test]
    fn a_poller_that_fails_is_a_call_each_backoff_range() {
        let get = |at| with(attempt(at, DOWN), |one| one.is_repeatable = true);
        let polls = (0..40).map(|minute| get(minute * 60)).collect();
        let found: Vec<u32> = link(polls).iter().map(|call| call.tries).collect();
        assert_eq!(found, [11, 11, 11, 7]);
    }

    #[test]
    fn pages_of_one_job_that_go_well_are_calls_of_their_own() {
        let page = |at: i64| {
            with(attempt(at, Answer::Fine), |one| {
                one.call = 5;
                one.address = at.cast_unsigned();
            })
        };
        check(
            vec![page(1), page(2), page(3)],
            &[(1, false), (1, false), (1, false)],
            None,
        );
    }
}
