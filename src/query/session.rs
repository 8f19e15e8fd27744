//! A DataFusion session over one frozen version of the tables, with limits on memory and time.

use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::{ArrayRef, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::catalog::{MemTable, TableProvider};
use datafusion::common::ParamValues;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::RuntimeEnvBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::{DataFrame, SQLOptions, SessionConfig, SessionContext};
use datafusion::scalar::ScalarValue;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use crate::catalog::Fact;
use crate::model::time::Timestamp;
use crate::query::bounds::Bounds;
use crate::query::error::QueryError;
use crate::query::library::Query;

/// Limits of one question.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Megabytes of working memory; a question that needs more is refused.
    pub memory_mb: u64,
    /// Seconds; enough for months of rates on two cores.
    pub timeout_s: u64,
    /// Rows that an answer may have; a table for people ends long before.
    pub rows_max: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            memory_mb: 2_048,
            timeout_s: 120,
            rows_max: 1_000_000,
        }
    }
}

/// One version of the tables and the means to ask them. Cheap to make anew for each question.
pub struct Session {
    context: SessionContext,
    settings: Settings,
    /// When the question is asked: a line from a clock that is far ahead must not move the end of the data there.
    now: Timestamp,
    pub(super) bounds: OnceCell<Bounds>,
}

impl Session {
    pub fn new(
        exchanges: Arc<dyn TableProvider>,
        rates: Arc<dyn TableProvider>,
        facts: &[Fact],
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Self, QueryError> {
        let failed = |error| QueryError::from_datafusion(&error, settings.memory_mb);
        let pool =
            FairSpillPool::new(usize::try_from(settings.memory_mb << 20).unwrap_or(usize::MAX));
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(pool))
            .build_arc()
            .map_err(failed)?;
        let config = SessionConfig::new().with_information_schema(true);
        let context = SessionContext::new_with_config_rt(config, runtime);
        context
            .register_table("exchanges", exchanges)
            .map_err(failed)?;
        context.register_table("rates", rates).map_err(failed)?;
        context
            .register_table("vendors", vendors(facts).map_err(failed)?)
            .map_err(failed)?;
        Ok(Self {
            context,
            settings: settings.clone(),
            now,
            bounds: OnceCell::new(),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Runs one of the library's questions.
    pub async fn ask(
        &self,
        query: &Query,
        parameters: Vec<(&str, ScalarValue)>,
    ) -> Result<Vec<RecordBatch>, QueryError> {
        let failed = |error| QueryError::from_datafusion(&error, self.settings.memory_mb);
        let values: ParamValues = parameters.into();
        let frame = self.context.sql(query.sql).await.map_err(failed)?;
        self.collect(frame.with_param_values(values).map_err(failed)?, failed)
            .await
    }

    /// Runs a caller's SQL, which can only read.
    pub async fn ask_read_only(&self, sql: &str) -> Result<Vec<RecordBatch>, QueryError> {
        let options = SQLOptions::new()
            .with_allow_ddl(false)
            .with_allow_dml(false)
            .with_allow_statements(false);
        let failed = |error| QueryError::from_sql(&error, self.settings.memory_mb);
        let plan = self
            .context
            .state()
            .create_logical_plan(sql)
            .await
            .map_err(failed)?;
        options
            .verify_plan(&plan)
            .map_err(|_| QueryError::NotReadOnly)?;
        let frame = self
            .context
            .execute_logical_plan(plan)
            .await
            .map_err(failed)?;
        self.collect(frame, failed).await
    }

    async fn collect(
        &self,
        frame: DataFrame,
        failed: impl Fn(DataFusionError) -> QueryError,
    ) -> Result<Vec<RecordBatch>, QueryError> {
        let limit = self.settings.rows_max;
        let frame = match frame.logical_plan() {
            // An explanation is short, and nothing may stand above it in a plan.
            LogicalPlan::Explain(_) | LogicalPlan::Analyze(_) => frame,
            _ => frame
                .limit(0, Some(limit.saturating_add(1)))
                .map_err(&failed)?,
        };
        let schema = Arc::new(frame.schema().as_arrow().clone());
        let deadline = Duration::from_secs(self.settings.timeout_s);
        let mut batches = tokio::time::timeout(deadline, frame.collect())
            .await
            .map_err(|_| QueryError::Timeout {
                limit_s: self.settings.timeout_s,
            })?
            .map_err(&failed)?;
        if batches.iter().map(RecordBatch::num_rows).sum::<usize>() > limit {
            return Err(QueryError::TooManyRows { limit });
        }
        if batches.is_empty() {
            batches.push(RecordBatch::new_empty(schema));
        }
        Ok(batches)
    }
}

/// The catalogue as a table, so that SQL can join facts with what happened.
fn vendors(facts: &[Fact]) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    type Cell = fn(&Fact) -> Option<&str>;
    let columns: [(&str, Cell); 9] = [
        ("vendor", |f| Some(&f.vendor)),
        ("integration", |f| f.integration.as_deref()),
        ("kind", |f| Some(&f.kind)),
        ("name", |f| Some(&f.name)),
        ("value", |f| Some(&f.value)),
        ("unit", |f| f.unit.as_deref()),
        ("source", |f| Some(&f.source)),
        ("checked", |f| Some(&f.checked)),
        ("confidence", |f| Some(&f.confidence)),
    ];
    let fields: Vec<Field> = columns
        .iter()
        .map(|(name, _)| Field::new(*name, DataType::Utf8, true))
        .collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays: Vec<ArrayRef> = columns
        .iter()
        .map(|(_, get)| Arc::new(StringArray::from_iter(facts.iter().map(get))) as ArrayRef)
        .collect();
    let batch = RecordBatch::try_new(Arc::clone(&schema), arrays)?;
    Ok(Arc::new(MemTable::try_new(schema, vec![vec![batch]])?))
}
