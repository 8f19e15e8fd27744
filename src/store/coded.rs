//! A column of texts or numbers that come again to the pages of a Parquet column chunk: a dictionary, and what points
//! into it.
//!
//! The library's writer looks every value up in a dictionary of its own. Here texts have been numbered before they came,
//! by whoever made the rows, and numbers come in runs, so little more than the pages is left to write.

use std::collections::HashMap;

use bytes::Bytes;
use deltalake::arrow::array::{Array, ArrayRef, AsArray, DictionaryArray};
use deltalake::arrow::buffer::NullBuffer;
use deltalake::arrow::datatypes::{
    DataType, Float64Type, Int16Type, Int64Type, TimeUnit, TimestampMicrosecondType, UInt32Type,
};
use deltalake::parquet::basic::{Encoding, PageType, ZstdLevel};
use deltalake::parquet::column::page::{CompressedPage, Page, PageWriteSpec, PageWriter};
use deltalake::parquet::column::writer::ColumnCloseResult;
use deltalake::parquet::data_type::ByteArray;
use deltalake::parquet::errors::{ParquetError, Result};
use deltalake::parquet::file::metadata::{
    ColumnChunkMetaData, OffsetIndexBuilder, PageEncodingStats,
};
use deltalake::parquet::file::statistics::{Statistics, ValueStatistics};
use deltalake::parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use deltalake::parquet::schema::types::ColumnDescPtr;
use foldhash::fast::RandomState;

use crate::store::hybrid;

/// Rows of a page: what a reader has to unpack to get at one of them.
const PAGE_ROWS: usize = 1 << 16;
/// Longer texts are no bounds that help to skip a file.
const BOUND_BYTES_MAX: usize = 64;

/// More different numbers than this are no few, nor are those that do not come this often on the average.
const DISTINCT_MAX: usize = 1 << 16;
const ROWS_EACH_MIN: usize = 8;

/// A finished column chunk.
pub struct Chunk {
    pub bytes: Bytes,
    pub close: ColumnCloseResult,
}

/// Texts or numbers as a dictionary and what points into it.
pub struct Dense {
    /// For each row that has a value, which one, from 0 in the order in which they come.
    numbers: Vec<u32>,
    /// The values as the dictionary page holds them (`PLAIN`), and how many they are.
    dictionary: Vec<u8>,
    distinct: usize,
    statistics: Statistics,
}

impl Dense {
    pub fn of_texts(column: &DictionaryArray<UInt32Type>) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let texts = column.values().as_string::<i32>();
        let mut known = vec![UNSEEN; texts.len()];
        let mut used = Vec::new();
        let mut numbers = Vec::with_capacity(column.len() - column.null_count());
        let mut take = |key: u32| {
            let number = &mut known[key as usize];
            if *number == UNSEEN {
                *number = used.len() as u32;
                used.push(texts.value(key as usize));
            }
            numbers.push(*number);
        };
        match column.null_count() {
            0 => column.keys().values().iter().for_each(|key| take(*key)),
            _ => column.keys().iter().flatten().for_each(&mut take),
        }
        let mut dictionary = Vec::new();
        for text in &used {
            dictionary.extend_from_slice(&(text.len() as u32).to_le_bytes());
            dictionary.extend_from_slice(text.as_bytes());
        }
        let bounds = used.iter().min().zip(used.iter().max());
        let bounds = bounds.filter(|(least, greatest)| {
            least.len() <= BOUND_BYTES_MAX && greatest.len() <= BOUND_BYTES_MAX
        });
        let bound = |text: &str| Some(ByteArray::from(text));
        let statistics = ValueStatistics::new(
            bounds.and_then(|(least, _)| bound(least)),
            bounds.and_then(|(_, greatest)| bound(greatest)),
            None,
            Some(column.null_count() as u64),
            false,
        );
        Self {
            numbers,
            dictionary,
            distinct: used.len(),
            statistics: Statistics::ByteArray(statistics),
        }
    }

    /// `None` for numbers that are too many to be few values that come again.
    pub fn of_numbers(column: &ArrayRef) -> Option<Self> {
        if column.null_count() == column.len() {
            return None;
        }
        let nulls = Some(column.null_count() as u64);
        match column.data_type() {
            DataType::Int16 => {
                let found = Few::find(column.as_primitive::<Int16Type>().iter(), i64::from)?;
                let (least, greatest) = found.bounds(|n| n as i32);
                let statistics = Statistics::int32(least, greatest, None, nulls, false);
                Some(found.dense(|n| (n as i32).to_le_bytes(), statistics))
            }
            DataType::Int64 => {
                let found = Few::find(column.as_primitive::<Int64Type>().iter(), |n| n)?;
                Some(found.dense_i64(nulls))
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                let times = column.as_primitive::<TimestampMicrosecondType>();
                Some(Few::find(times.iter(), |n| n)?.dense_i64(nulls))
            }
            DataType::Float64 => {
                let bits = |n: f64| n.to_bits().cast_signed();
                let found = Few::find(column.as_primitive::<Float64Type>().iter(), bits)?;
                let statistics = Statistics::double(None, None, None, nulls, false);
                Some(found.dense(i64::to_le_bytes, statistics))
            }
            _ => None,
        }
    }

    /// Writes the chunk of a column of so many rows, of which `nulls` lack a value.
    pub fn write(
        self,
        rows: usize,
        nulls: Option<&NullBuffer>,
        descr: ColumnDescPtr,
        level: ZstdLevel,
    ) -> Result<Chunk> {
        let mut pages = Pages::new(level)?;
        pages.dictionary(&self)?;
        let width = hybrid::width_of(self.distinct.saturating_sub(1) as u32);
        let mut values = self.numbers.as_slice();
        for from in (0..rows).step_by(PAGE_ROWS) {
            let rows = PAGE_ROWS.min(rows - from);
            let nulls = nulls.map(|nulls| nulls.slice(from, rows));
            let missing = nulls.as_ref().map_or(0, NullBuffer::null_count);
            let (page, rest) = values.split_at(rows - missing);
            pages.data(page, rows, nulls.as_ref(), width)?;
            values = rest;
        }
        pages.finish(descr, rows, self.statistics)
    }
}

/// Numbers of which there are few different ones.
struct Few {
    numbers: Vec<u32>,
    used: Vec<i64>,
}

impl Few {
    fn find<T: Copy>(
        values: impl ExactSizeIterator<Item = Option<T>>,
        key: impl Fn(T) -> i64,
    ) -> Option<Self> {
        let most = DISTINCT_MAX.min(values.len() / ROWS_EACH_MIN).max(1);
        let mut known: HashMap<i64, u32, RandomState> = HashMap::default();
        let (mut used, mut last) = (Vec::new(), None);
        let mut numbers = Vec::with_capacity(values.len());
        for value in values.flatten().map(key) {
            let number = match last {
                Some((before, number)) if before == value => number,
                _ => *known.entry(value).or_insert_with(|| {
                    used.push(value);
                    used.len() as u32 - 1
                }),
            };
            if used.len() > most {
                return None;
            }
            last = Some((value, number));
            numbers.push(number);
        }
        Some(Self { numbers, used })
    }

    fn bounds<T>(&self, value: impl Fn(i64) -> T) -> (Option<T>, Option<T>) {
        let bound = |bound: Option<&i64>| bound.map(|n| value(*n));
        (bound(self.used.iter().min()), bound(self.used.iter().max()))
    }

    fn dense_i64(self, nulls: Option<u64>) -> Dense {
        let (least, greatest) = self.bounds(|n| n);
        let statistics = Statistics::int64(least, greatest, None, nulls, false);
        self.dense(i64::to_le_bytes, statistics)
    }

    fn dense<const N: usize>(
        self,
        plain: impl Fn(i64) -> [u8; N],
        statistics: Statistics,
    ) -> Dense {
        Dense {
            dictionary: self.used.iter().flat_map(|n| plain(*n)).collect(),
            distinct: self.used.len(),
            numbers: self.numbers,
            statistics,
        }
    }
}

/// The pages of a chunk in the making.
struct Pages {
    sink: TrackedWrite<Vec<u8>>,
    zstd: zstd::bulk::Compressor<'static>,
    level: ZstdLevel,
    data_offset: usize,
    data_pages: i32,
    compressed: usize,
    uncompressed: usize,
    places: OffsetIndexBuilder,
    levels: Vec<u32>,
}

impl Pages {
    fn new(level: ZstdLevel) -> Result<Self> {
        let zstd = zstd::bulk::Compressor::new(level.compression_level());
        Ok(Self {
            sink: TrackedWrite::new(Vec::new()),
            zstd: zstd.map_err(failed)?,
            level,
            data_offset: 0,
            data_pages: 0,
            compressed: 0,
            uncompressed: 0,
            places: OffsetIndexBuilder::new(),
            levels: Vec::new(),
        })
    }

    fn dictionary(&mut self, dense: &Dense) -> Result<()> {
        let buf = self.zstd.compress(&dense.dictionary).map_err(failed)?;
        let page = Page::DictionaryPage {
            buf: buf.into(),
            num_values: dense.distinct as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        self.add(page, dense.dictionary.len())?;
        self.data_offset = self.sink.bytes_written();
        Ok(())
    }

    /// A page of the second version: levels as they are, then the numbers, compressed.
    fn data(
        &mut self,
        numbers: &[u32],
        rows: usize,
        nulls: Option<&NullBuffer>,
        width: u32,
    ) -> Result<()> {
        let mut buf = Vec::new();
        match nulls {
            Some(nulls) => {
                self.levels.clear();
                self.levels.extend(nulls.iter().map(u32::from));
                hybrid::write(&self.levels, 1, &mut buf);
            }
            None => hybrid::write_run(rows, 1, 1, &mut buf),
        }
        let levels = buf.len();
        let mut plain = vec![width as u8];
        hybrid::write(numbers, width, &mut plain);
        buf.extend_from_slice(&self.zstd.compress(&plain).map_err(failed)?);
        let page = Page::DataPageV2 {
            buf: buf.into(),
            num_values: rows as u32,
            encoding: Encoding::RLE_DICTIONARY,
            num_nulls: (rows - numbers.len()) as u32,
            num_rows: rows as u32,
            def_levels_byte_len: levels as u32,
            rep_levels_byte_len: 0,
            is_compressed: true,
            statistics: None,
        };
        self.data_pages += 1;
        let spec = self.add(page, levels + plain.len())?;
        self.places.append_row_count(rows as i64);
        self.places
            .append_offset_and_size(spec.offset as i64, spec.compressed_size as i32);
        self.places.append_unencoded_byte_array_data_bytes(None);
        Ok(())
    }

    fn add(&mut self, page: Page, uncompressed: usize) -> Result<PageWriteSpec> {
        let page = CompressedPage::new(page, uncompressed);
        let spec = SerializedPageWriter::new(&mut self.sink).write_page(page)?;
        self.compressed += spec.compressed_size;
        self.uncompressed += spec.uncompressed_size;
        Ok(spec)
    }

    fn finish(self, descr: ColumnDescPtr, rows: usize, statistics: Statistics) -> Result<Chunk> {
        let pages = |page_type, encoding, count| PageEncodingStats {
            page_type,
            encoding,
            count,
        };
        let metadata = ColumnChunkMetaData::builder(descr)
            .set_encodings(vec![
                Encoding::PLAIN,
                Encoding::RLE,
                Encoding::RLE_DICTIONARY,
            ])
            .set_page_encoding_stats(vec![
                pages(PageType::DICTIONARY_PAGE, Encoding::PLAIN, 1),
                pages(
                    PageType::DATA_PAGE_V2,
                    Encoding::RLE_DICTIONARY,
                    self.data_pages,
                ),
            ])
            .set_compression(deltalake::parquet::basic::Compression::ZSTD(self.level))
            .set_num_values(rows as i64)
            .set_total_compressed_size(self.compressed as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_dictionary_page_offset(Some(0))
            .set_data_page_offset(self.data_offset as i64)
            .set_statistics(statistics)
            .build()?;
        let bytes = Bytes::from(self.sink.into_inner()?);
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: rows as u64,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: Some(self.places.build()),
        };
        Ok(Chunk { bytes, close })
    }
}

fn failed(error: std::io::Error) -> ParquetError {
    ParquetError::External(Box::new(error))
}
