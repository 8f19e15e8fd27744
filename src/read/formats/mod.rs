//! The log formats. A new one is a file here and an entry in [`FORMATS`].

mod api_gateway;
mod apigee;
mod azure;
mod caddy;
mod clf;
mod cloudflare;
mod cloudfront_json;
mod ecs;
mod envoy_json;
mod fastly;
mod gcp;
mod har;
mod json;
mod json_document;
mod kong;
mod nginx_json;
mod nginx_proxy_manager;
mod pino;
mod serilog;
#[cfg(test)]
mod told;
mod traefik;

use crate::read::format::Format;

/// Every format that is recognised by content.
pub const FORMATS: &[Format] = &[
    har::FORMAT,
    json_document::FORMAT,
    caddy::FORMAT,
    traefik::FORMAT,
    cloudflare::FORMAT,
    azure::FORMAT,
    gcp::FORMAT,
    kong::FORMAT,
    apigee::FORMAT,
    api_gateway::FORMAT,
    cloudfront_json::FORMAT,
    envoy_json::FORMAT,
    fastly::FORMAT,
    serilog::FORMAT,
    pino::FORMAT,
    nginx_json::FORMAT,
    ecs::FORMAT,
    json::FORMAT,
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
    use crate::read::format::{Layout, Options, Parsed};

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
                    Layout::Document { sniff, parse } => {
                        assert!(
                            sniff(sample),
                            "{} does not know its own sample",
                            format.name
                        );
                        parse(sample, &mut |entry| {
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
