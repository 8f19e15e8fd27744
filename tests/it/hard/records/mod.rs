//! The logs that write an exchange down: access logs, JSON of programs, HAR, logfmt, transcripts of clients.

mod har;
mod json;
mod lines;
mod transcripts;

use crate::hard::exchange::{Part, Scene};
use crate::hard::text::Text;

pub struct Record {
    pub name: &'static str,
    /// The parts of an exchange that such a log shows.
    pub shows: &'static [Part],
    pub holds: Holds,
    write: fn(&mut Scene) -> Text,
}

/// What one record is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    Line,
    /// A line that is a document in JSON.
    Json,
    /// A document of its own: HAR, here in one line.
    Document,
    /// Some lines.
    Lines,
}

/// All parts but the program's own words.
const WIRE: &[Part] = &[
    Part::Target,
    Part::Referer,
    Part::Cookie,
    Part::RequestHeader,
    Part::RequestBody,
    Part::ResponseHeader,
    Part::ResponseBody,
];
const ALL: &[Part] = &[
    Part::Target,
    Part::Referer,
    Part::Cookie,
    Part::RequestHeader,
    Part::RequestBody,
    Part::ResponseHeader,
    Part::ResponseBody,
    Part::Remark,
    Part::Field,
];

impl Record {
    pub fn write(&self, scene: &mut Scene) -> Text {
        (self.write)(scene)
    }
}

pub fn all() -> impl Iterator<Item = &'static Record> {
    let lists = [
        lines::RECORDS,
        json::RECORDS,
        har::RECORDS,
        transcripts::RECORDS,
    ];
    lists.into_iter().flatten()
}

/// One of those that show the part.
pub fn pick(scene: &mut Scene, part: Part) -> &'static Record {
    let showing: Vec<&Record> = all()
        .filter(|record| record.shows.contains(&part))
        .collect();
    showing[scene.random.below(showing.len())]
}
