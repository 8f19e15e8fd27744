//! Reading a TrueType face: its tables, its character map, and the outlines of its glyphs.
//!
//! The format is that of the OpenType specification. Every read is checked; what does not fit gives `None`.

use std::collections::{BTreeMap, BTreeSet};

pub struct Font<'a> {
    bytes: &'a [u8],
    tables: BTreeMap<[u8; 4], (usize, usize)>,
    long_offsets: bool,
    pub widths_count: u16,
}

impl<'a> Font<'a> {
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
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

    pub fn table(&self, tag: &[u8; 4]) -> Option<&'a [u8]> {
        let (offset, length) = *self.tables.get(tag)?;
        self.bytes.get(offset..offset.checked_add(length)?)
    }

    /// The glyph of every character that the face has; the others are left to the reader's own faces.
    pub fn map_chars(&self, text: &str) -> Option<BTreeMap<u32, u16>> {
        let cmap = self.table(b"cmap")?;
        let bmp = find_format_4(cmap)?;
        let wanted: BTreeSet<u32> = text.chars().map(u32::from).collect();
        let found = wanted.into_iter().filter_map(|c| {
            let code = u16::try_from(c).ok()?;
            find_glyph(bmp, code).filter(|g| *g != 0).map(|g| (c, g))
        });
        Some(found.collect())
    }

    pub fn outline(&self, glyph: u16) -> Option<&'a [u8]> {
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
    pub fn close_over_parts(&self, glyphs: impl Iterator<Item = u16>) -> Option<BTreeSet<u16>> {
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
}

const PART_WORDS: u16 = 1;
const PART_SCALE: u16 = 1 << 3;
pub const PART_MORE: u16 = 1 << 5;
const PART_TWO_SCALES: u16 = 1 << 6;
const PART_MATRIX: u16 = 1 << 7;
pub const PART_HINTS: u16 = 1 << 8;

/// Where the parts of a composed glyph begin, and at the end of the list nothing more; none for a simple one.
pub fn parts_of(outline: &[u8]) -> Option<Vec<usize>> {
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

pub fn part_length(flags: u16) -> usize {
    let arguments = if flags & PART_WORDS != 0 { 4 } else { 2 };
    let scale = match flags {
        f if f & PART_SCALE != 0 => 2,
        f if f & PART_TWO_SCALES != 0 => 4,
        f if f & PART_MATRIX != 0 => 8,
        _ => 0,
    };
    4 + arguments + scale
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

pub fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes([two[0], two[1]]))
}

pub fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes([four[0], four[1], four[2], four[3]]))
}
