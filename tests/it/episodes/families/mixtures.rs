//! Random mixtures: any volume, any noise, several operations or none, patterns, bursts and incidents together.

use crate::episodes::families::shapes::{daily, light_noise, several, weekly};
use crate::episodes::scene::{Class, DAY, HOUR, Raise, Scene};

pub fn mixture(name: &str, seed: u64) -> Scene {
    let mut scene = Scene::new(name, seed, 28);
    ground(&mut scene);
    pattern(&mut scene);
    bursts(&mut scene);
    for at in [9, 15, 21] {
        let at = at * DAY + scene.random.between(0, 4 * DAY);
        incident(&mut scene, at);
    }
    scene
}

fn ground(scene: &mut Scene) {
    if scene.random.chance(0.3) {
        return several(scene, 40.0, 1000.0);
    }
    let (volume, rate) = (
        scene.random.scale(2.0, 3000.0),
        scene.random.scale(0.001, 0.02),
    );
    let (swing, weekend) = (
        scene.random.within(0.0, 0.8),
        scene.random.pick(&[1.0, 1.0, 0.3]),
    );
    if weekend < 1.0 {
        scene.lane(None, weekly(volume, swing, weekend), move |_| rate);
    } else {
        scene.lane(None, daily(volume, swing), move |_| rate);
    }
    light_noise(scene);
    let class = scene
        .random
        .pick(&[Class::Server, Class::Throttled, Class::None]);
    scene.of_class(class);
}

fn pattern(scene: &mut Scene) {
    if !scene.random.chance(0.3) {
        return;
    }
    let (at, minutes) = (
        scene.random.between(0, 5 * HOUR),
        scene.random.between(10, 40),
    );
    let share = scene.random.within(0.05, 0.3);
    for day in 0..scene.minutes / DAY {
        let from = day * DAY + at;
        scene.season(from..from + minutes, Raise::Share(share));
        if day < 3 {
            scene.unjudged.push(from..from + minutes);
        }
    }
}

fn bursts(scene: &mut Scene) {
    for _ in 0..scene.random.between(0, 8) {
        let at = scene.random.between(DAY, scene.minutes - 100);
        let (minutes, share) = (scene.random.between(1, 8), scene.random.within(0.05, 0.9));
        scene.burst(at, minutes, share);
    }
}

/// Of any size that shows: twenty failures more than normal, at least.
fn incident(scene: &mut Scene, at: usize) {
    let lane = &scene.lanes[0];
    let next = at..(at + 2 * HOUR).min(scene.minutes);
    let length = next.len() as f64;
    let asked: f64 = next.clone().map(|m| lane.traffic[m]).sum::<f64>() / length;
    let usual: f64 = next
        .map(|m| lane.traffic[m] * lane.streams[0].normal[m])
        .sum::<f64>()
        / length;
    let kind = scene.random.between(0, 3);
    let (raise, per_minute) = match kind {
        0 => {
            let factor = scene.random.within(3.0, 12.0);
            (Raise::Times(factor), usual * (factor - 1.0))
        }
        1 | 2 => {
            let share = scene.random.within(0.1, 0.8);
            (Raise::Share(share), asked * share - usual)
        }
        _ => (Raise::Share(1.0), asked),
    };
    let shortest = ((25.0 / per_minute.max(1e-3)) as usize).clamp(50, 12 * HOUR);
    let minutes = scene.random.between(shortest, shortest + 3 * HOUR);
    scene.incident(at..at + minutes, raise);
}
