//! The log formats. A new one is a file here and an entry in [`FORMATS`].

mod api_gateway;
mod aws_elb;
mod azure;
mod caddy;
mod clf;
mod cloudflare;
mod cloudfront;
mod csv;
mod ecs;
mod gcp;
mod har;
mod heroku;
mod iis_native;
mod json;
mod logfmt;
mod lograge;
mod nginx_json;
mod nginx_proxy_manager;
mod pino;
mod traefik;
mod w3c;
mod zeek;

use crate::read::format::Format;

/// Every format that is recognised by content.
pub const FORMATS: &[Format] = &[
    har::FORMAT,
    aws_elb::ALB,
    aws_elb::CLASSIC,
    cloudfront::FORMAT,
    api_gateway::FORMAT,
    zeek::FORMAT,
    w3c::FORMAT,
    iis_native::FORMAT,
    caddy::FORMAT,
    traefik::FORMAT,
    cloudflare::FORMAT,
    azure::FORMAT,
    gcp::FORMAT,
    pino::FORMAT,
    nginx_json::FORMAT,
    ecs::FORMAT,
    heroku::FORMAT,
    lograge::FORMAT,
    json::FORMAT,
    logfmt::FORMAT,
    csv::MARKETING_CLOUD,
    csv::APIGEE,
    csv::FORMAT,
    nginx_proxy_manager::FORMAT,
    clf::FORMAT,
];

/// By name or alias.
pub fn find(name: &str) -> Option<&'static Format> {
    FORMATS
        .iter()
        .find(|format| format.name == name || format.aliases.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exchange::Exchange;
    use crate::read::format::{Layout, Options, Parsed, Place};

    #[test]
    fn every_sample_is_read_with_its_status() {
        for format in FORMATS {
            assert!(!format.samples.is_empty(), "{} has no sample", format.name);
            for (sample, status) in format.samples {
                let mut statuses = Vec::new();
                match &format.layout {
                    Layout::Lines(build) => {
                        let mut out = Vec::new();
                        let got = build(&Options::default()).parse(sample, &mut out);
                        assert!(
                            matches!(got, Parsed::Record(_)),
                            "{}: {got:?}: {sample}",
                            format.name
                        );
                        statuses.extend(out.iter().filter(|e| e.is_final).map(|e| e.status));
                    }
                    Layout::Sequence(build) => {
                        let mut parser = build(&Options::default());
                        let mut found = |_: &'static str, attempts: &mut [Exchange<'_>]| {
                            let answers = attempts.iter().filter(|e| e.is_final);
                            statuses.extend(answers.map(|e| e.status));
                        };
                        for line in sample.lines() {
                            parser.line(line, Place::default(), &mut found);
                        }
                        parser.finish(&mut found);
                    }
                    Layout::Document { sniff, parse } => {
                        assert!(
                            sniff(sample.as_bytes()),
                            "{} does not know its own sample",
                            format.name
                        );
                        parse(sample.as_bytes(), &mut |entry| {
                            statuses.extend(entry.ok().map(|e| e.status))
                        })
                        .expect(sample);
                    }
                }
                assert_eq!(statuses, [*status], "{}: {sample}", format.name);
            }
        }
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<_> = FORMATS
            .iter()
            .flat_map(|f| f.aliases.iter().chain([&f.name]))
            .collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
