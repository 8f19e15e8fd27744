//! The situations, by kind. Each makes one integration over some weeks from a seed.
//!
//! They are the hard cases of the method's page and what on-call people tell of in public post-mortems: thundering herds
//! after an outage, quotas that last until midnight, brown-outs that roll through operations, dashboards that woke
//! people because one request of two failed at night.

mod bursts;
mod calm;
mod mixtures;
mod odd;
mod outages;
mod patterns;
mod rises;
mod shapes;
mod volumes;

use crate::episodes::scene::Scene;

pub type Family = (&'static str, fn(&mut Scene));

/// How many random mixtures there are beside the families.
pub const MIXTURES: usize = 12;

pub fn families() -> Vec<Family> {
    [
        calm::FAMILIES,
        bursts::FAMILIES,
        rises::FAMILIES,
        outages::FAMILIES,
        patterns::FAMILIES,
        volumes::FAMILIES,
        odd::FAMILIES,
    ]
    .concat()
}

/// Every family and every mixture of a seed whose name holds `part`.
pub fn scenes_named(seed: u64, part: &str) -> impl Iterator<Item = Scene> {
    let makers = families()
        .into_iter()
        .filter(move |(name, _)| name.contains(part));
    let families = makers.map(move |(name, fill)| {
        let mut scene = Scene::new(name, seed, 21);
        fill(&mut scene);
        scene
    });
    let mixtures = (1..=MIXTURES).map(|number| format!("mixture {number}"));
    let named = mixtures.filter(move |name| name.contains(part));
    families.chain(named.map(move |name| mixtures::mixture(&name, seed)))
}
