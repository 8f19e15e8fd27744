//! Why a chart could not be drawn.

/// Messages continue "failed to …" and never hold data of a record.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    #[error("load the compiled-in font")]
    Font,
    #[error("draw the chart: {0}")]
    Draw(String),
    #[error("encode the picture: {0}")]
    Encode(#[from] std::io::Error),
}
