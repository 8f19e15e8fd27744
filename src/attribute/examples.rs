//! Whole exchanges, from what a log tells to what they are: identity, operation, ids, and inputs that mean harm.

use std::sync::{Arc, LazyLock};

use crate::attribute::{Attributor, Context, Settings};
use crate::catalog::Catalog;
use crate::model::exchange::{Direction, Exchange, Outcome, StatusSource};
use crate::model::time::Timestamp;

/// Made once: most tests need no settings.
pub static PLAIN: LazyLock<Attributor> = LazyLock::new(|| attributor(""));

fn attributor(settings: &str) -> Attributor {
    let catalog = Catalog::embedded().expect("embedded facts load");
    let settings: Settings = toml::from_str(settings).expect("valid settings");
    Attributor::new(Arc::new(catalog), settings).expect("valid attributor")
}

#[test]
fn a_throttle_of_our_own_proxy_is_local() {
    let mut exchange = Exchange {
        host: "api.stripe.com".into(),
        path: "/v1/charges".into(),
        status: Some(429),
        status_source: StatusSource::Edge,
        ..Exchange::default()
    };
    PLAIN.attribute(&mut exchange, &Context::default());
    assert!(exchange.is_local_throttle());
    let mut exchange = Exchange {
        host: "api.github.com".into(),
        status: Some(403),
        status_source: StatusSource::Edge,
        retry_after_s: Some(3.0),
        ..Exchange::default()
    };
    PLAIN.attribute(&mut exchange, &Context::default());
    assert_eq!(exchange.outcome, Outcome::ClientError);
}

#[test]
fn columns_of_a_log_stand_in_for_headers_and_bodies() {
    let mut exchange = Exchange {
        host: "123-abc-456.mktorest.com".into(),
        path: "/rest/v1/leads.json".into(),
        status: Some(200),
        error_code: Some("606".into()),
        ..Exchange::default()
    };
    PLAIN.attribute(&mut exchange, &Context::default());
    assert_eq!(exchange.outcome, Outcome::Throttled);
    let mut exchange = Exchange {
        host: "api.github.com".into(),
        path: "/user".into(),
        status: Some(403),
        ..Exchange::default()
    };
    exchange.limit.remaining = Some(0);
    PLAIN.attribute(&mut exchange, &Context::default());
    assert_eq!(exchange.outcome, Outcome::Throttled);
}

#[test]
fn identity_follows_the_order_of_trust() {
    let settings = r#"
        integrations = [
            { name = "stripe-eu", match = { host = ["api.stripe.com"], path_prefix = "/eu" } },
            { name = "stripe", match = { path_prefix = "/stripe" }, direction = "outbound" },
            { name = "partner", direction = "inbound", tenant = { path_segment = 1 }, match = { path_prefix = "/partner" }, operations = ["/partner/{tenant}/orders/{order}"] },
            { name = "hubapi", operations = ["/crm/v3/objects/contacts/{who}"] },
        ]"#;
    let attributor = attributor(settings);
    let check = |host: &'static str,
                 path: &'static str,
                 given: Option<&'static str>,
                 context: Context<'_>,
                 expected: (&str, Direction)| {
        let mut exchange = Exchange {
            method: "GET".into(),
            host: host.into(),
            path: path.into(),
            integration: given.map(Into::into),
            status: Some(200),
            ..Exchange::default()
        };
        attributor.attribute(&mut exchange, &context);
        let found = (
            exchange.integration.as_deref().unwrap_or(""),
            exchange.direction,
        );
        assert_eq!(found, expected, "{host}{path}");
        exchange
    };
    let plain = Context::default();
    let flag = Context {
        integration: Some("mine"),
        ..plain
    };
    let inbound = Context {
        direction: Some(Direction::Inbound),
        ..plain
    };
    let (out, inn, unknown) = (Direction::Outbound, Direction::Inbound, Direction::Unknown);
    check(
        "api.stripe.com",
        "/v1/charges",
        None,
        plain,
        ("stripe", out),
    );
    check(
        "api.stripe.com",
        "/eu/v1/charges",
        None,
        plain,
        ("stripe-eu", out),
    );
    check(
        "api.stripe.com",
        "/v1/charges",
        Some("billing"),
        plain,
        ("billing", out),
    );
    check(
        "api.stripe.com",
        "/v1/charges",
        Some("billing"),
        flag,
        ("mine", out),
    );
    check(
        "gw.internal",
        "/stripe/v1/charges",
        None,
        plain,
        ("stripe", out),
    );
    check(
        "hooks.acme.example",
        "/webhooks/stripe",
        None,
        plain,
        ("stripe-webhooks", inn),
    );
    check(
        "",
        "/webhooks/github",
        None,
        plain,
        ("github-webhooks", inn),
    );
    check(
        "shop.acme.example",
        "/cart",
        None,
        plain,
        ("acme.example", unknown),
    );
    check(
        "shop.acme.example",
        "/cart",
        None,
        inbound,
        ("acme.example", inn),
    );
    check("10.0.0.1", "/cart", None, plain, ("unmatched", unknown));
    let hubapi = check(
        "api.hubapi.com",
        "/crm/v3/objects/contacts/626097",
        Some("hubapi"),
        plain,
        ("hubapi", out),
    );
    assert_eq!(
        hubapi.operation.as_deref(),
        Some("GET /crm/v3/objects/contacts/{who}")
    );
    let partner = check(
        "in.acme.example",
        "/partner/p7/orders/9",
        None,
        plain,
        ("partner", inn),
    );
    assert_eq!(partner.tenant.as_deref(), Some("p7"));
    assert_eq!(
        partner.operation.as_deref(),
        Some("GET /partner/{tenant}/orders/{order}")
    );
}

#[test]
fn every_webhook_sample_is_recognised() {
    let catalog = Catalog::embedded().expect("embedded facts load");
    for (_, integration) in catalog.integrations().filter(|(_, i)| i.webhook.is_some()) {
        for sample in &integration.recognises {
            let mut exchange = Exchange {
                path: sample.as_str().into(),
                ..Exchange::default()
            };
            PLAIN.attribute(&mut exchange, &Context::default());
            assert_eq!(
                exchange.integration.as_deref(),
                Some(integration.name.as_str()),
                "{sample}"
            );
            assert_eq!(exchange.direction, Direction::Inbound);
        }
    }
}

#[test]
fn ids_are_taken_from_headers_and_bodies() {
    let mut exchange = Exchange {
        method: "POST".into(),
        host: "api.stripe.com".into(),
        path: "/v1/charges".into(),
        status: Some(200),
        request_headers: vec![
            ("Idempotency-Key".into(), "order-7".into()),
            ("X-Request-Id".into(), "ours-1".into()),
            (
                "traceparent".into(),
                "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into(),
            ),
        ],
        response_headers: vec![("Request-Id".into(), "req_abc".into())],
        ..Exchange::default()
    };
    PLAIN.attribute(&mut exchange, &Context::default());
    assert_eq!(exchange.idempotency_key.as_deref(), Some("order-7"));
    assert_eq!(exchange.correlation_id.as_deref(), Some("order-7"));
    assert_eq!(exchange.request_id.as_deref(), Some("ours-1"));
    assert_eq!(exchange.vendor_request_id.as_deref(), Some("req_abc"));
    assert_eq!(
        exchange.trace_id.as_deref(),
        Some("0af7651916cd43dd8448eb211c80319c")
    );
}

#[test]
fn attempts_share_a_message_key_and_a_delivery_id() {
    let path = "/messaging/v1/email/messages/af11bab1-240f-46a7-a490-fd4ac393fd0e";
    let key = |method: &'static str| {
        let mut exchange = Exchange {
            method: method.into(),
            host: "mc1.rest.marketingcloudapis.com".into(),
            path: path.into(),
            ..Exchange::default()
        };
        PLAIN.attribute(&mut exchange, &Context::default());
        assert!(
            exchange
                .operation
                .as_deref()
                .is_some_and(|op| op.ends_with("/messages/{messageKey}"))
        );
        exchange.correlation_id
    };
    assert_eq!(
        key("POST").as_deref(),
        Some("af11bab1-240f-46a7-a490-fd4ac393fd0e")
    );
    assert_eq!(key("GET"), None, "asking for the status is another call");
    let mut delivery = Exchange {
        method: "POST".into(),
        host: "hooks.acme.example".into(),
        path: "/in".into(),
        request_headers: vec![
            ("X-GitHub-Event".into(), "push".into()),
            ("X-GitHub-Delivery".into(), "72d3162e".into()),
        ],
        ..Exchange::default()
    };
    PLAIN.attribute(&mut delivery, &Context::default());
    assert_eq!(delivery.integration.as_deref(), Some("github-webhooks"));
    assert_eq!(delivery.correlation_id.as_deref(), Some("72d3162e"));
    let mut plain = Exchange {
        host: "api.stripe.com".into(),
        request_headers: vec![("X-Request-Id".into(), "per-attempt".into())],
        ..Exchange::default()
    };
    PLAIN.attribute(&mut plain, &Context::default());
    assert_eq!(plain.correlation_id, None);
}

#[test]
fn operations_of_the_log_are_kept_unless_they_hold_an_id() {
    let check = |given: &'static str, expected: &str| {
        let mut exchange = Exchange {
            method: "GET".into(),
            path: "/x/12345".into(),
            operation: Some(given.into()),
            ..Exchange::default()
        };
        PLAIN.attribute(&mut exchange, &Context::default());
        assert_eq!(exchange.operation.as_deref(), Some(expected), "{given}");
    };
    check("/users/{id}", "GET /users/{id}");
    check("POST /users/{id}", "POST /users/{id}");
    check("createOrder", "createOrder");
    check("GET /users/1234567", "GET /users/{id}");
    check(" ", "GET /x/{id}");
}

#[test]
fn hostile_exchanges_do_no_harm() {
    let long = "x".repeat(1 << 20);
    let nested = "[".repeat(1 << 16);
    let check = |host: &str, path: &str, body: &str| {
        let mut exchange = Exchange {
            method: "POST".into(),
            path: path.into(),
            host: host.into(),
            status: Some(500),
            ts: Some(Timestamp::from_micros(i64::MAX)),
            response_headers: vec![
                ("x-ratelimit-reset".into(), "1e308".into()),
                ("retry-after".into(), "é".into()),
            ],
            response_body: Some(body.into()),
            request_body: Some(body.into()),
            ..Exchange::default()
        };
        PLAIN.attribute(&mut exchange, &Context::default());
        let operation = exchange.operation.expect("always there");
        assert!(
            operation.len() < 300 && !operation.contains('@'),
            "{operation}"
        );
        assert!(exchange.integration.is_some_and(|name| !name.is_empty()));
    };
    for path in [
        "",
        "/",
        "http://",
        "http://[::1",
        "https://@",
        "//",
        "%",
        "%%%",
        "/%ff%fe",
        "/é",
        "\u{0}",
        "?",
        "#",
        "api.stripe.com",
        "a@b",
        &long,
    ] {
        check("slack.com", path, "");
        check("", path, "");
    }
    for body in ["{", "<", "<a", "<>", "{\"ok\":false", &nested, &long] {
        check("slack.com", "/api/x", body);
        check("mc1.soap.marketingcloudapis.com", "/Service.asmx", body);
        check("123.mktorest.com", "/graphql", body);
    }
    for host in [".", "..", "::", "[", "é", "@", "a b", &long] {
        check(host, "/webhooks/x", "");
    }
    let mut garbage = Exchange {
        method: "\u{16}\u{3}".into(),
        ..Exchange::default()
    };
    PLAIN.attribute(&mut garbage, &Context::default());
    assert_eq!(garbage.operation.as_deref(), Some("INVALID"));
}
