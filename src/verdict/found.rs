//! What is known of an episode: how it was found, when it began and ended, how much was counted.

use crate::verdict::history::Tally;
use crate::verdict::onset::Onset;
use crate::verdict::rise::Rise;

/// How an episode ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The data prefer the normal rate.
    Healed,
    /// Raised for so long that it is the normal rate.
    NewNormal,
    /// No request for so long that nothing can be said.
    NoData,
}

/// Which detectors found it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cause {
    /// Detector A, and the minutes of its window.
    pub risen_minutes: Option<usize>,
    /// Detector B, and the first cell of its run.
    pub always_from: Option<usize>,
}

/// An episode in numbers; positions are cells of the track.
#[derive(Clone, Debug)]
pub struct Found {
    pub onset: Onset,
    pub alarm: usize,
    pub end: Option<(usize, Ending)>,
    pub counted: Tally,
    pub rise: Option<Rise>,
    pub cause: Cause,
    pub returns: u32,
    /// Was there enough history before the onset to know the normal rate?
    pub normal_known: bool,
}
