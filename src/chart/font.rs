//! Where the letters come from: one face, compiled in.
//!
//! plotters keeps registered faces in a table of the process, so registering is done once and remembered.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plotters::style::{FontStyle, register_font};

use crate::chart::error::ChartError;
use crate::chart::subset::subset;

/// The name that the face has in style sheets and in the SVG.
pub const FONT_NAME: &str = "Tidemark Sans";

/// The compiled-in face first, then faces of about the same width, so that labels keep their room.
pub const FONT_FAMILY: &str = "Tidemark Sans, DejaVu Sans, Verdana, sans-serif";

/// The whole face as a TrueType file, for the dashboard to serve.
pub fn face_regular() -> &'static [u8] {
    dejavu::sans::regular()
}

/// The part of the face that `text` needs, in base64, for a file that stands alone. The whole face is a megabyte in
/// base64; the part for a report in one script is about 30 KB. `None` when the face cannot be cut.
pub fn subset_base64(text: &str) -> Option<String> {
    subset(face_regular(), text).map(|face| STANDARD.encode(face))
}

pub(super) fn register() -> Result<(), ChartError> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done =
        *DONE.get_or_init(|| register_font(FONT_NAME, FontStyle::Normal, face_regular()).is_ok());
    if done { Ok(()) } else { Err(ChartError::Font) }
}
