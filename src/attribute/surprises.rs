//! What a counter of statuses gets wrong: one test a row of the table of surprises, and whole exchanges beside them.

use crate::attribute::Context;
use crate::attribute::examples::PLAIN;
use crate::catalog::Catalog;
use crate::model::exchange::{Exchange, Outcome};

/// An exchange with status and body, attributed.
fn answer<'a>(
    url: &'a str,
    status: u16,
    headers: &[(&'a str, &'a str)],
    body: &'a str,
) -> Exchange<'a> {
    let mut exchange = Exchange {
        method: "POST".into(),
        path: url.into(),
        status: Some(status),
        response_headers: headers
            .iter()
            .map(|(n, v)| ((*n).into(), (*v).into()))
            .collect(),
        response_body: (!body.is_empty()).then(|| body.into()),
        ..Exchange::default()
    };
    PLAIN.attribute(&mut exchange, &Context::default());
    assert_eq!(
        exchange.response_body.as_deref().unwrap_or(""),
        body,
        "the body stays"
    );
    exchange
}

fn check(
    url: &str,
    status: u16,
    headers: &[(&str, &str)],
    body: &str,
    outcome: Outcome,
    code: Option<&str>,
) {
    let exchange = answer(url, status, headers, body);
    let found = (exchange.outcome, exchange.error_code.as_deref());
    assert_eq!(found, (outcome, code), "{url} {status} {body}");
}

const THROTTLED: Outcome = Outcome::Throttled;

#[test]
fn marketo_fails_inside_a_200() {
    let url = "https://123-ABC-456.mktorest.com/rest/v1/leads.json";
    let body = |code: &str| {
        format!(
            r#"{{"requestId":"e42b#14272d07d78","success":false,"errors":[{{"code":"{code}","message":"m"}}]}}"#
        )
    };
    for code in ["606", "607", "615"] {
        check(url, 200, &[], &body(code), THROTTLED, Some(code));
    }
    check(
        url,
        200,
        &[],
        &body("601"),
        Outcome::ClientError,
        Some("601"),
    );
    check(
        url,
        200,
        &[],
        &body("611"),
        Outcome::ServerError,
        Some("611"),
    );
    check(
        url,
        200,
        &[],
        &body("1003"),
        Outcome::ClientError,
        Some("1003"),
    );
    check(
        url,
        200,
        &[],
        r#"{"success":true,"result":[{"id":606}]}"#,
        Outcome::Ok,
        None,
    );
    let record = r#"{"success":true,"result":[{"status":"skipped","reasons":[{"code":"1004","message":"Lead not found"}]}]}"#;
    check(url, 200, &[], record, Outcome::Ok, Some("1004"));
    let text = body("606");
    let exchange = answer(url, 200, &[], &text);
    assert_eq!(
        exchange.vendor_request_id.as_deref(),
        Some("e42b#14272d07d78")
    );
    assert_eq!(exchange.tenant.as_deref(), Some("123-abc-456"));
}

#[test]
fn sfmc_soap_throttles_with_500() {
    let url = "https://mc1.soap.marketingcloudapis.com/Service.asmx";
    let fault = "<soap:Fault><faultcode>soap:Server</faultcode><faultstring>Rate Limit exceeded</faultstring></soap:Fault>";
    check(url, 500, &[], fault, THROTTLED, Some("Server"));
    let other = fault.replace("Rate Limit exceeded", "Object reference not set");
    check(url, 500, &[], &other, Outcome::ServerError, Some("Server"));
}

#[test]
fn sfmc_rest_throttles_with_and_without_a_wait() {
    let url = "https://mcabc123.rest.marketingcloudapis.com/hub/v1/dataevents/key:Orders_1/rowset";
    let body =
        r#"{"message":"Rate limit exceeded","errorcode":50100,"retryAfter":5,"documentation":""}"#;
    let exchange = answer(url, 429, &[], body);
    assert_eq!(exchange.integration.as_deref(), Some("sfmc-rest"));
    assert_eq!(exchange.tenant.as_deref(), Some("mcabc123"));
    assert_eq!(
        exchange.operation.as_deref(),
        Some("POST /hub/v1/dataevents/key:{key}/rowset")
    );
    assert_eq!(exchange.retry_after_s, Some(5.0));
    assert_eq!(exchange.error_code.as_deref(), Some("50100"));
    assert_eq!(
        exchange.error_message.as_deref(),
        Some("Rate limit exceeded")
    );
    let blocked = r#"{"message":"Your requests are temporarily blocked.","errorcode":50200}"#;
    let exchange = answer(url, 429, &[], blocked);
    assert_eq!(
        (exchange.outcome, exchange.retry_after_s),
        (THROTTLED, None)
    );
}

#[test]
fn github_throttles_with_403() {
    let url = "https://api.github.com/repos/acme/site-1/commits/7d5e8f1becaaa0d";
    check(
        url,
        403,
        &[("x-ratelimit-remaining", "0")],
        "",
        THROTTLED,
        None,
    );
    check(url, 403, &[("retry-after", "60")], "", THROTTLED, None);
    check(
        url,
        403,
        &[],
        r#"{"message":"You have exceeded a secondary rate limit."}"#,
        THROTTLED,
        None,
    );
    check(
        url,
        403,
        &[("x-ratelimit-remaining", "12")],
        r#"{"message":"Forbidden"}"#,
        Outcome::ClientError,
        None,
    );
    check(url, 429, &[], "", THROTTLED, None);
}

#[test]
fn salesforce_throttles_with_403() {
    let url =
        "https://acme.my.salesforce.com/services/data/v59.0/sobjects/Account/0015e00000AbCdEFGH";
    let body =
        r#"[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]"#;
    check(
        url,
        403,
        &[],
        body,
        THROTTLED,
        Some("REQUEST_LIMIT_EXCEEDED"),
    );
    let busy = r#"[{"message":"busy","errorCode":"SERVER_UNAVAILABLE"}]"#;
    check(
        url,
        503,
        &[],
        busy,
        Outcome::ServerError,
        Some("SERVER_UNAVAILABLE"),
    );
    let exchange = answer(
        url,
        403,
        &[("Sforce-Limit-Info", "api-usage=113/5000000")],
        body,
    );
    assert_eq!(exchange.limit.remaining, Some(4_999_887));
    assert_eq!(
        exchange.operation.as_deref(),
        Some("POST /services/data/v59.0/sobjects/Account/{id}")
    );
}

#[test]
fn meta_throttles_with_a_code() {
    let url = "https://graph.facebook.com/v19.0/me/accounts";
    for code in [4, 17, 32, 613, 80_000, 80_014] {
        let body = format!(
            r#"{{"error":{{"message":"m","type":"OAuthException","code":{code},"fbtrace_id":"AbC"}}}}"#
        );
        check(url, 400, &[], &body, THROTTLED, Some(&code.to_string()));
    }
    let other = r#"{"error":{"message":"m","code":100,"error_subcode":4}}"#;
    check(url, 400, &[], other, Outcome::ClientError, Some("100"));
    let usage = r#"{"1":[{"call_count":100,"estimated_time_to_regain_access":19}]}"#;
    let exchange = answer(
        url,
        403,
        &[("X-Business-Use-Case-Usage", usage)],
        r#"{"error":{"code":80004,"fbtrace_id":"AbC"}}"#,
    );
    assert_eq!(exchange.vendor_request_id.as_deref(), Some("AbC"));
    assert_eq!(exchange.limit.remaining, Some(0));
}

#[test]
fn google_throttles_with_403_and_429() {
    let url = "https://sheets.googleapis.com/v4/spreadsheets/1BxiMVs0XRA5nFMdKvBdBZjgmUUqptlbs74OgvE2upms/values/A1";
    let old = r#"{"error":{"code":403,"message":"m","errors":[{"domain":"usageLimits","reason":"userRateLimitExceeded"}]}}"#;
    check(url, 403, &[], old, THROTTLED, Some("userRateLimitExceeded"));
    let denied = r#"{"error":{"code":403,"message":"m","errors":[{"reason":"forbidden"}],"status":"PERMISSION_DENIED"}}"#;
    check(
        url,
        403,
        &[],
        denied,
        Outcome::ClientError,
        Some("forbidden"),
    );
    let new = r#"{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"12s"}]}}"#;
    check(url, 429, &[], new, THROTTLED, Some("RESOURCE_EXHAUSTED"));
    let exchange = answer(url, 429, &[], new);
    assert_eq!(exchange.retry_after_s, Some(12.0));
    assert_eq!(
        exchange.operation.as_deref(),
        Some("POST /v4/spreadsheets/{spreadsheet}/values/{range}")
    );
}

#[test]
fn docusign_throttles_with_400() {
    let url = "https://na3.docusign.net/restapi/v2.1/accounts/12345/envelopes";
    for code in [
        "HOURLY_APIINVOCATION_LIMIT_EXCEEDED",
        "BURST_APIINVOCATION_LIMIT_EXCEEDED",
    ] {
        let body = format!(r#"{{"errorCode":"{code}","message":"m"}}"#);
        check(url, 400, &[], &body, THROTTLED, Some(code));
    }
    check(
        url,
        400,
        &[],
        r#"{"errorCode":"INVALID_REQUEST"}"#,
        Outcome::ClientError,
        Some("INVALID_REQUEST"),
    );
}

#[test]
fn shopify_graphql_throttles_inside_a_200() {
    let url = "https://demo-store.myshopify.com/admin/api/2024-10/graphql.json";
    let body = r#"{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}]}"#;
    check(url, 200, &[], body, THROTTLED, Some("THROTTLED"));
    let said = r#"{"data":{"note":"THROTTLED"}}"#;
    check(url, 200, &[], said, Outcome::Ok, None);
    let exchange = answer(
        url,
        429,
        &[
            ("Retry-After", "2.0"),
            ("X-Shopify-Shop-Api-Call-Limit", "40/40"),
        ],
        "",
    );
    assert_eq!(
        (exchange.retry_after_s, exchange.limit.remaining),
        (Some(2.0), Some(0))
    );
    assert_eq!(exchange.tenant.as_deref(), Some("demo-store"));
    assert_eq!(
        exchange.operation.as_deref(),
        Some("POST /admin/api/2024-10/graphql.json")
    );
}

#[test]
fn slack_throttles_inside_a_200() {
    let url = "https://slack.com/api/chat.postMessage";
    check(
        url,
        200,
        &[],
        r#"{"ok":false,"error":"ratelimited"}"#,
        THROTTLED,
        Some("ratelimited"),
    );
    check(
        url,
        200,
        &[],
        r#"{"ok": false, "error": "channel_not_found"}"#,
        Outcome::ClientError,
        Some("channel_not_found"),
    );
    check(
        url,
        200,
        &[],
        r#"{"ok":false,"error":"internal_error"}"#,
        Outcome::ServerError,
        Some("internal_error"),
    );
    check(
        url,
        200,
        &[],
        r#"{"ok":true,"error":"x"}"#,
        Outcome::Ok,
        None,
    );
    check(url, 429, &[("Retry-After", "30")], "", THROTTLED, None);
}

#[test]
fn responsys_throttles_whatever_the_status() {
    let url = "https://api5-018.responsys.net/rest/api/v1.3/campaigns/Welcome_1/email";
    let body = r#"{"type":"","title":"m","errorCode":"API_LIMIT_EXCEEDED","detail":"You exceeded your allowable limit"}"#;
    for status in [200, 400, 403, 429, 500] {
        check(
            url,
            status,
            &[],
            body,
            THROTTLED,
            Some("API_LIMIT_EXCEEDED"),
        );
    }
    let blocked = r#"{"errorCode":"API_BLOCKED"}"#;
    check(url, 403, &[], blocked, THROTTLED, Some("API_BLOCKED"));
    let exchange = answer(url, 400, &[], body);
    assert_eq!(
        exchange.operation.as_deref(),
        Some("POST /rest/api/v1.3/campaigns/{campaign}/email")
    );
}

#[test]
fn klaviyo_tells_no_limit_on_the_429_itself() {
    let exchange = answer(
        "https://a.klaviyo.com/api/profiles",
        429,
        &[("Retry-After", "7")],
        "",
    );
    assert_eq!(
        (exchange.outcome, exchange.retry_after_s),
        (THROTTLED, Some(7.0))
    );
    assert_eq!((exchange.limit.max, exchange.limit.remaining), (None, None));
}

#[test]
fn twilio_and_mailchimp_throttle_concurrency() {
    let twilio = "https://api.twilio.com/2010-04-01/Accounts/ACa1b2c3d4e5f60718293a4b5c6d7e8f90/Messages.json";
    check(
        twilio,
        429,
        &[],
        r#"{"code":20429,"message":"Too Many Requests","status":429}"#,
        THROTTLED,
        Some("20429"),
    );
    let exchange = answer(twilio, 201, &[], "");
    assert_eq!(
        exchange.operation.as_deref(),
        Some("POST /2010-04-01/Accounts/{account}/Messages.json")
    );
    let mailchimp = "https://us21.api.mailchimp.com/3.0/lists";
    check(
        mailchimp,
        500,
        &[],
        r#"{"title":"Too_Many_Connections"}"#,
        THROTTLED,
        Some("Too_Many_Connections"),
    );
}

#[test]
fn aws_throttles_with_400_and_503() {
    let url = "https://dynamodb.eu-central-1.amazonaws.com/";
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"m"}"#;
    check(url, 400, &[], body, THROTTLED, Some("ThrottlingException"));
    check(
        url,
        400,
        &[("x-amzn-ErrorType", "ThrottlingException:http://x")],
        "",
        THROTTLED,
        Some("ThrottlingException"),
    );
    let s3 = "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";
    check(
        "https://b.s3.amazonaws.com/k",
        503,
        &[],
        s3,
        THROTTLED,
        Some("SlowDown"),
    );
    let other = "<Error><Code>InternalError</Code></Error>";
    check(
        "https://b.s3.amazonaws.com/k",
        503,
        &[],
        other,
        Outcome::ServerError,
        Some("InternalError"),
    );
}

#[test]
fn openai_tells_rate_from_quota() {
    let url = "https://api.openai.com/v1/chat/completions";
    let body =
        r#"{"error":{"message":"m","type":"insufficient_quota","code":"insufficient_quota"}}"#;
    check(url, 429, &[], body, THROTTLED, Some("insufficient_quota"));
    check(
        url,
        429,
        &[],
        r#"{"error":{"code":"rate_limit_exceeded"}}"#,
        THROTTLED,
        Some("rate_limit_exceeded"),
    );
    let facts = Catalog::embedded().expect("embedded facts load").facts();
    let helps = |name: &str| {
        let of = |fact: &&crate::catalog::Fact| {
            fact.vendor == "openai" && fact.kind == "waiting_helps" && fact.name == name
        };
        facts.iter().find(of).map(|fact| fact.value.clone())
    };
    assert_eq!(helps("quota spent").as_deref(), Some("false"));
    assert_eq!(helps("rate limit").as_deref(), Some("true"));
}

#[test]
fn dataverse_names_the_limit_by_code() {
    let url = "https://acme.crm4.dynamics.com/api/data/v9.2/accounts(af11bab1-240f-46a7-a490-fd4ac393fd0e)";
    let body = r#"{"error":{"code":"-2147015902","message":"m"}}"#;
    check(
        url,
        429,
        &[("Retry-After", "35")],
        body,
        THROTTLED,
        Some("-2147015902"),
    );
    let exchange = answer(url, 204, &[], "");
    assert_eq!(
        exchange.operation.as_deref(),
        Some("POST /api/data/v9.2/accounts({key})")
    );
    assert_eq!(exchange.tenant.as_deref(), Some("acme"));
}

#[test]
fn other_vendors_with_rules_of_their_own() {
    check(
        "https://business-api.tiktok.com/open_api/v1.3/campaign/get/",
        200,
        &[],
        r#"{"code":40100,"message":"m","request_id":"1"}"#,
        THROTTLED,
        Some("40100"),
    );
    check(
        "https://api.monday.com/v2",
        200,
        &[],
        r#"{"error_code":"ComplexityException","error_message":"m"}"#,
        THROTTLED,
        Some("ComplexityException"),
    );
    check(
        "https://1234567.suitetalk.api.netsuite.com/services/rest/record/v1/customer",
        400,
        &[],
        r#"{"o:errorDetails":[{"o:errorCode":"SSS_REQUEST_LIMIT_EXCEEDED"}]}"#,
        THROTTLED,
        Some("SSS_REQUEST_LIMIT_EXCEEDED"),
    );
    check(
        "https://graph.microsoft.com/v1.0/me",
        503,
        &[("Retry-After", "5")],
        "",
        THROTTLED,
        None,
    );
    check(
        "https://graph.microsoft.com/v1.0/me",
        503,
        &[],
        "",
        Outcome::ServerError,
        None,
    );
    check(
        "https://api.anthropic.com/v1/messages",
        529,
        &[],
        r#"{"type":"error","error":{"type":"overloaded_error"}}"#,
        THROTTLED,
        Some("overloaded_error"),
    );
    check(
        "https://api.hubapi.com/crm/v3/objects/contacts/batch/create",
        207,
        &[],
        r#"{"numErrors":1,"errors":[{"category":"VALIDATION_ERROR","message":"m"}]}"#,
        Outcome::Ok,
        Some("VALIDATION_ERROR"),
    );
    check(
        "https://api.unknown.example/x",
        503,
        &[("Retry-After", "5")],
        "",
        Outcome::ServerError,
        None,
    );
    check(
        "https://api.unknown.example/x",
        529,
        &[],
        "",
        THROTTLED,
        None,
    );
    check(
        "https://api.unknown.example/x",
        200,
        &[],
        r#"{"success":false,"errors":[{"code":"606"}]}"#,
        Outcome::Ok,
        None,
    );
}

#[test]
fn secrets_in_webhook_addresses_do_not_reach_the_operation() {
    let slack = answer(
        "https://hooks.slack.com/services/T0AB/B0CD/XyZsecret",
        200,
        &[],
        "ok",
    );
    assert_eq!(
        slack.operation.as_deref(),
        Some("POST /services/{team}/{app}/{secret}")
    );
    let discord = answer(
        "https://discord.com/api/webhooks/99/aBcsecret",
        204,
        &[],
        "",
    );
    assert_eq!(
        discord.operation.as_deref(),
        Some("POST /api/webhooks/{webhook}/{secret}")
    );
}
