//! What a report says, in this order. A new section is a file here and a line in the list.

mod errors;
mod masked;
mod operations;
mod reading;
mod ruled_out;
mod samples;
mod summary;
mod trend;

use crate::report::section::Section;

pub const SECTIONS: &[Section] = &[
    summary::SECTION,
    trend::SECTION,
    operations::SECTION,
    errors::SECTION,
    samples::SECTION,
    ruled_out::SECTION,
    masked::SECTION,
    reading::SECTION,
];
