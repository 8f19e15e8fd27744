//! What a wrapper is, and a line on its way through several of them.

use std::borrow::Cow;

use crate::model::time::Timestamp;
use crate::read::format::{Options, Place};
use crate::read::yearless::parse_logged;

/// One entry of the list in `wrap/mod.rs`.
pub struct Wrapper {
    pub name: &'static str,
    /// The line without the wrapper; `None` for a line that has none. Must tell by the first bytes.
    pub peel: for<'a> fn(&'a str) -> Option<Peeled<'a>>,
    /// Nothing else looks like it. What is not sure is peeled only where that lets more lines be read.
    pub sure: bool,
    /// Lines of a source that must have it, of a hundred.
    pub share_pct: usize,
    /// Lines with what is in them.
    pub samples: &'static [(&'static str, &'static str)],
}

/// A line without its wrapper. Borrowed where nothing had to be unescaped.
#[derive(Debug, PartialEq)]
pub struct Peeled<'a> {
    pub inner: Cow<'a, str>,
    /// As written; read only where the record has no time of its own.
    pub time: Option<Cow<'a, str>>,
    pub piece: Option<Piece<'a>>,
}

/// Where a wrapper may hold only a part of a line.
#[derive(Debug, PartialEq)]
pub struct Piece<'a> {
    /// Pieces of one stream belong together.
    pub stream: Cow<'a, str>,
    /// Nothing more of the line comes.
    pub ends: bool,
}

impl<'a> Peeled<'a> {
    pub fn new(inner: &'a str, time: Option<&'a str>) -> Self {
        Self {
            inner: Cow::Borrowed(inner),
            time: time.map(Cow::Borrowed),
            piece: None,
        }
    }
}

/// The time that a wrapper told, and those of the wrappers around it.
pub struct Outer<'o> {
    pub time: Option<Cow<'o, str>>,
    pub around: Option<&'o Outer<'o>>,
}

impl Outer<'_> {
    /// Of the innermost wrapper that tells one.
    pub fn instant(&self, options: &Options) -> Option<Timestamp> {
        let own = self.time.as_deref();
        own.and_then(|time| parse_logged(time, options.zone, options.now))
            .or_else(|| self.around?.instant(options))
    }
}

/// A line of a source, or what was inside it.
#[derive(Clone, Copy)]
pub struct Line<'l> {
    pub text: &'l str,
    /// The line as it stood, where `text` is a part of it.
    pub whole: Option<&'l str>,
    pub at: Place,
    pub outer: Option<&'l Outer<'l>>,
    /// Layers that were peeled.
    pub depth: usize,
}

impl<'l> Line<'l> {
    pub fn new(text: &'l str, at: Place) -> Self {
        Self {
            text,
            whole: None,
            at,
            outer: None,
            depth: 0,
        }
    }

    /// What a wrapper held. `outer` lives beside it.
    pub fn inside<'i>(&self, peeled: &'i Peeled<'_>, outer: &'i Outer<'i>) -> Line<'i>
    where
        'l: 'i,
    {
        let borrowed = matches!(peeled.inner, Cow::Borrowed(_));
        let whole = borrowed.then(|| self.whole.unwrap_or(self.text));
        Line {
            text: &peeled.inner,
            whole,
            at: self.at,
            outer: Some(outer),
            depth: self.depth + 1,
        }
    }

    /// What is kept as the record's source text.
    pub fn raw(&self) -> &'l str {
        self.whole.unwrap_or(self.text)
    }
}
