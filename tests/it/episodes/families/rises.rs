//! Rates that rise and stay up.

use crate::episodes::families::Family;
use crate::episodes::families::shapes::{
    OPERATIONS, daily, light_noise, long_enough, office, ordinary, several,
};
use crate::episodes::scene::{Class, DAY, HOUR, Raise, Reason, Scene};

pub const FAMILIES: &[Family] = &[
    ("step x2", |scene| step(scene, 2.3, 60.0)),
    ("step x3", |scene| step(scene, 3.0, 25.0)),
    ("step x5", |scene| step(scene, 5.0, 20.0)),
    ("step x10", |scene| step(scene, 10.0, 20.0)),
    ("step at night", at_night),
    ("step in office hours", in_office_hours),
    ("step under noise", under_noise),
    ("slow ramp", slow_ramp),
    ("one operation rises", one_operation),
    ("two incidents a day", two_a_day),
    ("recovery and relapse", relapse),
    ("flapping", flapping),
    ("rolling brown-out", brown_out),
    ("an incident of a day", all_day),
];

/// Long enough that about `failures` more than normal occur.
fn step(scene: &mut Scene, factor: f64, failures: f64) {
    ordinary(scene, 3.0, 3000.0);
    for half in 0..2 {
        let at = 8 * DAY + half * 6 * DAY + scene.random.between(0, 5 * DAY);
        rise(scene, at, factor, failures);
    }
}

fn rise(scene: &mut Scene, at: usize, factor: f64, failures: f64) {
    let lane = &scene.lanes[0];
    let next = at..(at + 4 * HOUR).min(scene.minutes);
    let usual: f64 = next
        .clone()
        .map(|m| lane.traffic[m] * lane.streams[0].normal[m])
        .sum();
    let per_minute = usual / next.len() as f64 * (factor - 1.0);
    let minutes = long_enough(&mut scene.random, per_minute, failures, 50);
    scene.incident(at..at + minutes, Raise::Times(factor));
}

fn at_night(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(20.0, 500.0),
        scene.random.scale(0.003, 0.02),
    );
    scene.lane(None, daily(volume, 0.9), move |_| rate);
    light_noise(scene);
    for day in [9, 15] {
        let at = day * DAY + 2 * HOUR + scene.random.between(0, 3 * HOUR);
        rise(scene, at, 6.0, 25.0);
    }
}

fn in_office_hours(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(3.0, 60.0),
        scene.random.scale(0.004, 0.02),
    );
    scene.lane(None, office(volume), move |_| rate);
    light_noise(scene);
    for day in [8, 16] {
        let at = day * DAY + 9 * HOUR + scene.random.between(0, 3 * HOUR);
        scene.incident(at..at + 4 * HOUR, Raise::Times(6.0));
    }
}

fn under_noise(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(50.0, 1000.0),
        scene.random.scale(0.005, 0.02),
    );
    scene.lane(None, daily(volume, 0.5), move |_| rate);
    let (alpha, minutes) = scene.random.pick(&[(0.3, 3.0), (0.1, 20.0), (0.05, 120.0)]);
    scene.noisy(alpha, minutes);
    let at = scene.some_minute();
    let (factor, long) = (scene.random.within(4.0, 8.0), scene.random.between(90, 300));
    scene.incident(at..at + long, Raise::Times(factor));
}

/// From normal to several times that over hours; sustained from where it has doubled.
fn slow_ramp(scene: &mut Scene) {
    ordinary(scene, 30.0, 1000.0);
    let at = scene.some_minute().min(scene.minutes - DAY);
    let hours = scene.random.between(2, 8);
    let top = scene.random.within(5.0, 10.0);
    let class = scene.main_class();
    let factor = move |minute: usize| {
        let part = (minute - at) as f64 / (hours * HOUR) as f64;
        1.0 + (top - 1.0) * part.min(1.0)
    };
    let end = at + (hours + 3) * HOUR;
    scene.raise(class, None, at..end, |minute| {
        Some(Raise::Times(factor(minute)))
    });
    let doubled = (at..end)
        .find(|minute| factor(*minute) >= 2.0)
        .unwrap_or(at);
    scene.expect_late(class, None, at..end, doubled, Reason::Sustained);
}

fn one_operation(scene: &mut Scene) {
    several(scene, 40.0, 1000.0);
    for half in 0..2 {
        let at = 8 * DAY + half * 6 * DAY + scene.random.between(0, 5 * DAY);
        let operation = scene
            .random
            .pick(&["GET /items", "POST /orders", "POST /pay"]);
        let share = scene.random.within(0.08, 0.5);
        let minutes = scene.random.between(60, 240);
        scene.incident_of(
            Class::Server,
            Some(operation),
            at..at + minutes,
            Raise::Share(share),
        );
    }
}

fn two_a_day(scene: &mut Scene) {
    ordinary(scene, 30.0, 1000.0);
    for day in [9, 14] {
        let at = day * DAY + scene.random.between(0, 4 * HOUR);
        let factor = scene.random.within(5.0, 15.0);
        scene.incident(at..at + 70, Raise::Times(factor));
        let again = at + 8 * HOUR;
        scene.incident(again..again + 90, Raise::Times(factor));
    }
}

/// Well for hours between the two: the second is a case of its own.
fn relapse(scene: &mut Scene) {
    ordinary(scene, 30.0, 1000.0);
    let at = scene.some_minute().min(scene.minutes - DAY);
    let share = scene.random.within(0.1, 0.6);
    scene.incident(at..at + 60, Raise::Share(share));
    let again = at + 60 + scene.random.between(180, 300);
    scene.incident(again..again + 80, Raise::Share(share));
}

/// Up and down for hours: one incident.
fn flapping(scene: &mut Scene) {
    ordinary(scene, 30.0, 1000.0);
    let at = scene.some_minute().min(scene.minutes - DAY);
    let (on, off) = (scene.random.between(10, 20), scene.random.between(4, 10));
    let share = scene.random.within(0.2, 0.7);
    let class = scene.main_class();
    let span = at..at + scene.random.between(150, 360);
    scene.raise(class, None, span.clone(), |minute| {
        ((minute - at) % (on + off) < on).then_some(Raise::Share(share))
    });
    scene.expect(class, None, span, Reason::Sustained);
}

/// One operation after the other suffers, some minutes each, round and round.
fn brown_out(scene: &mut Scene) {
    several(scene, 100.0, 1000.0);
    let at = scene.some_minute().min(scene.minutes - DAY);
    let span = at..at + scene.random.between(120, 300);
    let each = scene.random.between(4, 12);
    let share = scene.random.within(0.2, 0.6);
    for (number, operation) in OPERATIONS.into_iter().enumerate() {
        scene.raise(Class::Server, Some(operation), span.clone(), |minute| {
            ((minute - at) / each % 4 == number).then_some(Raise::Share(share))
        });
    }
    scene.expect(Class::Server, None, span, Reason::Sustained);
}

fn all_day(scene: &mut Scene) {
    ordinary(scene, 10.0, 1000.0);
    let at = scene.some_minute().min(scene.minutes - 3 * DAY);
    let (hours, factor) = (scene.random.between(14, 40), scene.random.within(3.0, 12.0));
    scene.incident(at..at + hours * HOUR, Raise::Times(factor));
}
