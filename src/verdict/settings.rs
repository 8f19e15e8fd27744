//! What a user may change about the judgement: few, named, each with its reason.

use serde::{Deserialize, Serialize};

use crate::verdict::thresholds as limits;

/// All have defaults that were chosen against simulated situations; see `thresholds.rs` for the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The smallest factor over the normal rate that counts as risen. Default 2.
    pub rise_min: f64,
    /// The fewest failures, and failures above the expected, that count as risen. Default 5.
    pub failures_min: u64,
    /// Minutes a rise must hold before it is Category 2; what heals sooner is Category 1. Default 10.
    pub hold_minutes: u64,
    /// Hours of history before a rise can be judged at all. Default 1; within the first day a rise must be threefold.
    pub history_hours_min: u64,
    /// The normal failure share while nothing is known. Default 0.005.
    pub prior_rate: f64,
    /// Hours for which ended episodes and sporadic bursts stay the verdict. Default 24.
    pub recent_hours: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rise_min: limits::RISE_MIN,
            failures_min: limits::FAILURES_MIN,
            hold_minutes: limits::HOLD_MINUTES,
            history_hours_min: limits::HISTORY_HOURS_MIN,
            prior_rate: limits::PRIOR_RATE,
            recent_hours: limits::RECENT_HOURS,
        }
    }
}

impl Settings {
    /// The same with every value brought into the range in which the formulas hold.
    pub(crate) fn sane(&self) -> Self {
        Self {
            rise_min: within(self.rise_min, 1.2, 100.0, limits::RISE_MIN),
            failures_min: self.failures_min.clamp(2, 1_000_000),
            hold_minutes: self.hold_minutes.clamp(1, 720),
            history_hours_min: self.history_hours_min.clamp(1, 24 * 14),
            prior_rate: within(self.prior_rate, 1e-6, 0.5, limits::PRIOR_RATE),
            recent_hours: self.recent_hours.clamp(1, 24 * 62),
        }
    }
}

fn within(value: f64, low: f64, high: f64, otherwise: f64) -> f64 {
    if value.is_finite() {
        value.clamp(low, high)
    } else {
        otherwise
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_keys_are_errors_and_missing_ones_have_defaults() {
        let given: Settings = serde_json::from_str(r#"{"hold_minutes": 20}"#).expect("valid");
        assert_eq!(given.hold_minutes, 20);
        assert_eq!(given.rise_min, Settings::default().rise_min);
        assert!(serde_json::from_str::<Settings>(r#"{"hold": 20}"#).is_err());
    }

    #[test]
    fn values_outside_the_formulas_are_brought_in() {
        let odd = Settings {
            rise_min: f64::NAN,
            hold_minutes: 0,
            ..Settings::default()
        };
        assert_eq!(odd.sane().rise_min, 2.0);
        assert_eq!(odd.sane().hold_minutes, 1);
    }
}
