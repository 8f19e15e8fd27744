//! Texts cut from a stream, masked one by one, by as many threads as there are.

use std::borrow::Cow;
use std::panic::resume_unwind;
use std::thread;

use crate::mask::counts::MaskCounts;
use crate::mask::masked::MaskedBytes;
use crate::mask::masker::{Masker, mask_all};
use crate::mask::note::Secret;
use crate::mask::odd;
use crate::mask::scan::Scan;
use crate::mask::together::{Ready, Text};
use crate::mask::trace::Explanation;

/// How many secrets of an exchange are looked for behind the place where it was cut.
pub(crate) const CARRIED_MAX: usize = 256;
/// Less is not worth a thread.
const PART_BYTES_MIN: usize = 64 << 10;

/// What an exchange told before it was cut, to be looked for in the rest of it.
#[derive(Default)]
pub struct Carried(Vec<Secret>);

impl Masker {
    /// Masks each of the texts as one; bytes that are no UTF-8 stay as they are.
    pub fn units(
        &self,
        ready: &Ready,
        carried: &mut Carried,
        counts: &mut MaskCounts,
    ) -> MaskedBytes {
        let texts: Vec<Text<'_>> = ready.texts().collect();
        let (first, rest) = texts.split_at(texts.len().min(usize::from(ready.goes_on)));
        let (apart, last) = rest.split_at(rest.len() - rest.len().min(usize::from(ready.cut)));
        let mut out = Vec::with_capacity(ready.bytes.len() + ready.bytes.len() / 8);
        self.tied(first, carried, counts, &mut out);
        for (masked, found) in self.spread(apart) {
            out.extend_from_slice(&masked);
            counts.merge(&found);
        }
        if !rest.is_empty() {
            carried.0.clear();
        }
        self.tied(last, carried, counts, &mut out);
        MaskedBytes::new(out)
    }

    /// The same, and why each thing in it was masked. `line` is the number of the first line, and afterwards of the
    /// line behind the last.
    pub fn explain(
        &self,
        ready: &Ready,
        carried: &mut Carried,
        counts: &mut MaskCounts,
        line: &mut u64,
        told: &mut Explanation,
    ) -> MaskedBytes {
        let mut scan = self.scan_of_text();
        let mut out = Vec::with_capacity(ready.bytes.len());
        let last = ready.ends.len().saturating_sub(1);
        for (at, text) in ready.texts().enumerate() {
            scan.trail = Some(Box::default());
            let tied = ready.goes_on && at == 0 || ready.cut && at == last;
            match tied {
                true => mask(&mut scan, text, &mut Some(&mut carried.0), &mut out),
                false => mask(&mut scan, text, &mut None, &mut out),
            }
            let trail = scan.trail.take().unwrap_or_default();
            told.add(trail.explanation(), *line);
            *line += memchr::memchr_iter(b'\n', text.bytes).count() as u64;
        }
        counts.merge(&scan.take_counts());
        self.give_back(scan);
        MaskedBytes::new(out)
    }

    /// A part of an exchange that was cut.
    fn tied(
        &self,
        texts: &[Text<'_>],
        carried: &mut Carried,
        counts: &mut MaskCounts,
        out: &mut Vec<u8>,
    ) {
        let mut scan = self.scan_of_text();
        for text in texts {
            mask(&mut scan, *text, &mut Some(&mut carried.0), out);
        }
        counts.merge(&scan.take_counts());
        self.give_back(scan);
    }

    /// Texts that have nothing to do with each other.
    fn spread(&self, texts: &[Text<'_>]) -> Vec<(Vec<u8>, MaskCounts)> {
        let parts = parts(
            texts,
            thread::available_parallelism().map_or(1, usize::from),
        );
        if let [only] = parts[..] {
            return Vec::from([self.part(only)]);
        }
        thread::scope(|scope| {
            let each = parts.iter().map(|part| scope.spawn(|| self.part(part)));
            let threads: Vec<_> = each.collect();
            let results = threads.into_iter().map(|thread| thread.join());
            results
                .map(|result| result.unwrap_or_else(|panic| resume_unwind(panic)))
                .collect()
        })
    }

    fn part(&self, texts: &[Text<'_>]) -> (Vec<u8>, MaskCounts) {
        let mut scan = self.scan_of_text();
        let mut out = Vec::with_capacity(texts.iter().map(|text| text.bytes.len()).sum());
        for text in texts {
            mask(&mut scan, *text, &mut None, &mut out);
        }
        let counts = scan.take_counts();
        self.give_back(scan);
        (out, counts)
    }
}

fn mask(
    scan: &mut Scan,
    text: Text<'_>,
    carried: &mut Option<&mut Vec<Secret>>,
    out: &mut Vec<u8>,
) {
    scan.table = text.table.cloned();
    let text = odd::to_text(text.bytes);
    let masked = mask_all(scan, &text, carried);
    match text {
        Cow::Borrowed(_) => out.extend_from_slice(masked.as_bytes()),
        Cow::Owned(_) => out.extend_from_slice(&odd::to_bytes(masked.as_bytes())),
    }
}

/// Texts in parts of about the same size.
fn parts<'a, 't>(texts: &'a [Text<'t>], parts_max: usize) -> Vec<&'a [Text<'t>]> {
    let bytes: usize = texts.iter().map(|text| text.bytes.len()).sum();
    let wanted = (bytes / parts_max.max(1)).max(PART_BYTES_MIN);
    let mut parts = Vec::new();
    let (mut from, mut held) = (0, 0);
    for (order, text) in texts.iter().enumerate() {
        held += text.bytes.len();
        if held >= wanted {
            parts.push(&texts[from..=order]);
            (from, held) = (order + 1, 0);
        }
    }
    if from < texts.len() {
        parts.push(&texts[from..]);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_hold_every_text_once() {
        let text = vec![b'x'; PART_BYTES_MIN / 3];
        for count in [0, 1, 2, 3, 10, 100] {
            let text = Text {
                bytes: &text,
                table: None,
            };
            let texts = vec![text; count];
            let parts = parts(&texts, 4);
            assert!(parts.len() <= 5);
            assert_eq!(parts.concat().len(), count);
        }
    }
}
