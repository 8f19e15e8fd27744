//! A column of texts in one buffer, laid out as Arrow wants it so that storing it copies nothing twice.

use std::sync::Arc;

use crate::mask::lexicon::{Code, MISSING};

/// Texts end to end, with the offset at which each ends. Most columns of most logs have no text at all, so nothing is
/// laid out before the first one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumn {
    pub(crate) bytes: Vec<u8>,
    /// Starts with 0; one more for each text. Empty while all texts are missing.
    pub(crate) ends: Vec<i32>,
    /// One flag a row once the first text is missing.
    pub(crate) valid: Option<Vec<bool>>,
    /// Rows while all texts are missing.
    missing: usize,
}

/// Offsets are 32 bits wide; a batch counts as full well before, so that one more row always fits.
pub(crate) const FULL_BYTES: usize = 1 << 30;

impl TextColumn {
    /// Adds a text. One that the offsets cannot reach is stored as missing, never cut at a wrong place.
    #[inline]
    pub fn push(&mut self, text: Option<&str>) {
        match (text, &mut self.valid, self.ends.last().copied()) {
            (None, _, None) => self.missing += 1,
            (None, Some(valid), Some(end)) => {
                valid.push(false);
                self.ends.push(end);
            }
            (text, ..) => self.add(text),
        }
    }

    fn add(&mut self, text: Option<&str>) {
        let text = text.filter(|text| self.fits(text.len()));
        if self.ends.is_empty() {
            self.lay_out();
        }
        self.bytes
            .extend_from_slice(text.unwrap_or_default().as_bytes());
        if text.is_none() && self.valid.is_none() {
            self.valid = Some(vec![true; self.len()]);
        }
        if let Some(valid) = &mut self.valid {
            valid.push(text.is_some());
        }
        self.ends.push(self.bytes.len() as i32);
    }

    /// Whether there is no text in it.
    pub(crate) fn is_missing(&self) -> bool {
        self.ends.is_empty()
    }

    fn lay_out(&mut self) {
        let rows = std::mem::take(&mut self.missing);
        self.ends = vec![0; rows + 1];
        self.valid = (rows > 0).then(|| vec![false; rows]);
    }

    pub fn get(&self, row: usize) -> Option<&str> {
        if self.is_missing() {
            return None;
        }
        let valid = self
            .valid
            .as_ref()
            .is_none_or(|valid| valid.get(row) == Some(&true));
        let (start, end) = (*self.ends.get(row)?, *self.ends.get(row + 1)?);
        let text = self.bytes.get(start as usize..end as usize)?;
        valid.then(|| std::str::from_utf8(text).ok()).flatten()
    }

    pub fn len(&self) -> usize {
        match self.is_missing() {
            true => self.missing,
            false => self.ends.len() - 1,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    pub(crate) fn is_full(&self) -> bool {
        self.bytes.len() >= FULL_BYTES
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.bytes.len() + 4 * self.ends.len() + self.valid.as_ref().map_or(0, Vec::len)
    }

    /// Adds the rows of another column.
    pub(crate) fn append(&mut self, other: &Self) {
        if other.is_missing() {
            (0..other.missing).for_each(|_| self.push(None));
            return;
        }
        if self.is_missing() {
            self.lay_out();
        }
        if !self.fits(other.bytes.len()) {
            other.iter().for_each(|text| self.push(text));
            return;
        }
        if self.valid.is_some() || other.valid.is_some() {
            let rows = self.len();
            let valid = self.valid.get_or_insert_with(|| vec![true; rows]);
            match &other.valid {
                Some(more) => valid.extend_from_slice(more),
                None => valid.resize(rows + other.len(), true),
            }
        }
        let shift = self.bytes.len() as i32;
        self.bytes.extend_from_slice(&other.bytes);
        self.ends
            .extend(other.ends[1..].iter().map(|end| shift + end));
    }

    fn fits(&self, more: usize) -> bool {
        i32::try_from(self.bytes.len() + more).is_ok()
    }
}

/// Texts that come again, as numbers in a lexicon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coded(pub(crate) Vec<Code>);

impl Coded {
    pub fn push(&mut self, code: Code) {
        self.0.push(code);
    }

    pub fn iter(&self) -> impl Iterator<Item = Code> + '_ {
        self.0.iter().copied()
    }

    pub fn get(&self, row: usize) -> Code {
        self.0.get(row).copied().unwrap_or(MISSING)
    }

    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

/// Values of which most logs have none: nothing is laid out before the first one.
#[derive(Clone, Debug, PartialEq)]
pub struct Sparse<T> {
    /// Rows while all values are missing.
    missing: usize,
    values: Vec<Option<T>>,
}

impl<T> Default for Sparse<T> {
    fn default() -> Self {
        Self {
            missing: 0,
            values: Vec::new(),
        }
    }
}

impl<T: Copy> Sparse<T> {
    pub fn push(&mut self, value: Option<T>) {
        if self.values.is_empty() {
            if value.is_none() {
                self.missing += 1;
                return;
            }
            self.lay_out();
        }
        self.values.push(value);
    }

    pub fn get(&self, row: usize) -> Option<T> {
        self.values.get(row).copied().flatten()
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.missing + self.values.len()
    }

    /// Every row's value.
    pub fn into_values(mut self) -> Vec<Option<T>> {
        self.lay_out();
        self.values
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        if other.values.is_empty() && self.values.is_empty() {
            self.missing += other.missing;
            return;
        }
        self.lay_out();
        other.lay_out();
        self.values.append(&mut other.values);
    }

    fn lay_out(&mut self) {
        let missing = std::mem::take(&mut self.missing);
        self.values.resize(self.values.len() + missing, None);
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.values.len() * size_of::<Option<T>>()
    }
}

/// Values that stay the same for many rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs<T>(Vec<(T, usize)>);

impl Runs<Arc<str>> {
    pub fn push_text(&mut self, text: &str) {
        match self.0.last_mut() {
            Some((last, rows)) if **last == *text => *rows += 1,
            _ => self.0.push((text.into(), 1)),
        }
    }
}

impl<T: PartialEq> Runs<T> {
    pub fn push(&mut self, value: T) {
        match self.0.last_mut() {
            Some((last, rows)) if *last == value => *rows += 1,
            _ => self.0.push((value, 1)),
        }
    }

    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.0.iter().map(|(_, rows)| rows).sum()
    }

    /// Every row's value.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0
            .iter()
            .flat_map(|(value, rows)| std::iter::repeat_n(value, *rows))
    }

    pub(crate) fn append(&mut self, other: &mut Self) {
        for (value, rows) in other.0.drain(..) {
            match self.0.last_mut() {
                Some((last, before)) if *last == value => *before += rows,
                _ => self.0.push((value, rows)),
            }
        }
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.0.len() * size_of::<(T, usize)>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(texts: &[Option<&str>]) -> TextColumn {
        let mut column = TextColumn::default();
        texts.iter().for_each(|text| column.push(*text));
        column
    }

    #[test]
    fn what_goes_in_comes_out() {
        let texts = [Some("a"), Some(""), None, Some("é")];
        let column = column(&texts);
        assert_eq!(column.iter().collect::<Vec<_>>(), texts);
        assert_eq!(column.ends, [0, 1, 1, 1, 3]);
        let texts = [None, None, Some("a"), None];
        assert_eq!(
            super::tests::column(&texts).iter().collect::<Vec<_>>(),
            texts
        );
        assert_eq!(column.get(4), None);
    }

    #[test]
    fn values_that_are_mostly_missing_keep_their_rows() {
        let sparse = |values: &[Option<i64>]| {
            let mut column = Sparse::default();
            values.iter().for_each(|value| column.push(*value));
            column
        };
        for first in [&[Some(1)][..], &[None], &[], &[None, Some(2), None]] {
            for second in [&[Some(3), None][..], &[None, None], &[]] {
                let mut joined = sparse(first);
                joined.append(&mut sparse(second));
                let expected = [first, second].concat();
                assert_eq!(joined.len(), expected.len());
                assert_eq!(joined.into_values(), expected);
            }
        }
    }

    #[test]
    fn runs_keep_their_rows() {
        let runs = |values: &[i64]| {
            let mut column = Runs::default();
            values.iter().for_each(|value| column.push(*value));
            column
        };
        let mut joined = runs(&[1, 1, 2]);
        joined.append(&mut runs(&[2, 3]));
        assert_eq!(joined, runs(&[1, 1, 2, 2, 3]));
        assert_eq!((joined.len(), joined.0.len()), (5, 3));
        assert!(joined.iter().eq(&[1, 1, 2, 2, 3]));
    }

    #[test]
    fn columns_join_whether_or_not_they_have_gaps() {
        for first in [&[Some("a")][..], &[None], &[]] {
            for second in [&[Some("b"), None][..], &[Some("c")], &[]] {
                let mut joined = column(first);
                joined.append(&column(second));
                assert_eq!(joined.iter().collect::<Vec<_>>(), [first, second].concat());
            }
        }
    }
}
