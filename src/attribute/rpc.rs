//! The name of a remote procedure where one path serves many: GraphQL, SOAP, and AWS's JSON protocol.
//!
//! Taken only when it is a plain name, because a body can hold anything.

use crate::attribute::json_scan::find_string;
use crate::attribute::segment::push_segment;
use crate::attribute::texts::{find_header, head};
use crate::catalog::Role;
use crate::model::exchange::Exchange;

const NAME_BYTES_MAX: usize = 64;
/// The operation's name stands near the beginning of a body.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The procedure that the request calls.
pub fn rpc_name(exchange: &Exchange<'_>, role: Role) -> Option<String> {
    let name = from_headers(exchange)
        .or_else(|| from_graphql(exchange))
        .or_else(|| (role == Role::Soap).then(|| from_soap(exchange)).flatten())?;
    is_plain(name).then(|| name.to_owned())
}

fn from_headers<'e>(exchange: &'e Exchange<'_>) -> Option<&'e str> {
    if exchange.request_headers.is_empty() {
        return None;
    }
    let headers = &exchange.request_headers;
    let action =
        find_header(headers, "soapaction").or_else(|| find_header(headers, "x-amz-target"))?;
    let bare = action.trim_matches(['"', ' ']);
    bare.rsplit(['/', '#', ':', '.']).next()
}

fn from_graphql<'e>(exchange: &'e Exchange<'_>) -> Option<&'e str> {
    let path = exchange.path.trim_end_matches('/');
    if !path.ends_with("graphql") && !path.ends_with("graphql.json") {
        return None;
    }
    let from_body = exchange
        .request_body
        .as_deref()
        .and_then(|body| find_string(head(body, BODY_BYTES_MAX), "operationName"));
    from_body.or_else(|| {
        let pairs = exchange.query.as_deref()?.split('&');
        pairs
            .filter_map(|pair| pair.split_once('='))
            .find(|(key, _)| *key == "operationName")
            .map(|(_, name)| name)
    })
}

/// The first element in the SOAP body, without its prefix.
fn from_soap<'e>(exchange: &'e Exchange<'_>) -> Option<&'e str> {
    let body = head(exchange.request_body.as_deref()?, BODY_BYTES_MAX);
    let from = memchr::memmem::find(body.as_bytes(), b"Body")?;
    let inside = body[from..].split_once('>')?.1;
    let tag = inside.split_once('<')?.1;
    let name = tag.split([' ', '>', '/', '\n', '\t', '\r']).next()?;
    Some(name.rsplit(':').next().unwrap_or(name))
}

/// A name that stays when the operation is templated again.
fn is_plain(name: &str) -> bool {
    let plain = !name.is_empty()
        && name.len() <= NAME_BYTES_MAX - "graphql.json:".len()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !plain {
        return false;
    }
    let segment = format!("graphql.json:{name}");
    let mut folded = String::new();
    push_segment(&segment, "", &mut folded);
    folded == segment
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(exchange: &Exchange<'_>, role: Role, expected: Option<&str>) {
        assert_eq!(rpc_name(exchange, role).as_deref(), expected);
    }

    #[test]
    fn procedures_are_named() {
        let graphql = |body: &'static str| Exchange {
            path: "/admin/api/2024-10/graphql.json".into(),
            request_body: Some(body.into()),
            ..Exchange::default()
        };
        check(
            &graphql(r#"{"operationName":"ProductList","query":"…"}"#),
            Role::Api,
            Some("ProductList"),
        );
        check(&graphql(r#"{"operationName":null}"#), Role::Api, None);
        check(
            &graphql(r#"{"operationName":"jane@acme.example"}"#),
            Role::Api,
            None,
        );
        check(&graphql(r#"{"operationName":"x1234567"}"#), Role::Api, None);
        let soap = Exchange {
            path: "/Service.asmx".into(),
            request_body: Some("<s:Envelope><s:Body a=\"1\"><ns:RetrieveRequestMsg>".into()),
            ..Exchange::default()
        };
        check(&soap, Role::Soap, Some("RetrieveRequestMsg"));
        check(&soap, Role::Api, None);
        let target = Exchange {
            request_headers: vec![("X-Amz-Target".into(), "DynamoDB_20120810.GetItem".into())],
            ..Exchange::default()
        };
        check(&target, Role::Api, Some("GetItem"));
        let action = Exchange {
            request_headers: vec![(
                "SOAPAction".into(),
                "\"urn:partner.soap.sforce.com/upsert\"".into(),
            )],
            ..Exchange::default()
        };
        check(&action, Role::Api, Some("upsert"));
    }
}
