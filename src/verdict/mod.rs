//! Decides what a series of failures is: Category 1, Category 2, undecided or quiet; pure, and incremental.
//!
//! Three detectors feed one list of episodes. **A** (`sustained.rs`) asks whether the failure rate has clearly risen
//! above the seasonal `baseline.rs`, with the noise that `overdispersion.rs` learned; **B** (`reproducible.rs`) whether
//! one operation fails nearly every time, and `slices/` which combination of what requests say of themselves does; **C** (`novel.rs`) whether the content was never seen before. `episode.rs`
//! opens, joins and closes; `onset.rs` and `rise.rs` measure; `incident.rs` makes one incident of what belongs
//! together; `calm.rs` has the rules for everything that is not Category 2; `wording.rs` says it. `engine.rs` walks a
//! series cell by cell, and [`judge`] gives what stands and what was on the way. `silence.rs` says which source has
//! stopped: that decides nothing about a vendor, and is a finding of its own.
//!
//! **Category 2**: an episode is open at the watermark, or ended within the last day. A rise needs an hour of history
//! before it, at least 5 failures and 5 more than expected, twice the normal rate (thrice within the first day), 10
//! minutes of age, and a chance that lets less than one in two hundred months pass. No burst of 9 minutes may explain
//! it (no two, where it paused), it must be raised in at least 78 % of the time since it began, up to the present, and
//! where the volume fell the number of failures must have risen too. A failing operation needs no history: four failing
//! windows over 10 minutes and (nearly) no success.
//!
//! **Category 1, quiet, undecided**: see the list of rules in `calm.rs`. In short: no failure is quiet; bursts that
//! healed, and failures that are few and scattered, are Category 1; failures within a normal rate that a day of history
//! has shown are quiet; failures of a series with less than an hour of history, or too few requests for a doubling to
//! show, or more than 2 % of them within the first day, are undecided, and the verdict says what is missing.
//!
//! The formulas, every number with its reason, the limits and an example by hand: `docs/verdict.md`.

mod baseline;
mod begun;
mod calm;
mod calm_wording;
mod engine;
mod episode;
mod explain;
mod flow;
mod found;
mod gate;
mod grid;
mod ground;
mod history;
mod hours;
mod incident;
mod keeper;
mod lookback;
mod novel;
mod onset;
mod overdispersion;
mod pool;
mod pricing;
mod reckoning;
mod recovery;
mod reproducible;
mod retried;
mod rise;
mod settings;
mod silence;
mod slices;
mod slots;
mod span;
mod survey;
mod sustained;
mod tail;
mod thresholds;
mod units;
mod verdicts;
mod volume;
mod walked;
mod winsor;
mod wording;

#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod simulate;

pub use explain::{Explanation, Input, explain};
pub use keeper::Keeper;
pub use settings::Settings;
pub use verdicts::{Judgement, judge};
