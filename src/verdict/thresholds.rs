//! Every number a verdict rests on, each with its reason.
//!
//! They are in one place so that a change of judgement is one diff that can be read, and so that the simulations can
//! be run against it. What a user may reasonably want to change is in `settings.rs`; its defaults come from here.

/// The widths a series is judged in, in minutes. A stored window is put into the narrowest that is not narrower; all
/// of them divide a day, so that "the same time yesterday" is a whole number of cells away.
pub const CELL_MINUTES: [usize; 7] = [1, 5, 15, 30, 60, 360, 1440];

/// At most this many days before the last request are walked: four weeks of weekly history, twice over. Older windows
/// cannot change a verdict, and a stray line from years ago must not make the walk long.
pub const WALK_DAYS_MAX: i64 = 62;

/// No real window of a minute holds more; larger counts are damaged input and would only cost the sums precision.
pub const CELL_REQUESTS_MAX: u64 = 10_000_000_000;

/// Cells are kept one by one for a day and two hours at least, at a minute each: the longest window, learned two hours
/// late. Older ones are kept as sums.
pub const CELLS_KEPT: usize = 1560;
pub const CHUNK_CELLS: usize = 60;
pub const MARK_CHUNKS: usize = 24;
/// Slots are kept for three weeks and a bit, for the neighbours of the slot three weeks ago.
pub const SLOT_DAYS_KEPT: usize = 22;
/// What the level rested on is kept for the slots of the cells that are kept.
pub const KNOWN_SLOTS: usize = 400;

// ── baseline ────────────────────────────────────────────────────────────────────────────────────────────────────

/// The day is divided in slots of five minutes: short enough for a nightly batch, long enough to hold errors.
pub const SLOT_MINUTES: usize = 5;
/// The normal failure share before anything is known; half a percent is what a healthy public API shows.
pub const PRIOR_RATE: f64 = 0.005;
/// The prior is worth half an error, so the first hour of real data outweighs it.
pub const PRIOR_ERRORS: f64 = 0.5;
/// The level looks back a week: weekdays and weekend in it once, and a ramp within a day cannot drag it along.
pub const LEVEL_DAYS: usize = 7;
/// For the same reason the last half day teaches no level, once two days are known.
pub const LEVEL_LAG_MINUTES: usize = 720;
pub const LEVEL_LAG_DAYS: usize = 2;
/// One slot teaches the level at most `4 r n + 2` failures, so that a spike cannot raise it (winsorised).
pub const LEVEL_CAP_FACTOR: f64 = 4.0;
pub const LEVEL_CAP_FREE: f64 = 2.0;
/// A day slot is shrunk towards the level by a prior worth eight errors: fewer make a slot no pattern.
pub const SLOT_PRIOR_ERRORS: f64 = 8.0;
/// Two weeks of the same slot: enough days to see that something comes back.
pub const SLOT_DAYS: usize = 14;
/// From five days on the highest is dropped if it is an outlier, so that one bad night does not become the norm.
pub const SLOT_DAYS_TRIM: usize = 5;
/// A slot nearby counts as a returning burst when it is clearly above this multiple of the centre.
pub const ALLOW_SLOT: f64 = 2.5;
/// Or of this one, where the centre is far above the level and so has learned a part of the burst already.
pub const ALLOW_PARTLY: f64 = 1.3;
/// The second highest of eight days: seen at least twice in about a week.
pub const ALLOW_DAYS: usize = 8;
/// The second highest of the same slot 7, 14 and 21 days ago, or last week's, above this multiple of the centre.
pub const ALLOW_WEEK: f64 = 2.0;
/// Around a clock change a pattern moves by one hour; only strong patterns are allowed there.
pub const ALLOW_CLOCK: f64 = 4.0;
/// How far below its estimate (in standard deviations) a burst must still be above the centre to be believed.
pub const ALLOW_SIGMAS: f64 = 1.5;

/// Pattern minutes of the hour: the median over the last 24 hours is over three times the typical minute's.
pub const HOUR_PATTERN_FACTOR: f64 = 3.0;
pub const HOUR_PATTERN_HOURS: usize = 24;
/// Seen in at least this many hours: a pattern is what has come back, and half a working day of it is enough.
pub const HOUR_PATTERN_HOURS_MIN: usize = 6;
/// Fewer failures than this in one minute of the hour, over a day, are chance.
pub const HOUR_PATTERN_ERRORS_MIN: f64 = 5.0;
/// If more than a third of the hour is "pattern" it is no burst, and leaving it out would blind the tests.
pub const HOUR_PATTERN_SHARE_MAX: f64 = 1.0 / 3.0;
/// Single minutes can be compared from 15 requests a minute on, five-minute cells from 1.
pub const HOUR_PATTERN_FINE_TRAFFIC: f64 = 15.0;
pub const HOUR_PATTERN_COARSE_TRAFFIC: f64 = 1.0;

// ── overdispersion ──────────────────────────────────────────────────────────────────────────────────────────────

/// Prior of alpha per look-back window: short windows of real integrations are noisier than Poisson by this much.
pub const ALPHA_PRIOR: [f64; 7] = [0.25, 0.20, 0.15, 0.12, 0.10, 0.08, 0.06];
/// The prior counts as many blocks.
pub const ALPHA_PRIOR_WEIGHT: f64 = 8.0;
/// Never quite Poisson.
pub const ALPHA_FLOOR: f64 = 0.01;
/// The estimate is used with a margin of so many of its own standard deviations. The error of a variance that rests on w
/// blocks is `sqrt(2 / w)` of it, so the margin is wide while little is known and narrows with what is learned.
pub const ALPHA_SIGMAS: f64 = 1.3;
/// From this window on a longer one is thought to be no noisier than a shorter one: the mean over a longer time cannot
/// wander more. Shorter ones have blocks of a minute or two, of which winsorising takes more.
pub const ALPHA_NESTED_FROM: usize = 2;
/// One block says at most three of its own standard deviations, so that a burst or the first nights of a batch do not
/// pass for noise; a series that is noisier than thought still moves the estimate block by block.
pub const ALPHA_CAP_SIGMAS: f64 = 3.0;
/// Blocks that expect few failures say little about dispersion: the estimate's Poisson variance is `2 / E^2`, so the
/// weight is `(E / (E + 3))^2`; a weight linear in E would let two chance failures in a quiet night rule for weeks.
pub const ALPHA_HALF_WEIGHT: f64 = 3.0;
pub const ALPHA_HALF_LIFE_MINUTES: f64 = 7.0 * 1440.0;
/// Blocks are learned half a day late, because a rise in the making would teach more noise than a week of calm, and a
/// thin series takes hours to show one; the longest are learned two hours late, since the cells are not kept for longer.
pub const ALPHA_LAG_MINUTES: usize = 720;
pub const ALPHA_LAG_MINUTES_DAY: usize = 120;
/// Below this many failures in the level, the error of the level would be booked as noise.
pub const ALPHA_HISTORY_ERRORS_MIN: f64 = 15.0;

// ── detector A, sustained rise ──────────────────────────────────────────────────────────────────────────────────

/// A look-back window: its length, how many blocks it is cut in, and how often it is looked at.
pub struct Window {
    pub minutes: usize,
    pub blocks: usize,
    pub every_minutes: usize,
}

const fn window(minutes: usize, blocks: usize, every_minutes: usize) -> Window {
    Window {
        minutes,
        blocks,
        every_minutes,
    }
}

/// Types are as long as this; it is no `len()`, because an optimised build would have to run `window` to lay out a type.
pub const WINDOW_COUNT: usize = 7;
/// Each doubles (about) the last: a rise of any strength finds a window in which it is clear soonest.
pub const WINDOWS: [Window; WINDOW_COUNT] = [
    window(15, 15, 1),
    window(30, 15, 1),
    window(60, 12, 1),
    window(120, 12, 5),
    window(240, 12, 5),
    window(480, 12, 15),
    window(1440, 12, 30),
];
/// The window in which bursts (Category 1) are looked for, and the ones whose alpha other parts use.
pub const WINDOW_SHORT: usize = 0;
pub const WINDOW_HALF_HOUR: usize = 1;
pub const WINDOW_DAY: usize = 6;
pub const BLOCKS_MAX: usize = 15;
/// A block contributes no more than the fourth highest block ratio: three minutes at 100 % are no rise.
pub const WINSOR_RANK: usize = 4;
/// And so many of its standard deviations: what chance adds to a block is no spike, and cutting it would bias the count.
pub const WINSOR_SIGMAS: f64 = 1.0;
/// Keeps the ratio of a block that expects next to nothing finite.
pub const WINSOR_EXPECTED_FREE: f64 = 0.05;
/// The rate at least doubled: that is what "clearly risen above normal" means here.
pub const RISE_MIN: f64 = 2.0;
/// Within the first day the daily cycle is not known, and a peak hour may be twice the trough: ask for more.
pub const RISE_MIN_FIRST_DAY: f64 = 3.0;
/// At least five failures, and five more than expected (limit54 in Noufaily 2013).
pub const FAILURES_MIN: u64 = 5;
/// A window in which the rate is up by half, by a chance of less than one in a hundred and fifty, is searched for the
/// start of a rise; what has been counted since that start decides.
pub const WORTH_A_LOOK_RISE: f64 = 1.5;
pub const WORTH_A_LOOK_NATS: f64 = 5.0;
/// Sums of the same cells that were added up in another order agree to this part.
pub const SUMS_AGREE: f64 = 1e-6;
/// So many starts are tried: the likeliest may be that of a burst before the rise, or of two.
pub const STARTS_MAX: usize = 3;
/// Chance alone may look like a rise of a window's length this often in a month: once in two hundred. There are seven
/// lengths, and the four questions that follow let few of them through.
pub const CHANCE_A_MONTH: f64 = 0.005;
/// A window that slides has about four times as many independent positions as fit side by side.
pub const CHANCE_OVERLAP: f64 = 4.0;
/// Below this many requests the tail is the exact beta-binomial's: the negative binomial could exceed n.
pub const EXACT_BELOW_REQUESTS: f64 = 50.0;
/// A rise that is younger than this may be a spike that heals: sporadic ones heal within eight minutes, which may touch
/// nine windows of a minute.
pub const HOLD_MINUTES: u64 = 10;
/// No burst of this length may explain the rise: without the worst stretch so long, what is left must be raised too.
pub const BURST_MINUTES: usize = 9;
/// A restless series has so many bursts a month, and a rise that chance made may end in one at about so many starts.
pub const BURSTS_A_MONTH: f64 = 10.0;
pub const BURST_STARTS: f64 = 10.0;
/// A pause within the rise, of so many nats for the normal rate, may part two bursts.
pub const PAUSE_NATS: f64 = 5.0;
/// In coarse cells a spike can lie across a border, so it takes two cells at least.
pub const HOLD_CELLS: usize = 2;
/// The latest start whose likelihood is within six nats of the best counts as the age of the rise: an accidental
/// error before a spike must not make the spike look older than it is.
pub const HOLD_NATS: f64 = 6.0;
/// In likelihoods one cell counts at most `3 n p1 + 2` failures.
pub const LIKELIHOOD_CAP_FACTOR: f64 = 3.0;
pub const LIKELIHOOD_CAP_FREE: f64 = 2.0;
/// How far before the window the start of the rise is sought, in minutes, at least.
pub const ONSET_SEARCH_MINUTES_MIN: usize = 240;
/// "Right now" is the shortest of these that expects four failures at the raised rate.
pub const BURNING_MINUTES: [usize; 11] = [3, 5, 8, 12, 20, 30, 60, 120, 240, 480, 720];
pub const BURNING_ERRORS: f64 = 4.0;
/// Still burning: 40 % of the raised rate, and one and a half times the normal one.
pub const BURNING_SHARE: f64 = 0.4;
pub const BURNING_RISE: f64 = 1.5;
/// Raised in 78 % of the blocks since the start: two unrelated bursts ten minutes apart are not.
pub const SPREAD_SHARE: f64 = 0.78;
pub const SPREAD_BLOCKS: [usize; 10] = [1, 2, 3, 5, 8, 12, 20, 30, 60, 120];
pub const SPREAD_RISE: f64 = 1.5;
pub const SPREAD_RATE: f64 = 0.3;
/// Where the volume is below this part of what it was before, yesterday or last week, the failures per minute must have
/// risen too: a fall in volume is no incident. Where it is not, a share cannot rise without them.
pub const GATE_FELL: f64 = 0.7;
pub const GATE_RISE: f64 = 1.5;
/// And not by chance: the references are small counts themselves.
pub const GATE_CHANCE: f64 = 1e-5;
/// Yesterday and last week are taken with half an hour either side, to be less of a chance.
pub const GATE_AROUND_MINUTES: usize = 30;
/// Unless at least half of everything fails.
pub const GATE_SHARE: f64 = 0.5;
/// Then a fall to a quarter of the volume may be successes that arrive late: wait until the rise is 90 minutes old.
pub const GATE_VOLUME: f64 = 0.25;
pub const GATE_COUNT: f64 = 2.0;
pub const GATE_WAIT_MINUTES: usize = 90;
/// The shortest stretch "before" that the gate compares with.
pub const GATE_BEFORE_MINUTES: usize = 60;
/// A rise can be judged only against at least this much history.
pub const HISTORY_HOURS_MIN: u64 = 1;

// ── detector B, reproducible ────────────────────────────────────────────────────────────────────────────────────

/// Where so much usually fails, as in a vendor's weekly maintenance, failing says nothing.
pub const VOTE_USUAL_MAX: f64 = 0.3;
/// A cell votes "failing" from this share on.
pub const VOTE_SHARE: f64 = 0.8;
/// What is expected of an operation that always fails: 85 %, some of its successes are misattributed.
pub const VOTE_RATE: f64 = 0.85;
/// The least failure share that a healthy operation is thought to have.
pub const VOTE_NORMAL_MIN: f64 = 0.02;
/// The score of a success: `ln((1 - 0.85) / (1 - 0.02))`.
pub const VOTE_SUCCESS: f64 = 1.9;
/// Chance of a false alarm, shared between the operations tried (Bonferroni) and a hundred more.
pub const VOTE_FALSE: f64 = 1e-4;
pub const VOTE_SLICES_FREE: f64 = 100.0;
/// Four failures: fewer can be one call and its retries.
pub const VOTES_MIN: u32 = 4;
/// A coarse cell gives one vote per this many minutes, if it has the requests.
pub const VOTE_MINUTES: usize = 5;

// ── detector C, novel ───────────────────────────────────────────────────────────────────────────────────────────

/// "Never seen before" means something after a day and fifty failures.
pub const NOVEL_HISTORY_HOURS: i64 = 24;
pub const NOVEL_HISTORY_ERRORS: u64 = 50;
/// Errors of one kind count once in ten minutes: a thousand of one outage teach no more about other kinds than one.
pub const NOVEL_APART_SECONDS: i64 = 600;
/// Good-Turing: the chance that the next failure is of an unseen kind is n1 / N; above 2 % new kinds are usual.
pub const NOVEL_UNSEEN_MAX: f64 = 0.02;
/// Three calls with it, over ten minutes; six where new kinds are less rare, or the fault is in the request (4xx).
pub const NOVEL_REQUESTS: usize = 3;
pub const NOVEL_REQUESTS_DOUBTFUL: usize = 6;
/// Had it always come at its present pace, the chance that it was never seen before is below one in a hundred.
pub const NOVEL_MISSED: f64 = 0.01;
pub const NOVEL_UNSEEN_DOUBTFUL: f64 = 0.01;
pub const NOVEL_SECONDS_MIN: i64 = 600;
/// Not seen for this long, and it is over.
pub const NOVEL_OVER_HOURS: i64 = 6;

// ── episodes ────────────────────────────────────────────────────────────────────────────────────────────────────

/// Closing takes half an hour of data that prefer the normal rate by five nats.
pub const CLOSE_MINUTES: usize = 30;
pub const CLOSE_NATS: f64 = 5.0;
/// The least rise that closing tests against, so that normal and raised stay distinguishable.
pub const CLOSE_RISE_MIN: f64 = 1.8;
/// Where half of everything failed, recovery is tested against 40 % of that share: eight successes show it.
pub const CLOSE_SHARE: f64 = 0.4;
/// Below that it is tested against a quarter of the raised share. The root of the rise alone would keep an episode of a
/// thin series with a tiny normal rate open for days: a thousand successes, where a hundred show it.
pub const CLOSE_SHARE_PARTIAL: f64 = 0.25;
/// A rise that comes back within 90 minutes of the end is the same episode: one alert for flapping.
pub const JOIN_MINUTES: usize = 90;
/// After three days the raised rate is the normal one; so is silence of three days the end.
pub const EPISODE_MINUTES_MAX: usize = 3 * 1440;
/// Episodes up to six hours may teach a pattern if they come back; longer ones never teach.
pub const TEACH_MINUTES_MAX: usize = 360;
/// At most this many bursts a series are remembered one by one.
pub const BURSTS_KEPT: usize = 64;

// ── onset and rise ──────────────────────────────────────────────────────────────────────────────────────────────

/// The 95 % interval of the onset: starts within 2.5 nats of the best, times the dispersion.
pub const ONSET_NATS: f64 = 2.5;
pub const ONSET_BLOCK_MINUTES: usize = 10;
pub const ONSET_DISPERSION_MAX: f64 = 50.0;
/// A ramp began earlier than its strongest step: go back while what lies before is raised by 1.6 and is so by more than
/// the noise of the series explains (one in three thousand).
pub const RAMP_RISE: f64 = 1.6;
pub const RAMP_NATS: f64 = 8.0;
pub const RAMP_BLOCKS: usize = 12;
pub const RAMP_STEPS_MAX: usize = 8;
pub const RAMP_MINUTES_MAX: usize = 1440;
/// The stated onset settles one hour after the alert (or the length of the window that raised it, up to four), so that
/// an incident keeps its identity.
pub const ONSET_SETTLES_MINUTES: usize = 60;
pub const ONSET_SETTLES_MINUTES_MAX: usize = 240;
/// An episode's counts are summed up to so many cells ago; what is newer may yet prove to lie behind its end.
pub const COUNTED_CELLS_LATE: usize = 600;
/// Below two requests a cell, a series that always fails began with its first failure; no likelihood knows better.
pub const THIN_REQUESTS: f64 = 2.0;
/// A hole before the onset of this length is printed: the rise began somewhere in it.
pub const ONSET_HOLE_MINUTES: usize = 5;
/// Two standard deviations either side, for 95 %.
pub const INTERVAL_SIGMAS: f64 = 1.96;
/// Variance of the baseline's own level in the interval of the rise factor.
pub const RISE_LEVEL_VARIANCE: f64 = 1.0 / 60.0;

// ── joining, quiet, sporadic, undecided ─────────────────────────────────────────────────────────────────────────

/// Alarms of two series whose onsets are within half an hour are one incident.
pub const SAME_ONSET_SECONDS: i64 = 1800;
/// An operation explains the integration's rise when at most a twentieth of it lies elsewhere.
pub const EXPLAINED_REST: f64 = 0.05;
/// An operation's alarm is part of the integration's episode when most of its failures lie in it.
pub const INSIDE_SHARE: f64 = 0.7;
/// Ended episodes and bursts are the verdict for a day, as long as people talk about them.
pub const RECENT_HOURS: u64 = 24;
/// What is normal is known after one whole day.
pub const NORMAL_HOURS: i64 = 24;
/// Before that, up to two percent of scattered failures are "few".
pub const FEW_SHARE: f64 = 0.02;
/// A doubling shows five failures above normal; where normal is below two percent, a rise to it must be visible.
pub const VISIBLE_FAILURES: f64 = 5.0;
pub const VISIBLE_RATE: f64 = 0.02;
/// More failures than normal, if such a number has a chance below 5 %.
pub const NORMAL_TAIL: f64 = 0.05;
/// Retries show healing when four fifths of the failures were tried again and nine tenths of those ended well.
pub const HEALED_TRIED: f64 = 0.8;
pub const HEALED_SHARE: f64 = 0.9;
/// No request for this long is worth a sentence: no data is not recovery.
pub const SILENT_MINUTES: i64 = 60;
/// And a finding, when at least so many requests are missing: twenty do not stay away by chance, nor do four clients that
/// send five each.
pub const SILENT_REQUESTS: u64 = 20;
/// The same time in two earlier weeks shows the rhythm; before that, every one of three earlier days.
pub const SILENT_WEEKS_MIN: usize = 2;
pub const SILENT_DAYS_MIN: usize = 3;
