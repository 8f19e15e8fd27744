//! The pieces that a section is made of, free of any markup.

/// How a text is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    /// An identifier or a piece of a log: shown in a fixed-width face.
    Code,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
    pub kind: Kind,
}

impl Fact {
    pub fn text(label: &'static str, value: impl Into<String>) -> Self {
        Self {
            label,
            value: value.into(),
            kind: Kind::Text,
        }
    }

    pub fn code(label: &'static str, value: impl Into<String>) -> Self {
        Self {
            kind: Kind::Code,
            ..Self::text(label, value)
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<(&'static str, Kind)>,
    pub rows: Vec<Vec<String>>,
    /// Rows that the limit left out.
    pub rows_left_out: usize,
}

/// How urgent a callout is; it is told by words too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Act,
    Wait,
    Calm,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Paragraph(String),
    Callout {
        tone: Tone,
        title: String,
        text: String,
    },
    /// A heading inside a section.
    Heading(String),
    Facts(Vec<Fact>),
    List(Vec<String>),
    Table(Table),
    /// Text as it was logged, under a label.
    Code {
        label: String,
        text: String,
    },
    /// A picture that only the page shows; what it tells stands in the blocks beside it.
    Picture(String),
}
