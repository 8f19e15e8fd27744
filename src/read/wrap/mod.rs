//! What stands around a log line: the marks of containers, of syslog, of terminals, and JSON that carries it.
//!
//! A wrapper is peeled off in front of any format. Which ones a source has is decided once, by its sample; a line that
//! nobody could read is peeled of whatever it has. A new wrapper is a file here and an entry in [`WRAPPERS`].

mod ansi;
mod carrier;
pub mod chain;
mod cri;
mod docker;
mod iso_time;
mod monolog;
pub mod objects;
pub mod ordered;
pub mod pieces;
mod prefixes;
mod syslog;
pub mod wrapper;
pub mod zone;

use crate::read::wrap::wrapper::Wrapper;

/// What a source may be wrapped in, one inside the other (`formats.md` 0.9).
pub const LAYERS_MAX: usize = 4;

/// What ends it may also stand between the values of a table.
pub const BARRED: &str = prefixes::COMPOSE.name;

/// Specific before general: of two that peel the same lines, the first is taken.
pub const WRAPPERS: &[Wrapper] = &[
    ansi::WRAPPER,
    cri::WRAPPER,
    docker::WRAPPER,
    prefixes::COMPOSE,
    prefixes::KUBECTL,
    syslog::WRAPPER,
    monolog::WRAPPER,
    iso_time::NANOS,
    prefixes::STERN,
    iso_time::ANY,
    carrier::WRAPPER,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrapper_peels_its_samples() {
        for wrapper in WRAPPERS {
            for (line, inner) in wrapper.samples {
                let peeled = (wrapper.peel)(line);
                let got = peeled.as_ref().map(|peeled| peeled.inner.as_ref());
                assert_eq!(got, Some(*inner), "{}: {line}", wrapper.name);
            }
        }
    }

    #[test]
    fn plain_lines_are_not_wrapped() {
        for line in [
            r#"127.0.0.1 - - [22/Nov/2026:03:51:45 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#,
            r#"gw.example:80 127.0.0.1 - - [22/Nov/2026:03:51:45 +0000] "GET / HTTP/1.1" 200 5 "-" "-""#,
            r#"{"time":"2026-11-22T03:51:45Z","method":"GET","uri":"/a","status":200}"#,
            "[2016-04-15T20:17:00.310Z] \"POST /api HTTP/2\" 204 - 154 0 226 100",
            "Traceback (most recent call last):",
            "é",
            "",
        ] {
            for wrapper in WRAPPERS {
                assert!(
                    (wrapper.peel)(line).is_none(),
                    "{} peels {line}",
                    wrapper.name
                );
            }
        }
    }
}
