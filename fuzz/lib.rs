//! The readers and the masker as the program has them, without the engine and the tables behind them.

#[path = "../src/mask/mod.rs"]
pub mod mask;
#[path = "../src/model/mod.rs"]
pub mod model;
#[path = "../src/read/mod.rs"]
pub mod read;

use read::detect::Detected;
use read::format::{Parsed, Place, Sink};
use read::lines::Blocks;

/// Reads a whole source by what was detected, and checks what must hold for any bytes: each line has one fate, and
/// where one was no record nothing was handed over for it.
pub fn read_all(detected: Detected, bytes: &[u8]) {
    let mut records = 0;
    let mut count = |_: &'static str, exchanges: &mut [model::exchange::Exchange<'_>]| {
        records += exchanges
            .iter()
            .filter(|exchange| exchange.is_final)
            .count();
    };
    match detected {
        Detected::Lines { reader, .. } => each_line(bytes, &mut |line, at| {
            let mut told = false;
            let parsed = reader.read(line, at, &mut |name, exchanges| {
                told = true;
                count(name, exchanges);
            });
            assert!(!told || matches!(parsed, Parsed::Record(_)), "{parsed:?}");
        }),
        Detected::Sequence { mut sequence, .. } => {
            let sink: &mut Sink<'_> = &mut count;
            each_line(bytes, &mut |line, at| {
                sequence.line(line, at, sink);
            });
            sequence.finish(sink);
        }
        Detected::Document { format } => {
            if let read::format::Layout::Document { parse, .. } = &format.layout {
                let _ = parse(read::format::without_mark(bytes), &mut |entry| {
                    records += usize::from(entry.is_ok());
                });
            }
        }
        Detected::Unknown { .. } => {}
    }
}

fn each_line(bytes: &[u8], take: &mut dyn FnMut(&str, Place)) {
    let mut blocks = Blocks::new(bytes);
    while let Ok(Some(block)) = blocks.next_block() {
        for (offset, line, bytes) in block.lines() {
            take(&read::lines::text_of(bytes), Place { offset, line });
        }
    }
}

/// Headers of the request, body of the request, body of the answer: of the first row.
pub fn content(masked: mask::Masked) -> [Option<String>; 3] {
    let (columns, _) = masked.into_columns();
    let texts = [
        &columns.request_headers,
        &columns.request_body,
        &columns.response_body,
    ];
    texts.map(|column| column.get(0).map(str::to_owned))
}
