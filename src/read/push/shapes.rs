//! Which protocol a saved body is of: told by the members that its records have.

use crate::read::engine::json::Json;
use crate::read::push::entry::Reason;
use crate::read::push::saved::{Decode, head_text, is_by_lines};
use crate::read::push::values::each_value;
use crate::read::push::{cloudwatch, datadog, firehose, fluent_bit, gelf, hec, loki, vector};

/// How a protocol's bodies are known, and read.
pub struct Shape {
    pub name: &'static str,
    pub decode: Decode,
    /// Whether a record is one of this protocol.
    pub is_record: fn(&Json<'_>) -> bool,
    /// Names that all stand in the beginning of a body that is too long, or too well laid out, to be one line.
    pub marks: &'static [&'static str],
}

pub const HEC: Shape = Shape {
    name: "splunk_hec",
    decode: hec::decode_events,
    is_record: is_event,
    marks: &["\"event\"", "\"sourcetype\""],
};

pub const LOKI: Shape = Shape {
    name: "loki_push",
    decode: loki::decode_json,
    is_record: |record| matches!(record.get("streams"), Some(Json::Array(_))),
    marks: &["\"streams\"", "\"stream\"", "\"values\""],
};

pub const DATADOG: Shape = Shape {
    name: "datadog_logs",
    decode: datadog::decode,
    is_record: |record| {
        has(record, "message") && (has(record, "ddsource") || has(record, "ddtags"))
    },
    marks: &["\"message\"", "\"ddsource\""],
};

pub const FLUENT_BIT: Shape = Shape {
    name: "fluent_bit",
    decode: fluent_bit::decode,
    is_record: |record| {
        let is_text = |name| matches!(record.get(name), Some(Json::Text(_)));
        has(record, "date") && (is_text("log") || is_text("message"))
    },
    marks: &["\"date\"", "\"log\""],
};

pub const VECTOR: Shape = Shape {
    name: "vector_http",
    decode: vector::decode,
    is_record: |record| {
        let all = ["message", "timestamp", "source_type"];
        all.iter().all(|name| has(record, name))
    },
    marks: &["\"message\"", "\"timestamp\"", "\"source_type\""],
};

pub const GELF: Shape = Shape {
    name: "gelf",
    decode: gelf::decode,
    is_record: |record| has(record, "version") && has(record, "short_message"),
    marks: &["\"version\"", "\"short_message\""],
};

pub const FIREHOSE: Shape = Shape {
    name: "firehose",
    decode: |body, found| firehose::decode(body, found).map(|delivered| delivered.entries),
    is_record: |record| has(record, "requestId") && has(record, "records"),
    marks: &["\"requestId\"", "\"records\"", "\"data\""],
};

pub const CLOUDWATCH: Shape = Shape {
    name: "cloudwatch_logs",
    decode: cloudwatch::decode,
    is_record: |record| has(record, "messageType") && has(record, "logEvents"),
    marks: &["\"messageType\"", "\"logEvents\""],
};

/// A file of one body as agents send it. It has no text that could tell.
pub const LOKI_SNAPPY: Shape = Shape {
    name: "loki_snappy",
    decode: loki::decode_snappy,
    is_record: |_| false,
    marks: &[],
};

/// Records without anything around them; they may be of any JSON shape.
pub const JSON_ARRAY: Shape = Shape {
    name: "json_array",
    decode: fluent_bit::decode,
    is_record: |record| matches!(record, Json::Object(_)),
    marks: &["["],
};

/// All of them, for files that are one body.
pub const SHAPES: &[&Shape] = &[
    &HEC,
    &LOKI,
    &DATADOG,
    &FLUENT_BIT,
    &VECTOR,
    &GELF,
    &FIREHOSE,
    &CLOUDWATCH,
    &JSON_ARRAY,
];

impl Shape {
    /// Whether a line is a body: its first record tells.
    pub fn is_body(&self, line: &str) -> bool {
        if !line.starts_with(['{', '[']) || !self.has_marks(line) {
            return false;
        }
        // A single object is no array, also where its values hold one.
        if self.name == JSON_ARRAY.name && !line.starts_with('[') {
            return false;
        }
        let mut is_record = false;
        // The first record is enough: the walk is stopped behind it.
        let _ = each_value(line, &mut |index, raw| {
            is_record = Json::parse(raw).is_ok_and(|record| (self.is_record)(&record));
            Err(Reason::TooMany.at(index))
        });
        is_record
    }

    fn has_marks(&self, text: &str) -> bool {
        let has = |mark: &&str| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some();
        self.marks.first().is_none_or(has)
    }
}

/// The protocol of a file that is one body.
pub fn shape_of(head: &[u8]) -> Option<&'static Shape> {
    let text = head_text(head);
    let text = text.trim_start();
    if !text.starts_with(['{', '[']) {
        return loki::is_snappy(head).then_some(&LOKI_SNAPPY);
    }
    if is_by_lines(head) {
        return None;
    }
    let is_marked = |shape: &&&Shape| match shape.marks {
        ["["] => is_array_of_objects(text),
        marks => marks.iter().all(|mark| text.contains(mark)),
    };
    SHAPES.iter().find(is_marked).copied()
}

fn is_array_of_objects(text: &str) -> bool {
    let items = text.strip_prefix('[').map(str::trim_start);
    items.is_some_and(|items| items.starts_with('{'))
}

/// Application logs have a member `event` too; the collector's records have no others than these.
fn is_event(record: &Json<'_>) -> bool {
    const MEMBERS: &[&str] = &[
        "time",
        "host",
        "source",
        "sourcetype",
        "index",
        "event",
        "fields",
    ];
    let Json::Object(members) = record else {
        return false;
    };
    let is_known = |name: &str| MEMBERS.contains(&name);
    members.len() > 1 && has(record, "event") && members.iter().all(|(name, _)| is_known(name))
}

fn has(record: &Json<'_>, name: &str) -> bool {
    record.get(name).is_some()
}
