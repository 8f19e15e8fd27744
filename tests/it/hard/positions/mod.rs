//! Where a value stands and under which name, by the grammars: URLs, headers, cookies, bodies, sentences.

mod credentials;
mod documents;
mod echoes;
mod forms;
mod headers;
mod signed;
mod texts;
mod urls;

use crate::hard::exchange::{Part, Scene};
use crate::hard::kinds::{Class, Kind};

pub struct Position {
    pub name: &'static str,
    /// Whether a reader of the record would know what the value is.
    fits: fn(&Kind) -> bool,
    /// Puts a value of the kind there and says which part of the exchange that is.
    pub put: fn(&mut Scene, &Kind) -> Part,
}

pub fn all() -> impl Iterator<Item = &'static Position> {
    let lists = [
        urls::POSITIONS,
        headers::POSITIONS,
        credentials::POSITIONS,
        forms::POSITIONS,
        documents::POSITIONS,
        signed::POSITIONS,
        texts::POSITIONS,
        echoes::POSITIONS,
    ];
    lists.into_iter().flatten()
}

/// Every kind in every position that is fair.
pub fn pairs() -> Vec<(&'static Kind, &'static Position)> {
    let kinds = crate::hard::kinds::HIDDEN.iter();
    kinds
        .flat_map(|kind| all().filter(|p| (p.fits)(kind)).map(move |p| (kind, p)))
        .collect()
}

fn any(_: &Kind) -> bool {
    true
}

/// All but what no name of a pair could hold.
fn is_short(kind: &Kind) -> bool {
    kind.name != "private key" && !kind.name.starts_with("JW")
}

/// Tokens and keys: what a header or an `Authorization` carries.
fn is_token(kind: &Kind) -> bool {
    let named = kind.name.starts_with("token");
    let form = kind.shaped && kind.name != "private key";
    kind.class == Class::Secret && (named || form)
}

fn is_password(kind: &Kind) -> bool {
    kind.name.starts_with("password")
}

/// A name as an XML element or a GraphQL argument may have it.
fn plain_name(kind: &Kind, scene: &mut Scene, others: &str) -> String {
    let name = *scene.random.pick(kind.names);
    let plain = |c: char| c.is_ascii_alphanumeric() || others.contains(c);
    name.chars()
        .map(|c| if plain(c) { c } else { '_' })
        .collect()
}
