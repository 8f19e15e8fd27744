//! Bodies of push protocols as somebody saved them. What is inside is read by the other line formats.

use crate::read::format::{Format, Layout};
use crate::read::push::bulk_lines::{self, BulkLines};
use crate::read::push::otlp::file::{self, OtlpLines};
use crate::read::push::saved::{self, SavedLines};
use crate::read::push::shapes;

/// Above every format that reads the records inside.
const SPECIFICITY: u8 = 95;

/// An array may be of anything.
const SPECIFICITY_OF_ARRAY: u8 = 30;

/// Whether lines of other formats stand inside its lines.
pub fn is_envelope(format: &Format) -> bool {
    ALL.iter().any(|known| known.name == format.name)
}

const ALL: &[Format] = &[
    OTLP,
    SPLUNK_HEC,
    LOKI,
    ELASTICSEARCH_BULK,
    DATADOG,
    FLUENT_BIT,
    VECTOR,
    GELF,
    FIREHOSE,
    CLOUDWATCH,
    JSON_ARRAY,
];

pub const OTLP: Format = Format {
    name: file::NAME,
    aliases: &["opentelemetry"],
    title: "OpenTelemetry (OTLP/JSON lines: traces, logs, single spans)",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(OtlpLines::new(options))),
    samples: &[
        (
            r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"order-sync"}}]},"scopeSpans":[{"spans":[{"traceId":"49ac3bb9f544552f052f993825386df0","spanId":"6ea47ad1493db5b9","name":"GET","kind":3,"startTimeUnixNano":"1795319648295623545","endTimeUnixNano":"1795319648301140040","attributes":[{"key":"http.request.method","value":{"stringValue":"GET"}},{"key":"url.full","value":{"stringValue":"https://api.stripe.com/v1/customers?limit=3"}},{"key":"http.response.status_code","value":{"intValue":"404"}}],"status":{"code":2}}]}]}]}"#,
            Some(404),
        ),
        (
            r#"{"traceId":"85ed7781743f9b52934220e511d894a2","spanId":"6d0533d0aa41caf2","name":"GET","kind":3,"startTimeUnixNano":"1795319651866082874","endTimeUnixNano":"1795319652019533847","attributes":[{"key":"http.method","value":{"stringValue":"GET"}},{"key":"http.url","value":{"stringValue":"https://api.hubapi.com/x"}},{"key":"http.status_code","value":{"intValue":"502"}}]}"#,
            Some(502),
        ),
        (
            r#"{"resourceLogs":[{"resource":{"attributes":[]},"scopeLogs":[{"logRecords":[{"timeUnixNano":"1700000000000000000","severityNumber":9,"body":{"stringValue":"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET / HTTP/1.1\" 200 5 \"-\" \"-\""}}]}]}]}"#,
            Some(200),
        ),
    ],
};

pub const OTLP_BODY: Format = Format {
    name: "otlp_body",
    aliases: &["otlp_protobuf"],
    title: "OpenTelemetry, one request or length-delimited ones (OTLP protobuf or JSON)",
    specificity: 100,
    layout: Layout::Document {
        sniff: file::sniff,
        parse: file::parse,
    },
    samples: &[(
        "{\n \"resourceSpans\":[{\"scopeSpans\":[{\"spans\":[{\"traceId\":\"85ed7781743f9b52934220e511d894a2\",\"spanId\":\"6d0533d0aa41caf2\",\"kind\":2,\"startTimeUnixNano\":\"1795319651866082874\",\"attributes\":[{\"key\":\"http.request.method\",\"value\":{\"stringValue\":\"POST\"}},{\"key\":\"http.response.status_code\",\"value\":{\"intValue\":429}}]}]}]}]}",
        Some(429),
    )],
};

pub const SPLUNK_HEC: Format = Format {
    name: shapes::HEC.name,
    aliases: &["hec"],
    title: "Splunk HTTP Event Collector events",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::HEC, options))),
    samples: &[
        (
            r#"{"time": 1795319505.818, "host": "gw-1", "source": "/var/log/nginx/egress.log", "sourcetype": "nginx", "event": "10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges HTTP/1.1\" 429 58 \"-\" \"-\""}"#,
            Some(429),
        ),
        (
            r#"{"time":"1795319505.9","event":{"status":503,"method":"GET","url":"https://api.stripe.com/v1/charges"}}"#,
            Some(503),
        ),
    ],
};

pub const LOKI: Format = Format {
    name: shapes::LOKI.name,
    aliases: &["loki"],
    title: "Loki push bodies (JSON)",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::LOKI, options))),
    samples: &[(
        r#"{"streams": [{"stream": {"job": "egress"}, "values": [["1795319505818000000", "10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges HTTP/1.1\" 502 58 \"-\" \"-\"", {"trace_id": "0af7651916cd43dd"}]]}]}"#,
        Some(502),
    )],
};

pub const ELASTICSEARCH_BULK: Format = Format {
    name: bulk_lines::NAME,
    aliases: &["bulk"],
    title: "Elasticsearch _bulk bodies",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(BulkLines::new(options))),
    samples: &[(
        "{\"create\": {\"_index\": \"egress-logs\"}}\n{\"@timestamp\": \"2026-11-22T03:51:45.818Z\", \"message\": \"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \\\"GET /v1/charges HTTP/1.1\\\" 500 58 \\\"-\\\" \\\"-\\\"\", \"host\": {\"name\": \"gw-1\"}}",
        Some(500),
    )],
};

pub const DATADOG: Format = Format {
    name: shapes::DATADOG.name,
    aliases: &["datadog"],
    title: "Datadog log intake bodies",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::DATADOG, options))),
    samples: &[(
        r#"[{"ddsource":"nginx","ddtags":"env:prod","hostname":"gw-1","service":"egress","status":"info","timestamp":1795319505818,"message":"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges HTTP/1.1\" 404 58 \"-\" \"-\""}]"#,
        Some(404),
    )],
};

pub const FLUENT_BIT: Format = Format {
    name: shapes::FLUENT_BIT.name,
    aliases: &[],
    title: "Fluent Bit http output (json, json_lines, json_stream)",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::FLUENT_BIT, options))),
    samples: &[(
        r#"[{"date": 1795319505.818, "log": "10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges HTTP/1.1\" 201 58 \"-\" \"-\"\n", "stream": "stdout"}]"#,
        Some(201),
    )],
};

pub const VECTOR: Format = Format {
    name: shapes::VECTOR.name,
    aliases: &["vector"],
    title: "Vector http sink bodies",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::VECTOR, options))),
    samples: &[(
        r#"[{"host": "gw-1", "file": "/var/log/nginx/egress.log", "message": "10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges HTTP/1.1\" 200 58 \"-\" \"-\"", "source_type": "file", "timestamp": "2026-11-22T03:51:45.818000078Z"}]"#,
        Some(200),
    )],
};

pub const GELF: Format = Format {
    name: shapes::GELF.name,
    aliases: &[],
    title: "GELF 1.1",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::GELF, options))),
    samples: &[(
        r#"{"version":"1.1","host":"gw-1","short_message":"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges HTTP/1.1\" 200 58 \"-\" \"-\"","timestamp":1795319505.818,"level":6}"#,
        Some(200),
    )],
};

pub const FIREHOSE: Format = Format {
    name: shapes::FIREHOSE.name,
    aliases: &[],
    title: "Amazon Data Firehose HTTP bodies",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::FIREHOSE, options))),
    samples: &[(
        r#"{"requestId":"ed4acda5","timestamp":1795319505818,"records":[{"data":"eyJzdGF0dXMiOjQyOSwibWV0aG9kIjoiR0VUIiwidXJsIjoiaHR0cHM6Ly9hcGkuc3RyaXBlLmNvbS92MS9jaGFyZ2VzIn0K"}]}"#,
        Some(429),
    )],
};

pub const CLOUDWATCH: Format = Format {
    name: shapes::CLOUDWATCH.name,
    aliases: &["cloudwatch"],
    title: "CloudWatch Logs subscription messages",
    specificity: SPECIFICITY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::CLOUDWATCH, options))),
    samples: &[(
        r#"{"messageType":"DATA_MESSAGE","owner":"111111111111","logGroup":"/egress","logStream":"gw-1","subscriptionFilters":["all"],"logEvents":[{"id":"3625","timestamp":1795319505818,"message":"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \"GET /v1/charges HTTP/1.1\" 503 58 \"-\" \"-\""}]}"#,
        Some(503),
    )],
};

pub const JSON_ARRAY: Format = Format {
    name: shapes::JSON_ARRAY.name,
    aliases: &[],
    title: "JSON arrays of records",
    specificity: SPECIFICITY_OF_ARRAY,
    layout: Layout::Sequence(|options| Box::new(SavedLines::new(&shapes::JSON_ARRAY, options))),
    samples: &[(
        r#"[{"timestamp":"2026-11-22T03:51:45Z","method":"GET","url":"https://api.stripe.com/v1/charges","status":402}]"#,
        Some(402),
    )],
};

/// Stands last in the list: its marks are weaker than those of the other documents.
pub const PUSH_BODY: Format = Format {
    name: "push_body",
    aliases: &[],
    title: "One saved body of a push protocol, over many lines or too long for one",
    specificity: 100,
    layout: Layout::Document {
        sniff: |head| shapes::shape_of(head).is_some(),
        parse: saved::parse_document,
    },
    samples: &[(
        "[\n  {\n    \"ddsource\": \"nginx\",\n    \"message\": \"10.1.2.3 - - [22/Nov/2026:03:51:45 +0000] \\\"GET /v1/charges HTTP/1.1\\\" 429 58 \\\"-\\\" \\\"-\\\"\"\n  }\n]\n",
        Some(429),
    )],
};
