//! Reads an encoded file again, as any reader would, and looks in it for the originals of its commit.
//!
//! Texts are looked at value by value: columns written as differences to the value before (`DELTA_BYTE_ARRAY`) hold a
//! value in pieces, and pieces of two values side by side are no value. Pages of numbers hold no text, and ids made here
//! none of a log. Everything outside the columns (footer, statistics, indexes) is searched as it is.

use std::collections::BTreeSet;
use std::ops::Range;

use bytes::Bytes;
use deltalake::arrow::array::{AsArray, StringArray};
use deltalake::kernel::Add;
use deltalake::parquet::arrow::ProjectionMask;
use deltalake::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use deltalake::parquet::basic::{Encoding, Type};
use deltalake::parquet::column::page::Page;
use deltalake::parquet::errors::{ParquetError, Result};
use deltalake::parquet::file::metadata::ColumnChunkMetaData;
use deltalake::parquet::file::reader::{FileReader, SerializedFileReader};

use crate::mask::Proof;
use crate::model::share::{share, threads_for};
use crate::store::schema;

/// Rows that are read at once: enough to make little of the beginning, few enough to stay in the caches.
const ROWS_AT_ONCE: usize = 1 << 13;

/// An encoded file and what its footer says.
struct File<'f> {
    bytes: &'f Bytes,
    reader: SerializedFileReader<Bytes>,
    about: ArrowReaderMetadata,
}

/// What a commit is proved by.
pub struct Search<'s> {
    pub proof: &'s Proof,
    /// Originals that stand in columns of ids, each as a whole id, and are left there.
    pub left: &'s BTreeSet<usize>,
}

/// An original that a file holds: in which column, if in any, and which.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub column: Option<String>,
    pub number: usize,
}

impl Search<'_> {
    /// Every original that a reader of the file would find.
    pub fn of_file(&self, bytes: &Bytes) -> Result<BTreeSet<Found>> {
        if self.proof.searched() == 0 {
            return Ok(BTreeSet::new());
        }
        let reader = SerializedFileReader::new(bytes.clone())?;
        let mut found = BTreeSet::new();
        let (mut parts, mut rows) = (Vec::new(), 0);
        let (mut from, mut to) = (bytes.len(), 0);
        for group in 0..reader.num_row_groups() {
            let columns = reader.metadata().row_group(group).columns();
            rows = rows.max(reader.metadata().row_group(group).num_rows() as usize);
            for (at, column) in columns.iter().enumerate() {
                let (start, length) = column.byte_range();
                from = from.min(start as usize);
                to = to.max((start + length) as usize);
                let is_made = schema::is_made_id(&column.column_path().string());
                if column.column_type() == Type::BYTE_ARRAY && !is_made {
                    parts.push((group, at));
                }
            }
        }
        for outside in [bytes.get(..from), bytes.get(to..)].into_iter().flatten() {
            self.outside(outside, &mut found);
        }
        let about = ArrowReaderMetadata::load(bytes, ArrowReaderOptions::default())?;
        let file = File {
            bytes,
            reader,
            about,
        };
        let parts = share(parts, threads_for(rows), |(group, at)| {
            self.of_column(&file, group, at)
        });
        for part in parts {
            found.extend(part?);
        }
        Ok(found)
    }

    /// What the log says of the file.
    pub fn of_log(&self, add: &Add) -> BTreeSet<Found> {
        let mut found = BTreeSet::new();
        let dates = add.partition_values.values().flatten();
        let texts = dates.chain(&add.stats).chain([&add.path]);
        texts.for_each(|text| self.outside(text.as_bytes(), &mut found));
        found
    }

    fn outside(&self, bytes: &[u8], found: &mut BTreeSet<Found>) {
        self.proof.find(bytes, |hit| {
            if !self.left.contains(&hit.number) {
                found.insert(Found {
                    column: None,
                    number: hit.number,
                });
            }
        });
    }

    fn of_column(&self, file: &File<'_>, group: usize, at: usize) -> Result<BTreeSet<Found>> {
        let about = file.reader.metadata().row_group(group).column(at);
        let name = about.column_path().string();
        let mut values = Values {
            search: self,
            is_id: schema::is_id(&name),
            name,
            found: BTreeSet::new(),
        };
        values.bounds(about);
        match is_dictionary_alone(about) {
            true => {
                let group = file.reader.get_row_group(group)?;
                if let Some(page) = group.get_column_page_reader(at)?.next() {
                    values.dictionary(&page?)?;
                }
            }
            false => values.rows(file, group, at)?,
        }
        Ok(values.found)
    }
}

/// Whether all values stand in the dictionary, and the pages behind it hold numbers.
fn is_dictionary_alone(about: &ColumnChunkMetaData) -> bool {
    let data = about.page_encoding_stats_mask();
    about.dictionary_page_offset().is_some()
        && data.is_some_and(|data| data.is_only(Encoding::RLE_DICTIONARY))
}

/// The texts of one column.
struct Values<'s> {
    search: &'s Search<'s>,
    name: String,
    is_id: bool,
    found: BTreeSet<Found>,
}

impl Values<'_> {
    fn value(&mut self, value: &[u8]) {
        let mut numbers = Vec::new();
        let mut is_whole = false;
        self.search.proof.find(value, |hit| {
            is_whole |= hit.span == (0..value.len());
            numbers.push(hit.number);
        });
        if self.is_id && is_whole {
            return;
        }
        for number in numbers {
            self.found.insert(Found {
                column: Some(self.name.clone()),
                number,
            });
        }
    }

    /// Of ids they may be cut, and are bounds of values that are looked at themselves.
    fn bounds(&mut self, about: &ColumnChunkMetaData) {
        let Some(bounds) = about.statistics().filter(|_| !self.is_id) else {
            return;
        };
        let bounds = [bounds.min_bytes_opt(), bounds.max_bytes_opt()];
        bounds
            .into_iter()
            .flatten()
            .for_each(|bound| self.value(bound));
    }

    /// A dictionary page: each value after its length.
    fn dictionary(&mut self, page: &Page) -> Result<()> {
        let Page::DictionaryPage { buf, .. } = page else {
            return Err(ParquetError::General(format!(
                "{} has no dictionary",
                self.name
            )));
        };
        let mut rest = &buf[..];
        while let Some((length, behind)) = rest.split_first_chunk::<4>() {
            let length = u32::from_le_bytes(*length) as usize;
            let value = behind
                .get(..length)
                .ok_or(ParquetError::EOF(self.name.clone()))?;
            self.value(value);
            rest = &behind[length..];
        }
        Ok(())
    }

    fn rows(&mut self, file: &File<'_>, group: usize, at: usize) -> Result<()> {
        let (bytes, about) = (file.bytes.clone(), file.about.clone());
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(bytes, about);
        let mask = ProjectionMask::leaves(builder.parquet_schema(), [at]);
        let builder = builder.with_projection(mask).with_row_groups(vec![group]);
        let reader = builder.with_batch_size(ROWS_AT_ONCE);
        for batch in reader.build()? {
            let batch = batch?;
            let texts = batch.column(0).as_string_opt::<i32>();
            let texts =
                texts.ok_or_else(|| ParquetError::General(format!("{} is no text", self.name)))?;
            let all = &texts.value_data()[span_of(texts)];
            // Nearly always nothing is found; then it need not be known in which row.
            if self.search.proof.holds(all) {
                texts
                    .iter()
                    .flatten()
                    .for_each(|text| self.value(text.as_bytes()));
            }
        }
        Ok(())
    }
}

/// Which of the bytes of its buffer an array uses.
pub fn span_of(texts: &StringArray) -> Range<usize> {
    let offsets = texts.value_offsets();
    let at = |offset: Option<&i32>| offset.map_or(0, |offset| *offset as usize);
    at(offsets.first())..at(offsets.last())
}
