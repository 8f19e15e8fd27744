//! Counts in which no single minute, or two or three, can contribute what they like.

use crate::verdict::history::{History, Tally};
use crate::verdict::thresholds as limits;

/// The window's counts with each block's failures limited to what the fourth highest block ratio would give.
pub fn winsorised(history: &History, from: usize, end: usize, blocks: usize) -> Tally {
    let mut sum = history.between(from, end);
    sum.k = limited(history, from, end, blocks, |part| (part.k, part.e));
    sum
}

/// The same for what teaches the noise.
pub fn winsorised_plain(history: &History, from: usize, end: usize, blocks: usize) -> (f64, f64) {
    let k = limited(history, from, end, blocks, |part| {
        (part.plain_k, part.plain_e)
    });
    (k, history.between(from, end).plain_e)
}

fn limited(
    history: &History,
    from: usize,
    end: usize,
    blocks: usize,
    of: fn(&Tally) -> (f64, f64),
) -> f64 {
    let cells = end - from;
    let blocks = blocks.min(cells).clamp(1, limits::BLOCKS_MAX);
    let mut parts = [(0.0, 0.0); limits::BLOCKS_MAX];
    let mut ratios = [0.0; limits::BLOCKS_MAX];
    for block in 0..blocks {
        let (first, last) = (block * cells / blocks, (block + 1) * cells / blocks);
        let (k, e) = of(&history.between(from + first, from + last));
        parts[block] = (k, e + limits::WINSOR_EXPECTED_FREE);
        ratios[block] = k / parts[block].1;
    }
    let rank = limits::WINSOR_RANK.min(blocks.div_ceil(2)) - 1;
    let (_, limit, _) = ratios[..blocks].select_nth_unstable_by(rank, |a, b| b.total_cmp(a));
    let limit = *limit;
    let most = |e: f64| limit * e + limits::WINSOR_SIGMAS * (limit * e).sqrt();
    let limited = parts[..blocks].iter();
    limited.map(|(k, e)| k.min(most(*e).max(1.0))).sum()
}
