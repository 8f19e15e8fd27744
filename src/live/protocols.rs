//! The bodies that log shippers and exporters push, each in its own protocol.

use crate::ingest::{Named, Plan, Reading, Told, read_entries, read_exchanges};
use crate::live::push::{Batch, PushError, Pushed, Pusher, Request, batch_note, source_id, unpack};
use crate::live::repeats::note_body;
use crate::read::format::Options;
use crate::read::push::bulk::{self, Action};
use crate::read::push::otlp::{self, Encoding};
use crate::read::push::{self as wire, datadog, firehose, hec, loki};
use crate::store::Rows;

/// How a body is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    HecEvents,
    HecRaw,
    LokiJson,
    LokiSnappy,
    Datadog,
    OtlpLogs(Encoding),
    OtlpTraces(Encoding),
}

/// What became of a body.
pub struct Taken {
    pub pushed: Pushed,
    /// How many entries it had, or which one was wrong; those before it are stored where the protocol has it so.
    pub told: Result<usize, wire::PushError>,
}

/// One action of an Elasticsearch body, and what became of it.
#[derive(Clone, Debug)]
pub struct BulkItem {
    pub action: Action,
    pub target: Option<String>,
    pub id: Option<String>,
    pub fate: Result<(), wire::Reason>,
}

impl Pusher {
    /// Stores a body of one of the protocols. A body with an entry that is wrong is refused as a whole, but for HEC.
    pub async fn push_protocol(
        &self,
        protocol: Protocol,
        request: Request,
    ) -> Result<Taken, PushError> {
        let pusher = self.clone();
        let (pushed, told) = self
            .push_batch(move || {
                let bytes = pusher.unpack(&request)?;
                let keeps_some = matches!(protocol, Protocol::HecEvents | Protocol::HecRaw);
                let endpoint = format!("{protocol:?}");
                pusher.make(&endpoint, &request, &bytes, keeps_some, |reading| {
                    read(protocol, &bytes, reading)
                })
            })
            .await?;
        Ok(Taken { pushed, told })
    }

    /// Stores an Elasticsearch body; each action has a fate of its own.
    pub async fn push_bulk(&self, request: Request) -> Result<(Vec<BulkItem>, Taken), PushError> {
        let pusher = self.clone();
        let (pushed, (items, told)) = self
            .push_batch(move || {
                let bytes = pusher.unpack(&request)?;
                let mut items = Vec::new();
                let (batch, told) = pusher.make("Bulk", &request, &bytes, false, |reading| {
                    let mut read = read_entries(reading, |found| {
                        bulk::decode(&bytes, &mut |item| {
                            items.push(BulkItem {
                                action: item.action,
                                target: item.target.map(|t| t.into_owned()),
                                id: item.id.map(|id| id.into_owned()),
                                fate: item.entry.as_ref().map(|_| ()).map_err(|e| *e),
                            });
                            if let Ok(Some(entry)) = item.entry {
                                found(entry);
                            }
                        })
                    });
                    read.unique = items.iter().all(|item| item.id.is_some());
                    read
                })?;
                Ok((batch, (items, told)))
            })
            .await?;
        Ok((items, Taken { pushed, told }))
    }

    /// Stores a delivery of Firehose and gives the id that stands in it. A delivery that is tried again has the same
    /// `key` and records, but may have been sent at another time.
    pub async fn push_firehose(
        &self,
        mut request: Request,
        key: Option<String>,
    ) -> Result<Option<String>, PushError> {
        let pusher = self.clone();
        let by_its_id = key.is_some();
        request.key = key.or(request.key);
        let made = move || {
            let bytes = pusher.unpack(&request)?;
            let mut id = None;
            let (mut batch, _) = pusher.make("Firehose", &request, &bytes, false, |reading| {
                read_entries(reading, |found| {
                    let delivered = firehose::decode(&bytes, found)?;
                    id = delivered.request_id;
                    Ok(delivered.entries)
                })
            })?;
            if let (Some(note), true) = (&mut batch.note, by_its_id) {
                note.hash = 0;
            }
            Ok((batch, id))
        };
        let (_, id) = self.push_batch(made).await?;
        Ok(id)
    }

    fn unpack(&self, request: &Request) -> Result<Vec<u8>, PushError> {
        unpack(request, self.settings())
    }

    fn make(
        &self,
        endpoint: &str,
        request: &Request,
        bytes: &[u8],
        keeps_some: bool,
        read: impl FnOnce(&Reading<'_>) -> Told,
    ) -> Result<(Batch, Result<usize, wire::PushError>), PushError> {
        let plan = Plan {
            options: Options {
                zone: request.zone,
                ..Options::default()
            },
            source_name: request.source.clone(),
            integration: request.integration.clone(),
            direction: request.direction,
            ..Plan::default()
        };
        let note = batch_note(request.key.as_deref(), bytes);
        let id = source_id(note.as_ref(), request.nonce);
        let masker = self.desk().makers.maskers.current();
        let reading = Reading {
            plan: &plan,
            named: Named {
                name: request.source.as_deref().unwrap_or("push"),
                id: &id,
            },
            makers: &self.desk().makers,
            masker: &masker,
            now: self.desk().now(),
        };
        let Told {
            whole,
            told,
            unique,
        } = read(&reading);
        if let (Err(error), false) = (&told, keeps_some) {
            return Err(PushError::Wire(*error));
        }
        let rows = whole.masked.map(Rows::new).transpose();
        let rows = rows.map_err(|e| PushError::Bad(e.to_string()))?;
        let unique = unique && rows.as_ref().is_some_and(|rows| !rows.is_empty());
        let batch = Batch {
            rows,
            summary: whole.summary,
            note: note.or_else(|| unique.then(|| note_body(endpoint, request, bytes))),
        };
        Ok((batch, told))
    }
}

fn read(protocol: Protocol, bytes: &[u8], reading: &Reading<'_>) -> Told {
    match protocol {
        Protocol::HecEvents => read_entries(reading, |found| hec::decode_events(bytes, found)),
        Protocol::HecRaw => read_entries(reading, |found| hec::decode_raw(bytes, found)),
        Protocol::LokiJson => read_entries(reading, |found| loki::decode_json(bytes, found)),
        Protocol::LokiSnappy => read_entries(reading, |found| loki::decode_snappy(bytes, found)),
        Protocol::Datadog => read_entries(reading, |found| datadog::decode(bytes, found)),
        Protocol::OtlpLogs(encoding) => {
            read_entries(reading, |found| otlp::decode_logs(bytes, encoding, found))
        }
        Protocol::OtlpTraces(encoding) => read_exchanges(reading, "otlp", |found| {
            otlp::read_traces(bytes, encoding, found)
        }),
    }
}
