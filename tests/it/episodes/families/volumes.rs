//! The volume changes, and with it the share of what always fails.

use crate::episodes::families::Family;
use crate::episodes::families::shapes::{daily, light_noise, ordinary};
use crate::episodes::scene::{DAY, HOUR, Scene};

pub const FAMILIES: &[Family] = &[
    ("volume falls, a poller keeps failing", volume_drop),
    ("traffic grows", growth),
    ("a surge of traffic", surge),
];

/// A poller that fails at a constant pace makes up more of what is left: by definition the rate rises, and yet nothing
/// broke.
fn volume_drop(scene: &mut Scene) {
    let (volume, failing) = (
        scene.random.scale(30.0, 500.0),
        scene.random.scale(0.1, 1.0),
    );
    let mut falls = Vec::new();
    for day in [9, 13, 17] {
        let at = day * DAY + scene.random.between(0, 20 * HOUR);
        falls.push((
            at..at + scene.random.between(HOUR, 8 * HOUR),
            scene.random.within(0.05, 0.3),
        ));
    }
    let usual = daily(volume, 0.3);
    let traffic = move |minute: usize| {
        let fall = falls.iter().find(|(span, _)| span.contains(&minute));
        usual(minute) * fall.map_or(1.0, |(_, part)| *part)
    };
    let asked: Vec<f64> = (0..scene.minutes).map(traffic).collect();
    let all = asked.clone();
    scene.lane(
        None,
        |minute| all[minute] + failing,
        |minute| failing / (asked[minute] + failing),
    );
}

/// Five times as much after three weeks.
fn growth(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(5.0, 300.0),
        scene.random.scale(0.003, 0.02),
    );
    let usual = daily(volume, 0.5);
    scene.lane(
        None,
        |minute| usual(minute) * (1.0 + minute as f64 / (5 * DAY) as f64),
        move |_| rate,
    );
    light_noise(scene);
}

/// A campaign: ten times the requests, the same share fails.
fn surge(scene: &mut Scene) {
    ordinary(scene, 3.0, 300.0);
    for day in [9, 12, 16] {
        let at = day * DAY + scene.random.between(0, DAY);
        let factor = scene.random.within(3.0, 12.0);
        let minutes = scene.random.between(30, 300);
        scene.volume(at..at + minutes, factor);
    }
}
