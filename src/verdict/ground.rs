//! What the tests of detector A look at.

use crate::verdict::baseline::Baseline;
use crate::verdict::history::History;
use crate::verdict::overdispersion::Overdispersion;
use crate::verdict::settings::Settings;

/// What the tests look at.
pub struct Ground<'a> {
    pub history: &'a History,
    pub baseline: &'a Baseline,
    pub noise: &'a Overdispersion,
    pub settings: &'a Settings,
    pub cell_minutes: usize,
    /// Windows may reach back to here: enough history lies before it, and no earlier episode behind it.
    pub from: usize,
    /// Has a whole day been seen? Before that the daily cycle is unknown.
    pub day_known: bool,
}
