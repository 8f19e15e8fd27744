//! The dashboard in a real browser: what it shows is what the API says, at any width, in both themes, and text of a log
//! stays text.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::service::{Browser, Service, demo};
use crate::world::World;

const WIDE: (u32, u32) = (1400, 900);
const NARROW: (u32, u32) = (400, 800);

const SCRIPT: &str = "<script>window.__x=1;alert(1)</script>";
const IMAGE: &str = "<img src=x onerror=\"window.__x=1\">";
const NAME: &str = "<b onmouseover=\"window.__x=1\">a/b?c#d%41</b>";

/// One walk, because a browser takes seconds to start.
#[test]
fn the_dashboard_in_a_browser() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let service = Service::over(&demo().store);
    let overview = service.get("/api/v1/integrations").ok().json();

    browser.resize(WIDE.0, WIDE.1);
    the_overview_says_what_the_api_says(&browser, &service, &overview);
    a_tile_filters_and_back_undoes_it(&browser, &overview);
    a_range_behind_the_data_offers_the_last_hours(&browser, &service);
    an_integration_says_what_the_api_says(&browser, &service, "responsys");
    the_theme_can_be_chosen(&browser, &service);
    every_page_fits_every_width(&browser, &service);
    assert_eq!(browser.complaints(), [""; 0]);

    let hostile = hostile_store();
    text_of_a_log_is_only_text(&browser, &Service::over(&hostile.data()));
}

fn the_overview_says_what_the_api_says(browser: &Browser, service: &Service, overview: &Value) {
    open(browser, &service.url("/"));
    let shown = browser.eval(
        "[...document.querySelectorAll('tr[data-test-integration]')].map((row) => ({
            name: row.dataset.testIntegration,
            link: row.querySelector('a').textContent,
            word: row.querySelector('.badge').lastChild.textContent.trim(),
            cells: [...row.querySelectorAll('.number')].map((c) => (c.querySelector('.sub') ?? c).textContent),
        }))",
    );
    let mut shown = shown.as_array().expect("rows").clone();
    shown.sort_by_key(|row| row["name"].to_string());
    let mut said: Vec<Value> = rows(&overview["integrations"])
        .iter()
        .map(overview_row)
        .collect();
    said.sort_by_key(|row| row["name"].to_string());
    assert_eq!(shown, said);

    for kind in ["category2", "undecided", "category1", "quiet"] {
        let tile = format!("[data-test-tile={kind}] .tile-count");
        let count = rows(&overview["integrations"])
            .iter()
            .filter(|row| kind_of(&row["headline"]) == kind)
            .count();
        assert_eq!(browser.texts(&tile), [count.to_string()], "{kind}");
    }
}

/// A row as the page must show it.
fn overview_row(row: &Value) -> Value {
    let counts = &row["counts"];
    let part = |count: &str| {
        format!(
            "{} of {}",
            thousands(&counts[count]),
            thousands(&counts["requests"])
        )
    };
    json!({
        "name": row["integration"],
        "link": row["integration"],
        "word": word_of(&row["headline"]),
        "cells": [part("server_errors"), part("throttled"), part("no_response"), thousands(&counts["requests"])],
    })
}

fn a_tile_filters_and_back_undoes_it(browser: &Browser, overview: &Value) {
    let names = "tr[data-test-integration] a[data-test-open]";
    let all = browser.texts(names);
    let urgent: Vec<&Value> = rows(&overview["integrations"])
        .iter()
        .filter(|row| kind_of(&row["headline"]) == "category2")
        .collect();
    assert!(!urgent.is_empty() && urgent.len() < all.len());

    browser.click("[data-test-tile=category2]");
    browser.wait(&format!(
        "document.querySelectorAll({names:?}).length === {}",
        urgent.len()
    ));
    assert!(
        browser.url().ends_with("/?filter=category2"),
        "{}",
        browser.url()
    );
    assert!(
        browser
            .texts(names)
            .iter()
            .all(|name| urgent.iter().any(|row| row["integration"] == **name))
    );

    browser.back();
    browser.wait(&format!(
        "document.querySelectorAll({names:?}).length === {}",
        all.len()
    ));
    assert!(browser.url().ends_with('/'), "{}", browser.url());
    assert_eq!(browser.texts(names), all);
}

fn a_range_behind_the_data_offers_the_last_hours(browser: &Browser, service: &Service) {
    browser.open(&service.url("/?since=2100-01-01"));
    browser.wait("document.querySelector('[data-test-empty=no-data-since]') !== null");
    assert!(browser.texts("tr[data-test-integration]").is_empty());
    browser.click("[data-test-empty=no-data-since] button");
    browser.wait("document.querySelectorAll('tr[data-test-integration]').length > 0");
    open(browser, &service.url("/"));
}

fn an_integration_says_what_the_api_says(browser: &Browser, service: &Service, name: &str) {
    let said = service
        .get(&format!("/api/v1/integrations/{name}"))
        .ok()
        .json();
    browser.click(&format!("a[data-test-open={name}]"));
    settled(browser);
    assert!(
        browser.url().ends_with(&format!("/i/{name}")),
        "{}",
        browser.url()
    );
    assert_eq!(browser.texts("h1"), [name]);
    assert_eq!(browser.texts("[data-test-verdict] h2").len(), 1);
    assert!(browser.texts("[data-test-verdict] h2")[0].contains(word_of(&said["headline"])));
    assert_eq!(
        json!(browser.texts("[data-test-why] li")),
        said["headline"]["why"]
    );
    assert_eq!(
        json!(browser.texts("[data-test-action]")),
        json!([said["headline"]["action"]])
    );

    the_chart_has_both_series_and_the_calls_below(browser);
    the_tables_have_the_numbers(browser, &said);
    the_arrow_keys_read_the_chart(browser, &said);
}

fn the_chart_has_both_series_and_the_calls_below(browser: &Browser) {
    let drawn = browser.eval(
        "((svg) => {
            const boxes = (css) => [...svg.querySelectorAll(css)].map((part) => part.getBBox());
            const lowest = (css) => Math.max(...boxes(css).map((box) => box.y + box.height));
            return {
                inline: svg.closest('main') !== null,
                title: svg.querySelector('title').textContent,
                height5xx: Math.max(...boxes('polyline.tm-5xx-l').map((box) => box.height)),
                height429: Math.max(...boxes('polyline.tm-429-l').map((box) => box.height)),
                heightCalls: Math.max(...boxes('.tm-calls-f').map((box) => box.height)),
                below: Math.min(...boxes('rect.tm-calls-f').filter((box) => box.height > 20).map((box) => box.y)) >= lowest('polyline.tm-5xx-l'),
            };
        })(document.querySelector('[data-test-chart] svg'))",
    );
    assert_eq!(
        (&drawn["inline"], &drawn["title"]),
        (&json!(true), &json!("responsys"))
    );
    for height in ["height5xx", "height429", "heightCalls"] {
        assert!(
            drawn[height].as_f64().is_some_and(|height| height > 10.0),
            "{drawn}"
        );
    }
    assert_eq!(drawn["below"], true, "{drawn}");
}

fn the_tables_have_the_numbers(browser: &Browser, said: &Value) {
    let operations = rows(&said["operations"]).iter().map(|row| {
        let count = |key: &str| thousands(&row[key]);
        json!([
            row["operation"],
            count("requests"),
            count("server_errors"),
            count("throttled"),
            count("no_response")
        ])
    });
    assert_eq!(
        json!(cells(browser, "operations", &[0, 1, 2, 3, 4])),
        sorted(operations)
    );

    let errors = rows(&said["errors"]).iter().map(|row| {
        let status = row["status"]
            .as_u64()
            .map_or("no status".to_owned(), |status| status.to_string());
        let words = [
            Some(status.as_str()),
            row["error_code"].as_str(),
            row["template"].as_str(),
        ];
        let name: Vec<&str> = words.into_iter().flatten().collect();
        json!([name.join(" "), row["operation"], thousands(&row["count"])])
    });
    assert_eq!(json!(cells(browser, "errors", &[0, 1, 2])), sorted(errors));
}

/// The first text of the given columns of each row, in the order of the text.
fn cells(browser: &Browser, table: &str, columns: &[usize]) -> Value {
    let found = browser.eval(&format!(
        "[...document.querySelectorAll('[data-test-{table}] tbody tr')].map((row) => {columns:?}.map((at) => {{
            const cell = row.children[at];
            return (cell.querySelector('code') ?? cell.firstChild).textContent;
        }}))"
    ));
    sorted(rows(&found).iter().cloned())
}

fn sorted(rows: impl Iterator<Item = Value>) -> Value {
    let mut rows: Vec<Value> = rows.collect();
    assert!(!rows.is_empty());
    rows.sort_by_key(Value::to_string);
    rows.into()
}

fn the_arrow_keys_read_the_chart(browser: &Browser, said: &Value) {
    browser.eval(
        "document.querySelector('[data-test-chart]').dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowLeft', bubbles: true}))",
    );
    let read = browser.texts("[data-test-chart-values]").concat();
    let last = rows(&said["trend"]).last().expect("a window");
    let start = last["window_start"].as_str().expect("a time");
    assert!(
        read.starts_with(&start[..16].replace('T', " ")),
        "{read} for {start}"
    );
    assert!(
        read.contains(&format!("{} calls", thousands(&last["requests"]))),
        "{read}"
    );
}

fn the_theme_can_be_chosen(browser: &Browser, service: &Service) {
    open(browser, &service.url("/"));
    for theme in ["dark", "light"] {
        browser.click(&format!("[data-test-theme] option[value={theme}]"));
        browser.wait(&format!(
            "document.documentElement.dataset.theme === '{theme}'"
        ));
        assert!(
            browser.url().ends_with(&format!("?theme={theme}")),
            "{}",
            browser.url()
        );
        let channel =
            "Number(getComputedStyle(document.documentElement).backgroundColor.match(/\\d+/)[0])";
        let light = browser.eval(channel).as_u64().expect("a colour") > 127;
        assert_eq!(light, theme == "light");
    }
    // The choice outlives the address.
    open(browser, &service.url("/i/stripe"));
    assert_eq!(
        browser.eval("document.documentElement.dataset.theme"),
        "light"
    );
}

/// Nothing sticks out, and a picture of each page is kept for eyes.
fn every_page_fits_every_width(browser: &Browser, service: &Service) {
    for (width, height) in [WIDE, NARROW] {
        browser.resize(width, height);
        for (page, path) in [("overview", "/"), ("integration", "/i/responsys")] {
            open(browser, &service.url(path));
            // Colours are all that a theme changes, so the page need not be loaded again.
            for theme in ["light", "dark"] {
                browser.eval(&format!(
                    "document.documentElement.dataset.theme = '{theme}'"
                ));
                keep(
                    &format!("{page}-{theme}-{width}.png"),
                    &browser.screenshot(),
                );
            }
            assert_eq!(
                browser.eval("document.documentElement.scrollWidth"),
                width,
                "{page}"
            );
        }
    }
    browser.resize(WIDE.0, WIDE.1);
}

fn keep(name: &str, picture: &[u8]) {
    let folder: PathBuf = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&folder).expect("a folder");
    fs::write(folder.join(name), picture).expect("written");
}

/// A store with markup wherever a log can have text, the name of the integration among it.
fn hostile_store() -> World {
    let world = World::new();
    let evil = format!("{SCRIPT}{IMAGE}");
    let line = |minute: u32, failed: bool| {
        json!({
            "timestamp": format!("2026-11-19T10:{minute:02}:00Z"),
            "method": "GET",
            "url": if failed { format!("https://api.stripe.com/v1/{SCRIPT}") } else { "https://api.stripe.com/v1/charges".to_owned() },
            "status": if failed { 500 } else { 200 },
            "user_agent": evil,
            "duration_ms": 12,
            "request_id": format!("r{minute}"),
            "error_code": failed.then_some(&evil),
            "error_message": failed.then(|| format!("boom {evil}")),
            "request_headers": {"user-agent": evil},
            "response_body": evil,
        })
        .to_string()
    };
    let lines: Vec<String> = (0..60).map(|minute| line(minute, minute >= 40)).collect();
    let log = world.file("hostile.jsonl", lines.join("\n"));
    world.ingest([log.as_os_str(), "--integration".as_ref(), NAME.as_ref()]);
    world
}

fn text_of_a_log_is_only_text(browser: &Browser, service: &Service) {
    open(browser, &service.url("/"));
    assert_eq!(browser.texts("a[data-test-open]"), [NAME]);
    browser.click("a[data-test-open]");
    settled(browser);
    assert_eq!(browser.texts("h1"), [NAME]);
    for (place, text) in [
        // What looks like no word becomes a placeholder in the name of the operation; the rest of the markup stands.
        ("[data-test-operations]", "/script>"),
        ("[data-test-errors]", SCRIPT),
        ("[data-test-errors]", IMAGE),
        ("[data-test-section-samples]", SCRIPT),
    ] {
        assert!(
            browser.texts(place).concat().contains(text),
            "{place} lacks {text}: {:?}",
            browser.texts(place)
        );
    }
    assert_eq!(browser.texts("[data-test-chart] svg title"), [NAME]);
    assert_harmless(browser);

    let report = browser.eval("document.querySelector('[data-test-export=html]').href");
    browser.open(report.as_str().expect("an address"));
    browser.wait("document.readyState === 'complete'");
    assert!(
        browser.texts("h1").concat().contains(NAME),
        "{:?}",
        browser.texts("h1")
    );
    assert!(browser.texts("body").concat().contains(SCRIPT));
    assert_harmless(browser);
}

/// An open dialog would have failed the step before this one.
fn assert_harmless(browser: &Browser) {
    assert_eq!(browser.eval("typeof window.__x"), "undefined");
    assert_eq!(
        browser.eval("document.body.querySelectorAll('script, img, b[onmouseover]').length"),
        0
    );
    assert_eq!(browser.complaints(), [""; 0]);
}

fn open(browser: &Browser, url: &str) {
    browser.open(url);
    settled(browser);
}

/// The page has shown what it loaded, the chart included, and no refusal.
fn settled(browser: &Browser) {
    browser.wait(
        "((main) => !main.hasAttribute('aria-busy')
            && main.querySelector('[data-test-integrations], [data-test-chart], [data-test-error], [data-test-chart-error]') !== null
            && document.fonts.status === 'loaded')(document.getElementById('main'))",
    );
    assert_eq!(
        browser.texts("[data-test-error], [data-test-chart-error]"),
        [""; 0]
    );
}

fn rows(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn kind_of(verdict: &Value) -> &'static str {
    match (verdict["category"].as_u64(), verdict["reason"].as_str()) {
        (Some(2), _) => "category2",
        (Some(_), _) => "category1",
        (None, Some("quiet")) => "quiet",
        (None, _) => "undecided",
    }
}

fn word_of(verdict: &Value) -> &'static str {
    match kind_of(verdict) {
        "category2" => "Category 2",
        "category1" => "Category 1",
        "quiet" => "Quiet",
        _ => "Undecided",
    }
}

/// `12,345`
fn thousands(value: &Value) -> String {
    let digits = value.as_u64().expect("a count").to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|g| std::str::from_utf8(g).expect("digits"))
        .collect();
    groups.join(",")
}
