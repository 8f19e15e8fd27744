//! `/metrics`: what the service took in and how it fares, and the counts of each integration, as Prometheus text.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::assess::{self, Scope};
use crate::http::context::Context;
use crate::http::counts::Counts;
use crate::http::error::ApiError;
use crate::http::exposition::Page;
use crate::live::{COMMIT_BUCKETS_S, Came, Commits, Desk, Way};
use crate::model::assessment::IntegrationSummary;
use crate::store::Proved;

#[utoipa::path(get, path = "/metrics", responses(
    (status = 200, description = "Prometheus text: what came in and what became of it, counts of the last day of the data and the verdict of each integration", body = String),
))]
pub async fn metrics(State(context): State<Context>) -> Response {
    let mut page = Page::default();
    page.ingest(context.pusher().desk());
    page.pushes(&context.push_counts().get());
    // A store that cannot be read must not hide how the service fares.
    let integrations = read(&context).await;
    page.gauge(
        "tidemark_store_readable",
        "Whether the tables can be read",
        u8::from(integrations.is_ok()),
    );
    if let Ok((integrations, version)) = integrations {
        page.integrations(&integrations, version);
    }
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], page.0).into_response()
}

async fn read(context: &Context) -> Result<(Vec<IntegrationSummary>, u64), ApiError> {
    let view = context.view().await?;
    let scope = Scope::default();
    let judgement = context.judgement(&view, &scope).await?;
    let (_, integrations) = assess::overview(&view.session, &judgement, &scope).await?;
    Ok((integrations, view.version))
}

impl Page {
    fn ingest(&mut self, desk: &Desk) {
        let came: Vec<(Way, Came)> = desk.metrics.came().into_iter().collect();
        self.lines(&came);
        self.reasons(
            "tidemark_ingest_ignored_lines_total",
            "Lines that are no records, by reason",
            came.iter().map(|(way, came)| (*way, &came.ignored)),
        );
        self.reasons(
            "tidemark_ingest_rejected_lines_total",
            "Lines that could not be read, by reason",
            came.iter().map(|(way, came)| (*way, &came.rejected)),
        );
        self.by_way(
            "tidemark_ingest_bytes_total",
            "Bytes read, unpacked",
            &came,
            |came| came.bytes,
        );
        self.by_way(
            "tidemark_ingest_records_total",
            "HTTP calls found",
            &came,
            |came| came.records,
        );
        self.commits(&desk.metrics.commits());
        self.proved(&desk.metrics.proved());
        self.queue(desk);
        self.gauge(
            "tidemark_followed_files",
            "Files that are followed",
            desk.metrics.files_followed.load(Ordering::Relaxed),
        );
        self.counter(
            "tidemark_syslog_dropped_messages_total",
            "Syslog messages that came while nothing could be taken, or were never understood",
            desk.metrics.syslog_dropped.load(Ordering::Relaxed),
        );
    }

    fn lines(&mut self, came: &[(Way, Came)]) {
        let name = "tidemark_ingest_lines_total";
        self.family(name, "counter", "Lines read, by what became of them");
        for (way, came) in came {
            for (result, n) in [
                ("parsed", came.parsed),
                ("ignored", came.ignored.values().sum()),
                ("rejected", came.rejected.values().sum()),
                ("duplicate", came.duplicates),
            ] {
                self.sample(name, &[("source_kind", way.name()), ("result", result)], n);
            }
        }
    }

    fn by_way(&mut self, name: &str, help: &str, came: &[(Way, Came)], of: fn(&Came) -> u64) {
        self.family(name, "counter", help);
        for (way, came) in came {
            self.sample(name, &[("source_kind", way.name())], of(came));
        }
    }

    fn reasons<'c>(
        &mut self,
        name: &str,
        help: &str,
        came: impl Iterator<Item = (Way, &'c BTreeMap<&'static str, u64>)>,
    ) {
        self.family(name, "counter", help);
        for (way, reasons) in came {
            for (reason, n) in reasons {
                self.sample(name, &[("source_kind", way.name()), ("reason", reason)], n);
            }
        }
    }

    fn commits(&mut self, commits: &Commits) {
        let name = "tidemark_commits_total";
        self.family(name, "counter", "Tries to store what came in");
        self.sample(name, &[("result", "stored")], commits.stored);
        self.sample(name, &[("result", "failed")], commits.failed);
        let name = "tidemark_commit_duration_seconds";
        self.family(name, "histogram", "Time of a commit until it is durable");
        let mut so_far = 0;
        for (end, n) in COMMIT_BUCKETS_S.iter().zip(commits.by_time) {
            so_far += n;
            let end = end.to_string();
            self.sample(&format!("{name}_bucket"), &[("le", &end)], so_far);
        }
        self.sample(&format!("{name}_bucket"), &[("le", "+Inf")], commits.stored);
        self.sample(&format!("{name}_sum"), &[], commits.seconds);
        self.sample(&format!("{name}_count"), &[], commits.stored);
        // Before the first there is no number that would be true.
        if let Some(last) = commits.last {
            self.gauge(
                "tidemark_last_commit_age_seconds",
                "Time since something was stored",
                last.elapsed().as_secs_f64(),
            );
        }
    }

    fn proved(&mut self, proved: &Proved) {
        self.counter(
            "tidemark_proof_values_total",
            "Values that were masked and looked for in the files of their commit",
            proved.searched,
        );
        self.counter(
            "tidemark_proof_healed_total",
            "Places where such a value stood in another record, and was masked there",
            proved.healed,
        );
        let name = "tidemark_proof_seconds_total";
        self.family(name, "counter", "Time of that search");
        self.sample(name, &[], proved.seconds);
    }

    fn queue(&mut self, desk: &Desk) {
        let queue = &desk.queue;
        self.gauge(
            "tidemark_queue_bytes",
            "Masked rows that wait for a commit",
            queue.bytes(),
        );
        self.gauge(
            "tidemark_queue_bytes_max",
            "Bytes from which on pushes are refused",
            queue.bytes_max(),
        );
        self.gauge(
            "tidemark_queue_items",
            "Batches and pieces of files that wait for a commit",
            queue.items(),
        );
        self.gauge(
            "tidemark_store_writable",
            "Whether the last commit or probe succeeded",
            u8::from(queue.trouble().is_none()),
        );
    }

    fn pushes(&mut self, counts: &Counts) {
        let name = "tidemark_push_responses_total";
        self.family(name, "counter", "Pushes answered, by protocol and status");
        for ((protocol, code), n) in &counts.answers {
            let code = code.to_string();
            self.sample(name, &[("protocol", protocol), ("code", &code)], n);
        }
        self.counter(
            "tidemark_push_body_bytes_total",
            "Bytes of pushed bodies as they came",
            counts.bytes,
        );
    }

    fn integrations(&mut self, integrations: &[IntegrationSummary], version: u64) {
        type Value = fn(&IntegrationSummary) -> u64;
        let gauges: [(&str, &str, Value); 5] = [
            (
                "tidemark_requests",
                "Requests in the last day of the data",
                |i| i.counts.requests,
            ),
            (
                "tidemark_throttled",
                "Requests that the vendor throttled in that day",
                |i| i.counts.throttled,
            ),
            ("tidemark_server_errors", "Server errors in that day", |i| {
                i.counts.server_errors
            }),
            (
                "tidemark_no_response",
                "Requests without a response in that day",
                |i| i.counts.no_response,
            ),
            (
                "tidemark_category",
                "Verdict: 3 Category 2, 2 undecided, 1 Category 1, 0 quiet",
                |i| i.headline.category.urgency().into(),
            ),
        ];
        for (name, help, value) in gauges {
            self.family(name, "gauge", help);
            for of in integrations {
                self.sample(name, &[("integration", &of.integration)], value(of));
            }
        }
        self.counter(
            "tidemark_table_version",
            "Version of the rates table",
            version,
        );
    }
}
