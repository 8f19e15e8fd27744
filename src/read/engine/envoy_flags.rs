//! What Envoy's response flags say: who made the answer, and why. Text and JSON logs of Envoy and Istio share it.
//!
//! A flag alone does not settle everything: `URX` stands beside an answer of the far end that was retried in vain, and
//! beside Envoy's own. The details of the response code (`via_upstream`) and the far end's own time decide there.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, Outcome, StatusSource};

/// What a flag says of the answer that the caller got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Envoy's own rate limit refused.
    LimitedHere,
    /// The far end gave no answer that could be passed on; Envoy made one.
    FarEndFailed,
    /// The last retry was used up; whose answer it is, other signs tell.
    RetriesSpent,
    /// Envoy refused or ended the request by itself.
    RefusedHere,
    /// The caller left.
    CallerLeft,
    /// Something happened on the way that did not make the answer.
    Aside,
}

/// One flag in its short spelling and the long one of `%RESPONSE_FLAGS_LONG%`.
pub struct Flag {
    pub short: &'static str,
    pub long: &'static str,
    pub meaning: Meaning,
}

const fn flag(short: &'static str, long: &'static str, meaning: Meaning) -> Flag {
    Flag {
        short,
        long,
        meaning,
    }
}

/// Every flag that Envoy documents. Names of filters' own flags may follow them in a line and say nothing here.
pub const FLAGS: &[Flag] = {
    use Meaning::*;
    &[
        flag("RL", "RateLimited", LimitedHere),
        flag("UH", "NoHealthyUpstream", FarEndFailed),
        flag("UF", "UpstreamConnectionFailure", FarEndFailed),
        flag("UC", "UpstreamConnectionTermination", FarEndFailed),
        flag("UR", "UpstreamRemoteReset", FarEndFailed),
        flag("LR", "LocalReset", FarEndFailed),
        flag("UT", "UpstreamRequestTimeout", FarEndFailed),
        flag("UO", "UpstreamOverflow", FarEndFailed),
        flag("UPE", "UpstreamProtocolError", FarEndFailed),
        flag("UMSDR", "UpstreamMaxStreamDurationReached", FarEndFailed),
        flag("DF", "DnsResolutionFailed", FarEndFailed),
        flag("NC", "NoClusterFound", FarEndFailed),
        flag("URX", "UpstreamRetryLimitExceeded", RetriesSpent),
        flag("NR", "NoRouteFound", RefusedHere),
        flag("IH", "InvalidEnvoyRequestHeaders", RefusedHere),
        flag("DPE", "DownstreamProtocolError", RefusedHere),
        flag("SI", "StreamIdleTimeout", RefusedHere),
        flag("UAEX", "UnauthorizedExternalService", RefusedHere),
        flag("RLSE", "RateLimitServiceError", RefusedHere),
        flag("OM", "OverloadManagerTerminated", RefusedHere),
        flag("DO", "DropOverload", RefusedHere),
        flag("UDO", "UnconditionalDropOverload", RefusedHere),
        flag("DT", "DurationTimeout", RefusedHere),
        flag("LH", "FailedLocalHealthCheck", RefusedHere),
        flag("FI", "FaultInjected", RefusedHere),
        flag("NFCF", "NoFilterConfigFound", RefusedHere),
        flag("DC", "DownstreamConnectionTermination", CallerLeft),
        flag("DR", "DownstreamRemoteReset", CallerLeft),
        flag("DI", "DelayInjected", Aside),
        flag("RFCF", "ResponseFromCacheFilter", Aside),
    ]
};

/// A line shows few; more is no list of flags.
const FLAGS_MAX: usize = 16;

/// Finds a flag by either spelling.
pub fn find(name: &str) -> Option<&'static Flag> {
    FLAGS
        .iter()
        .find(|flag| flag.short == name || flag.long == name)
}

/// What else a line says of who answered; `None` where it does not say.
#[derive(Clone, Copy, Debug, Default)]
pub struct Signs<'t> {
    /// `%RESPONSE_CODE_DETAILS%`
    pub details: Option<&'t str>,
    /// `x-envoy-upstream-service-time`: only an answer of the far end has it.
    pub upstream_time: Option<&'t str>,
    /// `%UPSTREAM_HOST%`: `-` when none was chosen.
    pub upstream_host: Option<&'t str>,
}

/// Fills status source, outcome and error code from the flags (`-` for none) and what stands beside them.
pub fn settle(exchange: &mut Exchange<'_>, flags: &str, signs: Signs<'_>) {
    let known = || {
        flags
            .split(',')
            .take(FLAGS_MAX)
            .map(str::trim)
            .filter_map(find)
    };
    let has = |meaning| known().find(|flag| flag.meaning == meaning);
    if has(Meaning::CallerLeft).is_some() {
        exchange.status_source = StatusSource::Client;
        exchange.outcome = Outcome::ClientGone;
        return;
    }
    let details = signs.details.filter(|text| is_told(text));
    let limited = has(Meaning::LimitedHere).is_some() || details.is_some_and(is_limit);
    if limited {
        exchange.outcome = Outcome::Throttled;
    }
    if limited || answered_here(exchange.status, &has, details, signs) {
        exchange.status_source = StatusSource::Edge;
    }
    let fault = has(Meaning::LimitedHere)
        .or_else(|| has(Meaning::FarEndFailed))
        .or_else(|| has(Meaning::RefusedHere))
        .or_else(|| has(Meaning::RetriesSpent));
    if let (Some(flag), None) = (fault, &exchange.error_code) {
        exchange.error_code = Some(Cow::Borrowed(flag.short));
    }
}

fn answered_here(
    status: Option<u16>,
    has: &dyn Fn(Meaning) -> Option<&'static Flag>,
    details: Option<&str>,
    signs: Signs<'_>,
) -> bool {
    if let Some(details) = details {
        return !details.starts_with("via_upstream");
    }
    if signs.upstream_time.is_some_and(is_number) {
        return false;
    }
    if has(Meaning::FarEndFailed).is_some() || has(Meaning::RefusedHere).is_some() {
        return true;
    }
    // Envoy makes no 429 for want of retries: that one came from the far end.
    if has(Meaning::RetriesSpent).is_some() {
        return status != Some(429);
    }
    signs.upstream_host.is_some_and(|host| !is_told(host))
}

/// `local_rate_limited` of the filter in the process, `request_rate_limited` of the one that asks a service.
fn is_limit(details: &str) -> bool {
    details.contains("rate_limited")
}

fn is_told(text: &str) -> bool {
    !matches!(text, "" | "-")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        status: u16,
        flags: &str,
        signs: Signs<'_>,
        expected: (StatusSource, Outcome, Option<&str>),
    ) {
        let mut exchange = Exchange {
            status: Some(status),
            ..Exchange::default()
        };
        settle(&mut exchange, flags, signs);
        let got = (
            exchange.status_source,
            exchange.outcome,
            exchange.error_code.as_deref(),
        );
        assert_eq!(got, expected, "{status} {flags} {signs:?}");
    }

    #[test]
    fn flags_tell_who_answered() {
        use Outcome::{ClientGone, NoResponse, Throttled};
        use StatusSource::{Client, Edge, Origin};
        let none = Signs::default();
        check(200, "-", none, (Origin, NoResponse, None));
        check(429, "RL", none, (Edge, Throttled, Some("RL")));
        check(429, "RateLimited", none, (Edge, Throttled, Some("RL")));
        check(429, "-", none, (Origin, NoResponse, None));
        check(503, "UF,URX", none, (Edge, NoResponse, Some("UF")));
        check(503, "URX,UF", none, (Edge, NoResponse, Some("UF")));
        check(
            504,
            "UpstreamRequestTimeout",
            none,
            (Edge, NoResponse, Some("UT")),
        );
        check(404, "NR", none, (Edge, NoResponse, Some("NR")));
        check(200, "DC", none, (Client, ClientGone, None));
        check(200, "DI", none, (Origin, NoResponse, None));
        check(503, "XX", none, (Origin, NoResponse, None));
    }

    #[test]
    fn details_and_the_far_ends_own_time_win_over_flags() {
        use Outcome::{NoResponse, Throttled};
        use StatusSource::{Edge, Origin};
        let details = |text| Signs {
            details: Some(text),
            ..Signs::default()
        };
        check(
            503,
            "URX",
            details("via_upstream"),
            (Origin, NoResponse, Some("URX")),
        );
        check(
            503,
            "URX",
            Signs::default(),
            (Edge, NoResponse, Some("URX")),
        );
        check(
            429,
            "URX",
            Signs::default(),
            (Origin, NoResponse, Some("URX")),
        );
        check(
            429,
            "-",
            details("local_rate_limited"),
            (Edge, Throttled, None),
        );
        check(
            429,
            "-",
            details("request_rate_limited"),
            (Edge, Throttled, None),
        );
        check(
            301,
            "-",
            details("direct_response"),
            (Edge, NoResponse, None),
        );
        check(200, "-", details("-"), (Origin, NoResponse, None));
        let timed = Signs {
            upstream_time: Some("12"),
            ..Signs::default()
        };
        check(503, "URX", timed, (Origin, NoResponse, Some("URX")));
        let unreached = Signs {
            upstream_host: Some("-"),
            ..Signs::default()
        };
        check(404, "-", unreached, (Edge, NoResponse, None));
    }

    #[test]
    fn spellings_are_unique() {
        let mut names: Vec<_> = FLAGS.iter().flat_map(|f| [f.short, f.long]).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
