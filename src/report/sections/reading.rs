//! What the words of the report mean, for a reader who has never seen one.

use crate::report::block::{Block, Fact};
use crate::report::error::ReportError;
use crate::report::input::ReportInput;
use crate::report::section::{Section, always};
use crate::report::words;

pub const SECTION: Section = Section {
    id: "reading",
    title: "How to read this",
    applies: always,
    body,
};

fn body(input: &ReportInput<'_>) -> Result<Vec<Block>, ReportError> {
    let assessment = input.assessment;
    let seen = |at: Option<_>| at.map_or_else(|| words::UNKNOWN.to_owned(), words::time);
    Ok(vec![Block::Facts(vec![
        Fact::text(
            "Category 2",
            "the share of failures has clearly risen and does not heal, or one operation fails every time, or an \
             error was never seen before: it can be investigated",
        ),
        Fact::text(
            "Category 1",
            "few and scattered errors that are gone on retry: statistically inevitable, not investigated",
        ),
        Fact::text(
            "Call",
            "one attempt at a request as the log has it; a retry is a call of its own",
        ),
        Fact::text(
            "429",
            "answers by which the vendor throttled, whatever their status was",
        ),
        Fact::text("5xx", "answers of the vendor with a status from 500 to 599"),
        Fact::text(
            "95 % interval",
            "the range that holds the true value in 95 of 100 such cases",
        ),
        Fact::text(
            "Usual",
            "the normal share for this hour and weekday, learnt from earlier data",
        ),
        Fact::text("Times", "UTC; ranges include their start and not their end"),
        Fact::text("Last event", seen(assessment.last_event)),
        Fact::text("Data complete up to", seen(assessment.headline.watermark)),
        Fact::text(
            "Made",
            format!(
                "{} by tidemark {}",
                words::time(input.made_at),
                input.tool_version
            ),
        ),
    ])])
}
