//! How traffic and normal rates go with the time of day and week.

use std::f64::consts::TAU;

use crate::episodes::random::Random;
use crate::episodes::scene::{DAY, HOUR, Scene};

/// Between `1 - swing` and `1 + swing` of the mean, least at four in the morning.
pub fn daily(mean: f64, swing: f64) -> impl Fn(usize) -> f64 {
    move |minute| {
        let phase = ((minute % DAY) as f64 / DAY as f64 - 1.0 / 6.0) * TAU;
        mean * (1.0 - swing * phase.cos())
    }
}

pub fn is_weekend(minute: usize) -> bool {
    minute / DAY % 7 >= 5
}

pub fn weekly(mean: f64, swing: f64, weekend: f64) -> impl Fn(usize) -> f64 {
    let day = daily(mean, swing);
    move |minute| day(minute) * if is_weekend(minute) { weekend } else { 1.0 }
}

/// Nothing at night and on weekends.
pub fn office(mean: f64) -> impl Fn(usize) -> f64 {
    move |minute| {
        let hour = minute % DAY / HOUR;
        let open = (8..18).contains(&hour) && !is_weekend(minute);
        if open { mean } else { 0.0 }
    }
}

/// An ordinary integration: a volume and a rate of its own, a daily cycle, some noise.
pub fn ordinary(scene: &mut Scene, low: f64, high: f64) {
    let volume = scene.random.scale(low, high);
    let rate = scene.random.scale(0.002, 0.015);
    let swing = scene.random.within(0.0, 0.6);
    scene.lane(None, daily(volume, swing), move |_| rate);
    light_noise(scene);
}

pub fn light_noise(scene: &mut Scene) {
    let alpha = scene.random.pick(&[0.0, 0.02, 0.05, 0.1]);
    let minutes = scene.random.pick(&[2.0, 10.0, 40.0]);
    scene.noisy(alpha, minutes);
}

pub const OPERATIONS: [&str; 4] = ["GET /items", "POST /orders", "POST /pay", "GET /status"];

/// Several operations of different volume, each with a rate of its own.
pub fn several(scene: &mut Scene, low: f64, high: f64) {
    let volume = scene.random.scale(low, high);
    let swing = scene.random.within(0.0, 0.6);
    for (operation, part) in OPERATIONS.into_iter().zip([0.5, 0.25, 0.15, 0.1]) {
        let rate = scene.random.scale(0.002, 0.01);
        scene.lane(Some(operation), daily(volume * part, swing), move |_| rate);
    }
    light_noise(scene);
}

/// So many requests a minute and so low a rate that a rise shows within its length: about `failures` are expected above
/// normal.
pub fn long_enough(random: &mut Random, per_minute: f64, failures: f64, least: usize) -> usize {
    let needed = (failures / per_minute.max(1e-9)).ceil() as usize;
    let longest = needed.clamp(least, 10 * HOUR).max(least) * 2;
    random.between(needed.clamp(least, 10 * HOUR), longest)
}
