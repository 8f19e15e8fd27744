//! Takes rows of the tables one by one and keeps of each what can decide something.
//!
//! What failed comes first: only what at least four failures say of themselves can become a slice, so that ids, which
//! differ in every request, cost nothing afterwards, however many requests went well.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::calls::link::link;
use crate::calls::request::Request;
use crate::model::call::{Answer, Attempt, Calls, Looked, Name, Part, Trait, TraitId};
use crate::model::time::Timestamp;

/// Fewer failures cannot make a slice.
const FAILURES_MIN: u32 = 4;
/// Different things that failing requests may say of themselves: 200,000 failures with a few ids each.
const TRAITS_MAX: usize = 1_000_000;

/// A row: the request, and what is known of the attempt.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'r> {
    pub at: Timestamp,
    pub request: Request<'r>,
    pub answer: Answer,
    pub number: u16,
    pub call: &'r str,
    /// Whether the log told the call, or it is the line's own.
    pub is_call_told: bool,
    pub key: Option<&'r str>,
    pub trace: Option<&'r str>,
    pub request_id: Option<&'r str>,
    pub kind: Option<i64>,
    pub weight: f32,
    /// Were headers and bodies kept for it?
    pub is_kept: bool,
}

#[derive(Default)]
pub struct Gatherer {
    names: Vec<String>,
    name_ids: HashMap<String, Name>,
    traits: Vec<Trait>,
    counts: Vec<u32>,
    trait_ids: HashMap<u64, TraitId>,
    attempts: Vec<Attempt>,
    is_settled: bool,
    left_out: u64,
}

impl Gatherer {
    /// Takes a row; those that failed must come before all others.
    pub fn add(&mut self, seen: &Seen<'_>) {
        let failed = matches!(seen.answer, Answer::Failed(_));
        if !failed && !self.is_settled {
            self.settle();
        }
        let operation = self.name(seen.request.operation);
        let traits = self.traits_of(&seen.request);
        self.attempts.push(attempt(seen, operation, traits));
    }

    /// The calls; `looked` tells what was left out.
    pub fn finish(
        mut self,
        integration: &str,
        since: Timestamp,
        looked: Vec<(String, u32)>,
    ) -> Calls {
        if !self.is_settled {
            self.settle();
        }
        let looked = looked
            .into_iter()
            .map(|(operation, one_in)| Looked {
                operation: self.name(&operation),
                one_in,
            })
            .collect();
        Calls {
            integration: integration.to_owned(),
            calls: link(self.attempts),
            names: self.names,
            traits: self.traits,
            looked,
            since,
            traits_left_out: self.left_out,
        }
    }

    fn name(&mut self, text: &str) -> Name {
        if let Some(known) = self.name_ids.get(text) {
            return *known;
        }
        let id = self.names.len() as Name;
        self.names.push(text.to_owned());
        self.name_ids.insert(text.to_owned(), id);
        id
    }

    fn traits_of(&mut self, request: &Request<'_>) -> Box<[TraitId]> {
        let mut found = Vec::new();
        request.each_trait(|part, name, value| {
            let hash = hash_of(&(part, name, value));
            found.extend(self.trait_id(hash, part, name, value));
        });
        found.sort_unstable();
        found.dedup();
        if !self.is_settled {
            for id in &found {
                self.counts[*id as usize] += 1;
            }
        }
        found.into_boxed_slice()
    }

    fn trait_id(
        &mut self,
        hash: u64,
        part: Part,
        name: &str,
        value: Option<&str>,
    ) -> Option<TraitId> {
        if let Some(known) = self.trait_ids.get(&hash) {
            return Some(*known);
        }
        if self.is_settled {
            return None;
        }
        if self.traits.len() >= TRAITS_MAX {
            self.left_out += 1;
            return None;
        }
        let id = self.traits.len() as TraitId;
        self.traits.push(Trait {
            part,
            name: name.to_owned(),
            value: value.map(str::to_owned),
        });
        self.counts.push(0);
        self.trait_ids.insert(hash, id);
        Some(id)
    }

    /// Forgets what fewer than four failures say.
    fn settle(&mut self) {
        self.is_settled = true;
        let mut kept = Vec::new();
        let mut place: Vec<Option<TraitId>> = Vec::with_capacity(self.traits.len());
        for (one, count) in std::mem::take(&mut self.traits)
            .into_iter()
            .zip(&self.counts)
        {
            place.push((*count >= FAILURES_MIN).then_some(kept.len() as TraitId));
            if *count >= FAILURES_MIN {
                kept.push(one);
            }
        }
        self.traits = kept;
        self.counts = Vec::new();
        self.trait_ids.retain(|_, id| {
            let moved = place[*id as usize];
            *id = moved.unwrap_or_default();
            moved.is_some()
        });
        for attempt in &mut self.attempts {
            let moved = attempt.traits.iter().filter_map(|id| place[*id as usize]);
            attempt.traits = moved.collect();
        }
    }
}

fn attempt(seen: &Seen<'_>, operation: Name, traits: Box<[TraitId]>) -> Attempt {
    let request = &seen.request;
    let hashed = |text: Option<&str>| text.map(|text| hash_of(&text));
    let method = request.method.to_ascii_uppercase();
    Attempt {
        at: seen.at,
        operation,
        answer: seen.answer,
        number: seen.number,
        call: hash_of(&seen.call),
        is_call_told: seen.is_call_told,
        key: hashed(seen.key),
        trace: hashed(seen.trace),
        request: hashed(seen.request_id),
        address: hash_of(&(&method, request.host, request.url)),
        caller: hash_of(&(request.client, request.tenant, request.principal)),
        body: hashed(request.body),
        is_repeatable: matches!(
            method.as_str(),
            "GET" | "HEAD" | "OPTIONS" | "PUT" | "DELETE"
        ),
        kind: seen.kind,
        weight: seen.weight,
        is_body_known: seen.is_kept,
        traits,
    }
}

/// The same in every run: the keys of this hasher are fixed.
fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::verdict::Class;

    fn seen<'r>(at: i64, url: &'r str, call: &'r str, answer: Answer) -> Seen<'r> {
        Seen {
            at: Timestamp::from_secs(at),
            request: Request {
                method: "GET",
                operation: "GET /rates",
                url,
                ..Request::default()
            },
            answer,
            number: 1,
            call,
            is_call_told: true,
            key: None,
            trace: None,
            request_id: None,
            kind: None,
            weight: 1.0,
            is_kept: true,
        }
    }

    #[test]
    fn only_what_several_failures_say_is_remembered() {
        let mut gatherer = Gatherer::default();
        let down = Answer::Failed(Class::ServerError);
        let rows: Vec<(String, String)> = (0..5)
            .map(|n| (format!("/rates?id={n}&currency=JPY"), n.to_string()))
            .collect();
        for (at, (url, call)) in rows.iter().enumerate() {
            gatherer.add(&seen(at as i64, url, call, down));
        }
        gatherer.add(&seen(9, "/rates?id=1&currency=EUR", "9", Answer::Fine));
        let calls = gatherer.finish("shop", Timestamp::from_secs(0), Vec::new());
        let titles: Vec<String> = calls.traits.iter().map(Trait::title).collect();
        assert_eq!(titles, ["GET /rates", "id=*", "currency=*", "currency=JPY"]);
        assert_eq!(calls.calls.len(), 6);
        assert_eq!(calls.calls[0].traits.as_ref(), [0, 1, 2, 3]);
        assert_eq!(calls.calls[5].traits.as_ref(), [0, 1, 2]);
    }
}
