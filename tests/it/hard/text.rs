//! Text that knows which parts of it are values, through any number of encodings.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::hard::dress::Dress;

#[derive(Clone, Debug)]
pub enum Piece {
    /// Must come through byte for byte.
    Fixed(String),
    /// Belongs to a value beside it and may go with it: a scheme, a `sha256=`.
    Loose(String),
    /// A value, by its number in the case.
    Slot(usize, String),
    Packed(Packed),
}

/// Base64 over a text, and what was written over that.
#[derive(Clone, Debug)]
pub struct Packed {
    pub inner: Text,
    url: bool,
    then: Vec<Dress>,
}

#[derive(Clone, Debug, Default)]
pub struct Text(pub Vec<Piece>);

/// Stands in templates where a text is put.
pub const HOLE: char = '¤';

/// A template with its holes filled in turn.
pub fn fill(template: &str, values: impl IntoIterator<Item = Text>) -> Text {
    let mut parts = template.split(HOLE);
    let mut out = Text::from(parts.next().unwrap_or_default());
    for (part, value) in parts.zip(values) {
        out.add(value);
        out.add(part);
    }
    out
}

/// Texts with a sign between.
pub fn join(texts: impl IntoIterator<Item = Text>, between: &str) -> Text {
    let mut out = Text::default();
    for (at, text) in texts.into_iter().enumerate() {
        if at > 0 {
            out.add(between);
        }
        out.add(text);
    }
    out
}

impl Text {
    pub fn slot(id: usize, text: &str) -> Self {
        Self(vec![Piece::Slot(id, text.to_owned())])
    }

    pub fn loose(text: &str) -> Self {
        Self(vec![Piece::Loose(text.to_owned())])
    }

    /// The same where all around the values may go with them.
    pub fn loosened(self) -> Self {
        let piece = |piece| match piece {
            Piece::Fixed(text) => Piece::Loose(text),
            piece => piece,
        };
        Self(self.0.into_iter().map(piece).collect())
    }

    pub fn add(&mut self, other: impl Into<Self>) {
        self.0.extend(other.into().0);
    }

    pub fn dressed(self, dress: Dress) -> Self {
        let piece = |piece| match piece {
            Piece::Fixed(text) => Piece::Fixed(dress.write(&text)),
            Piece::Loose(text) => Piece::Loose(dress.write(&text)),
            Piece::Slot(id, text) => Piece::Slot(id, dress.write(&text)),
            Piece::Packed(mut packed) => {
                packed.then.push(dress);
                Piece::Packed(packed)
            }
        };
        Self(self.0.into_iter().map(piece).collect())
    }

    pub fn base64(self) -> Self {
        self.packed(false)
    }

    pub fn base64_url(self) -> Self {
        self.packed(true)
    }

    fn packed(self, url: bool) -> Self {
        let then = Vec::new();
        let inner = self;
        Self(vec![Piece::Packed(Packed { inner, url, then })])
    }

    /// As it is written.
    pub fn written(&self) -> String {
        self.written_with(&|_, text| text.to_owned())
    }

    /// The same with other texts for the values.
    pub fn written_with(&self, value: &dyn Fn(usize, &str) -> String) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Fixed(text) | Piece::Loose(text) => text.clone(),
            Piece::Slot(id, text) => value(*id, text),
            Piece::Packed(packed) => packed.written_with(value),
        };
        self.0.iter().map(piece).collect()
    }
}

impl Packed {
    fn written_with(&self, value: &dyn Fn(usize, &str) -> String) -> String {
        let inner = self.inner.written_with(value);
        let packed = match self.url {
            true => URL_SAFE_NO_PAD.encode(inner),
            false => STANDARD.encode(inner),
        };
        let dress = |text: String, dress: &Dress| dress.write(&text);
        self.then.iter().fold(packed, dress)
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(vec![Piece::Fixed(text.to_owned())])
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Piece::Fixed(text)])
    }
}
