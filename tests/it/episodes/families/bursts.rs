//! What heals by itself within eight minutes: Category 1, however bad it looked.

use crate::episodes::families::Family;
use crate::episodes::families::shapes::ordinary;
use crate::episodes::scene::{DAY, HOUR, Raise, Scene};

pub const FAMILIES: &[Family] = &[
    ("spikes", spikes),
    ("single bad minutes", single_minutes),
    ("two bursts in an hour", two_bursts),
    ("recovering", recovering),
    ("deploy pauses", deploys),
];

fn spikes(scene: &mut Scene) {
    ordinary(scene, 2.0, 1000.0);
    for _ in 0..10 {
        let at = scene.random.between(DAY, scene.minutes - 100);
        let (minutes, share) = (scene.random.between(2, 8), scene.random.within(0.1, 1.0));
        scene.burst(at, minutes, share);
    }
}

fn single_minutes(scene: &mut Scene) {
    ordinary(scene, 20.0, 5000.0);
    for _ in 0..20 {
        let at = scene.random.between(HOUR, scene.minutes - 100);
        scene.burst(at, 1, 1.0);
    }
}

/// Nothing ties the two together but chance.
fn two_bursts(scene: &mut Scene) {
    ordinary(scene, 10.0, 500.0);
    for _ in 0..5 {
        let at = scene.random.between(2 * DAY, scene.minutes - 200);
        let apart = scene.random.between(14, 50);
        for from in [at, at + apart] {
            let (minutes, share) = (scene.random.between(1, 5), scene.random.within(0.1, 0.8));
            scene.burst(from, minutes, share);
        }
    }
}

/// Bad at once, better each minute, well after eight.
fn recovering(scene: &mut Scene) {
    ordinary(scene, 20.0, 1000.0);
    let class = scene.main_class();
    for _ in 0..6 {
        let at = scene.random.between(DAY, scene.minutes - 100);
        let half = scene.random.within(1.0, 2.5);
        scene.raise(class, None, at..at + 8, |minute| {
            Some(Raise::Share(
                0.9 * 0.5_f64.powf((minute - at) as f64 / half),
            ))
        });
    }
}

/// No traffic for some minutes, then a few failures of cold caches.
fn deploys(scene: &mut Scene) {
    ordinary(scene, 5.0, 300.0);
    for day in 1..20 {
        if !scene.random.chance(0.5) {
            continue;
        }
        let at = day * DAY + scene.random.between(9, 17) * HOUR + scene.random.between(0, 59);
        let pause = scene.random.between(3, 15);
        scene.volume(at..at + pause, 0.02);
        scene.burst(at + pause, 3, 0.15);
    }
}
