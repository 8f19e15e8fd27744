//! Any bytes as the body of each push protocol.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidemark_fuzz::read::format::{Options, Place};
use tidemark_fuzz::read::push::Entry;
use tidemark_fuzz::read::push::inner::EntryReader;
use tidemark_fuzz::read::push::otlp::{self, Encoding};
use tidemark_fuzz::read::push::{
    bulk, cloudwatch, datadog, firehose, fluent_bit, gelf, hec, journald, loki, vector,
};

fuzz_target!(|bytes: &[u8]| {
    let mut reader = EntryReader::new(&Options::default());
    let mut take = |entry: Entry<'_>| {
        reader.read(&entry, Place::default(), &mut |_, _| {});
    };
    let _ = hec::decode_events(bytes, &mut take);
    let _ = hec::decode_raw(bytes, &mut take);
    let _ = loki::decode_json(bytes, &mut take);
    let _ = loki::decode_snappy(bytes, &mut take);
    let _ = datadog::decode(bytes, &mut take);
    let _ = fluent_bit::decode(bytes, &mut take);
    let _ = vector::decode(bytes, &mut take);
    let _ = gelf::decode(bytes, &mut take);
    let _ = cloudwatch::decode(bytes, &mut take);
    let _ = journald::decode(bytes, &mut take);
    let _ = firehose::decode(bytes, &mut take);
    let _ = bulk::decode(bytes, &mut |_| {});
    for encoding in [Encoding::Json, Encoding::Protobuf] {
        let _ = otlp::read_traces(bytes, encoding, &mut |_| {});
        let _ = otlp::decode_logs(bytes, encoding, &mut take);
    }
});
