//! Why a report could not be made.

use crate::chart::ChartError;

/// Messages continue "failed to …" and never hold data of a record.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("draw the trend of the report")]
    Chart(#[from] ChartError),
    #[error(
        "keep the report within {bytes_max} bytes: it has {bytes} (hint: ask for fewer samples)"
    )]
    TooLarge { bytes: usize, bytes_max: usize },
}
