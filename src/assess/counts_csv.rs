//! Counts from elsewhere (a metrics system, say) as evidence: the shape that `rates --format csv` prints.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use crate::model::evidence::{Evidence, SeriesHistory};
use crate::model::time::Timestamp;
use crate::model::timespec::parse_instant;
use crate::model::window::Counts;

/// Rows read from one file: months of minutes of many series.
const ROWS_MAX: usize = 10_000_000;

#[derive(Debug, thiserror::Error)]
pub enum CountsError {
    #[error(
        "line {line}: {what}; the columns are window_start,window_s,integration,operation,requests,throttled,server_errors"
    )]
    Row { line: u64, what: String },
    #[error(
        "no line follows line 1, which is taken for the head, so there are no counts in it; the columns are window_start,window_s,integration,operation,requests,throttled,server_errors"
    )]
    Empty,
    #[error("more than {ROWS_MAX} rows; split the file by integration")]
    TooMany,
}

#[derive(Debug, Deserialize)]
struct Row {
    window_start: String,
    window_s: u32,
    integration: String,
    #[serde(default)]
    operation: Option<String>,
    requests: u64,
    throttled: u64,
    server_errors: u64,
    #[serde(default)]
    no_response: u64,
}

type Key = (String, Option<String>);

/// Reads and checks the whole file. A series whose rows have an operation also counts towards its integration, unless
/// the integration has rows of its own.
pub fn read_counts(input: impl Read) -> Result<Evidence, CountsError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(false)
        .from_reader(input);
    let mut series: BTreeMap<Key, SeriesHistory> = BTreeMap::new();
    let mut watermark: Option<Timestamp> = None;
    for (number, row) in reader.deserialize::<Row>().enumerate() {
        let line = number as u64 + 2;
        let row = row.map_err(|error| CountsError::Row {
            line,
            what: error_text(&error),
        })?;
        if number >= ROWS_MAX {
            return Err(CountsError::TooMany);
        }
        let end = add_row(&mut series, row).map_err(|what| CountsError::Row { line, what })?;
        watermark = watermark.max(Some(end));
    }
    if series.is_empty() {
        return Err(CountsError::Empty);
    }
    add_wholes(&mut series);
    Ok(Evidence {
        series: series.into_values().collect(),
        watermark,
        ..Evidence::default()
    })
}

/// Returns the end of the row's window.
fn add_row(series: &mut BTreeMap<Key, SeriesHistory>, row: Row) -> Result<Timestamp, String> {
    let at = parse_start(&row.window_start)?;
    if row.window_s == 0 || row.window_s > 86_400 {
        return Err(format!(
            "window_s is {}, not 1 to 86400 seconds",
            row.window_s
        ));
    }
    if row
        .throttled
        .saturating_add(row.server_errors)
        .saturating_add(row.no_response)
        > row.requests
    {
        return Err("more failures than requests".to_owned());
    }
    let operation = row.operation.filter(|o| !o.is_empty());
    let key = (row.integration, operation);
    let history = series.entry(key.clone()).or_insert_with(|| SeriesHistory {
        integration: key.0,
        operation: key.1,
        window_s: row.window_s,
        windows: Vec::new(),
    });
    if history.window_s != row.window_s {
        return Err(format!(
            "window_s is {} here and {} before for the same series",
            row.window_s, history.window_s
        ));
    }
    let counts = Counts {
        requests: row.requests,
        throttled: row.throttled,
        server_errors: row.server_errors,
        no_response: row.no_response,
        ..Counts::default()
    };
    history.windows.push((at, counts));
    Ok(at.plus_secs(row.window_s.into()))
}

fn parse_start(text: &str) -> Result<Timestamp, String> {
    parse_instant(text).map_err(|error| format!("window_start {error}"))
}

/// The same evidence as if the file had ended at `until`.
pub fn end_counts(evidence: Evidence, until: Timestamp) -> Evidence {
    let mut series = evidence.series;
    for history in &mut series {
        let width_s = i64::from(history.window_s);
        history
            .windows
            .retain(|(at, _)| at.plus_secs(width_s) <= until);
    }
    series.retain(|history| !history.windows.is_empty());
    let ends = series.iter().flat_map(|history| {
        let end = |(at, _): &(Timestamp, Counts)| at.plus_secs(history.window_s.into());
        history.windows.iter().map(end)
    });
    Evidence {
        watermark: ends.max(),
        series,
        ..evidence
    }
}

fn error_text(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => err.to_string(),
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!("{len} values, not {expected_len}"),
        _ => "not readable as CSV".to_owned(),
    }
}

fn add_wholes(series: &mut BTreeMap<Key, SeriesHistory>) {
    let names: Vec<String> = series.keys().map(|(name, _)| name.clone()).collect();
    for name in names {
        if series.contains_key(&(name.clone(), None)) {
            continue;
        }
        let mut sums: BTreeMap<Timestamp, Counts> = BTreeMap::new();
        let mut window_s = 60;
        for part in series.values().filter(|s| s.integration == name) {
            window_s = part.window_s;
            for (at, counts) in &part.windows {
                *sums.entry(*at).or_default() += *counts;
            }
        }
        let whole = SeriesHistory {
            integration: name.clone(),
            operation: None,
            window_s,
            windows: sums.into_iter().collect(),
        };
        series.insert((name, None), whole);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_series_and_wholes() {
        let csv = "window_start,window_s,integration,operation,requests,throttled,server_errors\n\
                   2026-11-22T03:00:00Z,60,a,GET /x,10,1,2\n\
                   2026-11-22T03:00:00Z,60,a,GET /y,5,0,0\n\
                   1795316460,60,b,,3,0,0\n\
                   1795316520000,60,b,,4,0,0\n";
        let evidence = read_counts(csv.as_bytes()).expect("reads");
        let seen: Vec<_> = evidence
            .series
            .iter()
            .map(|s| {
                (
                    s.integration.as_str(),
                    s.operation.as_deref(),
                    s.windows[0].1.requests,
                )
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("a", None, 15),
                ("a", Some("GET /x"), 10),
                ("a", Some("GET /y"), 5),
                ("b", None, 3)
            ]
        );
        assert_eq!(
            evidence.watermark.map(|w| w.to_string()).as_deref(),
            Some("2026-11-22T03:03:00Z")
        );
        let ended = end_counts(evidence, "2026-11-22T03:02:30Z".parse().expect("a time"));
        assert_eq!(
            ended.watermark.map(|w| w.to_string()).as_deref(),
            Some("2026-11-22T03:02:00Z")
        );
        let requests = |name: &str| -> u64 {
            let own = ended.series.iter().filter(|s| s.integration == name);
            own.flat_map(|s| &s.windows).map(|(_, c)| c.requests).sum()
        };
        assert_eq!((requests("a"), requests("b")), (30, 3));
    }

    #[test]
    fn faults_name_the_line() {
        let head = "window_start,window_s,integration,operation,requests,throttled,server_errors\n";
        for (rows, part) in [
            ("", "line 1, which is taken for the head"),
            ("x,60,a,,1,0,0\n", "line 2: window_start \"x\""),
            (
                "99999999999999999,60,a,,1,0,0\n",
                "line 2: window_start \"99999999999999999\" is outside the years 1 to 9999",
            ),
            ("2026-11-22T03:00:00Z,0,a,,1,0,0\n", "line 2: window_s is 0"),
            (
                "2026-11-22T03:00:00Z,60,a,,1,1,1\n",
                "line 2: more failures",
            ),
            (
                "2026-11-22T03:00:00Z,60,a,,-1,0,0\n",
                "line 2: field 4: invalid digit",
            ),
            ("2026-11-22T03:00:00Z,60,a\n", "line 2: 3 values, not 7"),
        ] {
            let error = read_counts(format!("{head}{rows}").as_bytes())
                .expect_err(rows)
                .to_string();
            assert!(error.contains(part), "{rows}: {error}");
        }
    }
}
