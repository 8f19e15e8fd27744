//! Server access logs of S3 and of stores that copy it.

use crate::model::exchange::{Exchange, TsKind};
use crate::read::engine::field::{Field, Unit};
use crate::read::engine::layouts::{self, Layouts};
use crate::read::engine::nginx;
use crate::read::format::{Format, Layout, LineParser, Options, Parsed};
use crate::read::skip::{Ignored, Rejected};

const NAME: &str = "s3_access";

/// With the fields that were added over the years, and as it began.
const LAYOUTS: &[&str] = &[
    r#"$owner $bucket [$time_local] $remote_addr $requester $request_id $call $key "$request" $status $error $body_bytes_sent $size $total_ms $turnaround_ms "$referer" "$http_user_agent" $version $host_id $signature $cipher $auth $http_host $more"#,
    r#"$owner $bucket [$time_local] $remote_addr $requester $request_id $call $key "$request" $status $error $body_bytes_sent $size $total_ms $turnaround_ms "$referer" "$http_user_agent" $more"#,
];

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &["s3"],
    title: "S3 server access logs",
    specificity: 65,
    layout: Layout::Lines(|options| Box::new(S3Access::new(options))),
    samples: &[
        (
            r#"79a59df900b949e5 media [06/Feb/2026:00:00:38 +0000] 192.0.2.3 arn:aws:iam::1234:user/app 3E57427F33A59F07 REST.PUT.OBJECT photos/cat.jpg "PUT /photos/cat.jpg HTTP/1.1" 503 SlowDown 243 - 41 20 "-" "app/1" - s9lz SigV4 ECDHE-RSA AuthHeader media.s3.us-west-1.amazonaws.com TLSv1.2 - -"#,
            Some(503),
        ),
        (
            r#"79a59df900b949e5 media [06/Feb/2026:00:00:38 +0000] 192.0.2.3 - 891CE47D2E4E1F REST.GET.OBJECT a/b "GET /media/a/b HTTP/1.1" 200 - 113 113 7 - "-" "S3Console/0.4" -"#,
            Some(200),
        ),
    ],
};

struct S3Access {
    layouts: Layouts,
}

impl S3Access {
    fn new(options: &Options) -> Self {
        let templates = layouts::compile(NAME, TsKind::End, LAYOUTS, lookup, options);
        Self {
            layouts: Layouts::new(NAME, looks, templates),
        }
    }
}

impl LineParser for S3Access {
    fn parse<'a>(&self, line: &'a str, out: &mut Vec<Exchange<'a>>) -> Parsed {
        if !looks(line.as_bytes()) {
            return Parsed::Rejected(Rejected::NoFormatMatched);
        }
        if is_own_act(line) {
            return Parsed::Ignored(Ignored::NotHttp);
        }
        self.layouts.parse(line, out)
    }
}

/// The owner is a run of hexadecimal digits, and the date stands third.
fn looks(line: &[u8]) -> bool {
    let owner = line.iter().position(|b| *b == b' ').unwrap_or(0);
    owner >= 8
        && line[..owner].iter().all(u8::is_ascii_hexdigit)
        && line[owner + 1..]
            .iter()
            .position(|b| *b == b' ')
            .is_some_and(|bucket| line.get(owner + bucket + 2) == Some(&b'['))
}

/// What the store did without being asked (expiry, replication) stands among the calls as `S3.…`.
fn is_own_act(line: &str) -> bool {
    let head = line.split('"').next().unwrap_or_default();
    head.contains(" S3.")
}

fn lookup(name: &str) -> Option<Field> {
    Some(match name {
        "total_ms" => Field::Duration(Unit::Millis),
        "error" => Field::ErrorCode,
        "requester" => Field::User,
        _ => return nginx::lookup(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stores_own_acts_are_no_exchanges() {
        let line = "79a59df900b949e5 media [06/Feb/2026:00:00:38 +0000] - AmazonS3 3E57 S3.EXPIRE.OBJECT photos/old.jpg \"-\" - - - 113 - - \"-\" \"-\" -";
        let parser = S3Access::new(&Options::default());
        assert_eq!(
            parser.parse(line, &mut Vec::new()),
            Parsed::Ignored(Ignored::NotHttp)
        );
    }

    #[test]
    fn host_code_and_duration_are_told() {
        let parser = S3Access::new(&Options::default());
        let mut out = Vec::new();
        parser.parse(FORMAT.samples[0].0, &mut out);
        let got = &out[0];
        assert_eq!(
            (
                got.host.as_ref(),
                got.error_code.as_deref(),
                got.duration_ms
            ),
            (
                "media.s3.us-west-1.amazonaws.com",
                Some("SlowDown"),
                Some(41.0)
            )
        );
    }
}
