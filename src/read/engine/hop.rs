//! What a proxy's own words say about an answer: whose it is, why it ended, what was captured from the request.
//!
//! Envoy, HAProxy and Squid each mark in a word of flags whether the far end answered or they did. The words may stand
//! in any order on a line, so they are collected here and settled when the line is read.

use std::borrow::Cow;

use crate::model::exchange::{Exchange, Outcome, StatusSource, Text};
use crate::read::engine::envoy_flags;
use crate::read::engine::target::{looks_like_host, set_host};

/// A word of a proxy about its own part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// `UF,URX` or `UpstreamConnectionFailure,UpstreamRetryLimitExceeded`.
    EnvoyFlags,
    /// `via_upstream`, `upstream_reset_before_response_started{connection_termination}`.
    EnvoyDetails,
    /// The address of the far end; `-` where none was asked.
    UpstreamHost,
    /// `sH--`
    HaproxyFlags,
    /// A pool of servers: the far end's name where nothing better is told.
    Backend,
    /// The server of a backend; `<NOSRV>` where none was asked.
    HaproxyServer,
    /// Values captured from the request without names: `api.example.com|agent/1`.
    Captures,
    /// `TCP_MISS_ABORTED`
    SquidResult,
    /// `HIER_DIRECT`; `HIER_NONE` where nobody was asked.
    SquidHierarchy,
    /// Why it made the answer itself: `ERR_CONNECT_FAIL`, `THROTTLED`; `-` where it did not.
    OwnError,
    /// `X` where the caller had left before the answer was out, `+` or `-` for what became of the connection.
    ApacheConnection,
}

impl Told {
    pub fn ends_at_once(self) -> bool {
        !matches!(self, Self::UpstreamHost | Self::Captures | Self::OwnError)
    }

    /// Whether a text can be such a word, so that a line of another format is not taken for one with it.
    pub fn accepts(self, value: &[u8]) -> bool {
        let all = |fits: fn(&u8) -> bool| !value.is_empty() && value.iter().all(fits);
        match self {
            Self::EnvoyFlags => all(|b| b.is_ascii_alphanumeric() || matches!(b, b',' | b'-')),
            Self::HaproxyFlags => {
                (2..=4).contains(&value.len()) && all(|b| b.is_ascii_alphabetic() || *b == b'-')
            }
            Self::SquidResult => all(|b| b.is_ascii_uppercase() || *b == b'_'),
            Self::SquidHierarchy => all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-')),
            Self::EnvoyDetails | Self::Backend | Self::HaproxyServer => {
                !value.iter().any(|b| matches!(b, b' ' | b'"'))
            }
            Self::ApacheConnection => matches!(value, b"X" | b"+" | b"-"),
            Self::UpstreamHost | Self::Captures | Self::OwnError => true,
        }
    }
}

/// A hop that answers 429 by itself has a limit.
pub fn settle_own_limit(exchange: &mut Exchange<'_>) {
    if exchange.status == Some(429) && exchange.status_source == StatusSource::Edge {
        exchange.outcome = Outcome::Throttled;
    }
}

/// The words of one line.
#[derive(Default)]
pub struct Hop<'a> {
    /// Whose answer it is by the words that say so outright.
    by_details: Option<StatusSource>,
    by_flags: Option<StatusSource>,
    /// Nobody at the far end was asked.
    unreached: bool,
    caller_left: bool,
    code: Option<Text<'a>>,
    backend: Option<Text<'a>>,
    captured_host: Option<Text<'a>>,
    captured_agent: Option<Text<'a>>,
}

impl<'a> Hop<'a> {
    pub fn set(&mut self, told: Told, value: Text<'a>) {
        match told {
            Told::EnvoyFlags => self.set_envoy_flags(&value),
            Told::EnvoyDetails => self.set_envoy_details(value),
            Told::UpstreamHost => self.unreached |= value == "-" || value.is_empty(),
            Told::HaproxyFlags => self.set_haproxy_flags(value),
            Told::Backend => self.backend = Some(value),
            Told::HaproxyServer => self.unreached |= value.starts_with('<'),
            Told::Captures => self.set_captures(value),
            Told::SquidResult => self.set_squid_result(value),
            Told::SquidHierarchy => self.unreached |= matches!(&*value, "HIER_NONE" | "NONE" | "-"),
            Told::OwnError if value != "-" => {
                self.by_details = Some(StatusSource::Edge);
                self.code = Some(value);
            }
            Told::OwnError => {}
            Told::ApacheConnection => self.caller_left |= value == "X",
        }
    }

    /// Writes down what the words say. The status must be known.
    pub fn settle(self, exchange: &mut Exchange<'a>) {
        let fine = exchange.status.is_some_and(|status| status < 400);
        // A far end that broke off behind a good status had given that status itself.
        let by_flags = self
            .by_flags
            .filter(|source| !(fine && *source == StatusSource::Edge) || self.unreached);
        let unreached = self.unreached.then_some(StatusSource::Edge);
        if let Some(source) = self.by_details.or(by_flags).or(unreached) {
            exchange.status_source = source;
        }
        if self.caller_left {
            exchange.outcome = Outcome::ClientGone;
            exchange.status_source = StatusSource::Client;
        } else {
            settle_own_limit(exchange);
        }
        if !fine && exchange.error_code.is_none() {
            exchange.error_code = self.code;
        }
        // What was no request names no far end.
        let backend = self.backend.filter(|_| exchange.method != "INVALID");
        if let Some(host) = self.captured_host.or(backend)
            && exchange.host.is_empty()
        {
            set_host(exchange, host);
        }
        exchange.client = exchange.client.take().or(self.captured_agent);
    }

    fn set_envoy_flags(&mut self, flags: &str) {
        let mut code = String::new();
        for flag in flags.split(',').map(short_flag).filter(|flag| *flag != "-") {
            match flag {
                "DC" | "DR" => self.caller_left = true,
                // Delayed on purpose; the answer may still be the far end's.
                "DI" => {}
                "RFCF" => self.unreached = true,
                _ => self.by_flags = Some(StatusSource::Edge),
            }
            if !code.is_empty() {
                code.push(',');
            }
            code.push_str(flag);
        }
        if !code.is_empty() {
            self.code = Some(Cow::Owned(code));
        }
    }

    fn set_envoy_details(&mut self, details: Text<'a>) {
        let name = details.split('{').next().unwrap_or_default();
        match name {
            "" | "-" => {}
            "via_upstream" | "upstream_reset_after_response_started" => {
                self.by_details = Some(StatusSource::Origin);
            }
            "downstream_remote_disconnect" | "downstream_local_disconnect" => {
                self.caller_left = true;
            }
            _ => {
                self.by_details = Some(StatusSource::Edge);
                let name = name.to_owned();
                self.code.get_or_insert(Cow::Owned(name));
            }
        }
    }

    /// Who ended it, and in which phase. Once the headers were through, the status was the far end's.
    fn set_haproxy_flags(&mut self, flags: Text<'a>) {
        let mut letters = flags.chars();
        let (who, phase) = (letters.next(), letters.next());
        match (who, phase) {
            (Some('-') | None, _) => return,
            (Some('C' | 'c'), _) => self.caller_left = true,
            (_, Some('D' | 'L')) => {}
            _ => self.by_flags = Some(StatusSource::Edge),
        }
        // A page of the proxy's own (`LR`: a redirect, statistics) is nobody's fault.
        if who != Some('L') {
            self.code = Some(Cow::Owned(flags.chars().take(2).collect()));
        }
    }

    fn set_captures(&mut self, captures: Text<'a>) {
        let inner = captures.trim_start_matches('{').trim_end_matches('}');
        for value in inner.split('|') {
            if self.captured_host.is_none() && looks_like_host(value) {
                self.captured_host = Some(Cow::Owned(value.to_owned()));
            } else if self.captured_agent.is_none() && looks_like_agent(value) {
                self.captured_agent = Some(Cow::Owned(value.to_owned()));
            }
        }
    }

    fn set_squid_result(&mut self, result: Text<'a>) {
        let denied = result.starts_with("TCP_DENIED");
        let late = result.contains("_TIMEDOUT") || result.contains("_TIMEOUT");
        if result.contains("_ABORTED") {
            self.caller_left = true;
        } else if denied || late {
            self.by_flags = Some(StatusSource::Edge);
        } else {
            return;
        }
        self.code.get_or_insert(result);
    }
}

/// `product/1.2`: a version tells it from a media type.
fn looks_like_agent(value: &str) -> bool {
    value.split_once('/').is_some_and(|(name, version)| {
        !name.is_empty()
            && !name.ends_with(':')
            && version
                .trim_start_matches('v')
                .starts_with(|c: char| c.is_ascii_digit())
    })
}

fn short_flag(flag: &str) -> &str {
    envoy_flags::find(flag).map_or(flag, |known| known.short)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        words: &[(Told, &'static str)],
        status: Option<u16>,
        expected: (StatusSource, Outcome, Option<&str>),
    ) {
        let mut hop = Hop::default();
        for (told, value) in words {
            hop.set(*told, (*value).into());
        }
        let mut exchange = Exchange {
            status,
            ..Exchange::default()
        };
        hop.settle(&mut exchange);
        let code = exchange.error_code.as_deref();
        assert_eq!(
            (exchange.status_source, exchange.outcome, code),
            expected,
            "{words:?} {status:?}"
        );
    }

    #[test]
    fn envoy_says_whose_answer_it_is() {
        use Outcome::{ClientGone, NoResponse, Throttled};
        use StatusSource::{Client, Edge, Origin};
        let flags = |text| [(Told::EnvoyFlags, text)];
        check(&flags("-"), Some(503), (Origin, NoResponse, None));
        check(&flags("RL"), Some(429), (Edge, Throttled, Some("RL")));
        check(
            &flags("UF,URX"),
            Some(503),
            (Edge, NoResponse, Some("UF,URX")),
        );
        check(
            &flags("UpstreamRequestTimeout"),
            Some(504),
            (Edge, NoResponse, Some("UT")),
        );
        check(&flags("DC"), None, (Client, ClientGone, Some("DC")));
        check(&flags("UC"), Some(200), (Origin, NoResponse, None));
        let details = |flags, text| [(Told::EnvoyDetails, text), (Told::EnvoyFlags, flags)];
        check(
            &details("URX", "via_upstream"),
            Some(503),
            (Origin, NoResponse, Some("URX")),
        );
        check(
            &details("-", "local_rate_limited"),
            Some(429),
            (Edge, Throttled, Some("local_rate_limited")),
        );
        check(
            &[(Told::EnvoyFlags, "-"), (Told::UpstreamHost, "-")],
            Some(429),
            (Edge, Throttled, None),
        );
    }

    #[test]
    fn haproxy_says_who_ended_it_and_when() {
        use Outcome::{ClientGone, NoResponse, Throttled};
        use StatusSource::{Client, Edge, Origin};
        let ended = |flags, server| [(Told::HaproxyFlags, flags), (Told::HaproxyServer, server)];
        check(&ended("----", "a"), Some(502), (Origin, NoResponse, None));
        check(
            &ended("SH--", "a"),
            Some(502),
            (Edge, NoResponse, Some("SH")),
        );
        check(
            &ended("sH--", "a"),
            Some(504),
            (Edge, NoResponse, Some("sH")),
        );
        check(&ended("SD--", "a"), Some(200), (Origin, NoResponse, None));
        check(
            &ended("sD--", "a"),
            Some(500),
            (Origin, NoResponse, Some("sD")),
        );
        check(
            &ended("PR--", "<NOSRV>"),
            Some(429),
            (Edge, Throttled, Some("PR")),
        );
        check(&ended("CD--", "a"), Some(200), (Client, ClientGone, None));
        check(
            &ended("LR--", "<NOSRV>"),
            Some(302),
            (Edge, NoResponse, None),
        );
    }

    #[test]
    fn squid_says_whom_it_asked() {
        use Outcome::{ClientGone, NoResponse};
        use StatusSource::{Client, Edge, Origin};
        let told = |result, peer| [(Told::SquidResult, result), (Told::SquidHierarchy, peer)];
        check(
            &told("TCP_MISS", "HIER_DIRECT"),
            Some(502),
            (Origin, NoResponse, None),
        );
        check(
            &told("TCP_MISS_ABORTED", "HIER_DIRECT"),
            None,
            (Client, ClientGone, Some("TCP_MISS_ABORTED")),
        );
        check(
            &told("TCP_DENIED", "HIER_NONE"),
            Some(403),
            (Edge, NoResponse, Some("TCP_DENIED")),
        );
        check(
            &told("NONE_NONE", "HIER_NONE"),
            Some(400),
            (Edge, NoResponse, None),
        );
    }

    #[test]
    fn a_host_among_unnamed_captures_is_found() {
        for (captures, host, agent) in [
            (
                "{api.stripe.com|Stripe/v1 Python}",
                "api.stripe.com",
                Some("Stripe/v1 Python"),
            ),
            (
                "{Mozilla/5.0 (X11)|shop.example:8443}",
                "shop.example",
                Some("Mozilla/5.0 (X11)"),
            ),
            ("{application/json|10.0.0.1|5.0}", "", None),
            ("{}", "", None),
        ] {
            let mut hop = Hop::default();
            hop.set(Told::Captures, captures.into());
            let mut exchange = Exchange::default();
            hop.settle(&mut exchange);
            assert_eq!(
                (exchange.host.as_ref(), exchange.client.as_deref()),
                (host, agent),
                "{captures}"
            );
        }
    }
}
