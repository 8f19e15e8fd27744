//! What a status alone says. Rules of vendors and bodies may say otherwise; that is decided in `answer`.

use crate::model::exchange::{Exchange, Outcome, StatusSource};

/// Fills status source where the status itself gives it away, drops statuses that are none, and says what is left.
pub fn settle_status(exchange: &mut Exchange<'_>) -> Outcome {
    exchange.status = exchange
        .status
        .filter(|status| (100..=599).contains(status));
    let told_gone = exchange.outcome == Outcome::ClientGone;
    let told_throttled = exchange.outcome == Outcome::Throttled;
    let Some(status) = exchange.status else {
        return if told_gone {
            Outcome::ClientGone
        } else {
            Outcome::NoResponse
        };
    };
    if let Some(source) = source_of(status) {
        exchange.status_source = source;
    }
    match of_status(status) {
        // The reader knows from flags of its format that the caller left before the end.
        Outcome::Ok | Outcome::Redirect if told_gone => Outcome::ClientGone,
        // And that the hop's own limit refused, which nginx does with 503 unless told otherwise.
        Outcome::ServerError if told_throttled => Outcome::Throttled,
        outcome => outcome,
    }
}

/// Statuses that only a hop between caller and vendor sets.
fn source_of(status: u16) -> Option<StatusSource> {
    match status {
        499 => Some(StatusSource::Client),
        // nginx: closed by choice, bad header, TLS trouble of the caller; ALB: caller left, bad header, bad protocol,
        // refused log-in; Cloudflare: no way to the origin; proxies: time-outs.
        444 | 494..=497 | 460 | 463 | 464 | 561 | 520..=527 | 530 | 598 | 599 => {
            Some(StatusSource::Edge)
        }
        _ => None,
    }
}

fn of_status(status: u16) -> Outcome {
    match status {
        444 => Outcome::NoResponse,
        499 | 460 => Outcome::ClientGone,
        // 529 says overloaded wherever it is used.
        429 | 529 => Outcome::Throttled,
        // The balancer's own word for a log-in that its users failed.
        561 => Outcome::ClientError,
        100..=299 => Outcome::Ok,
        300..=399 => Outcome::Redirect,
        400..=499 => Outcome::ClientError,
        _ => Outcome::ServerError,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: Option<u16>, outcome: Outcome, source: StatusSource) {
        let mut exchange = Exchange {
            status,
            ..Exchange::default()
        };
        let found = settle_status(&mut exchange);
        assert_eq!(
            (found, exchange.status_source),
            (outcome, source),
            "{status:?}"
        );
    }

    #[test]
    fn statuses_have_outcomes() {
        check(None, Outcome::NoResponse, StatusSource::Origin);
        check(Some(0), Outcome::NoResponse, StatusSource::Origin);
        check(Some(600), Outcome::NoResponse, StatusSource::Origin);
        check(Some(101), Outcome::Ok, StatusSource::Origin);
        check(Some(204), Outcome::Ok, StatusSource::Origin);
        check(Some(304), Outcome::Redirect, StatusSource::Origin);
        check(Some(404), Outcome::ClientError, StatusSource::Origin);
        check(Some(429), Outcome::Throttled, StatusSource::Origin);
        check(Some(444), Outcome::NoResponse, StatusSource::Edge);
        check(Some(460), Outcome::ClientGone, StatusSource::Edge);
        check(Some(495), Outcome::ClientError, StatusSource::Edge);
        check(Some(499), Outcome::ClientGone, StatusSource::Client);
        check(Some(503), Outcome::ServerError, StatusSource::Origin);
        check(Some(522), Outcome::ServerError, StatusSource::Edge);
        check(Some(529), Outcome::Throttled, StatusSource::Origin);
        check(Some(599), Outcome::ServerError, StatusSource::Edge);
    }

    #[test]
    fn a_caller_that_left_is_kept_where_nothing_failed() {
        let gone = |status| {
            settle_status(&mut Exchange {
                status,
                outcome: Outcome::ClientGone,
                ..Exchange::default()
            })
        };
        assert_eq!(gone(None), Outcome::ClientGone);
        assert_eq!(gone(Some(200)), Outcome::ClientGone);
        assert_eq!(gone(Some(503)), Outcome::ServerError);
    }
}
