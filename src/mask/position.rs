//! Where a value with a name stands.

/// The part of a message that a name belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Position {
    Header,
    /// A parameter of a query or a form.
    Query,
    Cookie,
    /// A member of a document.
    Body,
}

impl Position {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Query => "query",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = [Self::Header, Self::Query, Self::Cookie, Self::Body];
        all.into_iter().find(|position| position.name() == name)
    }
}
