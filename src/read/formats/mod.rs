//! The log formats. A new one is a file here and an entry in [`FORMATS`].

mod apache_httpclient;
mod api_gateway;
mod api_gateway_text;
mod apigee;
mod atlassian;
mod aws_elb;
mod axios;
mod azure;
mod bitbucket;
mod caddy;
mod clf;
mod cloudflare;
mod cloudfront;
mod cloudfront_json;
mod csv;
mod curl;
mod dotnet;
mod ecs;
mod envelopes;
mod envoy;
mod envoy_json;
mod faraday;
mod fastify;
mod fastly;
mod gcp;
mod go_proxy;
mod haproxy;
mod har;
mod heroku;
mod httpx;
mod iis_native;
mod ingress_nginx;
mod istio;
mod jdk_httpclient;
mod json;
mod kong;
mod logfmt;
mod lograge;
mod mitmdump;
mod mitmproxy;
mod morgan;
mod newman;
mod newman_cli;
mod nginx_json;
mod nginx_proxy_manager;
mod nock;
mod okhttp;
mod pino;
mod python_http_client;
mod request_line;
mod s3_access;
mod serilog;
mod spring;
mod squid;
mod stripe_python;
#[cfg(test)]
mod told;
mod traefik;
mod traefik_clf;
mod transcript;
mod urllib3;
mod uwsgi;
mod vcr;
mod w3c;
mod wget;
mod wiremock;
mod zeek;

pub use envelopes::is_envelope;

use crate::read::cut;
use crate::read::format::Format;

/// Every format that is recognised by content.
pub const FORMATS: &[Format] = &[
    har::FORMAT,
    mitmproxy::FORMAT,
    vcr::FORMAT,
    nock::FORMAT,
    wiremock::FORMAT,
    newman::FORMAT,
    aws_elb::ALB,
    aws_elb::CLASSIC,
    cloudfront::FORMAT,
    api_gateway_text::FORMAT,
    zeek::FORMAT,
    w3c::FORMAT,
    iis_native::FORMAT,
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
    fastify::FORMAT,
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
    traefik_clf::FORMAT,
    ingress_nginx::FORMAT,
    istio::FORMAT,
    envoy::FORMAT,
    haproxy::FORMAT,
    squid::FORMAT,
    squid::COMBINED_FORMAT,
    s3_access::FORMAT,
    atlassian::FORMAT,
    uwsgi::FORMAT,
    bitbucket::FORMAT,
    curl::FORMAT,
    okhttp::FORMAT,
    spring::FORMAT,
    jdk_httpclient::FORMAT,
    dotnet::FORMAT,
    faraday::FORMAT,
    mitmdump::FORMAT,
    newman_cli::FORMAT,
    stripe_python::FORMAT,
    go_proxy::FORMAT,
    axios::FORMAT,
    wget::FORMAT,
    transcript::FORMAT,
    urllib3::FORMAT,
    httpx::FORMAT,
    python_http_client::FORMAT,
    apache_httpclient::FORMAT,
    clf::FORMAT,
    morgan::FORMAT,
    request_line::FORMAT,
    envelopes::OTLP,
    envelopes::OTLP_BODY,
    envelopes::SPLUNK_HEC,
    envelopes::LOKI,
    envelopes::ELASTICSEARCH_BULK,
    envelopes::DATADOG,
    envelopes::FLUENT_BIT,
    envelopes::VECTOR,
    envelopes::GELF,
    envelopes::FIREHOSE,
    envelopes::CLOUDWATCH,
    envelopes::JSON_ARRAY,
    envelopes::PUSH_BODY,
    cut::FORMAT,
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
