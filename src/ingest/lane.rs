//! The lane for plain exchanges: what one host, one request line, one agent came to is remembered, and the next line
//! with them is put together from that.
//!
//! Logs ask the same hosts for the same things all day, and naming and masking a request line costs a hundred times
//! what finding it again costs. Nothing is decided here: each memory is filled from an exchange that `attribute` named
//! and `mask` masked as a whole, and a line that a memory does not cover goes that way itself.

use std::sync::Arc;

use crate::attribute::{Attributor, Names};
use crate::ingest::memory::{Mark, Marker, Memory};
use crate::ingest::operations::{Miss, Operations, known};
use crate::ingest::worker::SourceContext;
use crate::mask::{Answer, Batch, Masker, Part, Parts, Request};
use crate::model::exchange::{Direction, Exchange};
use crate::model::plain::Plain;
use crate::read::format::Place;

/// What one worker remembers of one source.
pub struct Lane {
    marker: Marker,
    hosts: Memory<Host>,
    requests: Memory<Asked>,
    clients: Memory<Client>,
    /// Few, and shared by many request lines.
    methods: Memory<Arc<Part>>,
    operations: Memory<Arc<Part>>,
    /// All ways to name a request line that were seen, by number.
    names: Vec<Names>,
    /// The request line in hand.
    request: String,
}

/// What stands for the texts of an exchange.
#[derive(Clone, Copy)]
struct Marks {
    request: Mark,
    host: Mark,
    client: Option<Mark>,
}

struct Host {
    part: Part,
    /// One for each sender that was seen with it; `None` where host and sender do not decide.
    sites: Vec<(Option<usize>, Option<Site>)>,
}

/// What host and sender decide.
struct Site {
    direction: Direction,
    integration: Part,
    tenant: Option<Part>,
    /// A number in `Lane::names`.
    names: usize,
    /// What each status came to; `None` where there is more to tell of it.
    answers: Vec<(u16, Option<Answer>)>,
}

struct Asked {
    sender: Option<usize>,
    request: Request,
    operations: Operations,
}

struct Client {
    sender: Option<usize>,
    part: Part,
}

impl Lane {
    pub fn new(masker: &Masker) -> Self {
        Self {
            marker: Marker::new(masker.seed(b"tidemark lane")),
            hosts: Memory::default(),
            requests: Memory::default(),
            clients: Memory::default(),
            methods: Memory::default(),
            operations: Memory::default(),
            names: Vec::new(),
            request: String::new(),
        }
    }

    /// Pushes the row of a plain exchange. `false` when it has to go the whole way; then nothing is pushed.
    pub fn push(
        &mut self,
        plain: &Plain<'_>,
        at: Place,
        source: &SourceContext<'_>,
        batch: &mut Batch<'_>,
    ) -> bool {
        let Some(marks) = self.marks(plain) else {
            return false;
        };
        match self.find(plain, marks) {
            Ok(parts) => return push(&parts, at, source, batch),
            Err(Miss::Whole) => return false,
            Err(Miss::Unknown) => {}
        }
        if !self.name_alike(plain, marks, source.attributor) {
            self.learn(plain, marks, source, batch);
        }
        self.find(plain, marks)
            .is_ok_and(|parts| push(&parts, at, source, batch))
    }

    /// `None` when a text is not worth remembering.
    fn marks(&mut self, plain: &Plain<'_>) -> Option<Marks> {
        write_request(plain, &mut self.request);
        let client = plain.client.map(|client| self.marker.mark(client));
        Some(Marks {
            request: self.marker.mark(&self.request)?,
            host: self.marker.mark(plain.host)?,
            client: match client {
                Some(mark) => Some(mark?),
                None => None,
            },
        })
    }

    fn find<'p>(&'p self, plain: &'p Plain<'p>, marks: Marks) -> Result<Parts<'p>, Miss> {
        let asked = self.requests.find(marks.request).ok_or(Miss::Unknown)?;
        let host = self.hosts.find(marks.host).ok_or(Miss::Unknown)?;
        let client = match marks.client {
            Some(mark) => Some(self.clients.find(mark).ok_or(Miss::Unknown)?),
            None => None,
        };
        let sender = client.and_then(|client| client.sender).or(asked.sender);
        let site = known(&host.sites, &sender)?;
        Ok(Parts {
            plain,
            direction: site.direction,
            answer: known(&site.answers, &plain.status)?,
            integration: &site.integration,
            tenant: site.tenant.as_ref(),
            client: client.map(|client| &client.part),
            request: &asked.request,
            host: &host.part,
            operation: asked.operations.find(site.names)?,
        })
    }

    /// A known request line at a site that names it as all do, for want of a template.
    fn name_alike(&mut self, plain: &Plain<'_>, marks: Marks, attributor: &Attributor) -> bool {
        let Some(asked) = self.requests.find(marks.request) else {
            return false;
        };
        let client = marks.client.and_then(|mark| self.clients.find(mark));
        let sender = client.and_then(|client| client.sender).or(asked.sender);
        let host = self.hosts.find(marks.host);
        let site = host.and_then(|host| known(&host.sites, &sender).ok());
        let Some(number) = site.map(|site| site.names) else {
            return false;
        };
        let alike = asked.operations.untemplated
            && asked.operations.are_unknown(number)
            && !attributor.is_templated(self.names[number], plain.path);
        if alike && let Some(asked) = self.requests.find_mut(marks.request) {
            let operation = asked.operations.first.clone();
            asked.operations.add(number, operation);
        }
        alike
    }

    /// Names and masks the exchange as a whole, and remembers what came of its parts.
    fn learn(
        &mut self,
        plain: &Plain<'_>,
        marks: Marks,
        source: &SourceContext<'_>,
        batch: &mut Batch<'_>,
    ) {
        let attributor = source.attributor;
        let mut exchange = Exchange::from(plain);
        let names = attributor.attribute(&mut exchange, &source.context);
        let number = number_of(&mut self.names, names);
        let of_client = plain.client.zip(marks.client).and_then(|(client, mark)| {
            let make = || Client {
                sender: attributor.sender_by_agent(client),
                part: batch.part(client),
            };
            self.clients.learn(mark, make).sender
        });
        let method = self.marker.mark(plain.method);
        let method = self.methods.share(method, || batch.word_part(plain.method));
        let asked = self.requests.learn(marks.request, || Asked {
            sender: attributor.sender_by_path(plain.path),
            request: batch.request(plain, method),
            operations: Operations::default(),
        });
        if asked.operations.are_unknown(number) {
            let told = exchange.operation.as_deref().unwrap_or_default();
            let mark = self.marker.mark(told);
            let operation = self.operations.share(mark, || batch.part(told));
            let stands = tells_no_key(&exchange) && !asked.request.is_echoed(&operation);
            let known_before = asked.operations.first.is_some();
            asked.operations.add(number, stands.then_some(operation));
            if !known_before && stands {
                asked.operations.untemplated = !attributor.is_templated(names, plain.path);
            }
        }
        let host = self.hosts.learn(marks.host, || Host {
            part: batch.word_part(plain.host),
            sites: Vec::new(),
        });
        let sender = of_client.or(asked.sender);
        if is_unknown(&host.sites, &sender) {
            let decides = attributor.host_decides(plain.host, sender, names);
            let site = decides.then(|| site(&exchange, number, batch)).flatten();
            host.sites.push((sender, site));
        }
        let site = host.sites.iter_mut().find(|(known, _)| *known == sender);
        if let Some((_, Some(site))) = site
            && is_unknown(&site.answers, &plain.status)
        {
            let answer = answer(&exchange, batch);
            site.answers.push((plain.status, answer));
        }
    }
}

fn push(parts: &Parts<'_>, at: Place, source: &SourceContext<'_>, batch: &mut Batch<'_>) -> bool {
    let row = source.row(parts.answer.is_fine(), at.offset);
    batch.push_parts(parts, at.line, at.offset, &row)
}

fn number_of(all: &mut Vec<Names>, names: Names) -> usize {
    all.iter()
        .position(|known| *known == names)
        .unwrap_or_else(|| {
            all.push(names);
            all.len() - 1
        })
}

fn site(exchange: &Exchange<'_>, names: usize, batch: &mut Batch<'_>) -> Option<Site> {
    Some(Site {
        direction: exchange.direction,
        integration: batch.part(exchange.integration.as_deref()?),
        tenant: exchange.tenant.as_deref().map(|tenant| batch.part(tenant)),
        names,
        answers: Vec::new(),
    })
}

/// A key in the path is another column's, and nothing that comes again.
fn tells_no_key(exchange: &Exchange<'_>) -> bool {
    exchange.correlation_id.is_none() && exchange.idempotency_key.is_none()
}

fn is_unknown<K: PartialEq, T>(list: &[(K, Option<T>)], key: &K) -> bool {
    list.iter().all(|(known, _)| known != key)
}

/// What the status came to, unless there is more to tell.
fn answer(exchange: &Exchange<'_>, batch: &mut Batch<'_>) -> Option<Answer> {
    let told_more = exchange.error_message.is_some() || exchange.retry_after_s.is_some();
    let told_less = exchange.status.is_none();
    (!told_more && !told_less).then(|| Answer {
        status_source: exchange.status_source,
        outcome: exchange.outcome,
        error_code: exchange
            .error_code
            .as_deref()
            .map(|code| batch.code_part(code)),
    })
}

/// Method and path hold no blank, and a path no question mark, so different requests give different lines.
fn write_request(plain: &Plain<'_>, key: &mut String) {
    key.clear();
    key.push_str(plain.method);
    key.push(' ');
    key.push_str(plain.path);
    if let Some(query) = plain.query {
        key.push('?');
        key.push_str(query);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attribute::{Context, Settings};
    use crate::ingest::worker::{Task, work};
    use crate::mask::{Code, MaskKey, Masked};
    use crate::model::time::Timestamp;
    use crate::read::format::{Layout, Options};
    use crate::read::formats;
    use crate::read::lines::Blocks;
    use crate::read::reader::LineReader;

    const HOSTS: [&str; 8] = [
        "api.stripe.com:443",
        "mc9x.rest.marketingcloudapis.com",
        "shop-1.myshopify.com:443",
        "hooks.internal.example",
        "graph.facebook.com",
        "api.bigcommerce.com",
        "slack.com:443",
        "10.0.0.9:8080",
    ];
    const REQUESTS: [&str; 14] = [
        "GET /v1/customers/cus_9s6XKzkNRiz8i3",
        "POST /webhooks/stripe?access_token=8f14e45fceea167a5a36dedd4bea2543",
        "GET /users/ana.lee7@example.org/profile",
        "PUT /a/b?next=%2Fusers%2Fana.lee7%40example.org&x=ana.lee7@example.org",
        "POST /hub/v1/dataevents/key:34c411c3-4d9a-4436-a6d9-8b80e6b6122f/rowset",
        "POST /messaging/v1/messageDefinitionSends/key:welcome/send",
        "GET /graphql?operationName=Orders",
        "GET /search?q=203.0.113.7",
        "GET /o/8f14e45fceea167a5a36dedd4bea2543?token=8f14e45fceea167a5a36dedd4bea2543",
        "DELETE /",
        "GET /stores/s1a/v3/catalog",
        "GET /api/chat.postMessage",
        "PUT /bucket-1/2026/11/22/report.csv?X-Amz-Signature=aab15ce1d4cf0fa1aab15ce1d4cf0fa1",
        "GET /by/jo.doe-admin/list",
    ];
    const CLIENTS: [&str; 6] = [
        "okhttp/4.12.0",
        "sync-worker/4.1 (+ops@example.com)",
        "-",
        "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "job 203.0.113.7",
        "see /users/ana.lee7@example.org",
    ];
    const CALLERS: [&str; 3] = ["203.0.113.7 - -", "198.51.100.2 - jo.doe-admin", "::1 - -"];
    const STATUSES: [u16; 8] = [200, 201, 302, 404, 429, 499, 503, 444];

    /// Every host with every request line, in front of agents and callers in turn, twice over.
    fn log() -> String {
        let mut log = String::new();
        for n in 0..2 * HOSTS.len() * REQUESTS.len() * 9 {
            let pick = |list: &[&'static str], by: usize| list[n / by % list.len()];
            log.push_str(&format!(
                "{} {} [22/Nov/2026:03:{:02}:08 +0000] \"{} HTTP/1.1\" {} {} \"-\" \"{}\"\n",
                pick(&HOSTS, 1),
                pick(&CALLERS, 11),
                n / 60 % 60,
                pick(&REQUESTS, HOSTS.len()),
                STATUSES[n / 5 % STATUSES.len()],
                n * 7 % 5_000,
                pick(&CLIENTS, 17),
            ));
        }
        log
    }

    fn masker() -> Masker {
        Masker::new(
            MaskKey::from_bytes([9; 32]),
            crate::mask::Settings::default(),
        )
        .expect("valid settings")
    }

    fn source<'s>(
        attributor: &'s Attributor,
        masker: &'s Masker,
        context: Context<'s>,
    ) -> SourceContext<'s> {
        SourceContext {
            attributor,
            masker,
            name: "a.log",
            id: "s1",
            context,
            ingested_at: Timestamp::from_secs(5),
            keep_ok_one_in: 16,
            keep_rejects: false,
        }
    }

    /// The columns and counts that come of the log, by the lane or without it.
    fn columns(log: &str, settings: Settings, context: Context<'_>, lane: bool) -> String {
        let catalog = crate::catalog::Catalog::embedded().expect("embedded facts load");
        let attributor = Attributor::new(catalog.into(), settings).expect("valid settings");
        let masker = masker();
        let source = source(&attributor, &masker, context);
        let Some(Layout::Lines(build)) = formats::find("combined").map(|f| &f.layout) else {
            panic!("no lines");
        };
        let reader = LineReader::new("combined", build(&Options::default()), Vec::new());
        let mut blocks = Blocks::new(log.as_bytes());
        let block = blocks.next_block().expect("readable").expect("lines");
        let task = Task {
            block,
            continued: false,
            cut: false,
            ends: false,
        };
        let mut lane = lane.then(|| Lane::new(&masker));
        let done = work(&task, &mut &reader, lane.as_mut(), &source);
        let summary = serde_json::to_string(&done.summary).expect("plain data");
        // Joined to nothing, texts are numbered in the order of the columns.
        let mut masked = Masked::default();
        masked.append(done.masked);
        let (columns, lexicon) = masked.into_columns();
        let all: Vec<Code> = (1..=lexicon.highest()).collect();
        format!("{summary}\n{columns:?}\n{:?}", lexicon.texts(&all))
    }

    #[test]
    fn the_lane_gives_what_the_whole_way_gives() {
        let log = log();
        let given = Context {
            integration: Some("stripe-api"),
            ..Context::default()
        };
        let inbound = Context {
            direction: Some(Direction::Inbound),
            ..Context::default()
        };
        let rules = r#"
            [[integrations]]
            name = "ours"
            match = { host_suffix = [".internal.example"] }
            operations = ["/v1/customers/{id}"]
            [[integrations]]
            name = "theirs"
            match = { path_prefix = "/o" }
        "#;
        let rules: Settings = toml::from_str(rules).expect("valid settings");
        for (settings, context) in [
            (Settings::default(), Context::default()),
            (Settings::default(), given),
            (Settings::default(), inbound),
            (rules, Context::default()),
        ] {
            let whole = columns(&log, settings.clone(), context, false);
            let lane = columns(&log, settings, context, true);
            // Not by assert_eq, which would print megabytes.
            let differs = whole.lines().zip(lane.lines()).position(|(w, l)| w != l);
            assert_eq!(differs, None, "{context:?}");
            assert_eq!(whole.len(), lane.len());
        }
    }

    #[test]
    fn what_was_seen_once_takes_the_lane_and_what_echoes_does_not() {
        let catalog = crate::catalog::Catalog::embedded().expect("embedded facts load");
        let attributor = Attributor::new(catalog.into(), Settings::default()).expect("valid");
        let masker = masker();
        let source = source(&attributor, &masker, Context::default());
        let mut batch = masker.batch();
        let mut lane = Lane::new(&masker);
        let mut takes = |host, path, query, client, client_address| {
            let plain = Plain {
                ts: Timestamp::from_secs(5),
                ts_kind: crate::model::exchange::TsKind::End,
                method: "GET",
                host,
                path,
                query,
                status: 200,
                response_bytes: None,
                client: Some(client),
                client_address: Some(client_address),
                user: None,
                referer: None,
                raw: "",
            };
            lane.push(&plain, Place::default(), &source, &mut batch)
        };
        let (host, caller) = ("api.stripe.com", "203.0.113.7");
        let mut charge = |client, caller| takes(host, "/v1/charges", None, client, caller);
        assert!(charge("okhttp/4", caller));
        assert!(charge("okhttp/4", caller));
        assert!(!charge("on 203.0.113.7", caller));
        assert!(charge("on 203.0.113.7", "203.0.113.8"));
        let token = Some("access_token=8f14e45fceea167a5a36dedd4bea2543");
        assert!(takes(host, "/v1/refunds", token, "okhttp/4", caller));
        let echo = "for 8f14e45fceea167a5a36dedd4bea2543";
        assert!(!takes(host, "/v1/refunds", token, echo, caller));
        assert!(takes(host, "/v1/refunds", None, echo, caller));
        let inside = "/v1/8f14e45fceea167a5a36dedd4bea2543";
        assert!(takes(host, inside, None, "okhttp/4", caller));
        assert!(!takes(host, inside, token, "okhttp/4", caller));
        // The tenant is in the path.
        let shop = "api.bigcommerce.com";
        assert!(!takes(shop, "/stores/s1/v3/a", None, "okhttp/4", caller));
        assert!(!takes(shop, "/stores/s1/v3/a", None, "okhttp/4", caller));
        // The path decides whose it is.
        assert!(!takes("slack.com", "/api/a", None, "okhttp/4", caller));
    }

    #[test]
    fn what_was_masked_once_is_an_original_of_every_batch_it_comes_again_in() {
        let catalog = crate::catalog::Catalog::embedded().expect("embedded facts load");
        let attributor = Attributor::new(catalog.into(), Settings::default()).expect("valid");
        let masker = masker();
        let source = source(&attributor, &masker, Context::default());
        let mut lane = Lane::new(&masker);
        let token = "8f14e45fceea167a5a36dedd4bea2543";
        let query = format!("access_token={token}");
        for _ in 0..3 {
            let mut batch = masker.batch();
            let plain = Plain {
                ts: Timestamp::from_secs(5),
                ts_kind: crate::model::exchange::TsKind::End,
                method: "GET",
                host: "api.stripe.com",
                path: "/v1/refunds",
                query: Some(&query),
                status: 200,
                response_bytes: None,
                client: None,
                client_address: None,
                user: None,
                referer: None,
                raw: "",
            };
            assert!(lane.push(&plain, Place::default(), &source, &mut batch));
            let masked = batch.finish();
            let proof = crate::mask::Proof::new(masked.originals());
            assert!(proof.holds(token.as_bytes()));
        }
    }
}
