//! What a report is made from, and how large it may grow.

use crate::model::assessment::Assessment;
use crate::model::time::Timestamp;

/// Of one header block, body or source line. Larger texts are cut and the cut is named; a vendor's desk reads the
/// beginning, and the store has the rest.
pub const SAMPLE_BYTES_MAX: usize = 16 * 1024;

/// Failing calls in one report, whatever was asked for: a reader looks at five.
pub const SAMPLES_MAX: usize = 50;

/// Rows of a table. What is left out is counted below it.
pub const ROWS_MAX: usize = 50;

/// Of the finished file. Case systems refuse larger attachments.
pub const REPORT_BYTES_MAX: usize = 8 * 1024 * 1024;

/// The same input gives the same bytes: the clock is an argument.
#[derive(Clone, Copy, Debug)]
pub struct ReportInput<'a> {
    pub assessment: &'a Assessment,
    pub made_at: Timestamp,
    pub tool_version: &'a str,
    pub samples_max: usize,
    /// Kind of masked value and how many were replaced.
    pub masked_note: &'a [(String, u64)],
}
