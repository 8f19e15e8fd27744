//! Lines that must be read in order because of what is around them: pieces to join, objects over many lines, or a clock
//! that was set back. What comes out goes to any reader.

use crate::model::exchange::{Exchange, TsKind};
use crate::read::clock_change::ClockChange;
use crate::read::format::{Options, Parsed, Place, SequenceParser, Sink};
use crate::read::reader::LineReader;
use crate::read::sequence::Sequence;
use crate::read::skip::Ignored;
use crate::read::wrap::objects::Objects;
use crate::read::wrap::pieces::{Begun, Pieces, Taken};
use crate::read::wrap::wrapper::{Line, Outer, Wrapper};

/// One layer of a source.
pub enum Layer {
    Peel(&'static Wrapper),
    /// Whose lines may come in pieces.
    Join(&'static Wrapper, Pieces),
    Objects(Objects),
}

/// What reads the lines inside.
pub enum Inner {
    Lines(LineReader),
    Sequence(Sequence),
}

pub struct Ordered {
    layers: Vec<Layer>,
    inside: Inside,
    change: Option<ClockChange>,
}

struct Inside {
    reader: Inner,
    options: Options,
}

impl Ordered {
    pub fn new(
        layers: Vec<Layer>,
        reader: Inner,
        options: &Options,
        change: Option<ClockChange>,
    ) -> Self {
        let options = options.clone();
        Self {
            layers,
            inside: Inside { reader, options },
            change,
        }
    }
}

impl SequenceParser for Ordered {
    fn line(&mut self, line: &str, at: Place, found: &mut Sink<'_>) -> Parsed {
        let Self {
            layers,
            inside,
            change,
        } = self;
        let line = Line::new(line, at);
        match change {
            Some(change) => step(layers, inside, line, &mut |format, exchanges| {
                change.settle(exchanges);
                found(format, exchanges);
            }),
            None => step(layers, inside, line, found),
        }
    }

    fn finish(&mut self, found: &mut Sink<'_>) {
        let Self {
            layers,
            inside,
            change,
        } = self;
        let mut settled = |format: &'static str, exchanges: &mut [Exchange<'_>]| {
            if let Some(change) = change {
                change.settle(exchanges);
            }
            found(format, exchanges);
        };
        finish(layers, inside, &mut settled);
        if let Inner::Sequence(sequence) = &mut inside.reader {
            sequence.finish(&mut settled);
        }
    }
}

fn step(layers: &mut [Layer], inside: &mut Inside, line: Line<'_>, found: &mut Sink<'_>) -> Parsed {
    let Some((layer, rest)) = layers.split_first_mut() else {
        return inside.line(line, found);
    };
    match layer {
        Layer::Peel(wrapper) => {
            let Some(peeled) = (wrapper.peel)(line.text) else {
                return step(rest, inside, line, found);
            };
            let outer = Outer {
                time: peeled.time.clone(),
                around: line.outer,
            };
            step(rest, inside, line.inside(&peeled, &outer), found)
        }
        Layer::Join(wrapper, pieces) => {
            let Some(peeled) = (wrapper.peel)(line.text) else {
                return step(rest, inside, line, found);
            };
            match pieces.take(peeled, line.at) {
                Taken::Part => Parsed::Ignored(Ignored::Part),
                Taken::Joined(begun) => joined(rest, inside, &begun, line.outer, found),
                Taken::Whole(peeled) => {
                    let outer = Outer {
                        time: peeled.time.clone(),
                        around: line.outer,
                    };
                    step(rest, inside, line.inside(&peeled, &outer), found)
                }
            }
        }
        Layer::Objects(objects) => {
            let of_objects = objects.line(line.text, line.at, &mut |text, at| {
                let object = Line {
                    text,
                    at,
                    whole: None,
                    ..line
                };
                step(rest, inside, object, found)
            });
            of_objects.unwrap_or_else(|| step(rest, inside, line, found))
        }
    }
}

fn joined(
    rest: &mut [Layer],
    inside: &mut Inside,
    begun: &Begun,
    around: Option<&Outer<'_>>,
    found: &mut Sink<'_>,
) -> Parsed {
    let outer = Outer {
        time: begun.time.as_deref().map(Into::into),
        around,
    };
    let line = Line {
        outer: Some(&outer),
        depth: 1,
        ..Line::new(&begun.text, begun.at)
    };
    step(rest, inside, line, found)
}

/// What was still open, layer by layer from the outside.
fn finish(layers: &mut [Layer], inside: &mut Inside, found: &mut Sink<'_>) {
    let Some((layer, rest)) = layers.split_first_mut() else {
        return;
    };
    match layer {
        Layer::Peel(_) => {}
        Layer::Join(_, pieces) => {
            for begun in pieces.finish() {
                joined(rest, inside, &begun, None, found);
            }
        }
        Layer::Objects(objects) => objects.finish(),
    }
    finish(rest, inside, found);
}

impl Inside {
    fn line(&mut self, line: Line<'_>, found: &mut Sink<'_>) -> Parsed {
        let sequence = match &mut self.reader {
            Inner::Lines(reader) => return reader.read_inside(line, found),
            Inner::Sequence(sequence) => sequence,
        };
        let Some(outer) = line.outer else {
            return sequence.line(line.text, line.at, found);
        };
        sequence.line(line.text, line.at, &mut |format, exchanges| {
            for exchange in exchanges.iter_mut().filter(|e| e.ts.is_none()) {
                if let Some(ts) = outer.instant(&self.options) {
                    exchange.ts = Some(ts);
                    exchange.ts_kind = TsKind::End;
                }
            }
            found(format, exchanges);
        })
    }
}
