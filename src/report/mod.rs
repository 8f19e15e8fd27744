//! An assessment as one file that goes to the vendor: HTML that stands alone, and Markdown to paste into a case.
//!
//! A vendor's desk can act on a case that says when it began, how much it rose, where, and that brings request and
//! response pairs with secrets masked and nothing else taken away. Where the verdict is not Category 2, the report
//! says so and what to do instead. Sections make plain blocks; the two renderers alone know how to escape, so no
//! section can forget to. Everything that comes from a log is data.

mod block;
mod error;
mod extent;
mod html;
mod input;
mod markdown;
mod page;
mod pick;
mod section;
mod sections;
mod words;

#[cfg(test)]
mod example;

pub use error::ReportError;
pub use input::{REPORT_BYTES_MAX, ReportInput, SAMPLE_BYTES_MAX, SAMPLES_MAX};
pub use markdown::render_markdown;
pub use page::{CONTENT_SECURITY_POLICY, render_html};
