//! Is the rate normal again? The likelihood ratio of a cell, normal against a rate between it and the raised one.
//!
//! It closes episodes, and it tells two bursts from one rise that goes on.

use crate::verdict::history::Tally;
use crate::verdict::thresholds as limits;

/// How much one cell speaks for the normal rate and against a rate between it and the raised one.
pub fn recovery_nats(cell: &Tally, raised: &Tally) -> f64 {
    if cell.n <= 0.0 {
        return 0.0;
    }
    let normal = cell.expected_share().clamp(1e-9, 0.9);
    let rise = (raised.k / raised.e.max(1e-9)).max(limits::CLOSE_RISE_MIN);
    let part = if raised.share() >= limits::GATE_SHARE {
        limits::CLOSE_SHARE
    } else {
        limits::CLOSE_SHARE_PARTIAL
    };
    let between = (rise.sqrt() * normal)
        .max(part * raised.share())
        .min(0.5 + 0.5 * normal);
    let cap = limits::LIKELIHOOD_CAP_FACTOR * cell.n * between + limits::LIKELIHOOD_CAP_FREE;
    let k = cell.k.min(cap).min(cell.n);
    (cell.n - k) * ((1.0 - normal) / (1.0 - between)).ln() - k * (between / normal).ln()
}
