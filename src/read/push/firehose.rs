//! Amazon Data Firehose's HTTP endpoint: records in base64, each a piece of a log, JSON values or a CloudWatch message.
//! The answer must echo the request's id.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::model::time::Timestamp;
use crate::read::instant::epoch_from_integer;
use crate::read::push::cloudwatch::{self, unpack};
use crate::read::push::entry::{BODY_BYTES_MAX, ENTRIES_MAX, Entry, Found, PushError, Reason};
use crate::read::push::values::{each_value, text_of};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    #[serde(borrow)]
    request_id: Option<Cow<'a, str>>,
    timestamp: Option<i64>,
    #[serde(borrow)]
    records: Vec<Record<'a>>,
}

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

/// What the answer needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    pub request_id: Option<String>,
    /// How many lines the records have.
    pub entries: usize,
}

/// Reads the body. The index of an error is the record's.
pub fn decode(body: &[u8], found: &mut Found<'_>) -> Result<Delivered, PushError> {
    let text = text_of(body)?;
    let request: Request<'_> =
        serde_json::from_str(&text).map_err(|_| Reason::InvalidFormat.at(0))?;
    let sent = request
        .timestamp
        .and_then(|ms| epoch_from_integer(ms.into()));
    let mut run = Run {
        sent,
        count: 0,
        bytes: 0,
        found,
    };
    for (number, record) in request.records.iter().enumerate() {
        run.record(&record.data)
            .map_err(|reason| reason.at(number))?;
    }
    Ok(Delivered {
        entries: run.count,
        request_id: request.request_id.map(Cow::into_owned),
    })
}

struct Run<'f, 'k> {
    sent: Option<Timestamp>,
    count: usize,
    /// Unpacked so far: many small records may each grow large.
    bytes: usize,
    found: &'f mut Found<'k>,
}

impl Run<'_, '_> {
    fn record(&mut self, data: &str) -> Result<(), Reason> {
        let packed = STANDARD.decode(data).map_err(|_| Reason::InvalidFormat)?;
        let unpacked = unpack(&packed).map_err(|error| error.reason)?;
        self.bytes += unpacked.len();
        if self.bytes > BODY_BYTES_MAX {
            return Err(Reason::TooLarge);
        }
        let text = String::from_utf8_lossy(&unpacked);
        if text.contains("\"logEvents\"") {
            return self.message(&unpacked);
        }
        if !text.trim_start().starts_with('{') || !self.objects(&text)? {
            return text.split('\n').try_for_each(|line| self.line(line));
        }
        Ok(())
    }

    fn message(&mut self, message: &[u8]) -> Result<(), Reason> {
        let base = self.count;
        let found = &mut *self.found;
        let read = cloudwatch::decode(message, &mut |entry| {
            found(Entry {
                index: base + entry.index,
                ..entry
            });
        });
        self.count += read.map_err(|error| error.reason)?;
        match self.count > ENTRIES_MAX {
            true => Err(Reason::TooMany),
            false => Ok(()),
        }
    }

    /// JSON values stand in a record with or without line ends between them. Says whether these were such.
    fn objects(&mut self, text: &str) -> Result<bool, Reason> {
        let Ok(text) = text_of(text.as_bytes()) else {
            return Ok(true);
        };
        if each_value(&text, &mut |_, _| Ok(())).is_err() {
            return Ok(false);
        }
        let read = each_value(&text, &mut |index, raw| {
            self.line(raw).map_err(|reason| reason.at(index))
        });
        read.map(|_| true).map_err(|error| error.reason)
    }

    fn line(&mut self, line: &str) -> Result<(), Reason> {
        if line.trim().is_empty() {
            return Ok(());
        }
        if self.count >= ENTRIES_MAX {
            return Err(Reason::TooMany);
        }
        (self.found)(Entry {
            index: self.count,
            text: Cow::Borrowed(line),
            ts: self.sent,
            source: None,
        });
        self.count += 1;
        Ok(())
    }
}
