//! Lines that a container's log holds in pieces: joined until the piece that ends the line, each stream by itself.

use crate::read::format::Place;
use crate::read::lines::LINE_BYTES_MAX;
use crate::read::wrap::wrapper::Peeled;

/// Containers have two; more are other things' and are not joined.
const STREAMS_MAX: usize = 8;

/// Begun lines, one a stream.
#[derive(Default)]
pub struct Pieces {
    open: Vec<Begun>,
}

/// The pieces of a line so far.
#[derive(Debug)]
pub struct Begun {
    stream: String,
    /// Its head, where it is longer than any line may be.
    pub text: String,
    pub time: Option<String>,
    /// Of the first piece.
    pub at: Place,
}

impl Begun {
    fn push(&mut self, piece: &str) {
        let left = LINE_BYTES_MAX.saturating_sub(self.text.len());
        let end = (0..=piece.len().min(left))
            .rev()
            .find(|end| piece.is_char_boundary(*end));
        self.text.push_str(&piece[..end.unwrap_or_default()]);
    }
}

/// What a piece came to.
pub enum Taken<'a> {
    /// It is a whole line.
    Whole(Peeled<'a>),
    /// More has to come.
    Part,
    /// It was the last.
    Joined(Begun),
}

impl Pieces {
    pub fn take<'a>(&mut self, peeled: Peeled<'a>, at: Place) -> Taken<'a> {
        let Some(piece) = &peeled.piece else {
            return Taken::Whole(peeled);
        };
        let place = self.open.iter().position(|one| one.stream == piece.stream);
        match (place, piece.ends) {
            (None, true) => Taken::Whole(peeled),
            (Some(place), true) => {
                let mut begun = self.open.swap_remove(place);
                begun.push(&peeled.inner);
                Taken::Joined(begun)
            }
            (Some(place), false) => {
                if let Some(begun) = self.open.get_mut(place) {
                    begun.push(&peeled.inner);
                }
                Taken::Part
            }
            (None, false) if self.open.len() >= STREAMS_MAX => Taken::Whole(peeled),
            (None, false) => {
                self.open.push(Begun {
                    stream: piece.stream.to_string(),
                    text: peeled.inner.into_owned(),
                    time: peeled.time.map(Into::into),
                    at,
                });
                Taken::Part
            }
        }
    }

    /// Lines whose end never came, in the order of their beginnings.
    pub fn finish(&mut self) -> Vec<Begun> {
        let mut left = std::mem::take(&mut self.open);
        left.sort_by_key(|begun| begun.at.offset);
        left
    }
}
