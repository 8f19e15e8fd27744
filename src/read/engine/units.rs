//! In which unit a source writes durations that carry none: decided once, a name at a time, from the sample.
//!
//! Value by value the same name would mean seconds in one line and milliseconds in the next. Where the values do not
//! say it, the durations stay unknown.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use crate::read::engine::field::Unit;

/// What was decided, and whose values are still being gathered.
#[derive(Clone, Debug, Default)]
pub struct Units {
    decided: Vec<NamedUnit>,
    seen: Option<Arc<Mutex<Seen>>>,
}

type Seen = BTreeMap<String, Vec<f64>>;

/// A name, and the unit of its values where they tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedUnit {
    pub name: String,
    pub unit: Option<Unit>,
}

/// Names of durations in one source; more are damage, and stay undecided.
const NAMES_MAX: usize = 32;

/// Values that a decision rests on; a sample has hardly more.
const VALUES_MAX: usize = 1_000;

impl Units {
    /// Gathers the values that it is asked about.
    pub fn gathering() -> Self {
        Self {
            decided: Vec::new(),
            seen: Some(Arc::default()),
        }
    }

    /// What the gathered values say.
    pub fn decided(&self) -> Self {
        let seen = self.seen.as_ref().and_then(|seen| seen.lock().ok());
        let named = |(name, values): (&String, &Vec<f64>)| NamedUnit {
            name: name.clone(),
            unit: decide(values),
        };
        Self {
            decided: seen.iter().flat_map(|s| s.iter()).map(named).collect(),
            seen: None,
        }
    }

    pub fn names(&self) -> &[NamedUnit] {
        &self.decided
    }

    /// The unit of a value without one; `Guess` where it is not known.
    pub fn of(&self, name: &str, value: &str) -> Unit {
        if let Some(seen) = &self.seen {
            gather(seen, name, value);
        }
        let known = self.decided.iter().find(|known| known.name == name);
        known.and_then(|known| known.unit).unwrap_or(Unit::Guess)
    }
}

fn gather(seen: &Mutex<Seen>, name: &str, value: &str) {
    let (Ok(value), Ok(mut seen)) = (value.trim().replace(',', ".").parse::<f64>(), seen.lock())
    else {
        return;
    };
    let known = seen.contains_key(name) || seen.len() < NAMES_MAX;
    // Nothing lasts nothing in every unit.
    if known && value > 0.0 && value.is_finite() {
        let values = seen.entry(name.to_owned()).or_default();
        if values.len() < VALUES_MAX {
            values.push(value);
        }
    }
}

/// No call lasts as many seconds: ten minutes.
const NO_SECONDS_FROM: f64 = 600.0;

/// The usual call lasts less than so many seconds, so that a usual value above is one of milliseconds …
const USUAL_SECONDS_BELOW: f64 = 60.0;

/// … and, when many calls were seen, less than this.
const USUAL_SECONDS_OF_MANY_BELOW: f64 = 10.0;
const MANY: usize = 10;

/// Over a network no usual call is faster: a usual value below is one of seconds.
const USUAL_MILLIS_FROM: f64 = 1.0;

/// The usual call lasts less than so many milliseconds; from here on they might be microseconds …
const USUAL_MILLIS_BELOW: f64 = 30_000.0;

/// … and from here on, whole numbers are nanoseconds: it would be a second of microseconds, the usual call.
const USUAL_NANOS_FROM: f64 = 1_000_000.0;

fn decide(values: &[f64]) -> Option<Unit> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let usual = *values.get(values.len() / 2)?;
    let longest = *values.last()?;
    let whole = values.iter().all(|value| value.fract() == 0.0);
    if usual >= USUAL_NANOS_FROM && whole {
        return Some(Unit::Nanos);
    }
    if usual >= USUAL_MILLIS_BELOW {
        return None;
    }
    if longest >= NO_SECONDS_FROM || usual >= USUAL_SECONDS_BELOW {
        return Some(Unit::Millis);
    }
    if usual < USUAL_MILLIS_FROM {
        return Some(Unit::Seconds);
    }
    (values.len() >= MANY && usual >= USUAL_SECONDS_OF_MANY_BELOW).then_some(Unit::Millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(values: &[&str], unit: Option<Unit>) {
        let gathering = Units::gathering();
        for value in values {
            assert_eq!(gathering.of("took", value), Unit::Guess);
        }
        let decided = gathering.decided();
        let of = decided.of("took", "1");
        assert_eq!(of, unit.unwrap_or(Unit::Guess), "{values:?}");
        assert_eq!(decided.of("other", "1"), Unit::Guess);
    }

    #[test]
    fn all_values_of_a_name_have_one_unit() {
        check(&["5", "1500"], Some(Unit::Millis));
        check(&["150"], Some(Unit::Millis));
        check(&["0.4", "12.5", "0.07"], Some(Unit::Seconds));
        check(&["0,412"], Some(Unit::Seconds));
        check(&["5.61e-07"], Some(Unit::Seconds));
        check(&["0.4", "85", "900", "740"], Some(Unit::Millis));
        check(&["81234567", "215563", "90000000"], Some(Unit::Nanos));
        check(&["12"; MANY], Some(Unit::Millis));
    }

    #[test]
    fn what_the_values_do_not_say_stays_unknown() {
        check(&[], None);
        check(&["0", "0"], None);
        check(&["5"], None);
        check(&["1.5", "2.25"], None);
        check(&["12", "30"], None);
        check(&["81234", "90122"], None);
        check(&["soon", "12ms"], None);
    }
}
