//! JSON over marked text: the writer chooses how strings are escaped and whether blanks stand between.

use crate::hard::dress::Dress;
use crate::hard::text::{Text, fill, join};

#[derive(Clone, Debug)]
pub enum Json {
    Text(Text),
    /// A number, or text that is JSON already.
    Raw(Text),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// How a document is written.
#[derive(Clone, Copy)]
pub struct Style {
    pub dress: Dress,
    pub spaced: bool,
}

impl Json {
    pub fn text(text: impl Into<Text>) -> Self {
        Self::Text(text.into())
    }

    pub fn raw(text: impl Into<Text>) -> Self {
        Self::Raw(text.into())
    }

    pub fn object<const N: usize>(members: [(&str, Json); N]) -> Self {
        Self::Object(
            members
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect(),
        )
    }

    /// Adds to an object.
    pub fn put(&mut self, key: &str, value: Json) {
        if let Self::Object(members) = self {
            members.push((key.to_owned(), value));
        }
    }

    pub fn written(self, style: Style) -> Text {
        let (comma, colon) = match style.spaced {
            true => (", ", "\"¤\": ¤"),
            false => (",", "\"¤\":¤"),
        };
        match self {
            Self::Raw(text) => text,
            Self::Text(text) => fill("\"¤\"", [text.dressed(style.dress)]),
            Self::List(items) => {
                let items = items.into_iter().map(|item| item.written(style));
                fill("[¤]", [join(items, comma)])
            }
            Self::Object(members) => {
                let members = members.into_iter().map(|(key, value)| {
                    let key = Text::from(key).dressed(Dress::Json);
                    fill(colon, [key, value.written(style)])
                });
                fill("{¤}", [join(members, comma)])
            }
        }
    }
}
