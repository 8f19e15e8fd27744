//! The house rules that a reader of the source can check, read from the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;
use walkdir::WalkDir;

/// Modules by floor: each imports only from lower floors and from itself.
const FLOORS: &[&[&str]] = &[
    &["model"],
    &["read", "calls", "catalog", "mask"],
    &["attribute", "keys", "store"],
    &["ingest", "query"],
    &["live", "verdict"],
    &["assess", "chart"],
    &["report"],
    &["http", "telemetry"],
    &["config"],
    &["cli", "main", "lib"],
];

/// A source file: its path below `src/`, its text, and the text without what only tests compile.
struct Source {
    path: String,
    text: String,
    code: String,
}

impl Source {
    /// The module it belongs to.
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().unwrap_or_default()
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, ending: &str) -> Vec<(String, PathBuf)> {
    let folder = root().join(folder);
    let mut files: Vec<(String, PathBuf)> = WalkDir::new(&folder)
        .into_iter()
        .map(|entry| entry.expect("readable").into_path())
        .filter(|path| path.is_file() && path.to_string_lossy().ends_with(ending))
        .map(|path| {
            (
                path.strip_prefix(&folder)
                    .expect("below")
                    .to_string_lossy()
                    .into_owned(),
                path,
            )
        })
        .collect();
    files.sort();
    assert!(!files.is_empty(), "{}", folder.display());
    files
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn sources() -> Vec<Source> {
    let mut sources: Vec<Source> = files("src", ".rs")
        .into_iter()
        .map(|(name, path)| {
            let text = read(&path);
            Source {
                path: name,
                code: without_tests(&text),
                text,
            }
        })
        .collect();
    let only_for_tests = modules_of_tests(&sources);
    for source in &mut sources {
        if only_for_tests
            .iter()
            .any(|module| source.path.starts_with(module.as_str()))
        {
            source.code.clear();
        }
    }
    sources
}

/// The text with every item that stands under `#[cfg(test)]` blanked, so that line numbers stay.
fn without_tests(text: &str) -> String {
    let mut kept = String::new();
    let mut ends: Option<(String, String)> = None;
    for line in text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        if let Some((start, end)) = &ends {
            let closed = line == end
                || (line.starts_with(start.as_str()) && indent == start && line.ends_with(';'));
            if closed {
                ends = None;
            }
        } else if line.trim_start().starts_with("#[cfg(test)]") {
            ends = Some((indent.to_owned(), format!("{indent}}}")));
        } else {
            kept.push_str(line);
        }
        kept.push('\n');
    }
    kept
}

/// Paths of modules that are declared under `#[cfg(test)]` and live in files of their own.
fn modules_of_tests(sources: &[Source]) -> Vec<String> {
    let declared =
        Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\([^)]*\))? )?mod (\w+);").expect("valid");
    let mut found = Vec::new();
    for source in sources {
        let folder = source.path.strip_suffix("mod.rs").map_or_else(
            || format!("{}/", source.path.trim_end_matches(".rs")),
            str::to_owned,
        );
        for name in declared.captures_iter(&source.text) {
            found.push(format!("{folder}{}.rs", &name[1]));
            found.push(format!("{folder}{}/", &name[1]));
        }
    }
    found
}

/// Lines of code with their number; comments are left out.
fn lines_of_code(code: &str) -> impl Iterator<Item = (usize, &str)> {
    code.lines()
        .enumerate()
        .map(|(at, line)| (at + 1, line))
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Where a pattern stands in code that is not only for tests and for which `applies` holds.
fn places(pattern: &str, applies: impl Fn(&Source) -> bool) -> Vec<String> {
    let pattern = Regex::new(pattern).expect("valid");
    let mut found = Vec::new();
    for source in sources().iter().filter(|source| applies(source)) {
        for (line, text) in lines_of_code(&source.code) {
            if pattern.is_match(text) {
                found.push(format!("src/{}:{line}: {}", source.path, text.trim()));
            }
        }
    }
    found
}

#[track_caller]
fn assert_none(found: &[String], rule: &str) {
    assert!(found.is_empty(), "{rule}:\n{}", found.join("\n"));
}

/// Modules of this crate that a text names, `use crate::{a, b::C}` included.
fn imports(text: &str) -> BTreeSet<(usize, String)> {
    let single = Regex::new(r"\b(?:crate|tidemark)::(\w+)").expect("valid");
    let group = Regex::new(r"\bcrate::\{([^;]*)\};").expect("valid");
    let word = Regex::new(r"^\w+").expect("valid");
    let mut found = BTreeSet::new();
    for (line, text) in lines_of_code(text) {
        found.extend(single.captures_iter(text).map(|c| (line, c[1].to_owned())));
    }
    for names in group.captures_iter(text) {
        let line = text[..names.get(0).expect("the match").start()]
            .matches('\n')
            .count()
            + 1;
        let heads = at_the_top(&names[1]);
        found.extend(
            heads
                .iter()
                .filter_map(|part| word.find(part.trim()))
                .map(|m| (line, m.as_str().to_owned())),
        );
    }
    found
}

/// Splits at commas that are in no inner braces.
fn at_the_top(list: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in list.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match (c, depth) {
            (',', 0) => parts.push(String::new()),
            _ => parts.last_mut().expect("one").push(c),
        }
    }
    parts
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn imports_go_down_the_floors() {
    let mut wrong = Vec::new();
    for source in sources() {
        let own = source.module();
        let floor = floor_of(own).unwrap_or_else(|| panic!("src/{} is on no floor", source.path));
        for (line, module) in imports(&source.text) {
            let at = floor_of(&module);
            let allowed = module == own
                || at.is_some_and(|at| at < floor)
                || (own == "main" && module == "cli");
            if !allowed {
                wrong.push(format!(
                    "src/{}:{line}: {own} ({floor}) names {module} ({at:?})",
                    source.path
                ));
            }
        }
    }
    assert_none(
        &wrong,
        "a module imports only from lower floors and from itself",
    );
}

#[test]
fn a_wrong_floor_would_be_found() {
    let text = "use crate::{cli::{A, B}, model};\n// use crate::http::X;\nfn f() { crate::store::open() }\n";
    let found: Vec<(usize, String)> = imports(text).into_iter().collect();
    let expected =
        [(1, "cli"), (1, "model"), (3, "store")].map(|(line, name)| (line, name.to_owned()));
    assert_eq!(found, expected);
    let tested = "fn a() {}\n#[cfg(test)]\nmod tests {\n    x.unwrap()\n}\nfn b() {}\n#[cfg(test)]\nmod c;\nfn d() {}\n";
    assert_eq!(
        without_tests(tested),
        "fn a() {}\n\n\n\n\nfn b() {}\n\n\nfn d() {}\n"
    );
}

#[test]
fn judging_knows_only_the_words() {
    let mut wrong = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| source.module() == "verdict")
    {
        let other = imports(&source.text)
            .into_iter()
            .filter(|(_, module)| module != "verdict" && module != "model");
        wrong.extend(other.map(|(line, module)| format!("src/{}:{line}: {module}", source.path)));
    }
    assert_none(&wrong, "verdict imports only model");
    let outside = r"\b(?:async fn|\.await|std::(?:fs|io|net|env|process)|SystemTime|Instant::now|Utc::now|tokio)\b";
    assert_none(
        &places(outside, |source| source.module() == "verdict"),
        "verdict neither waits nor reads anything",
    );
}

#[test]
fn large_libraries_stay_behind_one_door() {
    let used = |library: &str| format!(r"(?:^|[^:\w]){library}::|\buse {library}\b");
    assert_none(
        &places(&used("deltalake"), |s| s.module() != "store"),
        "only store names deltalake",
    );
    assert_none(
        &places(&used("plotters"), |s| s.module() != "chart"),
        "only chart names plotters",
    );
    assert_none(
        &places(&used("datafusion"), |s| s.module() != "query"),
        "only query names datafusion",
    );
    let door = r"datafusion::catalog::TableProvider";
    let through = places(r"\bdatafusion::", |s| s.module() == "store");
    let other: Vec<String> = through
        .into_iter()
        .filter(|place| !place.contains(door))
        .collect();
    assert_none(
        &other,
        "store names of datafusion only what a table is handed over as",
    );
}

#[test]
fn nothing_unfinished_and_nothing_that_panics_at_a_whim() {
    assert_none(
        &places(r"\.unwrap\(\)", |_| true),
        "no unwrap outside tests",
    );
    assert_none(
        &places(r"\b(?:todo|unimplemented|dbg)!", |_| true),
        "unfinished work is an issue",
    );
    assert_none(
        &places(r"\bsuper::super\b", |_| true),
        "other modules are named crate::…",
    );
}

#[test]
fn only_the_command_line_prints() {
    assert_none(
        &places(r"\be?print(?:ln)?!", |s| {
            !["cli", "main"].contains(&s.module())
        }),
        "only cli prints",
    );
}

#[test]
fn no_code_is_commented_out() {
    let code = Regex::new(
        r"^\s*//(?:[^/!].*[;{]|\s*(?:let|use|fn|pub|if|for|return|mod) .*[;{(]|\s*[})\]]+[;,]?)$",
    )
    .expect("valid");
    let mut found = Vec::new();
    for source in sources() {
        for (at, line) in source
            .text
            .lines()
            .enumerate()
            .filter(|(_, line)| code.is_match(line))
        {
            found.push(format!("src/{}:{}: {}", source.path, at + 1, line.trim()));
        }
    }
    assert_none(&found, "no commented-out code");
}

#[test]
fn every_file_says_what_it_is_for() {
    for folder in ["src", "tests"] {
        let silent: Vec<String> = files(folder, ".rs")
            .into_iter()
            .filter(|(_, path)| !read(path).starts_with("//!"))
            .map(|(name, _)| format!("{folder}/{name}"))
            .collect();
        assert_none(&silent, "a file opens with its module doc");
    }
}

#[test]
fn an_exchange_cannot_be_written_out() {
    let text = read(&root().join("src/model/exchange.rs"));
    let (before, _) = text.split_once("pub struct Exchange<").expect("the struct");
    let attributes: Vec<&str> = before
        .lines()
        .rev()
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    assert!(!attributes.is_empty());
    for line in attributes {
        assert!(
            !line.contains("Serialize") && !line.contains("Debug"),
            "{line}"
        );
    }
    assert_none(
        &places(r"impl.*\bSerialize for Exchange\b", |_| true),
        "an exchange cannot be serialised",
    );
}

#[test]
fn every_query_explains_itself() {
    for (name, path) in files("queries", ".sql") {
        let text = read(&path);
        let header: Vec<&str> = text
            .lines()
            .take_while(|line| line.starts_with("--"))
            .collect();
        let purpose = header
            .first()
            .map_or("", |line| line.trim_start_matches("--").trim());
        assert!(
            purpose.len() > 10 && purpose.ends_with('.') && !purpose.starts_with("Parameters"),
            "{name}: {purpose}"
        );
        let mut last = 0;
        for part in ["-- Parameters: ", "-- Columns: ", "-- Order: "] {
            let at = header
                .iter()
                .position(|line| line.starts_with(part))
                .unwrap_or_else(|| panic!("{name} lacks {part}"));
            assert!(at > last, "{name}: {part} stands too early");
            last = at;
        }
        assert!(text.contains("ORDER BY"), "{name} has no order");
    }
}

#[test]
fn every_query_is_listed() {
    let library = read(&root().join("src/query/library.rs"));
    let listed = library
        .split("pub const QUERIES")
        .nth(1)
        .and_then(|rest| rest.split(';').next())
        .expect("a list");
    for (name, _) in files("queries", ".sql") {
        let constant = name
            .trim_end_matches(".sql")
            .replace('/', "_")
            .to_uppercase();
        assert!(
            library.contains(&format!("queries/{name}\")")),
            "{name} is not compiled in"
        );
        assert!(
            Regex::new(&format!(r"\b{constant}\b"))
                .expect("valid")
                .is_match(listed),
            "{name} is not in QUERIES"
        );
    }
}

#[test]
fn every_fixture_is_explained() {
    let told = read(&root().join("fixtures/README.md"));
    let mut silent = Vec::new();
    for (name, _) in files("fixtures", "") {
        let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
        // Stories are many and alike; what each is stands in its own files.
        let folder = if folder.starts_with("stories/") {
            "stories"
        } else {
            folder.trim_start_matches("logs/")
        };
        if !folder.is_empty() && !told.contains(&format!("{folder}/")) {
            silent.push(format!("fixtures/{name}"));
        }
    }
    assert_none(
        &silent,
        "fixtures/README.md says what each folder is and how it was made",
    );
}

#[test]
fn what_the_page_says_comes_from_one_place() {
    let mut wrong = Vec::new();
    let fetches = Regex::new(r"\bfetch\(|XMLHttpRequest|EventSource|WebSocket").expect("valid");
    let html =
        Regex::new(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
            .expect("valid");
    for (name, path) in files("web", ".js")
        .into_iter()
        .filter(|(name, _)| !name.starts_with("test/"))
    {
        for (at, line) in read(&path)
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            if html.is_match(line) || (fetches.is_match(line) && name != "api.js") {
                wrong.push(format!("web/{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    assert_none(&wrong, "one file fetches, and no text becomes markup");
}
