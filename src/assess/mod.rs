//! The join: query, judge, and one [`Assessment`](crate::model::assessment::Assessment) that everything else shows.
//!
//! Wording for people is left to the rooms above, apart from the sentences that the verdict itself brings.

mod counts_csv;
mod headline;
mod join;
mod scope;
mod standing;

pub use counts_csv::{CountsError, end_counts, read_counts};
pub use join::{
    FAILURES_SHOWN, assess_integration, drop_ended, explain_series, judge_series, overview,
    replay_series,
};
pub use scope::{Scope, settle_whole_range};
pub use standing::Standing;
