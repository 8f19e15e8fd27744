//! Attempts at requests and the calls they belong to, one by one, as far as a judgement looks at them.
//!
//! A log tells of attempts; people feel calls. Ten retries of one call are one call that failed, or one that healed.

use crate::model::time::Timestamp;
use crate::model::verdict::Class;

/// A text that comes again, as a number: its place in [`Calls::names`].
pub type Name = u32;

/// Something that a request says of itself, as a number: its place in [`Calls::traits`].
pub type TraitId = u32;

/// Which part of a request a trait was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    Operation,
    /// A query parameter, or a changing part of the path.
    Parameter,
    Body,
    Tenant,
    Client,
    Host,
    Region,
    Principal,
    /// The length of the request's body.
    Size,
}

/// One thing that requests may have in common, such as `currency=JPY`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Trait {
    pub part: Part,
    /// The parameter's name, the path into the body, `client`, `host` and so on.
    pub name: String,
    /// `None`: the name is there, whatever its value.
    pub value: Option<String>,
}

impl Trait {
    /// As people write it.
    pub fn title(&self) -> String {
        match (&self.part, &self.value) {
            (Part::Operation, Some(value)) => value.clone(),
            (Part::Size, Some(value)) => format!("{}>={value}", self.name),
            (_, Some(value)) => format!("{}={value}", self.name),
            (_, None) => format!("{}=*", self.name),
        }
    }
}

/// By what two attempts were taken for one call, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkBy {
    /// The log's own word: one line, or one correlation id.
    CallId,
    /// The idempotency or message key.
    Key,
    /// The trace or request id, with the same operation and address.
    Trace,
    /// The same request again, its body included, soon after it failed.
    SameBody,
    /// The same address again soon after it failed, with a method that sends no body or may be repeated.
    SameAddress,
    /// The same address again soon after it failed, where the body is not known.
    MaybeSame,
}

impl LinkBy {
    /// How likely it is that such attempts are one call: by what the id or key is made for, and by judgement where there
    /// is none.
    pub fn certainty(self) -> f32 {
        match self {
            Self::CallId => 1.0,
            Self::Key => 0.99,
            Self::Trace => 0.95,
            Self::SameBody => 0.9,
            Self::SameAddress => 0.7,
            Self::MaybeSame => 0.5,
        }
    }
}

/// A link that is surer than this may say that a failure was healed.
pub const HEALING_CERTAINTY_MIN: f32 = 0.6;

/// What one attempt came to, in the classes that are judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    Fine,
    /// The vendor said that the request was wrong: no failure, and no success either.
    Refused,
    Failed(Class),
}

/// One attempt, as the tables tell it. Ids are hashes: only whether they are equal matters.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub at: Timestamp,
    pub operation: Name,
    pub answer: Answer,
    /// 1 for the first try, as far as the log tells.
    pub number: u16,
    /// The call that the log names, or the line.
    pub call: u64,
    /// Whether other lines could carry the same `call`.
    pub is_call_told: bool,
    pub key: Option<u64>,
    pub trace: Option<u64>,
    pub request: Option<u64>,
    /// Method, host, path and query.
    pub address: u64,
    /// Who called: client, tenant and credential.
    pub caller: u64,
    /// The body, where it was kept.
    pub body: Option<u64>,
    /// Is a repetition of the method harmless, or without a body?
    pub is_repeatable: bool,
    /// The kind of error.
    pub kind: Option<i64>,
    /// Requests that it stands for.
    pub weight: f32,
    /// Was the body looked at? Of requests that went well few bodies are kept.
    pub is_body_known: bool,
    /// Ascending.
    pub traits: Box<[TraitId]>,
}

/// Attempts that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// The first attempt.
    pub at: Timestamp,
    pub operation: Name,
    /// How the first attempt failed; `None` when it did not.
    pub failed: Option<Class>,
    /// The vendor refused the first attempt.
    pub is_refused: bool,
    pub tries: u32,
    pub failures: u32,
    pub last_failure: Timestamp,
    /// When a later attempt went well.
    pub healed: Option<Timestamp>,
    /// The least sure of its links.
    pub link: Option<LinkBy>,
    /// The kinds of error of its attempts.
    pub kinds: Vec<i64>,
    pub weight: f32,
    pub is_body_known: bool,
    pub traits: Box<[TraitId]>,
}

/// An operation with so many requests that only one in `one_in` of its calls was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Looked {
    pub operation: Name,
    pub one_in: u32,
}

/// The calls of an integration that had failures, as far as they were looked at.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Calls {
    pub integration: String,
    pub names: Vec<String>,
    pub traits: Vec<Trait>,
    /// By time.
    pub calls: Vec<Call>,
    /// Operations of which not every call was looked at.
    pub looked: Vec<Looked>,
    /// Calls before this instant were not looked at.
    pub since: Timestamp,
    /// Things that requests say of themselves for which there was no room.
    pub traits_left_out: u64,
}

impl Calls {
    pub fn name(&self, name: Name) -> &str {
        self.names
            .get(name as usize)
            .map(String::as_str)
            .unwrap_or_default()
    }
}
