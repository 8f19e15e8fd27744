//! uWSGI's request log.

use crate::model::exchange::TsKind;
use crate::read::engine::field::{Field, TimeForm, Unit};
use crate::read::engine::layouts::{self, Layouts};
use crate::read::engine::nginx;
use crate::read::format::{Format, Layout};

const NAME: &str = "uwsgi";

/// `took` brings its unit: `129 msecs`, `68 micros`, `2 secs`.
const LAYOUT: &str = "[pid: $pid|app: $app|req: $number] $remote_addr ($remote_user) {$vars} [$ctime] $request_method $request_uri => generated $body_bytes_sent bytes in $took ($server_protocol $status) $more";

pub const FORMAT: Format = Format {
    name: NAME,
    aliases: &[],
    title: "uWSGI request logs",
    specificity: 60,
    layout: Layout::Lines(|options| {
        let templates = layouts::compile(NAME, TsKind::End, &[LAYOUT], lookup, options);
        Box::new(Layouts::new(NAME, looks, templates))
    }),
    samples: &[
        (
            "[pid: 88185|app: 0|req: 1/1] 127.0.0.1 () {38 vars in 696 bytes} [Sun Mar 13 22:49:12 2016] POST /hook?a=1 => generated 47 bytes in 129 msecs (HTTP/1.1 200) 9 headers in 378 bytes (1 switches on core 3)",
            Some(200),
        ),
        (
            "[pid: 88185|app: -1|req: -1/3] 127.0.0.1 (joe) {34 vars in 617 bytes} [Sun Mar  6 22:49:15 2016] GET /x => generated 21 bytes in 68 micros (HTTP/1.1 500) 2 headers in 83 bytes (0 switches on core 0)",
            Some(500),
        ),
    ],
};

fn looks(line: &[u8]) -> bool {
    line.starts_with(b"[pid: ")
}

fn lookup(name: &str) -> Option<Field> {
    Some(match name {
        "ctime" => Field::Time(TimeForm::Strftime("%a %b %e %H:%M:%S %Y".into())),
        "took" => Field::Duration(Unit::Guess),
        _ => return nginx::lookup(name),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read::format::Options;

    #[test]
    fn durations_come_in_three_units() {
        let Layout::Lines(build) = &FORMAT.layout else {
            panic!("lines");
        };
        let parser = build(&Options::default());
        let mut out = Vec::new();
        for (line, _) in FORMAT.samples {
            parser.parse(line, &mut out);
        }
        let got: Vec<_> = out.iter().map(|e| e.duration_ms).collect();
        assert_eq!(got, [Some(129.0), Some(0.068)]);
        assert_eq!(
            out[1].ts.map(|t| t.to_string()).as_deref(),
            Some("2016-03-06T22:49:15Z")
        );
    }
}
