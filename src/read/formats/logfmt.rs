//! Any other `key=value` lines, found by what their keys usually mean.

use crate::read::engine::logfmt::{GENERIC, Logfmt};
use crate::read::format::{Format, Layout};

pub const FORMAT: Format = Format {
    name: GENERIC.name,
    aliases: &["kv"],
    title: "key=value lines with the usual names, or with a mapping",
    specificity: 18,
    layout: Layout::Lines(|options| Box::new(Logfmt::new(&GENERIC, options))),
    samples: &[
        (
            r#"time=2026-11-22T03:54:18.682Z level=info msg="vendor request" method=POST url=https://api.stripe.com/v1/charges status=200 duration=27ms attempt=1 error="""#,
            Some(200),
        ),
        (
            "message='Stripe API response' path=https://api.stripe.com/v1/charges response_code=429",
            Some(429),
        ),
    ],
};
