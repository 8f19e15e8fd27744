//! What `explain` must print: whatever decides.

use crate::model::call::{Call, Calls, Part, Trait, TraitId};
use crate::model::evidence::{Evidence, RetryCounts, RetryHistory};
use crate::model::exchange::Outcome;
use crate::model::time::Timestamp;
use crate::model::verdict::Class;
use crate::verdict::explain::{Explanation, explain};
use crate::verdict::scenarios::stage::{headline, step, story};
use crate::verdict::settings::Settings;
use crate::verdict::simulate::{DAY, HOUR, at, counts, evidence, series};

fn explained(evidence: &Evidence, test: &str) -> Explanation {
    let all = explain(evidence, &Settings::default());
    let mut own = all.into_iter().filter(|one| one.test == test);
    own.next().unwrap_or_else(|| panic!("no {test}"))
}

fn value(explanation: &Explanation, name: &str) -> f64 {
    let mut inputs = explanation.inputs.iter();
    let input = inputs.find(|input| input.name == name);
    input.unwrap_or_else(|| panic!("no {name}")).value
}

/// The rule that decided is the rule that is printed, with the retries that it rests on.
#[test]
fn the_calm_rule_is_the_one_of_the_verdict() {
    let minutes = (0..50).map(|minute| {
        let failed = u64::from(minute % 10 == 0);
        (at(minute), counts(50, failed))
    });
    let mut evidence = evidence(vec![series(None, minutes.collect())], 50);
    let healed = RetryCounts {
        healed: 5,
        tried: 5,
    };
    evidence.retries = Some(vec![RetryHistory {
        integration: "shop".to_owned(),
        operation: "GET /x".to_owned(),
        outcome: Outcome::ServerError,
        windows: vec![(at(3), healed)],
    }]);
    let why = headline(&evidence).why.join("; ");
    assert!(why.contains("tried again and ended well"), "{why}");
    let rule = explained(&evidence, "without an episode");
    assert_eq!(rule.result, "Healed");
    assert_eq!(
        (value(&rule, "retried"), value(&rule, "healed")),
        (5.0, 5.0)
    );
}

/// A rise of which no single call is known to have failed is no episode; that it was dropped is told.
#[test]
fn an_episode_that_calls_do_not_bear_out_is_counted() {
    let rate = step(0.005, 0.2, 2 * DAY, 2 * DAY + 2 * HOUR);
    let mut evidence = story(3, &|_| 20.0, &rate).evidence();
    let episodes = |evidence: &Evidence| {
        let row = explained(evidence, "episodes");
        (
            value(&row, "episodes"),
            value(&row, "not_borne_out_by_calls"),
        )
    };
    assert_eq!(episodes(&evidence), (1.0, 0.0));
    evidence.calls = vec![Calls {
        integration: "shop".to_owned(),
        since: Timestamp::from_secs(0),
        ..Calls::default()
    }];
    assert_eq!(episodes(&evidence), (0.0, 1.0));
}

/// Three bad cells of five minutes are older than the hold time, and yet may be one burst of nine minutes.
#[test]
fn a_burst_is_not_said_to_be_shorter_than_it_was() {
    let minute = |minute: usize| {
        let failed = match minute.checked_sub(2 * DAY) {
            None => 3,
            Some(..10) => 16,
            Some(_) => 8,
        };
        (at(minute), counts(300, failed))
    };
    let minutes = (0..2 * DAY + 15).step_by(5).map(minute);
    let mut windows = series(None, minutes.collect());
    windows.window_s = 300;
    let why = headline(&evidence(vec![windows], 2 * DAY + 15)).why;
    assert!(why[1].contains("within 15 minutes"), "{why:?}");
    assert!(
        why[2].starts_with("1 burst, none that went on: a rise is 10 minutes old or more"),
        "{why:?}"
    );
}

/// One call a minute: of two tenants in two currencies in turn, one pair fails.
fn calls_of_pairs(minutes: usize) -> Calls {
    let one = |part, name: &str, value: &str| Trait {
        part,
        name: name.to_owned(),
        value: Some(value.to_owned()),
    };
    let call = |minute: usize| {
        let (tenant, currency) = ((minute % 2) as TraitId, 2 + (minute / 2 % 2) as TraitId);
        let failed = (tenant == 0 && currency == 2).then_some(Class::ServerError);
        Call {
            at: at(minute),
            operation: 0,
            failed,
            is_refused: false,
            tries: 1,
            failures: u32::from(failed.is_some()),
            last_failure: at(minute),
            healed: None,
            link: None,
            kinds: Vec::new(),
            weight: 1.0,
            is_body_known: true,
            traits: [tenant, currency].into(),
        }
    };
    Calls {
        integration: "shop".to_owned(),
        names: vec!["GET /x".to_owned()],
        traits: vec![
            one(Part::Tenant, "tenant", "acme"),
            one(Part::Tenant, "tenant", "other"),
            one(Part::Parameter, "currency", "JPY"),
            one(Part::Parameter, "currency", "EUR"),
        ],
        calls: (0..minutes).map(call).collect(),
        since: at(0),
        ..Calls::default()
    }
}

/// A pair of traits is told only if it differs from what has one of them; by how much is printed.
#[test]
fn a_slice_says_how_it_differs_from_its_neighbours() {
    let minutes = 2 * HOUR;
    let windows = (0..minutes).map(|minute| (at(minute), counts(1, u64::from(minute % 4 == 0))));
    let mut evidence = evidence(vec![series(None, windows.collect())], minutes);
    evidence.calls = vec![calls_of_pairs(minutes)];
    let slice = explained(&evidence, "reproducible, call by call");
    let name = slice.series.slice.as_deref();
    assert_eq!(name, Some("currency=JPY & tenant=acme"));
    let numbers = |name| value(&slice, name);
    assert!(numbers("score_by_neighbours") >= numbers("score_needed"));
    assert!(numbers("split_from_neighbours") >= numbers("split_needed"));
    assert!(numbers("normal_rate_by_neighbours") < 0.1);
}
