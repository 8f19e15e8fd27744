//! The chart as SVG: what plotters writes, plus classes to recolour by, dashes, and words for a screen reader.
//!
//! Letters stay text. The family list opens with the compiled-in face, which the dashboard serves and the report
//! embeds. An SVG that is opened alone falls back to what the viewer has.

use std::fmt::Write as _;

use plotters::drawing::IntoDrawingArea;
use plotters::prelude::SVGBackend;

use crate::chart::canvas::{Canvas, Dashes};
use crate::chart::describe::describe;
use crate::chart::error::ChartError;
use crate::chart::font::{FONT_FAMILY, FONT_NAME, register};
use crate::chart::label;
use crate::chart::palette::Role;
use crate::chart::spec::{Theme, TrendSpec};
use crate::chart::trend::Trend;

pub fn render_svg(spec: &TrendSpec<'_>) -> Result<String, ChartError> {
    register()?;
    let trend = Trend::new(spec);
    let mut raw = String::new();
    {
        let area = SVGBackend::with_string(&mut raw, spec.size()).into_drawing_area();
        trend.draw(&Canvas::new(area, spec.theme, Dashes::Styled))?;
    }
    Ok(dress(&raw, &trend))
}

fn dress(raw: &str, trend: &Trend<'_>) -> String {
    let mut out = String::with_capacity(raw.len() + raw.len() / 4);
    let mut lines = raw.lines();
    lines.next();
    open(&mut out, trend);
    let marks = marks(trend.spec.theme);
    for line in lines {
        // Only lines that open an element carry attributes; the rest is the text of labels.
        if line.starts_with('<') {
            dress_line(&mut out, line, &marks);
        } else {
            out.push_str(line);
        }
        out.push('\n');
    }
    out
}

/// The root element, with the plot's place so that a page can lay a crosshair over it.
fn open(out: &mut String, trend: &Trend<'_>) {
    let (width, height) = trend.spec.size();
    let (plot, calls) = (&trend.layout.shares, &trend.layout.calls);
    let range = trend.spec.range;
    let step_s = trend.points.first().map_or(60, |p| p.step_s);
    let _ = writeln!(
        out,
        "<svg width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" class=\"tm-chart\" \
         data-left=\"{}\" data-right=\"{}\" data-top=\"{}\" data-bottom=\"{}\" \
         data-since=\"{}\" data-until=\"{}\" data-step-s=\"{step_s}\">",
        plot.left, plot.right, plot.top, calls.bottom, range.since, range.until,
    );
    let _ = writeln!(
        out,
        "<title>{}</title>",
        escape(&label::clean(trend.spec.title, 200))
    );
    let _ = writeln!(out, "<desc>{}</desc>", escape(&describe(trend)));
}

/// What to look for in a line, and what to write instead.
fn marks(theme: Theme) -> Vec<(String, String)> {
    let mut marks = vec![(
        format!("font-family=\"{FONT_NAME}\""),
        format!("font-family=\"{FONT_FAMILY}\""),
    )];
    for role in Role::ALL {
        let color = role.color(theme);
        let hex = format!("#{:02X}{:02X}{:02X}", color.0, color.1, color.2);
        let name = role.name();
        let dash = role.dash().map_or_else(String::new, |(on, off)| {
            format!(" stroke-dasharray=\"{on} {off}\"")
        });
        let stroke = format!(" stroke=\"{hex}\"");
        marks.push((
            stroke.clone(),
            format!(" class=\"tm-{name}-l\"{stroke}{dash}"),
        ));
        // Bars that touch must not show seams where the picture is scaled.
        let crisp = if role == Role::Calls {
            " shape-rendering=\"crispEdges\""
        } else {
            ""
        };
        let fill = format!(" fill=\"{hex}\"");
        marks.push((fill.clone(), format!(" class=\"tm-{name}-f\"{fill}{crisp}")));
    }
    marks
}

fn dress_line(out: &mut String, line: &str, marks: &[(String, String)]) {
    let mut dressed = line.replace(" opacity=\"1\"", "");
    for (from, to) in marks {
        if dressed.contains(from.as_str()) {
            dressed = dressed.replacen(from.as_str(), to, 1);
        }
    }
    out.push_str(&dressed);
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::tests::{range, row};
    use crate::chart::spec::Mark;
    use crate::model::time::Timestamp;

    fn spec<'a>(title: &'a str, rows: &'a [crate::model::window::RateRow]) -> TrendSpec<'a> {
        TrendSpec {
            title,
            rows,
            range: range(1_763_784_000, 1_763_805_600),
            mark: Some(Mark {
                onset: Some(Timestamp::from_secs(1_763_794_800)),
                onset_low: Some(Timestamp::from_secs(1_763_794_200)),
                onset_high: Some(Timestamp::from_secs(1_763_795_400)),
                end: None,
                baseline_rate: Some(0.004),
            }),
            width: 900,
            height: 360,
            theme: Theme::Light,
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes() {
        let rows: Vec<_> = (0..360)
            .map(|i| row(1_763_784_000 + i * 60, 100, u64::from(i % 7 == 0), 2))
            .collect();
        let first = render_svg(&spec("payments", &rows)).expect("drawn");
        assert_eq!(first, render_svg(&spec("payments", &rows)).expect("drawn"));
        assert!(first.contains("class=\"tm-5xx-l\"") && first.contains("class=\"tm-429-l\""));
        assert!(first.contains("stroke-dasharray=\"5 3\"") && first.contains("UTC"));
        assert!(first.contains("role=\"img\"") && first.contains("<desc>Share of 5xx"));
        assert!(first.trim_end().ends_with("</svg>"));
    }

    /// An outage of timeouts is as visible as one of 5xx; where every call was answered, there is no third line.
    #[test]
    fn missing_answers_have_a_line_where_there_are_any() {
        let mut rows: Vec<_> = (0..60)
            .map(|i| row(1_763_784_000 + i * 60, 100, 0, 0))
            .collect();
        let answered = render_svg(&spec("x", &rows)).expect("drawn");
        assert!(!answered.contains("tm-none-l") && !answered.contains("no answer"));
        for row in &mut rows[20..] {
            row.no_response = 77;
        }
        let svg = render_svg(&spec("x", &rows)).expect("drawn");
        assert!(svg.contains("tm-none-l") && svg.contains("no answer"));
        assert!(
            svg.contains("Highest share of missing answers: 77 %"),
            "{svg}"
        );
        assert!(svg.contains("80 %"), "the axis reaches that far");
    }

    #[test]
    fn a_gap_breaks_the_line() {
        let start = 1_763_784_000;
        let rows = [
            row(start, 10, 0, 1),
            row(start + 60, 0, 0, 0),
            row(start + 120, 10, 0, 1),
        ];
        let svg = render_svg(&spec("x", &rows)).expect("drawn");
        let paths = svg.lines().filter(|l| l.contains("tm-5xx-l")).count();
        assert_eq!(paths, 3, "two runs and the legend");
    }

    #[test]
    fn without_rows_it_says_so() {
        let svg = render_svg(&spec("x", &[])).expect("drawn");
        assert!(svg.contains("no data in this range"));
    }

    #[test]
    fn a_hostile_title_stays_text() {
        let svg = render_svg(&spec("<script>\u{0}\u{202e}&\"", &[])).expect("drawn");
        assert!(!svg.contains("<script") && !svg.contains('\u{0}') && !svg.contains('\u{202e}'));
    }

    #[test]
    fn odd_input_draws_something() {
        let rows = [
            row(i64::MAX / 2, u64::MAX, u64::MAX, 0),
            row(0, u64::MAX, 1, 1),
        ];
        let ranges = [
            (0, 0),
            (5, 1),
            (0, 60),
            (i64::MIN / 2, i64::MAX / 2),
            (0, 4_000_000_000),
        ];
        for (since, until) in ranges {
            for (width, height) in [(0, 0), (400, 260), (u32::MAX, 1)] {
                let mut odd = spec("", &rows);
                odd.range = range(since, until);
                (odd.width, odd.height) = (width, height);
                odd.mark = Some(Mark {
                    baseline_rate: Some(f64::NAN),
                    ..odd.mark.unwrap_or_default()
                });
                assert!(render_svg(&odd).expect("drawn").contains("<svg"));
            }
        }
    }
}
