//! The chart as PNG, for places that do not show SVG: notices, mails, wikis.
//!
//! The file is written here, because plotters writes picture files to paths only: a header, the rows deflated, an
//! end. Neither a time nor a text is in it, so equal charts are equal bytes.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use plotters::drawing::IntoDrawingArea;
use plotters::prelude::BitMapBackend;

use crate::chart::canvas::{Canvas, Dashes};
use crate::chart::error::ChartError;
use crate::chart::font::register;
use crate::chart::spec::TrendSpec;
use crate::chart::trend::Trend;

const BYTES_PER_PIXEL: usize = 3;

pub fn render_png(spec: &TrendSpec<'_>) -> Result<Vec<u8>, ChartError> {
    register()?;
    let (width, height) = spec.size();
    let mut pixels = vec![0; width as usize * height as usize * BYTES_PER_PIXEL];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        Trend::new(spec).draw(&Canvas::new(area, spec.theme, Dashes::Drawn))?;
    }
    Ok(encode(&pixels, width, height)?)
}

fn encode(pixels: &[u8], width: u32, height: u32) -> io::Result<Vec<u8>> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::with_capacity(13);
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    // Eight bits a channel, red green blue, deflate, filters by row, not interlaced.
    header.extend([8, 2, 0, 0, 0]);
    write_chunk(&mut out, *b"IHDR", &header);
    let mut rows = ZlibEncoder::new(Vec::new(), Compression::default());
    for row in pixels.chunks(width as usize * BYTES_PER_PIXEL) {
        rows.write_all(&[0])?;
        rows.write_all(row)?;
    }
    write_chunk(&mut out, *b"IDAT", &rows.finish()?);
    write_chunk(&mut out, *b"IEND", &[]);
    Ok(out)
}

fn write_chunk(out: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    let mut sum = flate2::Crc::new();
    sum.update(&kind);
    sum.update(data);
    out.extend((data.len() as u32).to_be_bytes());
    out.extend(kind);
    out.extend(data);
    out.extend(sum.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::series::tests::{range, row};
    use crate::chart::spec::Theme;

    #[test]
    fn a_png_has_its_size_and_is_the_same_twice() {
        let rows = [row(0, 10, 1, 2), row(60, 12, 0, 0)];
        let spec = TrendSpec {
            title: "payments",
            rows: &rows,
            range: range(0, 120),
            mark: None,
            width: 480,
            height: 240,
            theme: Theme::Dark,
        };
        let png = render_png(&spec).expect("drawn");
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[16..24], &[0, 0, 1, 224, 0, 0, 0, 240]);
        assert_eq!(png, render_png(&spec).expect("drawn"));
    }
}
