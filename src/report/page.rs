//! The page around the sections: one file that opens offline, follows the reader's light or dark, and prints on A4.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::chart::subset_base64;
use crate::model::verdict::Category;
use crate::model::visible;
use crate::report::error::ReportError;
use crate::report::html::render_block;
use crate::report::input::{REPORT_BYTES_MAX, ReportInput};
use crate::report::sections::SECTIONS;
use crate::report::words;

/// What the file may load: nothing but its own style and face. It stands in the file itself; whoever serves the file
/// sends it as a header in place of the dashboard's policy, which knows no embedded style.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("page.css");

pub fn render_html(input: &ReportInput<'_>) -> Result<String, ReportError> {
    let body = render_body(input)?.into_string();
    // What fits the report has few letters, so only those of the face come with it.
    let face = subset_base64(&body).map_or_else(String::new, |data| {
        format!(
            "@font-face{{font-family:\"Tidemark Sans\";src:url(data:font/ttf;base64,{data})}}\n"
        )
    });
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(CONTENT_SECURITY_POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "tidemark " (input.tool_version) };
                title { (visible::line(&title_of(input))) }
                style { (PreEscaped(face)) (PreEscaped(STYLE)) }
            }
            (PreEscaped(body))
        }
    };
    check_size(page.into_string())
}

fn render_body(input: &ReportInput<'_>) -> Result<Markup, ReportError> {
    let sections: Vec<_> = SECTIONS.iter().filter(|s| (s.applies)(input)).collect();
    let mut bodies = Vec::with_capacity(sections.len());
    for section in &sections {
        bodies.push((section.body)(input)?);
    }
    Ok(html! {
        body {
            header {
                p.brand { "tidemark evidence report" }
                h1 { (visible::line(&title_of(input))) }
                p.made { "made " (words::time(input.made_at)) " by tidemark " (input.tool_version) ", all times UTC" }
                nav aria-label="sections" {
                    @for section in &sections { a href={ "#" (section.id) } { (section.title) } }
                }
            }
            main {
                @for (section, blocks) in sections.iter().zip(&bodies) {
                    section id=(section.id) aria-labelledby={ (section.id) "-title" } {
                        h2 id={ (section.id) "-title" } { (section.title) }
                        @for block in blocks { (render_block(block)) }
                    }
                }
            }
        }
    })
}

/// What the report is about, in one line.
pub fn title_of(input: &ReportInput<'_>) -> String {
    let verdict = &input.assessment.headline;
    let name = &input.assessment.integration;
    match (verdict.category, verdict.onset) {
        (Category::Two, Some(onset)) => {
            let what = words::class(verdict.series.class);
            let onset = words::time(onset);
            match verdict.end {
                Some(end) => format!("{name}: {what} from {onset} to {}", words::time(end)),
                None => format!("{name}: {what} since {onset}"),
            }
        }
        (Category::Two, None) => format!("{name}: {}", words::class(verdict.series.class)),
        (Category::One, _) => format!("{name}: sporadic errors, no support case"),
        (Category::Undecided, _) => format!("{name}: undecided"),
        (Category::Quiet, _) => format!("{name}: nothing to report"),
    }
}

pub fn check_size(report: String) -> Result<String, ReportError> {
    if report.len() > REPORT_BYTES_MAX {
        return Err(ReportError::TooLarge {
            bytes: report.len(),
            bytes_max: REPORT_BYTES_MAX,
        });
    }
    Ok(report)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::example;
    use crate::report::markdown::render_markdown;

    fn render_both(assessment: &crate::model::assessment::Assessment) -> (String, String) {
        let note = [("token".to_owned(), 41), ("email".to_owned(), 7)];
        let input = example::input(assessment, &note);
        (
            render_html(&input).expect("page"),
            render_markdown(&input).expect("markdown"),
        )
    }

    #[test]
    fn both_forms_say_what_a_desk_asks_for() {
        let (page, markdown) = render_both(&example::category_two());
        for report in [&page, &markdown] {
            for part in [
                "Category 2",
                "UTC",
                "312 of 4,020 (7.8 %)",
                "13×",
                "req-",
                "still going on",
                "41",
            ] {
                assert!(report.contains(part), "{part}");
            }
        }
        assert!(page.contains("<svg") && page.contains("@font-face"));
    }

    #[test]
    fn the_page_loads_nothing_from_elsewhere() {
        let (page, _) = render_both(&example::category_two());
        for part in ["<script", "<link", "<img", "src=\"", "@import", "url(http"] {
            assert!(!page.contains(part), "{part}");
        }
    }

    #[test]
    fn what_is_no_case_says_so() {
        let check = |category, expected: &str| {
            let (page, markdown) = render_both(&example::with_category(category));
            assert!(
                page.contains(expected) && markdown.contains(expected),
                "{expected}"
            );
        };
        check(Category::One, "no support case");
        check(Category::Undecided, "too little data");
        check(Category::Quiet, "othing to report");
    }

    #[test]
    fn hostile_text_stays_text() {
        let (page, markdown) = render_both(&example::hostile());
        assert!(!page.contains("<script") && !page.contains('\u{202e}') && !page.contains('\u{0}'));
        assert!(!markdown.contains('\u{202e}') && !markdown.contains('\u{0}'));
        assert!(markdown.contains("`````text"));
        assert!(page.contains("cut after"));
    }

    #[test]
    fn an_empty_assessment_and_odd_numbers_make_a_report() {
        for category in [
            Category::One,
            Category::Two,
            Category::Undecided,
            Category::Quiet,
        ] {
            render_both(&example::empty(category));
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        let assessment = example::category_two();
        assert_eq!(render_both(&assessment), render_both(&assessment));
    }
}
