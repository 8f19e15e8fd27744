//! What judging costs. It asserts nothing about time; the figures are kept in `benches/runs/`.
//!
//! ```sh
//! cargo test --release --lib verdict::scenarios::cost -- --ignored --nocapture
//! ```

use std::time::Instant;

use crate::verdict::engine::Track;
use crate::verdict::reproducible::Outside;
use crate::verdict::settings::Settings;
use crate::verdict::simulate::{DAY, Rng};

const SERIES: usize = 500;
const DAYS: usize = 8;

#[test]
#[ignore = "measures"]
fn what_a_series_costs() {
    let start = Instant::now();
    let mut tracks: Vec<Track> = (0..SERIES)
        .map(|_| Track::new(&Settings::default(), 1, 0))
        .collect();
    let mut rng = Rng::new(1);
    for minute in 0..DAYS * DAY {
        push_all(&mut tracks, &mut rng, minute);
    }
    let cells = (SERIES * DAYS * DAY) as f64;
    let each = start.elapsed().as_secs_f64() / cells;
    println!(
        "{:.2} us a minute of a series, 21 days in {:.1} ms",
        each * 1e6,
        each * 21.0 * 1440.0 * 1e3
    );
    let mut worst: f64 = 0.0;
    for minute in DAYS * DAY..DAYS * DAY + 130 {
        let start = Instant::now();
        push_all(&mut tracks, &mut rng, minute);
        worst = worst.max(start.elapsed().as_secs_f64());
    }
    println!(
        "10,000 series, the dearest minute of two hours: {:.0} ms",
        worst * 1e3 * 10_000.0 / SERIES as f64
    );
    println!("{} bytes a series", tracks[0].bytes());
}

fn push_all(tracks: &mut [Track], rng: &mut Rng, minute: usize) {
    for (number, track) in tracks.iter_mut().enumerate() {
        let requests = rng.poisson(0.5 + number as f64);
        let rate = if minute % 60 < 2 { 0.1 } else { 0.01 };
        let failures = rng.poisson(requests as f64 * rate).min(requests);
        track.push(requests as f64, failures as f64, Outside::default());
    }
}
