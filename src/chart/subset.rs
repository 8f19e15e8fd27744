//! A TrueType face reduced to the letters of one text.
//!
//! A report must show its text on a machine without fonts and still be small enough to attach to a case. Only what a
//! browser asks for is kept: outlines, widths, the character map. Hints go, and with them the glyphs' instructions.

use std::collections::{BTreeMap, BTreeSet};

use crate::chart::truetype::{Font, PART_HINTS, PART_MORE, part_length, parts_of, u16_at};

/// The subset of `face` that can show `text`.
pub fn subset(face: &[u8], text: &str) -> Option<Vec<u8>> {
    let font = Font::read(face)?;
    let chars = font.map_chars(text)?;
    let glyphs = font.close_over_parts(chars.values().copied())?;
    let renamed: BTreeMap<u16, u16> = (0u16..)
        .zip(&glyphs)
        .map(|(to, from)| (*from, to))
        .collect();
    let (glyf, loca) = copy_outlines(&font, &glyphs, &renamed)?;
    let count = u16::try_from(glyphs.len()).ok()?;
    let tables = vec![
        (*b"OS/2", font.table(b"OS/2")?.to_vec()),
        (*b"cmap", write_cmap(&chars, &renamed)?),
        (*b"glyf", glyf),
        (*b"head", patched(font.table(b"head")?, 50, 1)?),
        (*b"hhea", patched(font.table(b"hhea")?, 34, count)?),
        (*b"hmtx", copy_widths(&font, &glyphs)?),
        (*b"loca", loca),
        (*b"maxp", patched(font.table(b"maxp")?, 4, count)?),
        (*b"name", vec![0, 0, 0, 0, 0, 6]),
        (*b"post", write_post(font.table(b"post")?)?),
    ];
    Some(write_file(&tables))
}

fn copy_outlines(
    font: &Font<'_>,
    glyphs: &BTreeSet<u16>,
    renamed: &BTreeMap<u16, u16>,
) -> Option<(Vec<u8>, Vec<u8>)> {
    let (mut glyf, mut loca) = (Vec::new(), vec![0; 4]);
    for glyph in glyphs {
        glyf.extend(without_hints(font.outline(*glyph)?, renamed)?);
        glyf.resize(glyf.len().next_multiple_of(4), 0);
        loca.extend(u32::try_from(glyf.len()).ok()?.to_be_bytes());
    }
    Some((glyf, loca))
}

fn copy_widths(font: &Font<'_>, glyphs: &BTreeSet<u16>) -> Option<Vec<u8>> {
    let hmtx = font.table(b"hmtx")?;
    let last = usize::from(font.widths_count.checked_sub(1)?);
    let mut out = Vec::with_capacity(glyphs.len() * 4);
    for glyph in glyphs {
        let glyph = usize::from(*glyph);
        let width = u16_at(hmtx, glyph.min(last) * 4)?;
        let bearing_at = if glyph <= last {
            glyph * 4 + 2
        } else {
            (last + 1) * 4 + (glyph - last - 1) * 2
        };
        out.extend(width.to_be_bytes());
        out.extend(u16_at(hmtx, bearing_at)?.to_be_bytes());
    }
    Some(out)
}

/// The outline without instructions, its parts renumbered.
fn without_hints(outline: &[u8], renamed: &BTreeMap<u16, u16>) -> Option<Vec<u8>> {
    if outline.is_empty() {
        return Some(Vec::new());
    }
    let contours = u16_at(outline, 0)?;
    if contours < 0x8000 {
        let at = 10 + 2 * usize::from(contours);
        let hints = usize::from(u16_at(outline, at)?);
        let mut out = outline.get(..at)?.to_vec();
        out.extend([0, 0]);
        out.extend(outline.get(at + 2 + hints..)?);
        return Some(out);
    }
    let mut out = outline.to_vec();
    for place in parts_of(outline)? {
        let flags = u16_at(outline, place)?;
        let part = renamed.get(&u16_at(outline, place + 2)?)?;
        out.get_mut(place..place + 2)?
            .copy_from_slice(&(flags & !PART_HINTS).to_be_bytes());
        out.get_mut(place + 2..place + 4)?
            .copy_from_slice(&part.to_be_bytes());
        if flags & PART_MORE == 0 {
            out.truncate(place + part_length(flags));
        }
    }
    Some(out)
}

/// A character map with one group a character, format 12.
fn write_cmap(chars: &BTreeMap<u32, u16>, renamed: &BTreeMap<u16, u16>) -> Option<Vec<u8>> {
    let count = u32::try_from(chars.len()).ok()?;
    let mut out = Vec::with_capacity(28 + 12 * chars.len());
    // Version 0, one map: Windows, all planes, 12 bytes on.
    out.extend([0, 0, 0, 1, 0, 3, 0, 10, 0, 0, 0, 12, 0, 12, 0, 0]);
    out.extend((16 + 12 * count).to_be_bytes());
    out.extend(0u32.to_be_bytes());
    out.extend(count.to_be_bytes());
    for (char, glyph) in chars {
        out.extend(char.to_be_bytes());
        out.extend(char.to_be_bytes());
        out.extend(u32::from(*renamed.get(glyph)?).to_be_bytes());
    }
    Some(out)
}

/// The table of names in its version without names.
fn write_post(post: &[u8]) -> Option<Vec<u8>> {
    let mut out = post.get(..32)?.to_vec();
    out[..4].copy_from_slice(&0x0003_0000u32.to_be_bytes());
    Some(out)
}

fn patched(table: &[u8], at: usize, value: u16) -> Option<Vec<u8>> {
    let mut out = table.to_vec();
    out.get_mut(at..at + 2)?
        .copy_from_slice(&value.to_be_bytes());
    Some(out)
}

/// The file: a directory and the tables, which come sorted by tag.
fn write_file(tables: &[([u8; 4], Vec<u8>)]) -> Vec<u8> {
    let count = tables.len() as u16;
    let power = count.ilog2() as u16;
    let range = 16 << power;
    let mut head = vec![0, 1, 0, 0];
    for value in [count, range, power, count * 16 - range] {
        head.extend(value.to_be_bytes());
    }
    let mut body = Vec::new();
    for (tag, data) in tables {
        let offset = 12 + 16 * tables.len() + body.len();
        head.extend(tag);
        head.extend(sum_of(data).to_be_bytes());
        head.extend((offset as u32).to_be_bytes());
        head.extend((data.len() as u32).to_be_bytes());
        body.extend(data);
        body.resize(body.len().next_multiple_of(4), 0);
    }
    head.extend(body);
    head
}

fn sum_of(data: &[u8]) -> u32 {
    data.chunks(4).fold(0u32, |sum, chunk| {
        let mut word = [0; 4];
        word[..chunk.len()].copy_from_slice(chunk);
        sum.wrapping_add(u32::from_be_bytes(word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::font::face_regular;

    #[test]
    fn the_subset_maps_what_was_asked_for() {
        let text = "Fehler: größe ‹token› Ошибка ±";
        let cut = subset(face_regular(), text).expect("cut");
        assert!(cut.len() < 20_000, "{}", cut.len());
        let font = Font::read(&cut).expect("a face");
        assert_eq!(u16_at(font.table(b"head").expect("head"), 50), Some(1));
        let glyphs = u16_at(font.table(b"maxp").expect("maxp"), 4).expect("count");
        for glyph in 0..glyphs {
            let outline = font.outline(glyph).expect("outline");
            for place in parts_of(outline).expect("parts") {
                assert!(u16_at(outline, place + 2).expect("part") < glyphs);
            }
        }
    }

    #[test]
    fn nonsense_is_no_face() {
        assert!(subset(b"", "a").is_none());
        assert!(subset(&[0xff; 400], "a").is_none());
        let short = &face_regular()[..60_000];
        assert!(subset(short, "a").is_none());
    }
}
