//! A sheet to draw on by role instead of by colour, the same for every backend.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{DashedPathElement, PathElement, Rectangle, Text};
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, ShapeStyle, TextStyle};

use crate::chart::error::ChartError;
use crate::chart::font::FONT_NAME;
use crate::chart::palette::Role;
use crate::chart::spec::Theme;

/// Pixels from the upper left corner.
pub type Dot = (i32, i32);

/// Who makes the dashes of a dashed line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dashes {
    /// The canvas draws them one by one, for a bitmap.
    Drawn,
    /// The canvas draws a whole line and the file's `stroke-dasharray` cuts it: hundreds of elements fewer.
    Styled,
}

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Middle,
    Right,
}

pub struct Canvas<DB: DrawingBackend> {
    area: DrawingArea<DB, Shift>,
    theme: Theme,
    dashes: Dashes,
}

type Drawn = Result<(), ChartError>;

impl<DB: DrawingBackend> Canvas<DB> {
    pub fn new(area: DrawingArea<DB, Shift>, theme: Theme, dashes: Dashes) -> Self {
        Self {
            area,
            theme,
            dashes,
        }
    }

    pub fn fill(&self, role: Role) -> Drawn {
        self.area.fill(&role.color(self.theme)).map_err(failed)
    }

    pub fn line(&self, role: Role, width: u32, dots: Vec<Dot>) -> Drawn {
        let style = ShapeStyle::from(role.color(self.theme)).stroke_width(width);
        match (role.dash(), self.dashes) {
            (Some((dash, gap)), Dashes::Drawn) => {
                let path = DashedPathElement::new(dots, dash, gap, style);
                self.area.draw(&path).map_err(failed)
            }
            _ => self
                .area
                .draw(&PathElement::new(dots, style))
                .map_err(failed),
        }
    }

    pub fn rect(&self, role: Role, opacity: f64, from: Dot, to: Dot) -> Drawn {
        let style = role.color(self.theme).mix(opacity).filled();
        self.area
            .draw(&Rectangle::new([from, to], style))
            .map_err(failed)
    }

    /// One line of text; `at` is its left end, middle or right end at half height.
    pub fn text(&self, role: Role, size: u32, align: Align, at: Dot, text: &str) -> Drawn {
        let h_pos = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        let color = role.color(self.theme);
        let style = TextStyle::from((FONT_NAME, size).into_font())
            .color(&color)
            .pos(Pos::new(h_pos, VPos::Center));
        self.area.draw(&Text::new(text, at, style)).map_err(failed)
    }

    pub fn finish(&self) -> Drawn {
        self.area.present().map_err(failed)
    }
}

/// The width of a text in pixels. A face that cannot be measured counts as half a square a letter.
pub fn text_width(size: u32, text: &str) -> i32 {
    (FONT_NAME, size)
        .into_font()
        .box_size(text)
        .ok()
        .and_then(|(width, _)| i32::try_from(width).ok())
        .unwrap_or(text.chars().count() as i32 * size as i32 / 2)
}

fn failed<E: std::error::Error + Send + Sync>(error: DrawingAreaErrorKind<E>) -> ChartError {
    ChartError::Draw(error.to_string())
}
