//! What a sender of OTLP expects back: the response message in the encoding of its request.

use crate::read::push::otlp::request::Encoding;

/// Which records were not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Traces,
    Logs,
}

/// The body of a 200: empty where all was accepted, otherwise `partialSuccess` with the reason, after which senders do
/// not send the same again.
pub fn success(encoding: Encoding, kind: Kind, rejected: usize, reason: &str) -> Vec<u8> {
    let name = match kind {
        Kind::Traces => "rejectedSpans",
        Kind::Logs => "rejectedLogRecords",
    };
    match encoding {
        Encoding::Json if rejected == 0 => b"{}".to_vec(),
        Encoding::Json => serde_json::json!({
            "partialSuccess": { name: rejected.to_string(), "errorMessage": reason }
        })
        .to_string()
        .into_bytes(),
        Encoding::Protobuf if rejected == 0 => Vec::new(),
        Encoding::Protobuf => {
            let mut partial = vec![1 << 3];
            push_varint(&mut partial, rejected as u64);
            push_bytes(&mut partial, 2, reason.as_bytes());
            let mut response = Vec::new();
            push_bytes(&mut response, 1, &partial);
            response
        }
    }
}

/// The body of a 4xx or 5xx: `google.rpc.Status` with its message alone.
pub fn failure(encoding: Encoding, message: &str) -> Vec<u8> {
    match encoding {
        Encoding::Json => serde_json::json!({ "message": message })
            .to_string()
            .into_bytes(),
        Encoding::Protobuf => {
            let mut status = Vec::new();
            push_bytes(&mut status, 2, message.as_bytes());
            status
        }
    }
}

fn push_bytes(message: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    message.push(number << 3 | 2);
    push_varint(message, bytes.len() as u64);
    message.extend(bytes);
}

fn push_varint(message: &mut Vec<u8>, mut value: u64) {
    while value >= 128 {
        message.push((value & 127) as u8 | 128);
        value >>= 7;
    }
    message.push(value as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_accepted_is_said_in_the_encoding_of_the_request() {
        let json = |count| success(Encoding::Json, Kind::Logs, count, "bad status");
        assert_eq!(json(0), b"{}");
        assert_eq!(
            String::from_utf8(json(2)).expect("text"),
            r#"{"partialSuccess":{"errorMessage":"bad status","rejectedLogRecords":"2"}}"#
        );
        let protobuf = |count| success(Encoding::Protobuf, Kind::Traces, count, "bad");
        assert_eq!(protobuf(0), b"");
        assert_eq!(protobuf(300), b"\x0a\x08\x08\xac\x02\x12\x03bad");
        assert_eq!(failure(Encoding::Protobuf, "no"), b"\x12\x02no");
    }
}
