//! A value that is named once and comes back elsewhere without a name, as error texts do.

use crate::hard::dress::Dress;
use crate::hard::exchange::{Part, Scene};
use crate::hard::kinds::{Class, Kind};
use crate::hard::positions::Position;
use crate::hard::text::{Text, fill};

pub const POSITIONS: &[Position] = &[Position {
    name: "echo",
    fits: is_told,
    put: echo,
}];

/// Long enough to be no word, and without a form of its own.
fn is_told(kind: &Kind) -> bool {
    let long = !["one-time code", "signature", "password, odd signs"].contains(&kind.name);
    kind.class == Class::Secret && !kind.shaped && long
}

fn echo(scene: &mut Scene, kind: &Kind) -> Part {
    let name = *scene.random.pick(kind.names);
    let value = scene.value(kind);
    let (first, again) = (scene.slot(kind, &value), scene.slot(kind, &value));
    let first = first.dressed(Dress::Form);
    scene.exchange.request.body = Some(fill("a=1&¤=¤", [Text::from(name), first]));
    let form = "{\"error\":\"invalid_credentials\",\"message\":\"¤\"}";
    let (said, layer): (Text, &str) = match scene.random.below(5) {
        0 => (fill("no such user for ¤", [again]), "plain"),
        1 => (
            fill("bad input ¤", [again.dressed(Dress::PercentAll)]),
            "percent, all",
        ),
        2 => (
            fill("see /x?foo=¤", [again.dressed(Dress::Percent)]),
            "percent",
        ),
        3 => (fill("debug ¤", [again.base64()]), "base64"),
        _ => (
            fill("value '¤' is not valid", [again.dressed(Dress::Json)]),
            "JSON",
        ),
    };
    scene.layers.push(layer);
    scene.exchange.response.body = Some(fill(form, [said]));
    Part::ResponseBody
}
