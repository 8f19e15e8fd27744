//! Nearly everything fails, or everything on one operation.

use crate::episodes::families::Family;
use crate::episodes::families::shapes::{daily, light_noise, ordinary, several};
use crate::episodes::scene::{Class, DAY, HOUR, Raise, Scene};

pub const FAMILIES: &[Family] = &[
    ("total outage", total),
    ("partial outage of one operation", one_operation),
    ("a rare operation always fails", rare_operation),
    ("few requests, all fail", few_requests),
    ("retry storm", retry_storm),
    ("herd after the outage", herd),
    ("5xx turn into no response", turns_silent),
    ("quota used up until midnight", quota),
    ("cold start", cold_start),
];

fn total(scene: &mut Scene) {
    ordinary(scene, 1.0, 3000.0);
    let at = scene.some_minute();
    let minutes = scene.random.between(50, 240);
    let share = scene.random.within(0.95, 1.0);
    scene.incident(at..at + minutes, Raise::Share(share));
}

fn one_operation(scene: &mut Scene) {
    several(scene, 20.0, 1000.0);
    let at = scene.some_minute();
    let minutes = scene.random.between(60, 240);
    let operation = scene
        .random
        .pick(&["GET /items", "POST /orders", "POST /pay", "GET /status"]);
    scene.incident_of(
        Class::Server,
        Some(operation),
        at..at + minutes,
        Raise::Share(0.99),
    );
}

/// Six to twenty requests an hour among hundreds.
fn rare_operation(scene: &mut Scene) {
    let volume = scene.random.scale(5.0, 200.0);
    scene.lane(Some("GET /items"), daily(volume, 0.4), |_| 0.004);
    let rare = scene.random.within(6.0, 20.0) / 60.0;
    scene.lane(Some("POST /pay"), move |_| rare, |_| 0.004);
    light_noise(scene);
    let at = scene.some_minute();
    let minutes = scene.random.between(3 * HOUR, 8 * HOUR);
    scene.incident_of(
        Class::Server,
        Some("POST /pay"),
        at..at + minutes,
        Raise::Share(1.0),
    );
}

fn few_requests(scene: &mut Scene) {
    let (an_hour, rate) = (
        scene.random.scale(2.0, 20.0),
        scene.random.within(0.002, 0.03),
    );
    scene.lane(None, move |_| an_hour / 60.0, move |_| rate);
    for day in [9, 15] {
        let at = day * DAY + scene.random.between(0, DAY);
        let minutes = ((10.0 / an_hour * 60.0) as usize).max(2 * HOUR);
        scene.incident(at..at + minutes, Raise::Share(1.0));
    }
}

/// Clients try again at once: many times the traffic, most of it failing.
fn retry_storm(scene: &mut Scene) {
    ordinary(scene, 10.0, 500.0);
    let at = scene.some_minute();
    let minutes = scene.random.between(60, 180);
    let (factor, share) = (
        scene.random.within(3.0, 8.0),
        scene.random.within(0.4, 0.85),
    );
    scene.volume(at + 3..at + minutes, factor);
    scene.incident(at..at + minutes, Raise::Share(share));
}

/// After the outage everybody comes back at once, and a few are refused for some minutes.
fn herd(scene: &mut Scene) {
    ordinary(scene, 10.0, 500.0);
    let at = scene.some_minute().min(scene.minutes - DAY);
    let minutes = scene.random.between(60, 150);
    scene.volume(at + 10..at + minutes, 0.4);
    scene.incident(at..at + minutes, Raise::Share(0.97));
    scene.volume(at + minutes..at + minutes + 20, 5.0);
    scene.burst(at + minutes + 12, 4, 0.1);
}

fn turns_silent(scene: &mut Scene) {
    ordinary(scene, 20.0, 1000.0);
    scene.also(Class::None, 0.0005);
    let at = scene.some_minute().min(scene.minutes - DAY);
    let turn = at + scene.random.between(50, 120);
    let end = turn + scene.random.between(60, 180);
    let share = scene.random.within(0.2, 0.8);
    scene.incident_of(Class::Server, None, at..turn, Raise::Share(share));
    scene.incident_of(Class::None, None, turn..end, Raise::Share(share));
}

/// 429 for all the rest of the day, on two days that have nothing to do with each other.
fn quota(scene: &mut Scene) {
    ordinary(scene, 5.0, 500.0);
    scene.of_class(Class::Throttled);
    for day in [9, 14] {
        let at = day * DAY + scene.random.between(12 * HOUR, 20 * HOUR);
        let share = scene.random.within(0.5, 1.0);
        scene.incident(at..(day + 1) * DAY, Raise::Share(share));
    }
}

/// Two days of history in all, and a rise on the first or second.
fn cold_start(scene: &mut Scene) {
    scene.minutes = 2 * DAY;
    ordinary(scene, 10.0, 1000.0);
    let at = scene.random.between(5 * HOUR, 40 * HOUR);
    let minutes = scene.random.between(60, 240);
    let share = scene.random.within(0.15, 1.0);
    scene.incident(at..at + minutes, Raise::Share(share));
}
