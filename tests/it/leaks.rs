//! Planted secrets go in on every way there is, and no byte that comes out holds one; what support needs comes out.

mod ways;

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use deltalake::parquet::file::reader::{FileReader, SerializedFileReader};
use flate2::read::GzDecoder;
use serde_json::Value;
use walkdir::WalkDir;

use crate::hard::store::Pieces;
use crate::world::{World, fixture};

const FILES: [&str; 5] = [
    "canaries.nginx.log",
    "canaries.jsonl",
    "canaries.har",
    "shaped.nginx.log.gz",
    "shaped.jsonl.gz",
];

/// The server's own string for the nginx files; with it, cookie, body and forwarded address are fields.
const NGINX_FORMAT: &str = r#"$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" host=$host rt=$request_time uct="$upstream_connect_time" urt="$upstream_response_time" us="$upstream_status" ua="$upstream_addr" ra="$upstream_http_retry_after" rid="$request_id" xff="$http_x_forwarded_for" ck="$http_cookie" body="$request_body""#;

const CONFIG: &str = "keep-everything.toml";

/// A part of a token this long gives it away.
const CORE_CHARS: usize = 12;

/// A report takes seconds in a build for tests.
const REPORTS_MAX: usize = 8;

/// Shorter pieces of base64 would be found by chance.
const BASE64_CHARS_MIN: usize = 10;

// ---- nothing comes out ----

/// The other tests prove nothing unless the search finds what is there.
#[test]
fn the_search_finds_every_canary_where_it_was_planted() {
    let canaries = Canaries::load();
    let planted: Vec<u8> = FILES.iter().flat_map(|name| content(name)).collect();
    let found: BTreeSet<String> = canaries
        .find(&planted)
        .into_iter()
        .map(|leak| leak.canary)
        .collect();
    let missing: Vec<&String> = canaries
        .names
        .iter()
        .filter(|name| !found.contains(*name))
        .collect();
    assert!(missing.is_empty(), "not in the fixtures: {missing:?}");
    let token = "cnry-bearer-Vq3kTz81mWd0PxLh7sYe52RbNu94";
    for disguise in [
        format!("[{token}]"),
        token.to_uppercase(),
        token.replace('-', "%2d"),
        token.replace('-', "\\u002D"),
        token.replace('-', "&#45;"),
        STANDARD_NO_PAD.encode(format!("a{token}")),
        URL_SAFE_NO_PAD.encode(format!("ab{token}z")),
        token[5..5 + CORE_CHARS].to_owned(),
    ] {
        assert!(!canaries.find(disguise.as_bytes()).is_empty(), "{disguise}");
    }
}

#[test]
fn nothing_leaks_from_files() {
    let mut gone = Outputs::new();
    let mut args = vec!["ingest".to_owned(), "-vv".to_owned()];
    args.extend(FILES.map(path_of));
    gone.run(&args);
    gone.ask_everything();
    gone.check();
}

#[test]
fn nothing_leaks_from_files_read_with_their_log_format() {
    let mut gone = Outputs::new();
    for name in FILES.iter().filter(|name| name.contains("nginx")) {
        gone.run(&[
            "ingest",
            "-vv",
            "--log-format",
            NGINX_FORMAT,
            &path_of(name),
        ]);
    }
    gone.ask_tables();
    gone.check();
}

#[test]
fn nothing_leaks_from_standard_input() {
    let mut gone = Outputs::new();
    for name in FILES {
        gone.run_with_stdin(&["ingest", "-vv", "-"], &content(name));
    }
    gone.ask_tables();
    gone.check();
}

#[test]
fn nothing_leaks_from_rejected_lines() {
    let mut gone = Outputs::new();
    let inputs = World::new();
    let log = inputs.file("damaged.log", damaged_lines());
    let rejects = gone.world.path("rejects.jsonl");
    let [log, rejects] = [&log, &rejects].map(|path| path.to_str().expect("UTF-8"));
    let out = gone.run(&[
        "ingest",
        "-vv",
        "--format",
        "json",
        "--reject-file",
        rejects,
        log,
    ]);
    let rejected = serde_json::from_str::<Value>(&out).expect("a summary")["rejected"].as_u64();
    assert!(rejected > Some(35), "damaged lines are rejected: {out}");
    gone.run(&["formats", "test", log]);
    gone.run(&["formats", "detect", log]);
    gone.check();
}

#[test]
fn nothing_leaks_from_looking_at_files() {
    let mut gone = Outputs::new();
    for name in FILES {
        gone.run(&["formats", "detect", &path_of(name)]);
        gone.run(&["formats", "test", &path_of(name)]);
        gone.run(&["ingest", "--dry-run", "-vv", &path_of(name)]);
    }
    gone.check();
}

#[test]
fn nothing_leaks_from_masked_text() {
    let mut gone = Outputs::new();
    for name in FILES {
        gone.run(&["mask", &path_of(name)]);
        gone.run_with_stdin(&["mask", "-vv", "-"], &content(name));
    }
    gone.check();
}

// ---- what support needs comes out ----

#[test]
fn what_support_needs_survives() {
    let world = filled_world();
    let stored = world
        .run([
            "sql",
            "--format",
            "jsonl",
            "SELECT * FROM exchanges ORDER BY ts",
        ])
        .ok()
        .out;
    for needed in [
        // Ids of ours and of the vendors.
        r#""request_id":"00000000000000000000000000000005""#,
        r#""request_id":"os-00000001""#,
        r#"correlationId\":\"ord-900001"#,
        "005canary00000001,0:1",
        "6aff0000-0000-4000-8000-0000000000c1",
        "c0de0000-0000-4000-8000-0000000000c2",
        "req_canary00000001",
        "req_canary00000002",
        "C0DE:000001:CANARY",
        "canary0000000001",
        // Error codes and texts.
        r#""error_code":"INVALID_TOKEN""#,
        r#""error_code":"FORBIDDEN""#,
        r#""error_code":"PASSWORD_AGE""#,
        r#""error_code":"E17""#,
        r#""error_code":"card_declined""#,
        r#""error_code":"LOGIN_17""#,
        "rejected: too old",
        "slow down",
        "mailbox unknown",
        "Client authentication failed",
        "502 Bad Gateway",
        // How long to wait, and how long it took.
        r#""retry_after_s":7"#,
        r#""duration_ms":201"#,
        // Where it went.
        r#""host":"api5-018.responsys.net""#,
        r#""host":"mcabc123-demo0000.rest.marketingcloudapis.com""#,
        r#""host":"files.example.org""#,
        r#""operation":"POST /rest/api/v1.3/lists/{list}/members""#,
        r#""operation":"GET /asset/v1/content/assets/{asset}""#,
        "/out/report.csv",
        "&page=2",
        "sv=2024-05-04",
        "X-Amz-Date=20261119T210700Z",
        "grant_type=client_credentials",
        "expires_in",
        "locale=en",
    ] {
        assert!(stored.contains(needed), "{needed} is gone");
    }
}

#[test]
fn one_token_has_one_stand_in_wherever_it_stands() {
    let world = filled_world();
    let rows =
        world.sql("SELECT source, principal, request_id, vendor_request_id, request_headers, response_headers, response_body, raw FROM exchanges");
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    // The bearer token, as the principal of a call in NDJSON and in HAR, and echoed in an error text.
    let bearer: BTreeSet<(String, String)> = rows
        .iter()
        .filter(|row| {
            text(row, "request_headers").contains("os-00000001")
                || row.to_string().contains("canary0000000001")
        })
        .map(|row| (text(row, "principal"), text(row, "source")))
        .collect();
    assert_eq!(bearer.len(), 2, "{bearer:?}");
    let names: BTreeSet<&String> = bearer.iter().map(|(principal, _)| principal).collect();
    assert_eq!(names.len(), 1, "one principal: {bearer:?}");
    let id = names
        .first()
        .expect("one")
        .trim_matches(['\u{2039}', '\u{203a}'])
        .rsplit(':')
        .next()
        .expect("an id")
        .to_owned();
    assert!(id.len() >= 20, "a stand-in of at least 96 bits: {id}");
    let echo = rows
        .iter()
        .find(|row| text(row, "response_body").contains("INVALID_TOKEN"))
        .expect("the row");
    assert!(
        text(echo, "response_body").contains(&id),
        "{}",
        text(echo, "response_body")
    );

    // The session cookie, in headers of NDJSON and HAR and in a field of nginx that has no name.
    let cookies: BTreeMap<String, String> = rows.iter().filter_map(session_cookie).collect();
    let sources: BTreeSet<&str> = cookies
        .keys()
        .filter_map(|source| source.rsplit('/').next())
        .collect();
    assert_eq!(
        sources,
        BTreeSet::from(["canaries.har", "canaries.jsonl", "canaries.nginx.log"]),
        "{cookies:?}"
    );
    assert_eq!(
        cookies.values().collect::<BTreeSet<_>>().len(),
        1,
        "one stand-in: {cookies:?}"
    );
}

/// The source of a call and what stands for the value of the cookie `sid` that it sent.
fn session_cookie(row: &Value) -> Option<(String, String)> {
    let (_, rest) = ["raw", "request_headers"]
        .iter()
        .find_map(|column| row[*column].as_str()?.split_once("locale=en; sid="))?;
    let end = rest.find(['"', ';', '\\'])?;
    Some((row["source"].as_str()?.to_owned(), rest[..end].to_owned()))
}

// ---- the search ----

/// Every way in which a canary may be written, in one automaton.
struct Canaries {
    names: Vec<String>,
    /// For each pattern: which canary, and how it is written.
    patterns: Vec<(usize, &'static str)>,
    search: AhoCorasick,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Leak {
    canary: String,
    written: &'static str,
    around: String,
}

impl Canaries {
    fn load() -> Self {
        let text = std::fs::read_to_string(fixture("canaries.toml")).expect("canaries.toml");
        let list: toml::Table = text.parse().expect("TOML");
        let (mut names, mut patterns, mut needles) = (Vec::new(), Vec::new(), Vec::new());
        for canary in list["canary"].as_array().expect("canaries") {
            let strings = |key: &str| -> Vec<String> {
                let values = canary
                    .get(key)
                    .and_then(toml::Value::as_array)
                    .into_iter()
                    .flatten();
                values
                    .map(|value| value.as_str().expect("text").to_owned())
                    .collect()
            };
            let kind = canary["kind"].as_str().expect("a kind");
            let value = match canary.get("value") {
                Some(value) => value.as_str().expect("text").to_owned(),
                None => strings("parts").concat(),
            };
            let mut ways: BTreeMap<Vec<u8>, &'static str> = BTreeMap::new();
            let is_short = canary.get("short").and_then(toml::Value::as_bool) == Some(true);
            for written in strings("forms").iter().chain((!is_short).then_some(&value)) {
                for (how, way) in ways_to_write(written) {
                    ways.entry(way).or_insert(how);
                }
            }
            if is_token(kind, &value) {
                for core in cores(&value) {
                    ways.entry(core.as_bytes().to_vec())
                        .or_insert("a part of it");
                }
            }
            for (needle, how) in ways {
                patterns.push((names.len(), how));
                needles.push(needle);
            }
            names.push(format!(
                "{kind} at {}",
                strings("lines").first().map_or("?", String::as_str)
            ));
        }
        assert!(names.len() > 50, "{} canaries", names.len());
        let search = AhoCorasick::builder()
            .ascii_case_insensitive(true)
            .build(&needles)
            .expect("patterns");
        Self {
            names,
            patterns,
            search,
        }
    }

    /// One leak for each canary and way, with what stands around the first.
    fn find(&self, haystack: &[u8]) -> Vec<Leak> {
        let mut seen = BTreeSet::new();
        let hits = self.search.find_overlapping_iter(haystack);
        hits.filter_map(|hit| {
            let (canary, written) = self.patterns[hit.pattern().as_usize()];
            seen.insert((canary, written)).then(|| {
                let around =
                    &haystack[hit.start().saturating_sub(40)..haystack.len().min(hit.end() + 20)];
                Leak {
                    canary: self.names[canary].clone(),
                    written,
                    around: String::from_utf8_lossy(around).into_owned(),
                }
            })
        })
        .collect()
    }
}

fn ways_to_write(value: &str) -> Vec<(&'static str, Vec<u8>)> {
    let escape = |write: fn(char) -> String| -> String {
        value
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_string()
                } else {
                    write(c)
                }
            })
            .collect()
    };
    let json = serde_json::to_string(value).expect("JSON");
    let json = &json[1..json.len() - 1];
    let json_twice = serde_json::to_string(json).expect("JSON");
    let percent = escape(|c| {
        if "-._~".contains(c) {
            c.to_string()
        } else {
            format!("%{:02X}", u32::from(c))
        }
    });
    let mut ways = vec![
        ("plain", value.to_owned()),
        ("percent-encoded", percent.clone()),
        ("percent-encoded twice", percent.replace('%', "%25")),
        (
            "percent-encoded in full",
            escape(|c| format!("%{:02X}", u32::from(c))),
        ),
        ("form-encoded", percent.replace("%20", "+")),
        ("JSON-escaped", json.to_owned()),
        (
            "JSON-escaped twice",
            json_twice[1..json_twice.len() - 1].to_owned(),
        ),
        (
            "JSON-escaped in full",
            escape(|c| format!("\\u{:04X}", u32::from(c))),
        ),
        (
            "escaped as nginx does",
            escape(|c| format!("\\x{:02X}", u32::from(c))),
        ),
        (
            "XML-escaped",
            value
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;"),
        ),
        (
            "XML-escaped in full",
            escape(|c| format!("&#{};", u32::from(c))),
        ),
        (
            "XML-escaped in full, in hex",
            escape(|c| format!("&#x{:x};", u32::from(c))),
        ),
        (
            "HTML-escaped",
            value
                .replace('&', "&amp;")
                .replace('\'', "&#39;")
                .replace('"', "&#34;"),
        ),
    ];
    // Inside of longer text the value may begin at any of three places of a group; what neighbours share is left out.
    for before in 0..3 {
        let text = [&b"   "[..before], value.as_bytes()].concat();
        for engine in [STANDARD_NO_PAD, URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&text);
            let piece = &encoded[[0, 2, 3][before]..text.len() / 3 * 4];
            if piece.len() >= BASE64_CHARS_MIN {
                ways.push(("base64", piece.to_owned()));
            }
        }
    }
    ways.into_iter()
        .map(|(how, way)| (how, way.into_bytes()))
        .collect()
}

/// Values without words of people, of which no part may stand. The header of a JWT and the frame of a PEM block may, so
/// the parts of those two are canaries of their own.
fn is_token(kind: &str, value: &str) -> bool {
    let has = |is: fn(&char) -> bool| value.chars().any(|c| is(&c));
    value.len() >= CORE_CHARS
        && !matches!(kind, "jwt" | "pem_block" | "private_key")
        && !value.contains(['@', ' ', ':', '\n'])
        && has(char::is_ascii_digit)
        && has(char::is_ascii_alphabetic)
}

/// Every piece of [`CORE_CHARS`] but those that ids are full of: zeros, and digits that count up. The segments of a
/// webhook's path are looked at one by one: the first ones name a team and a channel, only the last is the secret.
fn cores(value: &str) -> impl Iterator<Item = &str> {
    let starts = 0..=value.len() - CORE_CHARS;
    let pieces = starts.filter_map(|start| value.get(start..start + CORE_CHARS));
    pieces.filter(|piece| {
        let bytes = piece.as_bytes();
        let kinds = bytes.iter().collect::<BTreeSet<_>>().len();
        let steps = bytes
            .windows(2)
            .filter(|pair| pair[0] + 1 == pair[1])
            .count();
        kinds >= 5 && steps < CORE_CHARS / 2 && !piece.contains('/')
    })
}

// ---- everything that comes out ----

/// A store and all that the program said about it.
struct Outputs {
    world: World,
    said: Vec<(String, Vec<u8>)>,
    /// Of generated values, where they went in instead of the planted ones.
    pieces: Option<&'static Pieces>,
}

impl Outputs {
    fn new() -> Self {
        let world = World::new();
        keep_everything(&world);
        // Whatever the program puts aside is looked at, too.
        std::fs::create_dir_all(world.path("tmp")).expect("folder");
        Self {
            world,
            said: Vec::new(),
            pieces: None,
        }
    }

    fn searching(pieces: &'static Pieces) -> Self {
        Self {
            pieces: Some(pieces),
            ..Self::new()
        }
    }

    /// What somebody else said: an answer of the service, its log.
    fn hear(&mut self, place: &str, headers: &[(String, String)], body: Vec<u8>) {
        let headers = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\n"));
        let headers: String = headers.collect();
        self.said
            .push((format!("headers of {place}"), headers.into_bytes()));
        self.said.push((place.to_owned(), body));
    }

    fn run<S: AsRef<OsStr>>(&mut self, args: &[S]) -> String {
        self.run_with_stdin(args, b"")
    }

    /// Runs the program and keeps every byte of what it says.
    #[track_caller]
    fn run_with_stdin<S: AsRef<OsStr>>(&mut self, args: &[S], input: &[u8]) -> String {
        let mut child = self
            .world
            .command()
            .env("TIDEMARK_CONFIG", self.world.path(CONFIG))
            .env("TMPDIR", self.world.path("tmp"))
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let output = std::thread::scope(|scope| {
            // The program may end before it has read everything.
            scope.spawn(move || stdin.write_all(input).is_ok());
            child.wait_with_output().expect("ends")
        });
        let words: Vec<_> = args
            .iter()
            .map(|arg| arg.as_ref().to_string_lossy())
            .collect();
        let command: String = words.join(" ").chars().take(120).collect();
        assert!(
            output.status.success(),
            "{command}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        self.said
            .push((format!("stdout of `{command}`"), output.stdout));
        self.said
            .push((format!("stderr of `{command}`"), output.stderr));
        out
    }

    /// All that is stored; what the other questions answer comes from there.
    fn ask_tables(&mut self) {
        let stored = self.run(&["sql", "--format", "jsonl", "SELECT * FROM exchanges"]);
        assert!(stored.lines().count() > 10, "there is something to leak");
        // Every encoding is undone where everything is told; elsewhere a value is looked for as it is written.
        let found = self.pieces.map(|pieces| pieces.find(&stored));
        let found = found.unwrap_or_default();
        assert!(found.is_empty(), "{} leaks: {found:#?}", found.len());
        self.run(&["sql", "--format", "jsonl", "SELECT * FROM rates"]);
        self.run(&["errors", "-vv"]);
    }

    /// Every question there is, in every form of the answer that shows more than the others.
    fn ask_everything(&mut self) {
        self.ask_tables();
        self.run(&["sql", "--format", "csv", "SELECT * FROM exchanges"]);
        self.run(&["sql", "--format", "table", "SELECT * FROM exchanges"]);
        self.run(&["assess", "-vv"]);
        self.run(&["assess", "--explain", "--format", "table"]);
        self.run(&["assess", "--replay"]);
        self.run(&["errors", "--format", "table"]);
        self.run(&["store", "info"]);
        for by in ["integration", "operation", "client", "status", "outcome"] {
            self.run(&["rates", "--by", by]);
            self.run(&[
                "rates", "--by", by, "--step", "1d", "--view", "calls", "--format", "csv",
            ]);
        }
        let integrations = self.run(&[
            "sql",
            "--format",
            "csv",
            "SELECT DISTINCT integration FROM exchanges ORDER BY 1",
        ]);
        let endings = ["html", "md"].into_iter().cycle();
        let names = integrations.lines().skip(1).take(REPORTS_MAX);
        for (name, ending) in names.zip(endings) {
            self.report(name, ending);
        }
    }

    fn report(&mut self, name: &str, ending: &str) {
        let report = self.world.path(&format!("report-{name}.{ending}"));
        let report = report.to_str().expect("UTF-8");
        self.run(&[
            "report",
            "-vv",
            "--integration",
            name,
            "--samples",
            "50",
            "-o",
            report,
        ]);
    }

    /// Searches what was said and every file below the world, Parquet decoded as well.
    #[track_caller]
    fn check(&self) {
        let canaries = Canaries::load();
        let planted = self.pieces.is_none();
        let mut leaks = Vec::new();
        let mut look = |place: &str, bytes: &[u8]| {
            for leak in planted.then(|| canaries.find(bytes)).into_iter().flatten() {
                leaks.push(format!(
                    "{} ({}) in {place}: …{}…",
                    leak.canary, leak.written, leak.around
                ));
            }
            let found = self.pieces.map(|pieces| pieces.find_written(bytes));
            for (name, piece) in found.into_iter().flatten() {
                leaks.push(format!("{name} in {place}: …{piece}…"));
            }
        };
        for (place, bytes) in &self.said {
            look(place, bytes);
        }
        for file in files_below(&self.world.path("")) {
            let place = file
                .strip_prefix(self.world.path(""))
                .expect("below")
                .display()
                .to_string();
            look(&place, place.as_bytes());
            look(&place, &std::fs::read(&file).expect("a file"));
            if place.ends_with(".parquet") {
                look(
                    &format!("the decoded pages of {place}"),
                    &decode_pages(&file),
                );
            }
        }
        leaks.sort();
        assert!(
            leaks.is_empty(),
            "{} leaks:\n{}",
            leaks.len(),
            leaks.join("\n")
        );
    }
}

pub fn files_below(folder: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("an entry").into_path());
    entries.filter(|path| path.is_file()).collect()
}

/// Data and dictionary pages of all columns, unpacked, and the footer in words; then every value by itself, because
/// pages of differences hold values in pieces.
pub fn decode_pages(file: &Path) -> Vec<u8> {
    let reader = SerializedFileReader::new(File::open(file).expect("opens")).expect("Parquet");
    let mut bytes = format!("{:?}", reader.metadata()).into_bytes();
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group).expect("a row group");
        for column in 0..group.num_columns() {
            for page in group.get_column_page_reader(column).expect("pages") {
                bytes.extend_from_slice(page.expect("a page").buffer());
            }
        }
    }
    let rows = reader.get_row_iter(None).expect("rows");
    rows.for_each(|row| bytes.extend_from_slice(row.expect("a row").to_string().as_bytes()));
    bytes
}

/// Successes keep their headers and bodies as failures do, so that nothing is absent for being left out.
fn keep_everything(world: &World) {
    world.file(CONFIG, "[ingest]\nkeep_ok_one_in = 1\n");
}

/// A store with all the fixtures in it.
fn filled_world() -> World {
    let world = World::new();
    keep_everything(&world);
    let config = world.path(CONFIG).to_str().expect("UTF-8").to_owned();
    world.ingest(
        ["--config".to_owned(), config]
            .into_iter()
            .chain(FILES.map(path_of)),
    );
    world
}

// ---- what goes in ----

fn path_of(name: &str) -> String {
    fixture(&format!("canaries/{name}"))
        .to_str()
        .expect("UTF-8")
        .to_owned()
}

/// A fixture, unpacked.
fn content(name: &str) -> Vec<u8> {
    let file = File::open(path_of(name)).expect("fixture");
    let mut bytes = Vec::new();
    let read = match name.ends_with(".gz") {
        true => GzDecoder::new(file).read_to_end(&mut bytes),
        false => (&file).read_to_end(&mut bytes),
    };
    read.expect("read");
    bytes
}

/// Each line of the line formats, damaged so that it is rejected with all of its canaries in it.
fn damaged_lines() -> String {
    let mut damaged = String::new();
    for name in FILES.iter().filter(|name| !name.ends_with(".har")) {
        for line in String::from_utf8(content(name)).expect("UTF-8").lines() {
            let line = match line.strip_suffix('}') {
                Some(object) if name.contains("jsonl") => object.to_owned(),
                _ => line.replace("[19/Nov/2026", "[99/Nov/2026"),
            };
            damaged.push_str(&line);
            damaged.push('\n');
        }
    }
    // Two good lines, so that the file is taken for a log.
    let good = content("canaries.nginx.log");
    let good = String::from_utf8(good).expect("UTF-8");
    good.lines()
        .take(2)
        .chain(damaged.lines())
        .map(|line| format!("{line}\n"))
        .collect()
}
