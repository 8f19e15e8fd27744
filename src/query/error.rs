//! What can go wrong with a question.

use datafusion::error::DataFusionError;

#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The caller's SQL, whether it is wrong as it stands or fails on a value; the message says where.
    #[error("the SQL cannot be answered: {0}")]
    Sql(String),
    #[error("only questions are allowed here: one SELECT, nothing that changes or opens anything")]
    NotReadOnly,
    #[error(
        "the question needs more memory than the limit of {limit_mb} MB; ask for a shorter range with --since, or raise `query.memory_mb`"
    )]
    Memory { limit_mb: u64 },
    #[error(
        "the question took longer than {limit_s} s; ask for a shorter range with --since, or raise `query.timeout_s`"
    )]
    Timeout { limit_s: u64 },
    #[error(
        "the answer has more than {limit} rows; ask for a shorter range with --since or a wider --step"
    )]
    TooManyRows { limit: usize },
    #[error("the tables cannot be read: {0}")]
    Unreadable(String),
}

impl QueryError {
    pub(super) fn from_datafusion(error: &DataFusionError, memory_mb: u64) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_) => Self::Memory {
                limit_mb: memory_mb,
            },
            other => Self::Unreadable(first_line(&other.to_string())),
        }
    }

    /// For a caller's SQL: what the tables or the machine are not to blame for is the caller's.
    pub(super) fn from_sql(error: &DataFusionError, memory_mb: u64) -> Self {
        match error.find_root() {
            DataFusionError::ResourcesExhausted(_)
            | DataFusionError::IoError(_)
            | DataFusionError::ObjectStore(_)
            | DataFusionError::ParquetError(_)
            | DataFusionError::External(_) => Self::from_datafusion(error, memory_mb),
            other => Self::Sql(first_line(&other.to_string())),
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
