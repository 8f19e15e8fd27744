//! Whose format string was pasted, told by the names in it.

use crate::read::engine::template::TemplateError;
use crate::read::engine::{apache, envoy, haproxy, nginx, squid, words};
use crate::read::format::{LineParser, Options};

type Compile = fn(&str, &Options) -> Result<Box<dyn LineParser>, TemplateError>;

struct Candidate {
    name: &'static str,
    /// Whether the string has what only this server writes.
    tells: fn(&str) -> bool,
    compile: Compile,
}

/// The first whose tells are there; Apache's letters tell least, so they come last.
const CANDIDATES: &[Candidate] = &[
    Candidate {
        name: envoy::NAME,
        tells: tells_envoy,
        compile: envoy::compile,
    },
    Candidate {
        name: nginx::NAME,
        tells: |text| text.starts_with("log_format") || text.contains('$'),
        compile: nginx::compile,
    },
    Candidate {
        name: squid::NAME,
        tells: tells_squid,
        compile: squid::compile,
    },
    Candidate {
        name: haproxy::NAME,
        tells: tells_haproxy,
        compile: haproxy::compile,
    },
    Candidate {
        name: apache::NAME,
        tells: |text| text.contains('%'),
        compile: apache::compile,
    },
    Candidate {
        name: words::MORGAN,
        tells: |text| {
            [":method", ":url", ":status"]
                .iter()
                .any(|name| text.contains(name))
        },
        compile: words::compile_morgan,
    },
    Candidate {
        name: words::GUZZLE,
        tells: |text| {
            ["{method}", "{code}", "{uri}"]
                .iter()
                .any(|name| text.contains(name))
        },
        compile: words::compile_guzzle,
    },
];

/// Compiles a pasted format string; the name is the server's whose it is.
pub fn compile(
    text: &str,
    options: &Options,
) -> Result<(&'static str, Box<dyn LineParser>), TemplateError> {
    let text = text.trim();
    let candidate = CANDIDATES
        .iter()
        .find(|candidate| (candidate.tells)(text))
        .ok_or(TemplateError::NoVariable)?;
    let parser = (candidate.compile)(text, options).map_err(|source| TemplateError::InDialect {
        dialect: candidate.name,
        source: Box::new(source),
    })?;
    Ok((candidate.name, parser))
}

/// `%RESPONSE_CODE%`: three capitals or more between percent signs.
fn tells_envoy(text: &str) -> bool {
    text.split('%').skip(1).any(|name| {
        let end = name
            .find(|c: char| !(c.is_ascii_uppercase() || c == '_'))
            .unwrap_or(name.len());
        let closed = end == name.len() && text.contains(&format!("%{name}%"));
        end >= 3 && (closed || name[end..].starts_with('('))
    })
}

fn tells_squid(text: &str) -> bool {
    const CODES: &[&str] = &[
        ">Hs",
        "<Hs",
        "%Ss",
        "%Sh",
        "%ru",
        "%rm",
        "%>ru",
        "%>rm",
        "%>a",
        "<st",
        "}>h",
        "}<h",
        "%mt",
        "%[un",
        "%err_code",
    ];
    text.starts_with("logformat ") || CODES.iter().any(|code| text.contains(code))
}

fn tells_haproxy(text: &str) -> bool {
    const DIRECTIVES: &[&str] = &[
        "log-format",
        "error-log-format",
        "option http",
        "capture re",
    ];
    const NAMES: &[&str] = &[
        "%ci", "%cp", "%ST", "%TR", "%Ta", "%Tw", "%Tt", "%tsc", "%ft", "%HM", "%HU", "%HP", "%HV",
        "%hr", "%hs", "%{+", "%bq", "%rc",
    ];
    let directive = text
        .lines()
        .any(|line| DIRECTIVES.iter().any(|d| line.trim_start().starts_with(d)));
    let expression = || {
        text.split("%[").skip(1).any(|rest| {
            rest.split([' ', '%'])
                .next()
                .is_some_and(|e| e.contains(']'))
        })
    };
    directive || NAMES.iter().any(|name| text.contains(name)) || expression()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let got = match compile(text, &Options::default()) {
            Ok((name, _)) => name.to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn each_server_is_known_by_its_names() {
        check(r#"$remote_addr [$time_local] "$request" $status"#, "nginx");
        check(r#"%h %l %u %t "%r" %>s %b"#, "apache");
        check(r#"%{Host}i "%m %U%q" %s %D"#, "apache");
        check(
            r#"LogFormat "%v:%p %h %t \"%r\" %>s %O %{ms}T" vhost"#,
            "apache",
        );
        check(
            r#"[%START_TIME%] "%REQ(:METHOD)% %REQ(:PATH)%" %RESPONSE_CODE%"#,
            "envoy",
        );
        check("%ci:%cp [%tr] %b/%s %ST %{+Q}r", "haproxy");
        check(":method :url :status :response-time ms", "morgan");
        check(
            r#"{hostname} - [{date_common_log}] "{method} {target}" {code}"#,
            "guzzle",
        );
        check("%[src] %[method] %[path] %[status]", "haproxy");
        check(
            "%ts.%03tu %6tr %>a %Ss/%03>Hs %<st %rm %ru %[un %Sh/%<a %mt",
            "squid",
        );
        check(
            r#"logformat combined %>a %[ui %[un [%tl] "%rm %ru HTTP/%rv" %>Hs %<st %Ss:%Sh"#,
            "squid",
        );
    }

    #[test]
    fn what_is_not_understood_is_named() {
        check("GET POST", "this is not a log format: it names no variable");
        check(
            "%h %y %>s",
            "taken for one of apache: %y is not a variable of this server",
        );
        check(
            "%ST %zz",
            "taken for one of haproxy: %zz is not a variable of this server",
        );
    }
}
