//! Documents that take more than one line.

use crate::mask::together::base64::Base64;
use crate::mask::together::json::Json;
use crate::mask::together::multipart::Multipart;
use crate::mask::together::pem::Pem;
use crate::mask::together::xml::Xml;

/// What a line is to what is open before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It belongs to it, and more may follow.
    On,
    /// It belongs to it and ends it.
    Ends,
    /// It does not belong to it.
    Apart,
}

/// An open document.
pub(crate) enum Document {
    Pem(Pem),
    Json(Json),
    Xml(Xml),
    Multipart(Multipart),
    Base64(Base64),
}

impl Document {
    /// The document that a line leaves open.
    pub(crate) fn begun_by(line: &[u8]) -> Option<Self> {
        if let Some(pem) = Pem::begun_by(line) {
            return Some(Self::Pem(pem));
        }
        let first = line.iter().find(|b| !b.is_ascii_whitespace());
        match first? {
            b'<' => Xml::begun_by(line).map(Self::Xml),
            _ => Json::begun_by(line)
                .map(Self::Json)
                .or_else(|| Multipart::begun_by(line).map(Self::Multipart))
                .or_else(|| Xml::begun_inside(line).map(Self::Xml))
                .or_else(|| Base64::begun_by(line).map(Self::Base64)),
        }
    }

    /// What comes next.
    pub(crate) fn take(&mut self, line: &[u8]) -> Step {
        match self {
            Self::Pem(pem) => pem.take(line),
            Self::Json(json) => json.take(line),
            Self::Xml(xml) => xml.take(line),
            Self::Multipart(multipart) => multipart.take(line),
            Self::Base64(base64) => base64.take(line),
        }
    }

    /// Where it begins in its first line.
    pub(crate) fn start(&self) -> usize {
        match self {
            Self::Json(json) => json.start,
            Self::Pem(_) | Self::Xml(_) | Self::Multipart(_) | Self::Base64(_) => 0,
        }
    }
}
