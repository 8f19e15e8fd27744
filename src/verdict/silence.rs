//! Has a source stopped reporting, against its own rhythm?
//!
//! No data is neither failure nor recovery, so it decides nothing about a vendor; but somebody must hear of it, because
//! from then on nothing is judged. Nights and weekends without requests are a rhythm and no silence: what is missing is
//! counted by what came at the same time in earlier weeks, or, while those are not known, on every earlier day.

use crate::model::time::Timestamp;
use crate::verdict::flow::Flow;
use crate::verdict::survey::Survey;
use crate::verdict::thresholds as limits;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Silence {
    /// The end of the last window with a request.
    pub since: Timestamp,
    pub seconds: i64,
    /// The fewest requests that came at the same time before.
    pub missing: u64,
}

/// `None` while requests come, or while so few are missing that it may be chance.
pub fn find(survey: &Survey) -> Option<Silence> {
    let grid = &survey.grid;
    let last = survey.whole.volume.last()? + 1;
    let since = grid.end(last);
    let seconds = grid.watermark.secs_since(since);
    if seconds < limits::SILENT_MINUTES * 60 {
        return None;
    }
    let gap = (seconds / (grid.cell_minutes as i64 * 60)) as usize;
    let missing = least_before(&survey.whole, last, gap, 1440 / grid.cell_minutes)?;
    (missing >= limits::SILENT_REQUESTS).then_some(Silence {
        since,
        seconds,
        missing,
    })
}

/// The fewest requests in the same stretch of two or three earlier weeks, else of all of three earlier days or more.
fn least_before(whole: &Flow, last: usize, gap: usize, day: usize) -> Option<u64> {
    let known = |days: &usize| days * day >= gap && last >= whole.first + days * day;
    let requests = |days: usize| {
        let from = last - days * day;
        whole.volume.between(from, from + gap)
    };
    let weeks: Vec<usize> = [7, 14, 21].into_iter().filter(known).collect();
    if weeks.len() >= limits::SILENT_WEEKS_MIN {
        return weeks.into_iter().map(requests).min();
    }
    let days: Vec<usize> = (1..=limits::SLOT_DAYS).filter(known).collect();
    let enough = days.len() >= limits::SILENT_DAYS_MIN;
    days.into_iter().map(requests).min().filter(|_| enough)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::verdict::{Category, Class, Reason};
    use crate::verdict::scenarios::stage::{judged, replayed, story};
    use crate::verdict::settings::Settings;
    use crate::verdict::simulate::{DAY, HOUR, at};
    use crate::verdict::survey::survey;

    /// What is found `minutes` after the start of a story whose last request was at `stop`.
    fn check(traffic: &dyn Fn(usize) -> f64, stop: usize, minutes: usize) -> Option<Silence> {
        let until = |minute: usize| if minute < stop { traffic(minute) } else { 0.0 };
        let mut evidence = story(minutes.div_ceil(DAY), &until, &|_| 0.01).evidence();
        evidence.watermark = Some(at(minutes));
        find(&survey(&evidence, &Settings::default())[0])
    }

    #[test]
    fn a_source_that_stops_is_silent_after_an_hour() {
        let stop = 9 * DAY + 500;
        assert_eq!(check(&|_| 5.0, stop, stop + 50), None);
        let silence = check(&|_| 5.0, stop, stop + 70).expect("silent");
        assert!((200..500).contains(&silence.missing), "{silence:?}");
        assert!(silence.since.secs_since(at(stop)).abs() <= 300);
    }

    #[test]
    fn few_requests_take_longer_and_a_short_history_tells_nothing() {
        let stop = 9 * DAY;
        assert_eq!(check(&|_| 0.05, stop, stop + 3 * HOUR), None);
        assert!(check(&|_| 0.05, stop, stop + 20 * HOUR).is_some());
        assert_eq!(check(&|_| 50.0, 2 * DAY, 2 * DAY + 600), None);
    }

    #[test]
    fn nights_and_weekends_are_a_rhythm() {
        let office = |minute: usize| {
            let open = minute / DAY % 7 < 5 && (8..18).contains(&(minute % DAY / HOUR));
            if open { 20.0 } else { 0.0 }
        };
        let friday = 18 * DAY + 18 * HOUR;
        for hours in [2, 12, 30, 61] {
            assert_eq!(
                check(&office, 99 * DAY, friday + hours * HOUR),
                None,
                "{hours}"
            );
        }
        let monday = 21 * DAY + 9 * HOUR;
        assert!(check(&office, 20 * DAY, monday + 30).is_some());
    }

    #[test]
    fn it_is_a_finding_of_its_own_and_no_category_two() {
        let stop = 9 * DAY;
        let traffic = |minute: usize| if minute < stop { 20.0 } else { 0.0 };
        let evidence = story(10, &traffic, &|_| 0.005).evidence();
        let verdicts = judged(&evidence);
        let silent = verdicts
            .iter()
            .find(|one| one.series.class == Class::Silence);
        let silent = silent.expect("a verdict");
        assert_eq!(
            (silent.category, silent.reason),
            (Category::Undecided, Reason::Silent)
        );
        assert!(
            silent.why[0].starts_with("no request since"),
            "{:?}",
            silent.why
        );
        assert_eq!(replayed(&evidence), vec![]);
    }
}
