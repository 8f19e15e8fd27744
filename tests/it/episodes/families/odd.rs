//! Odd data: holes, disorder.

use crate::episodes::families::Family;
use crate::episodes::families::shapes::ordinary;
use crate::episodes::scene::{DAY, HOUR, Raise, Scene};

pub const FAMILIES: &[Family] = &[
    ("gaps", gaps),
    ("an incident with a gap in it", gap_within),
    ("out of order and in parts", out_of_order),
    ("two days without data", long_gap),
];

fn gaps(scene: &mut Scene) {
    ordinary(scene, 3.0, 500.0);
    for _ in 0..15 {
        let at = scene.random.between(0, scene.minutes);
        let minutes = scene.random.between(2, 5 * HOUR);
        scene.volume(at..at + minutes, 0.0);
    }
}

fn gap_within(scene: &mut Scene) {
    ordinary(scene, 30.0, 500.0);
    let at = scene.some_minute().min(scene.minutes - DAY);
    let share = scene.random.within(0.1, 0.7);
    scene.incident(at..at + 240, Raise::Share(share));
    let hole = at + scene.random.between(40, 90);
    let minutes = scene.random.between(20, 100);
    scene.volume(hole..hole + minutes, 0.0);
}

fn out_of_order(scene: &mut Scene) {
    ordinary(scene, 10.0, 500.0);
    scene.shuffled = true;
    let at = scene.some_minute();
    let share = scene.random.within(0.1, 0.7);
    scene.incident(at..at + 90, Raise::Share(share));
}

fn long_gap(scene: &mut Scene) {
    ordinary(scene, 10.0, 500.0);
    let at = scene.random.between(5 * DAY, 12 * DAY);
    scene.volume(at..at + 2 * DAY, 0.0);
    let later = at + 3 * DAY + scene.random.between(0, 2 * DAY);
    let share = scene.random.within(0.08, 0.7);
    scene.incident(later..later + 120, Raise::Share(share));
}
