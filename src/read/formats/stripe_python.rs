//! Stripe's Python library at INFO: request and answer in two lines of names and values, tied by the URL.

use crate::model::exchange::TsKind;
use crate::read::engine::dialogue::{Dialect, Dialogue, PART, Talk, Voice, leading_status};
use crate::read::format::{Format, Layout, Parsed};
use crate::read::skip::Rejected;

pub const FORMAT: Format = Format {
    name: "stripe_python",
    aliases: &[],
    title: "Stripe's Python library at INFO",
    specificity: 78,
    layout: Layout::Sequence(|options| {
        let voice = Voice {
            name: "stripe_python",
            ts_kind: TsKind::Start,
        };
        Box::new(Dialogue::new(voice, Stripe, options))
    }),
    samples: &[(
        "message='Request to Stripe api' method=post path=https://api.stripe.com/v1/charges\nmessage='Stripe API response' path=https://api.stripe.com/v1/charges response_code=429",
        Some(429),
    )],
};

struct Stripe;

impl Dialect for Stripe {
    fn line(&mut self, line: &str, talk: &mut Talk<'_, '_>) -> Parsed {
        let Some(at) = line.find("message='").or_else(|| line.find("message=\"")) else {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        };
        talk.find_time(&line[..at]);
        let text = &line[at + 9..];
        if text.starts_with("Request to Stripe api") {
            return request(text, talk);
        }
        if text.starts_with("Stripe API response") {
            return response(text, talk);
        }
        if text.starts_with("Encountered a retryable error")
            || text.starts_with("Could not connect")
        {
            if let Some(call) = talk.find(|call| !call.answered) {
                let key = call.key.clone();
                talk.fail(&key, text.split(['\'', '"']).next().unwrap_or_default());
            }
            return PART;
        }
        let known = [
            "API response body",
            "Post details",
            "Initiating retry",
            "Stripe v",
        ];
        match known.iter().any(|begin| text.starts_with(begin)) {
            true => PART,
            false => Parsed::Rejected(Rejected::NoFormatMatched),
        }
    }
}

fn value<'l>(text: &'l str, name: &str) -> Option<&'l str> {
    let mut words = text.split(' ');
    words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn request(text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    let Some(url) = value(text, "path").or_else(|| value(text, "url")) else {
        return Parsed::Rejected(Rejected::NoRequest);
    };
    let method = value(text, "method")
        .unwrap_or_default()
        .to_ascii_uppercase();
    talk.begin_beside(url, &method, url);
    Parsed::Record(FORMAT.name)
}

fn response(text: &str, talk: &mut Talk<'_, '_>) -> Parsed {
    let Some(url) = value(text, "path").or_else(|| value(text, "url")) else {
        return Parsed::Rejected(Rejected::NoRequest);
    };
    let Some(status) = value(text, "response_code").and_then(leading_status) else {
        return Parsed::Rejected(Rejected::BadStatus);
    };
    if !talk.answer(url, status) {
        return Parsed::Rejected(Rejected::NoRequest);
    }
    talk.end(url);
    PART
}

#[cfg(test)]
mod tests {
    use crate::read::engine::dialogue::tests::check;

    #[test]
    fn retries_are_requests_of_their_own() {
        check(
            &super::FORMAT,
            "2026-11-22 03:51:46,000 INFO stripe message='Request to Stripe api' method=post path=https://api.stripe.com/v1/charges\n\
             2026-11-22 03:51:46,100 INFO stripe message='Encountered a retryable error Unexpected error communicating with Stripe.'\n\
             2026-11-22 03:51:46,101 INFO stripe message='Initiating retry 1 for request post https://api.stripe.com/v1/charges after sleeping 0.50 seconds.'\n\
             2026-11-22 03:51:46,600 INFO stripe message='Request to Stripe api' method=post path=https://api.stripe.com/v1/charges\n\
             2026-11-22 03:51:46,900 INFO stripe message='Stripe API response' path=https://api.stripe.com/v1/charges response_code=200\n\
             2026-11-22 03:51:46,901 DEBUG stripe message='API response body' body='{}'\n",
            &[
                "none POST api.stripe.com/v1/charges 2026-11-22T03:51:46Z",
                "200 POST api.stripe.com/v1/charges 2026-11-22T03:51:46.600Z",
            ],
        );
    }
}
