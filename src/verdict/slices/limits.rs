//! The numbers of the search for slices, each with its reason; those it shares with the votes are in `thresholds.rs`.

/// Traits of a slice: more than four say what the log happens to hold, not what fails.
pub const TRAITS_MAX: usize = 4;
/// Traits of one failing request that are combined: 385 combinations. The ones that failures have oftener than others
/// do come first.
pub const TRAITS_COMBINED_MAX: usize = 10;
/// What nearly every request says sets none apart.
pub const CONSTANT_SHARE: f64 = 0.98;
/// Slices that are followed at once, per integration and class: 20 MB at most.
pub const TRACKED_MAX: usize = 100_000;
/// Where that is too many, slices with one failure that is older than this are dropped first.
pub const STALE_SECONDS: i64 = 6 * 3600;

/// A failure that was healed on retry speaks against "always fails": a success, and a failure that is none.
pub const HEALED: f64 = 3.5;
/// Four failures, further apart than this, over at least ten minutes: one hiccup is not reproducible.
pub const APART_SECONDS: i64 = 30;
pub const SPAN_SECONDS: i64 = 600;
/// At least so many requests elsewhere went well meanwhile: without neighbours there is no slice.
pub const NEIGHBOURS_MIN: f64 = 3.0;
/// Of neighbours that share some traits, the latest forty count, within six hours and 50,000 calls: what they do now.
pub const NEIGHBOURS_LATEST: f64 = 40.0;
pub const NEIGHBOURS_SECONDS: i64 = 6 * 3600;
pub const NEIGHBOURS_LOOKED_MAX: usize = 50_000;
/// A slice and its nearest neighbours must differ by so much more than the best of all that were tried would by chance:
/// one in a hundred.
pub const SPLIT_NATS: f64 = 4.6;
/// Names that are tried for one alarm, the best first.
pub const NAMES_TRIED: usize = 20;
/// Where one in w successes was looked at and none seen, up to three times w may be hidden (95 %).
pub const HIDDEN: f64 = 3.0;
/// Kept bodies of requests that went well, to know how common a value is there.
pub const BODIES_MIN: f64 = 20.0;
/// A body's value must have failed this often: most of the bodies that went well were not kept.
pub const BODY_FAILURES_MIN: usize = 6;

/// When a name is chosen, a success counts as where 97 % fail: `ln(0.98 / 0.03)`.
pub const NAME_SUCCESS: f64 = 3.5;
/// A name must cover this much of the failures it stands for.
pub const NAME_COVER: f64 = 0.8;

/// Five nats of successes and half an hour end it, as with every episode.
pub const RECOVERED_NATS: f64 = 5.0;

/// Successes of the last 40 minutes below 15 % of what is usual at this time are suspiciously few: they may be late.
pub const ABSENT_SECONDS: i64 = 2400;
pub const ABSENT_SHARE: f64 = 0.15;
pub const ABSENT_DAYS: i64 = 7;
pub const ABSENT_DAYS_MIN: usize = 2;
/// Fewer usual successes than this can be absent by chance.
pub const ABSENT_USUAL_MIN: f64 = 5.0;
/// A slice that has failed for this long is told all the same.
pub const ABSENT_WAIT_SECONDS: i64 = 5400;

/// The slice's failures are the incident's when they make up this much of what is above normal.
pub const EXPLAINS_SHARE: f64 = 0.7;
/// Wider combinations that are ruled out by their numbers in the reasons.
pub const RULED_OUT_MAX: usize = 3;
