//! What is open in a document: objects and lists, what their keys say of what is in them, and what was met in them.

use crate::mask::har::Sent;
use crate::mask::keywords::{Marks, Name, Policy, Role};
use crate::mask::kind::Kind;

/// A string or number of the document.
#[derive(Clone, Copy)]
pub(super) struct Leaf {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) escaped: bool,
    pub(super) number: bool,
}

/// One open object or array.
#[derive(Clone, Copy)]
pub(super) struct Frame {
    pub(super) object: bool,
    /// From the key it stands under.
    pub(super) inherited: Policy,
    /// What it is about, from its key and those around it.
    pub(super) about: About,
    /// From a `name` inside it, for the `value` beside it.
    pub(super) named: Policy,
    /// A `value` that came before its `name`.
    pub(super) waiting: Option<Leaf>,
    /// In a flat list of header names and values, what the name before says.
    pub(super) before: Policy,
    /// Whether that was an option of a command.
    pub(super) is_option: bool,
    /// How many elements of an array were met.
    pub(super) index: usize,
    /// The key that was read and has no value yet, and where it stands.
    pub(super) key: Option<Name>,
    pub(super) key_span: (usize, usize),
    /// A bare `name`, and whether there is an address beside it: then it is a person's.
    pub(super) name: Option<Leaf>,
    pub(super) has_email: bool,
    /// Whether it is a JSON Web Key (RFC 7517).
    pub(super) is_jwk: bool,
    /// Whether it asks for a token (RFC 6749, 4.1.3), and a `code` that came before that was clear.
    pub(super) is_grant: bool,
    pub(super) code: Option<Leaf>,
    /// How the values in it were sent, and the name of the one that comes.
    pub(super) sent: Sent,
    pub(super) name_span: (usize, usize),
}

/// What is open, and what the columns of rows are, once they were named.
#[derive(Default)]
pub(super) struct Open {
    pub(super) stack: Vec<Frame>,
    pub(super) columns: Vec<Policy>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct About {
    /// One person.
    pub(super) people: bool,
    /// What is wrong with something: values there are sentences.
    pub(super) errors: bool,
    /// A list that names columns, and rows of what they name.
    pub(super) columns: bool,
    pub(super) rows: bool,
}

impl Frame {
    pub(super) fn new(object: bool, parent: Option<&Self>, text: &[u8]) -> Self {
        Self {
            object,
            inherited: parent.map_or(Policy::Scan, Self::handed_down),
            about: parent.map(Self::told_about).unwrap_or_default(),
            named: Policy::Scan,
            waiting: None,
            before: Policy::Scan,
            is_option: false,
            index: 0,
            key: None,
            key_span: (0, 0),
            name: None,
            has_email: false,
            is_jwk: false,
            is_grant: false,
            code: None,
            sent: parent.map_or(Sent::Plain, |parent| parent.sent_inside(text)),
            name_span: (0, 0),
        }
    }

    /// How the values of a list in it were sent.
    pub(super) fn sent_inside(&self, text: &[u8]) -> Sent {
        match self.object {
            true => Sent::under(&text[self.key_span.0..self.key_span.1]),
            false => self.sent,
        }
    }

    pub(super) fn role(&self) -> Role {
        self.key.map_or(Role::Other, |key| key.role)
    }

    pub(super) fn policy(&self) -> Policy {
        self.key.map_or(Policy::Scan, |key| key.policy)
    }

    /// The key that is open; `[]` in a list.
    pub(super) fn name_in<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        match self.object {
            true => &text[self.key_span.0..self.key_span.1],
            false => b"[]",
        }
    }

    pub(super) fn marks(&self) -> Marks {
        self.key.map(|key| key.marks).unwrap_or_default()
    }

    /// What the members of a container take over from its key.
    pub(super) fn handed_down(&self) -> Policy {
        match self.policy() {
            Policy::Scan if self.role() == Role::Holds && self.named != Policy::Scan => self.named,
            Policy::Scan if self.role() == Role::Holds => self.inherited,
            Policy::Scan if !self.object || self.inherited == Policy::Server => self.inherited,
            Policy::ClientAddress if self.inherited == Policy::Server => self.inherited,
            policy => policy,
        }
    }

    pub(super) fn told_about(&self) -> About {
        let marks = self.marks();
        About {
            people: marks.people || !self.object && self.about.people,
            errors: marks.errors || self.about.errors,
            columns: marks.columns,
            rows: marks.rows || self.about.rows,
        }
    }

    pub(super) fn policy_of_leaf(&self) -> Policy {
        if !self.object {
            return self.inherited;
        }
        let marks = self.marks();
        if self.is_jwk && marks.of_key {
            return Policy::Mask(Kind::Secret);
        }
        match (self.policy(), self.inherited, self.role()) {
            (Policy::ClientAddress, Policy::Server, _) => Policy::Scan,
            // The cookies of a HAR are named by the site.
            (_, Policy::Cookies, Role::Holds) if !marks.whole => Policy::Mask(Kind::Cookie),
            (Policy::Scan, Policy::Cookies, Role::Other) => Policy::Mask(Kind::Cookie),
            (_, _, Role::Holds) if self.named.claims() => self.named,
            (_, inherited, Role::Holds) if inherited.claims() => inherited,
            (Policy::Scan, Policy::Never, Role::Holds) => Policy::Never,
            (Policy::Scan, _, Role::Holds) => self.named,
            (Policy::Scan | Policy::Never, inherited, _) => self.part_of(inherited),
            (policy, _, _) => policy,
        }
    }

    /// What a member that says nothing itself is as a part of what it stands in.
    pub(super) fn part_of(&self, inherited: Policy) -> Policy {
        let marks = self.marks();
        let address = matches!(
            inherited,
            Policy::Judge(Kind::Address) | Policy::Mask(Kind::Address)
        );
        match (self.policy(), inherited) {
            (Policy::Scan, _) if marks.name_part && self.about.people => Policy::Mask(Kind::Person),
            (Policy::Scan, _) if marks.address_part && (address || self.about.people) => {
                Policy::Mask(Kind::Address)
            }
            (Policy::Never, Policy::Judge(Kind::Session)) if marks.id => inherited,
            (
                Policy::Scan,
                Policy::Mask(kind @ (Kind::Password | Kind::Secret | Kind::Token | Kind::Key))
                | Policy::Judge(kind @ Kind::Token),
            ) => Policy::Judge(kind),
            (policy, _) => policy,
        }
    }
}
