//! Errors that are told by a code in an ok answer, put beside the other counts of their windows.

use std::collections::HashMap;

use crate::model::evidence::SeriesHistory;
use crate::model::time::Timestamp;
use crate::query::decode::Rows;
use crate::query::error::QueryError;

/// How many, by integration and operation and the start of the window.
pub type Coded = HashMap<(String, Option<String>), HashMap<Timestamp, u64>>;

pub fn decode_coded(rows: &Rows<'_>, out: &mut Coded) -> Result<(), QueryError> {
    let (integration, operation) = (rows.text("integration")?, rows.text("operation")?);
    let (window, coded) = (rows.integer("window_us")?, rows.integer("coded")?);
    for row in 0..rows.len() {
        let key = (
            integration.owned(row).unwrap_or_default(),
            operation.owned(row),
        );
        if let Some(at) = window.time(row) {
            *out.entry(key).or_default().entry(at).or_default() += coded.count(row);
        }
    }
    Ok(())
}

pub fn add_coded(series: &mut [SeriesHistory], coded: &Coded) {
    for one in series {
        let Some(own) = coded.get(&(one.integration.clone(), one.operation.clone())) else {
            continue;
        };
        for (at, counts) in &mut one.windows {
            counts.coded = own.get(at).copied().unwrap_or_default();
        }
    }
}
