//! What support needs and must find again: ids, codes and texts of errors, limits, times, digests.

use crate::hard::kinds::Class;

/// A named value that must come through unchanged.
pub struct Kept {
    pub name: &'static str,
    pub class: Class,
    /// Where such a name stands: `j`son, `q`uery, `f`orm, `x`ml, `h`eader, `c`ookie.
    pub places: &'static str,
    pub form: &'static str,
}

pub const fn support(places: &'static str, name: &'static str, form: &'static str) -> Kept {
    let class = Class::Support;
    Kept {
        name,
        class,
        places,
        form,
    }
}

pub const KEPT: &[Kept] = &[
    // Ids of requests, traces, messages and objects.
    support("jqxf", "id", "{u}"),
    support("jqxf", "request_id", "{u}"),
    support("jqx", "requestId", "{h32}"),
    support("jqxf", "correlationId", "{u}"),
    support("h", "X-Request-Id", "{u}"),
    support("h", "X-Correlation-Id", "{u}"),
    support("h", "traceparent", "00-{h32}-{h16}-01"),
    support("h", "tracestate", "dd=s:1;t.dm:-0;p:{h16}"),
    support("h", "x-b3-traceid", "{h32}"),
    support("h", "b3", "{h32}-{h16}-1"),
    support(
        "h",
        "x-amzn-trace-id",
        "Root=1-{h8}-{h24};Parent={h16};Sampled=1",
    ),
    support("h", "x-amzn-requestid", "{u}"),
    support("h", "x-amz-id-2", "{b54}"),
    support("h", "cf-ray", "{h16}-FRA"),
    support("h", "request-id", "req_{w14}"),
    support("h", "Idempotency-Key", "{u}"),
    support("h", "Idempotency-Key", "{w32}"),
    support("jq", "idempotency_key", "{u}"),
    support("j", "idempotencyKey", "{h40}"),
    support("jq", "trace_id", "{h32}"),
    support("jq", "span_id", "{h16}"),
    support("j", "traceId", "{h32}"),
    support("jqf", "customer", "cus_{w14}"),
    support("jqf", "payment_intent", "pi_3{w23}"),
    support("jf", "invoice", "in_1{w23}"),
    support("jf", "payment_method", "pm_1{w23}"),
    support("h", "Stripe-Account", "acct_1{w15}"),
    support("jqx", "AccountId", "001{5g|Dn|Hs}00000{w5}AAQ"),
    support("jqx", "messageId", "2{w26}"),
    support("jx", "jobId", "{d18}"),
    support("jq", "batch_id", "4{d15}"),
    support("jqx", "invoice_number", "INV-2025-{d6}"),
    support("jqx", "messageKey", "{u}"),
    support("jqx", "eventDefinitionKey", "APIEvent-{u}"),
    support("x", "CustomerKey", "{u}"),
    support("jq", "externalKey", "{u}"),
    support("h", "X-GitHub-Request-Id", "C0DE:1F2A:{H6}:{H7}:{H8}"),
    support("h", "X-GitHub-Delivery", "{u}"),
    support("h", "x-ms-request-id", "{u}"),
    support("h", "x-datadog-trace-id", "{d19}"),
    support("h", "uber-trace-id", "{h32}:{h16}:0:1"),
    support("h", "sentry-trace", "{h32}-{h16}-1"),
    support("j", "kid", "{w22}"),
    support("jq", "key_id", "{h16}"),
    // What went wrong.
    support(
        "jq",
        "error",
        "{invalid_token|invalid_grant|unauthorized_client}",
    ),
    support(
        "jq",
        "error_description",
        "{The access token expired|authentication failure: invalid password|expired authorization code|The refresh token is missing}",
    ),
    support(
        "j",
        "message",
        "{invalid token|The password field is required|Missing Authorization header: expected Bearer token|Invalid API key provided|email address is not valid|Your card was declined.|Token count exceeds limit: 8192 > 4096|password: is too short (minimum is 8 characters)|Unknown user name or bad password|Username or password incorrect}",
    ),
    support(
        "h",
        "WWW-Authenticate",
        "Bearer realm=\"api\", error=\"invalid_token\", error_description=\"The access token expired\"",
    ),
    support(
        "jx",
        "errorCode",
        "{INVALID_SESSION_ID|REQUEST_LIMIT_EXCEEDED|TOKEN_EXPIRED|PASSWORD_LOCKOUT|E1007}",
    ),
    support(
        "x",
        "faultstring",
        "{Login Failed|INVALID_LOGIN: Invalid username, password, security token; or user locked out.}",
    ),
    support(
        "jqx",
        "status",
        "{active|pending|NEW_PASSWORD_REQUIRED|DECLINED}",
    ),
    support(
        "j",
        "decline_code",
        "{insufficient_funds|do_not_honor|incorrect_cvc}",
    ),
    // Limits and waits.
    support("h", "Retry-After", "{d2}"),
    support("h", "X-RateLimit-Remaining", "{d3}"),
    support("h", "X-RateLimit-Reset", "17{d8}"),
    support("h", "RateLimit", "limit=100, remaining={d2}, reset=30"),
    support("h", "Sforce-Limit-Info", "api-usage={d4}/15000"),
    // Times.
    support(
        "jqx",
        "created_at",
        "2025-0{d1}-1{d1}T0{d1}:3{d1}:2{d1}.{d3}Z",
    ),
    support("jq", "timestamp", "17{d11}"),
    support("h", "Date", "Tue, 1{d1} Oct 2025 07:28:3{d1} GMT"),
    support("jq", "expires_at", "17{d8}"),
    support("j", "duration_ms", "1{d2}.{d6}"),
    support("jqxf", "startDate", "2025-10-1{d1}"),
    // Versions and digests.
    support("h", "ETag", "\"{h32}\""),
    support("h", "ETag", "W/\"{h4}-{w27}\""),
    support("h", "If-None-Match", "\"{h40}\""),
    support("h", "Content-Digest", "sha-256=:{b32}:"),
    support("h", "x-amz-content-sha256", "{h64}"),
    support("j", "sha256", "{h64}"),
    support("jq", "commit", "{h40}"),
    support("j", "digest", "sha256:{h64}"),
    support("jqx", "version", "1{d1}.{d2}.{d3}.{d2}"),
    support("jq", "app_version", "10.0.1904{d1}.3693"),
    support(
        "h",
        "User-Agent",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_{d1} like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E{d3} Safari/604.1",
    ),
    support(
        "h",
        "User-Agent",
        "aws-sdk-java/2.20.{d2} Linux/5.10.0 OpenJDK_64-Bit_Server_VM/17.0.8+7-LTS Java/17.0.8",
    ),
    // Where it went.
    support("j", "upstream_addr", "10.0.{d1}.{d2}:8080"),
    support("j", "server_ip", "104.16.132.{d2}"),
    support("j", "upstreamAddr", "172.17.0.{d2}:443"),
    support(
        "h",
        "Via",
        "1.1 varnish, 1.1 a1b2c3.cloudfront.net (CloudFront)",
    ),
    support("h", "X-Served-By", "cache-fra-eddf{d7}-FRA"),
    support("j", "hostname", "api-7d9f{h6}-{n5}"),
    support("jq", "region", "eu-central-1"),
];
