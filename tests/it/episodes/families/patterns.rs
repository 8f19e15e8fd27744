//! What comes back is normal once it has been seen to come back.

use crate::episodes::families::Family;
use crate::episodes::families::shapes::{ordinary, several};
use crate::episodes::scene::{Class, DAY, HOUR, Raise, Scene, WEEK};

pub const FAMILIES: &[Family] = &[
    ("nightly batch", nightly),
    ("bursts at the top of the hour", hourly),
    ("weekly job", weekly),
    ("maintenance window of the vendor", maintenance),
    ("clock change", clock_change),
    ("nightly batch and an incident", nightly_and_incident),
    ("hourly bursts and an incident", hourly_and_incident),
    ("every quarter of an hour, one operation", quarters),
];

fn nightly(scene: &mut Scene) {
    ordinary(scene, 20.0, 500.0);
    each_night(scene, 0);
}

/// The first three nights may be told of.
fn each_night(scene: &mut Scene, moved: usize) {
    let at = scene.random.between(0, 5 * HOUR);
    let minutes = scene.random.between(15, 60);
    let share = scene.random.within(0.05, 0.4);
    for day in 0..scene.minutes / DAY {
        let late = scene.random.between(0, 3);
        let moved = if day >= 14 { moved } else { 0 };
        let from = day * DAY + at + late + moved;
        scene.season(from..from + minutes, Raise::Share(share));
        if day < 3 {
            scene.unjudged.push(from..from + minutes);
        }
    }
}

fn hourly(scene: &mut Scene) {
    ordinary(scene, 20.0, 500.0);
    each_hour(scene);
}

/// The first day may be told of.
fn each_hour(scene: &mut Scene) {
    let (minutes, share) = (scene.random.between(2, 5), scene.random.within(0.1, 0.6));
    let at = scene.random.pick(&[0, 0, 0, 30]);
    for hour in 0..scene.minutes / HOUR {
        let from = hour * HOUR + at;
        scene.season(from..from + minutes, Raise::Share(share));
    }
    scene.unjudged.push(0..DAY);
}

fn weekly(scene: &mut Scene) {
    scene.minutes = 5 * WEEK;
    ordinary(scene, 20.0, 500.0);
    let share = scene.random.within(0.05, 0.3);
    each_week(scene, 120, share);
}

/// The first two may be told of.
fn each_week(scene: &mut Scene, minutes: usize, share: f64) {
    let at = scene.random.between(0, 6) * DAY + scene.random.between(0, 20 * HOUR);
    for week in 0..scene.minutes / WEEK {
        let from = week * WEEK + at;
        scene.season(from..from + minutes, Raise::Share(share));
        if week < 2 {
            scene.unjudged.push(from..from + minutes);
        }
    }
}

/// Everything is refused for an hour and a half, each week at the same time.
fn maintenance(scene: &mut Scene) {
    scene.minutes = 5 * WEEK;
    ordinary(scene, 5.0, 300.0);
    each_week(scene, 90, 0.95);
}

/// The nightly batch comes an hour later from one day on.
fn clock_change(scene: &mut Scene) {
    ordinary(scene, 20.0, 500.0);
    let moved = scene.random.pick(&[HOUR, 0]);
    each_night(scene, moved);
}

fn nightly_and_incident(scene: &mut Scene) {
    ordinary(scene, 30.0, 500.0);
    each_night(scene, 0);
    let day = scene.random.between(9, 19);
    let at = day * DAY + scene.random.between(8 * HOUR, 20 * HOUR);
    let (share, minutes) = (scene.random.within(0.1, 0.6), scene.random.between(60, 180));
    scene.incident(at..at + minutes, Raise::Share(share));
}

fn hourly_and_incident(scene: &mut Scene) {
    ordinary(scene, 50.0, 500.0);
    each_hour(scene);
    let at = scene.some_minute();
    let (share, minutes) = (scene.random.within(0.1, 0.5), scene.random.between(90, 240));
    scene.incident(at..at + minutes, Raise::Share(share));
}

/// A poller of one operation is throttled every fifteen minutes.
fn quarters(scene: &mut Scene) {
    several(scene, 50.0, 500.0);
    scene.of_class(Class::Throttled);
    let share = scene.random.within(0.2, 0.5);
    for from in (0..scene.minutes).step_by(15) {
        let lane = &mut scene.lanes[1].streams[0];
        for minute in from..(from + 2).min(scene.minutes) {
            lane.normal[minute] = share;
            lane.rate[minute] = share;
        }
    }
    scene.unjudged.push(0..DAY);
}
