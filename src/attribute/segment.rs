//! One segment of a path: kept when it is a name, folded into a placeholder when it is an id or personal.
//!
//! The first rule that holds decides, on the percent-decoded text. Placeholders fold into themselves, so that
//! templating a template changes nothing. What this lets through has no six digits in a row, no `@` and no UUID.

use crate::attribute::percent::{decode, undo_unreserved};
use crate::attribute::shapes::{
    count_digits, entropy, has_digits_run, has_uuid, is_date, is_digits, is_hex, is_ip, is_jwt,
    is_ksuid, is_mixed, is_number, is_phone, is_ulid, is_uuid, is_version,
};
use crate::attribute::words::is_wordy;

/// Longer names are `{long}`.
const NAME_BYTES_MAX: usize = 64;
/// Raw segments above this are not decoded and looked at; percent-encoding triples a name at most.
const RAW_BYTES_MAX: usize = 3 * NAME_BYTES_MAX;
/// Below this no shape but a number, a prefixed id or a hex string can hold for letters alone.
const SHORT_BYTES: usize = 15;
/// With its dashes, as nearly all are written.
const UUID_BYTES: usize = 36;
const TOKEN_BYTES_MIN: usize = 20;
const ENTROPY_BYTES_MIN: usize = 16;
const ENTROPY_BITS: f64 = 3.5;
const HEX_BYTES_MIN: usize = 8;
/// Numbers in several groups (`12345-67890`) are ids as well.
const DIGITS_ALL_MAX: usize = 6;
const PLACEHOLDER_BYTES_MAX: usize = 40;

/// Beginnings of ids that vendors give; the rest has a digit or a capital.
const ID_PREFIXES: [&str; 45] = [
    "ch_",
    "cus_",
    "evt_",
    "pi_",
    "sub_",
    "req_",
    "in_",
    "ii_",
    "il_",
    "pm_",
    "seti_",
    "price_",
    "prod_",
    "re_",
    "pyr_",
    "po_",
    "txn_",
    "acct_",
    "card_",
    "tok_",
    "src_",
    "si_",
    "cs_",
    "py_",
    "ba_",
    "fee_",
    "tr_",
    "dp_",
    "du_",
    "we_",
    "qt_",
    "cn_",
    "promo_",
    "file_",
    "link_",
    "msg_",
    "asst_",
    "thread_",
    "run_",
    "batch_",
    "resp_",
    "file-",
    "ftjob-",
    "chatcmpl-",
    "msgbatch_",
];
/// Segments whose value after the colon is a key: SFMC and others address objects so.
const KEYED: [(&str, &str); 3] = [
    ("key:", "key:{key}"),
    ("name:", "name:{name}"),
    ("id:", "id:{id}"),
];

/// Writes the segment, kept or folded. `previous` is the segment before it.
pub fn push_segment(raw: &str, previous: &str, out: &mut String) {
    if is_plain_name(raw.as_bytes()) {
        return out.push_str(raw);
    }
    if raw.len() == UUID_BYTES && is_uuid(raw.as_bytes()) {
        return out.push_str("{uuid}");
    }
    if let Some(folded) = plain_key(raw) {
        return out.push_str(folded);
    }
    if raw.len() > RAW_BYTES_MAX {
        return out.push_str(if raw.starts_with("eyJ") {
            "{token}"
        } else {
            "{long}"
        });
    }
    let Some(raw) = undo_unreserved(raw) else {
        return out.push_str("{text}");
    };
    match fold(&raw, previous) {
        Folded::Kept => out.push_str(&raw),
        Folded::Placeholder(text) => out.push_str(text),
        Folded::File(text, extension) => {
            out.push_str(text);
            out.push('.');
            out.push_str(extension);
        }
        Folded::Call(name) => {
            out.push_str(name);
            out.push_str("({key})");
        }
    }
}

enum Folded<'s> {
    Kept,
    Placeholder(&'static str),
    /// A placeholder and the extension that stays.
    File(&'static str, &'s str),
    /// `accounts(…)` of OData.
    Call(&'s str),
}

/// A keyed segment in which nothing is escaped and nothing is templated already.
fn plain_key(raw: &str) -> Option<&'static str> {
    let (_, folded) = KEYED.iter().find(|(prefix, _)| raw.starts_with(prefix))?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b":-_.".contains(&byte);
    (raw.len() <= RAW_BYTES_MAX && raw.bytes().all(plain)).then_some(*folded)
}

/// Nearly all segments: short, and nothing but small letters with dashes.
fn is_plain_name(raw: &[u8]) -> bool {
    raw.len() <= SHORT_BYTES
        && raw
            .iter()
            .all(|byte| byte.is_ascii_lowercase() || *byte == b'-' || *byte == b'_')
}

fn fold<'s>(raw: &'s str, previous: &str) -> Folded<'s> {
    let Some(text) = decode(raw) else {
        return Folded::Placeholder("{text}");
    };
    if is_template(&text) {
        return Folded::Kept;
    }
    if let Some((_, folded)) = KEYED.iter().find(|(prefix, _)| text.starts_with(prefix)) {
        return Folded::Placeholder(folded);
    }
    if let Some(folded) = personal(&text).or_else(|| machine_made(&text, previous)) {
        return match folded {
            "" => Folded::Kept,
            folded => Folded::Placeholder(folded),
        };
    }
    if let Some(name) = called(raw) {
        return Folded::Call(name);
    }
    if let Some((folded, extension)) = file(raw, previous) {
        return Folded::File(folded, extension);
    }
    match drawn(&text).or_else(|| unfit(&text)) {
        Some(folded) => Folded::Placeholder(folded),
        None => Folded::Kept,
    }
}

/// A segment that has been templated already: `{id}`, `{id}.json`, `key:{key}`.
fn is_template(text: &str) -> bool {
    let Some((before, rest)) = text.split_once('{') else {
        return false;
    };
    let Some((name, after)) = rest.split_once('}') else {
        return false;
    };
    let named = name.len() <= PLACEHOLDER_BYTES_MAX
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_*".contains(&byte));
    let plain = |part: &str| is_wordy(part.trim_matches(['(', ')', ',', '=']).as_bytes());
    named
        && count_digits(text.as_bytes()) < DIGITS_ALL_MAX
        && !is_hex(name.as_bytes())
        && plain(before)
        && plain(after)
}

fn personal(text: &str) -> Option<&'static str> {
    let signs = memchr::memchr2(b'@', b'%', text.as_bytes());
    if signs.is_some() && (text.contains('@') || text.contains("%40")) {
        let mail = text
            .replace("%40", "@")
            .split_once('@')
            .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
        return Some(if mail { "{email}" } else { "{text}" });
    }
    if is_phone(text.as_bytes()) {
        return Some("{phone}");
    }
    is_ip(text).then_some("{ip}")
}

/// Ids, dates, numbers and versions; the empty text for what is to be kept.
fn machine_made(text: &str, previous: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    if is_uuid(bytes) || is_ulid(bytes) || is_ksuid(bytes) || (bytes.len() == 32 && is_hex(bytes)) {
        return Some("{uuid}");
    }
    if matches!(bytes.len(), 24 | 40 | 64) && is_hex(bytes) {
        return Some("{hash}");
    }
    if is_version(bytes) || (previous.eq_ignore_ascii_case("api") && is_version_of_api(bytes)) {
        return Some("");
    }
    if is_date(bytes) {
        return Some("{date}");
    }
    if is_number(bytes) || is_prefixed_id(text) || is_salesforce_id(bytes) {
        return Some("{id}");
    }
    None
}

/// `2024-10` and `1.0`, which mean a version only right behind `api`.
fn is_version_of_api(text: &[u8]) -> bool {
    (text.len() == 7 && is_date(text))
        || (text.len() <= 4 && text.contains(&b'.') && is_number(text))
}

fn is_prefixed_id(text: &str) -> bool {
    let has_id = |rest: &str| {
        !rest.is_empty()
            && rest
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            && rest
                .bytes()
                .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())
    };
    let bytes = text.as_bytes();
    let twilio =
        bytes.len() == 34 && bytes[..2].iter().all(u8::is_ascii_uppercase) && is_hex(&bytes[2..]);
    twilio
        || text.starts_with("gid:")
        || ID_PREFIXES
            .iter()
            .any(|prefix| text.strip_prefix(prefix).is_some_and(has_id))
}

/// 15 or 18 letters and digits; the first three tell the kind of object and hold a digit.
fn is_salesforce_id(text: &[u8]) -> bool {
    matches!(text.len(), 15 | 18)
        && text.iter().all(u8::is_ascii_alphanumeric)
        && count_digits(&text[..3]) > 0
        && count_digits(text) >= 2
}

/// `accounts(id)`: OData puts the key behind the name.
fn called(raw: &str) -> Option<&str> {
    let (name, key) = raw.strip_suffix(')')?.split_once('(')?;
    let plain =
        !name.is_empty() && name.len() <= PLACEHOLDER_BYTES_MAX && is_wordy(name.as_bytes());
    (plain && !key.is_empty()).then_some(name)
}

/// `4711.json`: the name is an id, the extension tells what it is.
fn file<'s>(raw: &'s str, previous: &str) -> Option<(&'static str, &'s str)> {
    let (name, extension) = raw.rsplit_once('.')?;
    let plain = (1..=5).contains(&extension.len())
        && extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && extension.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !plain {
        return None;
    }
    match fold(name, previous) {
        Folded::Placeholder(folded) if !folded.contains(':') => Some((folded, extension)),
        _ => None,
    }
}

/// Tokens and hex strings. Hex comes first: whether its entropy passes the threshold differs from id to id.
fn drawn(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    if is_jwt(bytes) {
        return Some("{token}");
    }
    if bytes.len() >= HEX_BYTES_MIN && is_hex(bytes) && count_digits(bytes) > 0 && !is_digits(bytes)
    {
        return Some("{hex}");
    }
    if is_wordy(bytes) {
        return None;
    }
    let base64 = bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"-_=".contains(byte));
    let token = (bytes.len() >= TOKEN_BYTES_MIN && base64 && is_mixed(bytes))
        || (bytes.len() >= ENTROPY_BYTES_MIN && entropy(bytes) > ENTROPY_BITS);
    token.then_some(if bytes.len() > NAME_BYTES_MAX && !base64 {
        "{long}"
    } else {
        "{token}"
    })
}

/// What no rule knows but must not stay.
fn unfit(text: &str) -> Option<&'static str> {
    let bytes = text.as_bytes();
    if bytes.len() > NAME_BYTES_MAX {
        return Some("{long}");
    }
    if has_uuid(bytes) {
        return Some("{uuid}");
    }
    let many = count_digits(bytes) >= DIGITS_ALL_MAX && !is_wordy(bytes);
    (many || has_digits_run(bytes)).then_some("{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(raw: &str, previous: &str, expected: &str) {
        let mut once = String::new();
        push_segment(raw, previous, &mut once);
        assert_eq!(once, expected, "{raw}");
        let mut twice = String::new();
        push_segment(&once, previous, &mut twice);
        assert_eq!(twice, once, "not idempotent: {raw}");
        assert!(
            !once.contains('@') && !has_digits_run(once.as_bytes()) && !has_uuid(once.as_bytes())
        );
    }

    #[test]
    fn ids_are_folded() {
        check("af11bab1-240f-46a7-a490-fd4ac393fd0e", "", "{uuid}");
        check("AF11BAB1240F46A7A490FD4AC393FD0E", "", "{uuid}");
        check("01GDDKASAP8TKDDA2GRZDSVP4H", "", "{uuid}");
        check("0ujtsYcgvSTl8PAuAdqWYSMnLOv", "", "{uuid}");
        check("507f1f77bcf86cd799439011", "", "{hash}");
        check("da39a3ee5e6b4b0d3255bfef95601890afd80709", "", "{hash}");
        check("51", "", "{id}");
        check("-3.25", "", "{id}");
        check("7", "", "7");
        check("ch_9", "charges", "{id}");
        check("cus_Nffrbezq7yQ2", "", "{id}");
        check("sub_total", "", "sub_total");
        check("ACa1b2c3d4e5f60718293a4b5c6d7e8f90", "", "{id}");
        check("gid:%2F%2Fshopify%2FOrder%2F1", "", "{id}");
        check("00Q5e000003abcDEAQ", "Lead", "{id}");
        check("0015e00000AbCdE", "Account", "{id}");
        check("deadbeef01", "", "{hex}");
        check("450789469.json", "orders", "{id}.json");
        check("af11bab1-240f-46a7-a490-fd4ac393fd0e.pdf", "", "{uuid}.pdf");
        check("eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl", "", "{token}");
        check("dQw4w9WgXcQ-abcDEF_12", "", "{token}");
        check("order-1234567", "", "{id}");
        check("12345-67890", "", "{id}");
        check(
            "accounts(af11bab1-240f-46a7-a490-fd4ac393fd0e)",
            "v9.2",
            "accounts({key})",
        );
        check("{af11bab1-240f-46a7-a490-fd4ac393fd0e}", "", "{token}");
    }

    #[test]
    fn dates_and_versions() {
        check("2026-11-22", "", "{date}");
        check("20261122", "", "{date}");
        check("2026-11-22T03%3A51%3A46Z", "", "{date}");
        check("2024-10", "api", "2024-10");
        check("2024-10", "reports", "{date}");
        check("1.0", "api", "1.0");
        check("1.0", "prices", "{id}");
        check("v1", "", "v1");
        check("v1.3", "api", "v1.3");
        check("v1beta1", "", "v1beta1");
        check("beta", "", "beta");
        check("v20241022", "", "{id}");
    }

    #[test]
    fn personal_texts_are_folded() {
        check("jane.doe%40example.com", "", "{email}");
        check("jane@example.com", "", "{email}");
        check("jane%2540example.com", "", "{email}");
        check("@scope", "", "{text}");
        check("+491701234567", "", "{phone}");
        check("10.0.0.1", "", "{ip}");
        check("2001:db8::1", "", "{ip}");
        check("key:Orders_1", "dataevents", "key:{key}");
        check("key:jane@example.com", "dataevents", "key:{key}");
        check("name:Email", "attributeSets", "name:{name}");
        check("M%C3%BCller", "", "{text}");
        check("Müller", "", "{text}");
        check("%zz", "", "{text}");
        check("%%34%31", "", "{text}");
    }

    #[test]
    fn names_are_kept() {
        for name in [
            "CONTACTS_LIST",
            "Welcome_1",
            "graphql.json",
            "payment_method_configurations",
            "disabling-battery-in-ubuntu-vms.html",
            "$metadata",
            "a%20b",
            "chat.postMessage",
            "values:batchGet",
            "graphql:GetOrdersForCustomer",
            "{id}",
            "{order}.json",
            "key:{key}",
            "accounts({key})",
            "{*}",
            "{more}",
            "WhoAmI",
            "Microsoft.Compute",
            "..",
            "<script>",
        ] {
            check(name, "", name);
        }
        check(&"a".repeat(65), "", "{long}");
        check(&"ab-".repeat(100), "", "{long}");
    }
}
