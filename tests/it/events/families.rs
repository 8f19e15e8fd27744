//! The situations, each with its truth: what must be told, since when, and of which requests.

use tidemark::model::time::Timestamp;

use super::random::Random;
use super::traffic::{Answer, Asked, Ids, Traffic, at};

/// What must be told of a stretch of time.
#[derive(Clone, Debug)]
pub struct Truth {
    pub onset: Timestamp,
    pub end: Timestamp,
    /// Any of these.
    pub reasons: &'static [&'static str],
    pub class: &'static str,
    pub operation: Option<&'static str>,
    /// What the slice must be named; empty where none is to blame.
    pub slice: &'static [&'static str],
}

/// An integration's log, and what must be told of it.
pub struct Situation {
    pub family: &'static str,
    pub name: String,
    pub lines: Vec<(Timestamp, String)>,
    pub truths: Vec<Truth>,
}

const REPRODUCIBLE: &[&str] = &["reproducible"];
const RISE: &[&str] = &["sustained_rise"];

/// A family: its name and how a situation of it is made.
type Make = fn(&mut Stage) -> Vec<Truth>;

pub const FAMILIES: [(&str, Make); 22] = [
    ("operation", operation),
    ("parameter", parameter),
    ("pair", pair),
    ("tenant", tenant),
    ("client", client),
    ("region", region),
    ("body", body),
    ("large", large),
    ("rare", rare),
    ("retries-heal", retries_heal),
    ("retries-do-not", retries_do_not),
    ("ten-retries", ten_retries),
    ("novel", novel),
    ("long-tail", long_tail),
    ("known-again", known_again),
    ("coded", coded),
    ("coded-value", coded_value),
    ("half", half),
    ("many-values", many_values),
    ("outage", outage),
    ("hiccup", hiccup),
    ("mixed", mixed),
];

/// What a family may set before its log is written.
pub struct Stage {
    pub traffic: Traffic,
    random: Random,
    /// The share of all calls that fail for no reason.
    noise: f64,
    onset: f64,
    end: f64,
    lines: Vec<(Timestamp, String)>,
}

pub fn situation(family: usize, seed: u64) -> Situation {
    let (name, make) = FAMILIES[family];
    let mut random = Random::new(seed.wrapping_mul(1_000).wrapping_add(family as u64));
    let ids = [Ids::Call, Ids::Key, Ids::Request, Ids::None][random.below(4)];
    let days = 2.5;
    let onset = 1440.0 + random.between(240.0, 700.0);
    let mut stage = Stage {
        traffic: Traffic {
            name: format!("{name}-{seed}"),
            days,
            per_minute: random.between(1.5, 3.0),
            ids,
            has_bodies: false,
            retried: 0.7,
            tries: 4,
            values: 0,
        },
        noise: random.between(0.002, 0.008),
        onset,
        end: onset + random.between(240.0, 600.0),
        lines: Vec::new(),
        random,
    };
    let truths = make(&mut stage);
    Situation {
        family: name,
        name: stage.traffic.name,
        lines: stage.lines,
        truths,
    }
}

impl Stage {
    /// Writes the log: what `hits` says fails, and the noise besides.
    fn write(&mut self, hits: impl Fn(&Asked, &mut Random) -> Option<Answer>) {
        self.write_with(Vec::new(), hits);
    }

    fn write_with(
        &mut self,
        more: Vec<Asked>,
        hits: impl Fn(&Asked, &mut Random) -> Option<Answer>,
    ) {
        let (noise, mut random) = (self.noise, Random::new(self.random.next()));
        self.lines = self.traffic.lines(&mut random, more, |call, random| {
            if let Some(answer) = hits(call, random) {
                return answer;
            }
            if random.chance(noise) {
                let kinds = [
                    (503, "upstream connect error"),
                    (500, "internal error"),
                    (502, "bad gateway"),
                ];
                let (status, message) = kinds[random.below(3)];
                return Answer::failed(status, message, false);
            }
            Answer::fine()
        });
    }

    fn span(&self) -> (f64, f64) {
        (self.onset, self.end)
    }

    fn truth(&self, slice: &'static [&'static str]) -> Truth {
        Truth {
            onset: at(self.onset),
            end: at(self.end),
            reasons: REPRODUCIBLE,
            class: "5xx",
            operation: None,
            slice,
        }
    }

    /// Calls that `is_hit` names fail from onset to end.
    fn always(&mut self, is_hit: impl Fn(&Asked) -> bool) {
        let (onset, end) = self.span();
        self.write(move |call, _| {
            let hit = (onset..end).contains(&call.minute) && is_hit(call);
            hit.then(|| Answer::failed(500, "internal error", true))
        });
    }
}

fn operation(stage: &mut Stage) -> Vec<Truth> {
    stage.always(|call| call.path == "/v1/refunds");
    let truth = stage.truth(&[]);
    vec![Truth {
        operation: Some("POST /v1/refunds"),
        ..truth
    }]
}

fn parameter(stage: &mut Stage) -> Vec<Truth> {
    stage.always(|call| call.currency == "JPY");
    vec![stage.truth(&["currency=JPY"])]
}

fn pair(stage: &mut Stage) -> Vec<Truth> {
    stage.always(|call| call.currency == "GBP" && call.mode == "async");
    vec![stage.truth(&["currency=GBP", "mode=async"])]
}

fn tenant(stage: &mut Stage) -> Vec<Truth> {
    stage.always(|call| call.tenant == "elm");
    vec![stage.truth(&["tenant=elm"])]
}

fn client(stage: &mut Stage) -> Vec<Truth> {
    stage.always(|call| call.client == "batch");
    vec![stage.truth(&["client=batch"])]
}

fn region(stage: &mut Stage) -> Vec<Truth> {
    stage.always(|call| call.region == "ap");
    vec![stage.truth(&["ap"])]
}

fn body(stage: &mut Stage) -> Vec<Truth> {
    stage.traffic.has_bodies = true;
    stage.traffic.per_minute *= 1.5;
    stage.always(|call| call.country == "JP" && call.method != "GET");
    vec![stage.truth(&["to.country=JP"])]
}

fn large(stage: &mut Stage) -> Vec<Truth> {
    stage.always(|call| call.bytes >= 64 << 10);
    vec![stage.truth(&["request_bytes>=65536"])]
}

/// A value that is asked for once or twice an hour.
fn rare(stage: &mut Stage) -> Vec<Truth> {
    let (onset, per_hour) = (stage.onset, stage.random.between(1.0, 2.0));
    stage.end = onset + 1000.0;
    let mut more = Vec::new();
    let mut minute = 0.0;
    loop {
        minute += -60.0 / per_hour * (1.0 - stage.random.share()).ln();
        if minute >= stage.traffic.days * 1440.0 {
            break;
        }
        let mut call = stage.traffic.ask(minute, &mut stage.random);
        call.currency = "XAU".to_owned();
        more.push(call);
    }
    let end = stage.end;
    stage.write_with(more, move |call, _| {
        let hit = call.currency == "XAU" && (onset..end).contains(&call.minute);
        hit.then(|| Answer::failed(500, "internal error", true))
    });
    vec![stage.truth(&["currency=XAU"])]
}

/// One call in twelve fails at first, all the time.
fn retries_heal(stage: &mut Stage) -> Vec<Truth> {
    stage.noise = 0.08;
    stage.traffic.retried = 1.0;
    stage.write(|_, _| None);
    Vec::new()
}

fn retries_do_not(stage: &mut Stage) -> Vec<Truth> {
    stage.traffic.retried = 1.0;
    stage.traffic.tries = 5;
    stage.always(|call| call.currency == "CHF");
    vec![stage.truth(&["currency=CHF"])]
}

/// One call, of a value that nobody else asks for, is tried ten times.
fn ten_retries(stage: &mut Stage) -> Vec<Truth> {
    stage.traffic.tries = 11;
    stage.traffic.retried = 1.0;
    let mut more = Vec::new();
    for (hour, value) in [(5.0, "XAG"), (20.0, "XPT"), (30.0, "XPD")] {
        let mut call = stage.traffic.ask(hour * 60.0, &mut stage.random);
        call.currency = value.to_owned();
        more.push(call);
    }
    stage.write_with(more, |call, _| {
        call.currency
            .starts_with('X')
            .then(|| Answer::failed(500, "internal error", true))
    });
    Vec::new()
}

/// A kind of error never seen before, at a few requests an hour.
fn novel(stage: &mut Stage) -> Vec<Truth> {
    stage.noise = 0.03;
    let (onset, end) = stage.span();
    let share = 4.0 / 60.0 / stage.traffic.per_minute;
    stage.write(move |call, random| {
        let hit = (onset..end).contains(&call.minute) && random.chance(share);
        hit.then(|| Answer::failed(500, "ledger shard is read-only", false))
    });
    let truth = stage.truth(&[]);
    vec![Truth {
        reasons: &["novel"],
        class: "",
        ..truth
    }]
}

const WORDS: [&str; 16] = [
    "ledger", "cart", "quota", "router", "token", "cache", "index", "shard", "queue", "lease",
    "vault", "batch", "stream", "proxy", "schema", "worker",
];

/// New kinds come all the time.
fn long_tail(stage: &mut Stage) -> Vec<Truth> {
    stage.noise = 0.01;
    stage.write(|_, random| {
        random.chance(0.02).then(|| {
            let mut word = || WORDS[random.below(WORDS.len())];
            let message = format!("{} {} {} unavailable", word(), word(), word());
            Answer::failed(500, &message, false)
        })
    });
    Vec::new()
}

/// A kind that was seen on the first day comes again.
fn known_again(stage: &mut Stage) -> Vec<Truth> {
    stage.noise = 0.03;
    stage.write(|call, random| {
        let again =
            (600.0..900.0).contains(&call.minute) || (2500.0..2800.0).contains(&call.minute);
        let hit = again && random.chance(0.01);
        hit.then(|| Answer::failed(500, "nightly export holds the lock", false))
    });
    Vec::new()
}

fn code(stays: bool) -> Answer {
    Answer {
        status: 200,
        code: Some("LIMIT_EXCEEDED_7".to_owned()),
        message: Some("declined".to_owned()),
        stays,
    }
}

/// The share of answers that say 200 and mean an error rises.
fn coded(stage: &mut Stage) -> Vec<Truth> {
    let (onset, end) = stage.span();
    stage.write(move |call, random| {
        let share = if (onset..end).contains(&call.minute) {
            0.15
        } else {
            0.008
        };
        random.chance(share).then(|| code(false))
    });
    let truth = stage.truth(&[]);
    vec![Truth {
        reasons: RISE,
        class: "error_code",
        ..truth
    }]
}

fn coded_value(stage: &mut Stage) -> Vec<Truth> {
    let (onset, end) = stage.span();
    stage.write(move |call, random| {
        let hit = call.currency == "JPY" && (onset..end).contains(&call.minute);
        (hit || random.chance(0.005)).then(|| code(true))
    });
    let truth = stage.truth(&["currency=JPY"]);
    vec![Truth {
        class: "error_code",
        ..truth
    }]
}

/// A value fails half of the time: a rise, but nothing that fails every time.
fn half(stage: &mut Stage) -> Vec<Truth> {
    let (onset, end) = stage.span();
    stage.traffic.per_minute *= 2.0;
    stage.write(move |call, random| {
        let hit =
            call.currency == "GBP" && (onset..end).contains(&call.minute) && random.chance(0.5);
        hit.then(|| Answer::failed(500, "internal error", false))
    });
    let truth = stage.truth(&[]);
    vec![Truth {
        reasons: RISE,
        ..truth
    }]
}

fn many_values(stage: &mut Stage) -> Vec<Truth> {
    stage.traffic.values = 600;
    stage.noise = 0.04;
    stage.write(|_, _| None);
    Vec::new()
}

fn outage(stage: &mut Stage) -> Vec<Truth> {
    stage.end = stage.onset + 90.0;
    stage.always(|_| true);
    let truth = stage.truth(&[]);
    vec![Truth {
        reasons: &["sustained_rise", "reproducible"],
        ..truth
    }]
}

/// Everything fails for five minutes.
fn hiccup(stage: &mut Stage) -> Vec<Truth> {
    stage.end = stage.onset + 5.0;
    stage.always(|_| true);
    Vec::new()
}

/// An outage, and hours later a pair of parameters, among healing noise.
fn mixed(stage: &mut Stage) -> Vec<Truth> {
    stage.noise = 0.01;
    let (onset, end) = stage.span();
    let down = onset - 600.0..onset - 530.0;
    let outage = down.clone();
    stage.write(move |call, _| {
        let pair = call.tenant == "dune" && call.path == "/v1/payments";
        let hit = down.contains(&call.minute) || pair && (onset..end).contains(&call.minute);
        hit.then(|| Answer::failed(503, "upstream connect error", true))
    });
    let later = stage.truth(&["tenant=dune"]);
    let first = Truth {
        onset: at(outage.start),
        end: at(outage.end),
        reasons: &["sustained_rise", "reproducible"],
        ..stage.truth(&[])
    };
    vec![
        first,
        Truth {
            operation: Some("POST /v1/payments"),
            ..later
        },
    ]
}
