//! A TrueType face reduced to the letters of one text.
//!
//! A report must show its text on a machine without fonts and still be small enough to attach to a case. Only what a
//! browser asks for is kept: outlines, widths, the character map. Hints go, and with them the glyphs' instructions.
//! The format is that of the OpenType specification; every read is checked, and a face that does not fit gives `None`.

use std::collections::{BTreeMap, BTreeSet};

/// The subset of `face` that can show `text`.
pub fn subset(face: &[u8], text: &str) -> Option<Vec<u8>> {
    let font = Font::read(face)?;
    let chars = font.map_chars(text)?;
    let glyphs = font.close_over_parts(chars.values().copied())?;
    let renamed: BTreeMap<u16, u16> = (0u16..)
        .zip(&glyphs)
        .map(|(to, from)| (*from, to))
        .collect();
    let (glyf, loca) = font.copy_outlines(&glyphs, &renamed)?;
    let count = u16::try_from(glyphs.len()).ok()?;
    let tables = vec![
        (*b"OS/2", font.table(b"OS/2")?.to_vec()),
        (*b"cmap", write_cmap(&chars, &renamed)?),
        (*b"glyf", glyf),
        (*b"head", patched(font.table(b"head")?, 50, 1)?),
        (*b"hhea", patched(font.table(b"hhea")?, 34, count)?),
        (*b"hmtx", font.copy_widths(&glyphs)?),
        (*b"loca", loca),
        (*b"maxp", patched(font.table(b"maxp")?, 4, count)?),
        (*b"name", vec![0, 0, 0, 0, 0, 6]),
        (*b"post", write_post(font.table(b"post")?)?),
    ];
    Some(write_file(&tables))
}

struct Font<'a> {
    bytes: &'a [u8],
    tables: BTreeMap<[u8; 4], (usize, usize)>,
    long_offsets: bool,
    widths_count: u16,
}

impl<'a> Font<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut font = Self {
            bytes,
            tables: BTreeMap::new(),
            long_offsets: false,
            widths_count: 0,
        };
        for i in 0..usize::from(u16_at(bytes, 4)?) {
            let entry = bytes.get(12 + 16 * i..28 + 16 * i)?;
            let tag = [entry[0], entry[1], entry[2], entry[3]];
            let place = (u32_at(entry, 8)? as usize, u32_at(entry, 12)? as usize);
            font.tables.insert(tag, place);
        }
        font.long_offsets = u16_at(font.table(b"head")?, 50)? == 1;
        font.widths_count = u16_at(font.table(b"hhea")?, 34)?;
        Some(font)
    }

    fn table(&self, tag: &[u8; 4]) -> Option<&'a [u8]> {
        let (offset, length) = *self.tables.get(tag)?;
        self.bytes.get(offset..offset.checked_add(length)?)
    }

    /// The glyph of every character that the face has; the others are left to the reader's own faces.
    fn map_chars(&self, text: &str) -> Option<BTreeMap<u32, u16>> {
        let cmap = self.table(b"cmap")?;
        let bmp = find_format_4(cmap)?;
        let wanted: BTreeSet<u32> = text.chars().map(u32::from).collect();
        let found = wanted.into_iter().filter_map(|c| {
            let code = u16::try_from(c).ok()?;
            find_glyph(bmp, code).filter(|g| *g != 0).map(|g| (c, g))
        });
        Some(found.collect())
    }

    fn outline(&self, glyph: u16) -> Option<&'a [u8]> {
        let loca = self.table(b"loca")?;
        let at = |i: usize| -> Option<usize> {
            if self.long_offsets {
                u32_at(loca, i * 4).map(|v| v as usize)
            } else {
                u16_at(loca, i * 2).map(|v| usize::from(v) * 2)
            }
        };
        let glyph = usize::from(glyph);
        self.table(b"glyf")?.get(at(glyph)?..at(glyph + 1)?)
    }

    /// The glyphs, those that they are composed of, and glyph 0, which stands for what is missing.
    fn close_over_parts(&self, glyphs: impl Iterator<Item = u16>) -> Option<BTreeSet<u16>> {
        let mut todo: Vec<u16> = glyphs.chain([0]).collect();
        let mut seen = BTreeSet::new();
        while let Some(glyph) = todo.pop() {
            if seen.insert(glyph) {
                let outline = self.outline(glyph)?;
                for place in parts_of(outline)? {
                    todo.push(u16_at(outline, place + 2)?);
                }
            }
        }
        Some(seen)
    }

    fn copy_outlines(
        &self,
        glyphs: &BTreeSet<u16>,
        renamed: &BTreeMap<u16, u16>,
    ) -> Option<(Vec<u8>, Vec<u8>)> {
        let (mut glyf, mut loca) = (Vec::new(), vec![0; 4]);
        for glyph in glyphs {
            glyf.extend(without_hints(self.outline(*glyph)?, renamed)?);
            glyf.resize(glyf.len().next_multiple_of(4), 0);
            loca.extend(u32::try_from(glyf.len()).ok()?.to_be_bytes());
        }
        Some((glyf, loca))
    }

    fn copy_widths(&self, glyphs: &BTreeSet<u16>) -> Option<Vec<u8>> {
        let hmtx = self.table(b"hmtx")?;
        let last = usize::from(self.widths_count.checked_sub(1)?);
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
}

const PART_WORDS: u16 = 1;
const PART_SCALE: u16 = 1 << 3;
const PART_MORE: u16 = 1 << 5;
const PART_TWO_SCALES: u16 = 1 << 6;
const PART_MATRIX: u16 = 1 << 7;
const PART_HINTS: u16 = 1 << 8;

/// Where the parts of a composed glyph begin, and at the end of the list nothing more; none for a simple one.
fn parts_of(outline: &[u8]) -> Option<Vec<usize>> {
    let mut places = Vec::new();
    if outline.is_empty() || u16_at(outline, 0)? < 0x8000 {
        return Some(places);
    }
    let mut at = 10;
    loop {
        let flags = u16_at(outline, at)?;
        places.push(at);
        at += part_length(flags);
        if flags & PART_MORE == 0 {
            return Some(places);
        }
    }
}

fn part_length(flags: u16) -> usize {
    let arguments = if flags & PART_WORDS != 0 { 4 } else { 2 };
    let scale = match flags {
        f if f & PART_SCALE != 0 => 2,
        f if f & PART_TWO_SCALES != 0 => 4,
        f if f & PART_MATRIX != 0 => 8,
        _ => 0,
    };
    4 + arguments + scale
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

/// The character map of the basic plane: segments, format 4.
fn find_format_4(cmap: &[u8]) -> Option<&[u8]> {
    (0..usize::from(u16_at(cmap, 2)?))
        .filter_map(|i| cmap.get(u32_at(cmap, 4 + 8 * i + 4)? as usize..))
        .find(|sub| u16_at(sub, 0) == Some(4))
}

fn find_glyph(sub: &[u8], code: u16) -> Option<u16> {
    let double = usize::from(u16_at(sub, 6)?);
    for i in 0..double / 2 {
        let (end_at, start_at) = (14 + 2 * i, 16 + double + 2 * i);
        if u16_at(sub, end_at)? < code {
            continue;
        }
        let start = u16_at(sub, start_at)?;
        if start > code {
            return None;
        }
        let delta = u16_at(sub, start_at + double)?;
        let range_at = start_at + 2 * double;
        let range = usize::from(u16_at(sub, range_at)?);
        if range == 0 {
            return Some(code.wrapping_add(delta));
        }
        let glyph = u16_at(sub, range_at + range + 2 * usize::from(code - start))?;
        return (glyph != 0).then(|| glyph.wrapping_add(delta));
    }
    None
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

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes([two[0], two[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
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
