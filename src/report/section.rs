//! One part of a report: when it is there and what it says.

use crate::report::block::Block;
use crate::report::error::ReportError;
use crate::report::input::ReportInput;

pub struct Section {
    /// The anchor within the page.
    pub id: &'static str,
    pub title: &'static str,
    pub applies: fn(&ReportInput<'_>) -> bool,
    pub body: fn(&ReportInput<'_>) -> Result<Vec<Block>, ReportError>,
}

/// For sections that every report has.
pub fn always(_: &ReportInput<'_>) -> bool {
    true
}
