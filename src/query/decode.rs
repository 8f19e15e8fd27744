//! Cells of an answer to Rust values, by column name.

use datafusion::arrow::array::{Array, ArrayRef, AsArray, RecordBatch, StringArray};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Float64Type, Int64Type};

use crate::model::sketch::Sketch;
use crate::model::time::Timestamp;
use crate::query::error::QueryError;

/// One batch with its columns brought to the few types that are read here.
pub struct Rows<'b> {
    batch: &'b RecordBatch,
}

/// A column whose cells may be null.
pub struct Column(ArrayRef);

impl<'b> Rows<'b> {
    pub fn new(batch: &'b RecordBatch) -> Self {
        Self { batch }
    }

    pub fn len(&self) -> usize {
        self.batch.num_rows()
    }

    pub fn text(&self, name: &str) -> Result<Column, QueryError> {
        self.column(name, &DataType::Utf8)
    }

    pub fn integer(&self, name: &str) -> Result<Column, QueryError> {
        self.column(name, &DataType::Int64)
    }

    pub fn float(&self, name: &str) -> Result<Column, QueryError> {
        self.column(name, &DataType::Float64)
    }

    pub fn sketches(&self, name: &str) -> Result<Column, QueryError> {
        let item = datafusion::arrow::datatypes::Field::new("item", DataType::Binary, true);
        self.column(name, &DataType::List(item.into()))
    }

    fn column(&self, name: &str, kind: &DataType) -> Result<Column, QueryError> {
        let found = self
            .batch
            .column_by_name(name)
            .ok_or_else(|| QueryError::Unreadable(format!("the answer has no column {name}")))?;
        cast(found, kind).map(Column).map_err(|_| {
            QueryError::Unreadable(format!(
                "column {name} is {}, not {kind}",
                found.data_type()
            ))
        })
    }
}

impl Column {
    pub fn text(&self, row: usize) -> Option<&str> {
        let texts: &StringArray = self.0.as_string::<i32>();
        texts.is_valid(row).then(|| texts.value(row))
    }

    pub fn owned(&self, row: usize) -> Option<String> {
        self.text(row).map(str::to_owned)
    }

    pub fn integer(&self, row: usize) -> Option<i64> {
        let values = self.0.as_primitive::<Int64Type>();
        values.is_valid(row).then(|| values.value(row))
    }

    /// Microseconds since 1970.
    pub fn time(&self, row: usize) -> Option<Timestamp> {
        self.integer(row).map(Timestamp::from_micros)
    }

    /// Counts are never negative.
    pub fn count(&self, row: usize) -> u64 {
        self.integer(row)
            .and_then(|n| u64::try_from(n).ok())
            .unwrap_or_default()
    }

    pub fn float(&self, row: usize) -> Option<f64> {
        let values = self.0.as_primitive::<Float64Type>();
        values.is_valid(row).then(|| values.value(row))
    }

    /// The sketches of a list, merged; damaged ones count as none.
    pub fn sketch(&self, row: usize) -> Sketch {
        let mut merged = Sketch::default();
        let lists = self.0.as_list::<i32>();
        if lists.is_valid(row) {
            let items = lists.value(row);
            let items = items.as_binary::<i32>();
            for at in (0..items.len()).filter(|at| items.is_valid(*at)) {
                if let Some(sketch) = Sketch::from_bytes(items.value(at)) {
                    merged.merge(&sketch);
                }
            }
        }
        merged
    }
}
