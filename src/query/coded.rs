//! Errors that are told by a code in an ok answer, put beside the other counts of their windows.

use std::collections::HashMap;

use crate::model::evidence::SeriesHistory;
use crate::model::time::Timestamp;
use crate::query::decode::Rows;
use crate::query::error::QueryError;

/// How many, by integration and operation and the start of the window.
pub type Coded = HashMap<(String, Option<String>), Vec<(Timestamp, u64)>>;

pub fn decode_coded(rows: &Rows<'_>, out: &mut Coded) -> Result<(), QueryError> {
    let (integration, operation) = (rows.text("integration")?, rows.text("operation")?);
    let (window, coded) = (rows.integer("window_us")?, rows.integer("coded")?);
    for row in 0..rows.len() {
        let key = (
            integration.owned(row).unwrap_or_default(),
            operation.owned(row),
        );
        if let Some(at) = window.time(row) {
            out.entry(key).or_default().push((at, coded.count(row)));
        }
    }
    Ok(())
}

/// Adds them to the series of their operation and to that of their integration, whatever the width of the windows.
pub fn add_coded(series: &mut [SeriesHistory], coded: &Coded) {
    for one in series {
        let of_series = coded.iter().filter(|((integration, operation), _)| {
            *integration == one.integration
                && (one.operation.is_none() || *operation == one.operation)
        });
        let mut sums: HashMap<Timestamp, u64> = HashMap::new();
        for (at, count) in of_series.flat_map(|(_, windows)| windows) {
            *sums.entry(at.floor(one.window_s)).or_default() += count;
        }
        for (at, counts) in &mut one.windows {
            counts.coded = sums.get(at).copied().unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::window::Counts;

    #[test]
    fn an_integration_has_the_codes_of_all_its_operations() {
        let at = |minute: i64| Timestamp::from_secs(minute * 60);
        let series = |operation: Option<&str>, window_s: u32, starts: &[i64]| SeriesHistory {
            integration: "shop".to_owned(),
            operation: operation.map(str::to_owned),
            window_s,
            windows: starts
                .iter()
                .map(|minute| (at(*minute), Counts::default()))
                .collect(),
        };
        let key = |operation: &str| ("shop".to_owned(), Some(operation.to_owned()));
        let coded = Coded::from([
            (key("GET /a"), vec![(at(1), 2), (at(3), 1)]),
            (key("GET /b"), vec![(at(1), 4)]),
        ]);
        let mut all = [
            series(None, 60, &[0, 1, 3]),
            series(Some("GET /a"), 300, &[0, 5]),
        ];
        add_coded(&mut all, &coded);
        let found = all.map(|one| {
            one.windows
                .iter()
                .map(|(_, counts)| counts.coded)
                .collect::<Vec<_>>()
        });
        assert_eq!(found, [vec![0, 6, 1], vec![3, 0]]);
    }
}
