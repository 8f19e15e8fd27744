//! Rates to one picture: the trend of 429 and 5xx with the volume of calls below it, as SVG and as PNG.
//!
//! The same chart stands in the dashboard, in the report and at the chart routes, so they cannot disagree. This is
//! the only room that knows plotters and the only one that knows where the letters come from: the face is compiled
//! in, so a machine without font packages draws the same picture. Wording for people is left to the rooms above,
//! except for the few words that stand inside the chart.

mod axis;
mod canvas;
mod describe;
mod error;
mod font;
mod frame;
mod label;
mod layout;
mod legend;
mod marks;
mod palette;
mod png;
mod series;
mod spec;
mod subset;
mod svg;
mod trend;
mod truetype;

pub use error::ChartError;
pub use font::{FONT_FAMILY, face_regular, subset_base64};
pub use png::render_png;
pub use series::{Point, merge_rows};
pub use spec::{HEIGHT_MAX, HEIGHT_MIN, Mark, POINTS_MAX, Theme, TrendSpec, WIDTH_MAX, WIDTH_MIN};
pub use svg::render_svg;
