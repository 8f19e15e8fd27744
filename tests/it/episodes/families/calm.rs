//! Situations in which nothing happens, and nobody may be called.

use crate::episodes::families::Family;
use crate::episodes::families::shapes::{daily, light_noise, office, ordinary, weekly};
use crate::episodes::scene::{DAY, Scene};

pub const FAMILIES: &[Family] = &[
    ("calm, 2 requests an hour", two_an_hour),
    ("calm, ordinary", |scene| ordinary(scene, 0.5, 300.0)),
    ("calm, 500 a second", five_hundred_a_second),
    ("calm, daily cycle to nearly nothing", deep_cycle),
    ("calm, weekends", weekends),
    ("calm, office hours", office_hours),
    ("calm, the rate has a daily cycle", rate_cycle),
    ("noise of minutes", |scene| noise(scene, 0.4, 3.0)),
    ("noise of half an hour", |scene| noise(scene, 0.08, 30.0)),
    ("noise of hours", |scene| noise(scene, 0.04, 240.0)),
];

fn two_an_hour(scene: &mut Scene) {
    let rate = scene.random.within(0.005, 0.06);
    scene.lane(None, |_| 2.0 / 60.0, move |_| rate);
}

fn five_hundred_a_second(scene: &mut Scene) {
    let rate = scene.random.scale(0.0005, 0.005);
    scene.lane(None, daily(30_000.0, 0.5), move |_| rate);
    let minutes = scene.random.pick(&[2.0, 15.0, 60.0]);
    scene.noisy(0.03, minutes);
}

fn deep_cycle(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(1.0, 100.0),
        scene.random.scale(0.003, 0.02),
    );
    scene.lane(None, daily(volume, 0.98), move |_| rate);
    light_noise(scene);
}

fn weekends(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(2.0, 200.0),
        scene.random.scale(0.003, 0.02),
    );
    scene.lane(None, weekly(volume, 0.5, 0.08), move |_| rate);
    light_noise(scene);
}

fn office_hours(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(0.3, 60.0),
        scene.random.scale(0.004, 0.03),
    );
    scene.lane(None, office(volume), move |_| rate);
    light_noise(scene);
}

fn rate_cycle(scene: &mut Scene) {
    let (volume, rate) = (
        scene.random.scale(20.0, 300.0),
        scene.random.scale(0.003, 0.01),
    );
    scene.lane(None, daily(volume, 0.5), daily(rate, 0.6));
    light_noise(scene);
    // Before it has come back, the peak of the day is as much as twice the mean.
    scene.unjudged.push(0..2 * DAY);
}

fn noise(scene: &mut Scene, alpha: f64, minutes: f64) {
    let (volume, rate) = (
        scene.random.scale(20.0, 2000.0),
        scene.random.scale(0.003, 0.02),
    );
    scene.lane(None, daily(volume, 0.5), move |_| rate);
    scene.noisy(alpha, minutes);
}
