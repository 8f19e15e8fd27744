//! A case: one value in one position, dressed and written down by one log, with what else stands there.

use crate::hard::exchange::{Exchange, Scene, Slot};
use crate::hard::kinds::{Kind, named};
use crate::hard::pattern;
use crate::hard::positions::{self, Position};
use crate::hard::random::Random;
use crate::hard::records::{self, Holds};
use crate::hard::text::{Piece, Text};

pub struct Case {
    pub position: &'static str,
    pub dress: String,
    pub record: &'static str,
    pub holds: Holds,
    /// Only who reads several lines together can tell what the value is.
    pub is_over_lines: bool,
    pub text: Text,
    pub slots: Vec<Slot>,
    draw: Draw,
}

/// Positions in which the name and the value stand on different lines of a transcript.
const OVER_LINES: [&str; 2] = ["multipart", "echo"];

/// What a case is made from, so that it can be made again with less around it.
#[derive(Clone, Copy)]
struct Draw {
    seed: u64,
    kind: &'static Kind,
    position: &'static Position,
}

/// Cases of a seed. Half of them are drawn, so that common kinds meet all positions; the other half goes through every
/// kind in every position in turn.
pub fn cases(seed: u64, count: usize) -> Vec<Case> {
    let mut random = Random::new(seed);
    let pairs = positions::pairs();
    let start = random.below(pairs.len());
    let kinds: Vec<&'static Kind> = crate::hard::kinds::HIDDEN.iter().collect();
    let draw = |at: usize| {
        let (kind, position) = match at % 2 {
            // A step without a common divisor visits all.
            0 => pairs[(start + at / 2 * step(pairs.len())) % pairs.len()],
            _ => {
                let at = random.below(kinds.len());
                any_position(kinds[at], &pairs, &mut random)
            }
        };
        Draw {
            seed: seed.wrapping_mul(1_000_003).wrapping_add(at as u64),
            kind,
            position,
        }
    };
    (0..count).map(draw).map(|draw| make(draw, false)).collect()
}

/// One case of every kind in every position.
pub fn every(seed: u64) -> Vec<Case> {
    let pairs = positions::pairs().into_iter().enumerate();
    let draw = |(at, (kind, position))| Draw {
        seed: seed.wrapping_mul(1_000_003).wrapping_add(at as u64),
        kind,
        position,
    };
    pairs.map(draw).map(|draw| make(draw, false)).collect()
}

type Pair = (&'static Kind, &'static Position);

fn any_position(kind: &'static Kind, pairs: &[Pair], random: &mut Random) -> Pair {
    let fitting: Vec<&Pair> = pairs
        .iter()
        .filter(|(other, _)| other.name == kind.name)
        .collect();
    **random.pick(&fitting)
}

fn step(length: usize) -> usize {
    let is_prime_to =
        |step: &usize| (2..=*step).all(|d| !step.is_multiple_of(d) || !length.is_multiple_of(d));
    (length / 3..).find(is_prime_to).unwrap_or(1)
}

impl Case {
    /// The same value in the same place with nothing around it that need not be there.
    pub fn spare(&self) -> Self {
        make(self.draw, true)
    }

    pub fn lines(&self) -> usize {
        self.text.written().matches('\n').count() + 1
    }
}

fn make(draw: Draw, is_spare: bool) -> Case {
    let mut random = Random::new(draw.seed);
    let around = random.branch();
    let mut scene = Scene {
        random,
        exchange: Exchange::default(),
        slots: Vec::new(),
        layers: Vec::new(),
        around,
        is_spare,
    };
    begin(&mut scene);
    let part = (draw.position.put)(&mut scene, draw.kind);
    let record = records::pick(&mut scene, part);
    let text = record.write(&mut scene);
    Case {
        position: draw.position.name,
        dress: scene.layers.join(" > "),
        record: record.name,
        holds: record.holds,
        is_over_lines: record.holds == Holds::Lines && is_over_lines(draw, &text),
        text,
        slots: scene.slots,
        draw,
    }
}

fn is_over_lines(draw: Draw, text: &Text) -> bool {
    let has_lines = |piece: &Piece| matches!(piece, Piece::Slot(_, text) if text.contains('\n'));
    OVER_LINES.contains(&draw.position.name) || text.0.iter().any(has_lines)
}

/// An exchange with nothing to hide but who called.
fn begin(scene: &mut Scene) {
    let address = named("client address, IPv4").value(&mut scene.around);
    scene.exchange.client = Some(scene.slot(&named("client address, IPv4"), &address));
    scene.exchange.method = *scene.around.pick(&["GET", "POST", "PUT", "PATCH"]);
    let hosts = [
        "api.example.com",
        "mc-x1.rest.marketingcloudapis.com",
        "api.stripe.com",
    ];
    scene.exchange.host = *scene.around.pick(&hosts);
    let path = "/{v1/contacts|api/v2/orders/123456|hub/v1/dataevents|v1/charges}";
    scene.exchange.path = Text::from(pattern::write(path, &mut scene.around));
    scene.exchange.status = *scene.around.pick(&[200, 201, 400, 401, 403, 429, 500]);
    scene.exchange.request.headers = scene.some_kept('h', 3);
    scene.exchange.response.headers = scene.some_kept('h', 2);
}
