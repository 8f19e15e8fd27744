//! A column of numbered texts to the pages of a Parquet column chunk: a dictionary, and the numbers that point into it.
//!
//! The library's writer looks every value up in a dictionary of its own. Here the values have been numbered before they
//! came, by whoever made the rows, so only the pages are left to write.

use bytes::Bytes;
use deltalake::arrow::array::{Array, AsArray, DictionaryArray, StringArray};
use deltalake::arrow::buffer::NullBuffer;
use deltalake::arrow::datatypes::UInt32Type;
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

use crate::store::hybrid;

/// Rows of a page: what a reader has to unpack to get at one of them.
const PAGE_ROWS: usize = 1 << 16;
/// Longer texts are no bounds that help to skip a file.
const BOUND_BYTES_MAX: usize = 64;

/// A finished column chunk.
pub struct Chunk {
    pub bytes: Bytes,
    pub close: ColumnCloseResult,
}

/// Writes the chunk of a column of numbered texts.
pub fn write(
    column: &DictionaryArray<UInt32Type>,
    descr: ColumnDescPtr,
    level: ZstdLevel,
) -> Result<Chunk> {
    let texts = column.values().as_string::<i32>();
    let dense = Dense::new(column);
    let mut pages = Pages::new(level)?;
    pages.dictionary(&dense, texts)?;
    let width = hybrid::width_of(dense.used.len().saturating_sub(1) as u32);
    let mut values = dense.numbers.as_slice();
    for from in (0..column.len()).step_by(PAGE_ROWS) {
        let rows = PAGE_ROWS.min(column.len() - from);
        let nulls = column.nulls().map(|nulls| nulls.slice(from, rows));
        let (page, rest) = values.split_at(rows - nulls.as_ref().map_or(0, NullBuffer::null_count));
        pages.data(page, rows, nulls.as_ref(), width)?;
        values = rest;
    }
    pages.finish(descr, column, &dense.bounds(texts))
}

/// The numbers of this column alone, from 0 in the order in which they come.
struct Dense {
    /// One for each row that has a text.
    numbers: Vec<u32>,
    /// Which texts they stand for.
    used: Vec<u32>,
}

impl Dense {
    fn new(column: &DictionaryArray<UInt32Type>) -> Self {
        const UNSEEN: u32 = u32::MAX;
        let mut known = vec![UNSEEN; column.values().len()];
        let mut used = Vec::new();
        let mut numbers = Vec::with_capacity(column.len() - column.null_count());
        let mut take = |key: u32| {
            let number = &mut known[key as usize];
            if *number == UNSEEN {
                *number = used.len() as u32;
                used.push(key);
            }
            numbers.push(*number);
        };
        match column.null_count() {
            0 => column.keys().values().iter().for_each(|key| take(*key)),
            _ => column.keys().iter().flatten().for_each(&mut take),
        }
        Self { numbers, used }
    }

    /// The least and the greatest text.
    fn bounds<'t>(&self, texts: &'t StringArray) -> Option<(&'t str, &'t str)> {
        let all = || self.used.iter().map(|key| texts.value(*key as usize));
        let bounds = (all().min()?, all().max()?);
        let short = |text: &str| text.len() <= BOUND_BYTES_MAX;
        (short(bounds.0) && short(bounds.1)).then_some(bounds)
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

    fn dictionary(&mut self, dense: &Dense, texts: &StringArray) -> Result<()> {
        let mut plain = Vec::new();
        for key in &dense.used {
            let text = texts.value(*key as usize);
            plain.extend_from_slice(&(text.len() as u32).to_le_bytes());
            plain.extend_from_slice(text.as_bytes());
        }
        let buf = self.zstd.compress(&plain).map_err(failed)?.into();
        let page = Page::DictionaryPage {
            buf,
            num_values: dense.used.len() as u32,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        };
        self.add(page, plain.len())?;
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

    fn finish(
        self,
        descr: ColumnDescPtr,
        column: &DictionaryArray<UInt32Type>,
        bounds: &Option<(&str, &str)>,
    ) -> Result<Chunk> {
        let bound = |text: &str| ByteArray::from(text);
        let statistics = ValueStatistics::new(
            bounds.map(|(least, _)| bound(least)),
            bounds.map(|(_, greatest)| bound(greatest)),
            None,
            Some(column.null_count() as u64),
            false,
        );
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
            .set_num_values(column.len() as i64)
            .set_total_compressed_size(self.compressed as i64)
            .set_total_uncompressed_size(self.uncompressed as i64)
            .set_dictionary_page_offset(Some(0))
            .set_data_page_offset(self.data_offset as i64)
            .set_statistics(Statistics::ByteArray(statistics))
            .build()?;
        let bytes = Bytes::from(self.sink.into_inner()?);
        let close = ColumnCloseResult {
            bytes_written: bytes.len() as u64,
            rows_written: column.len() as u64,
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
