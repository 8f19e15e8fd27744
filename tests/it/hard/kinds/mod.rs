//! What stands in the records: secrets, personal data, what support needs, and what only looks like a secret.

mod checks;
mod forms;
mod kept;
mod looks;
mod national;
mod people;
mod secrets;
mod vendors;

use std::sync::LazyLock;

use crate::hard::pattern;
use crate::hard::random::Random;

pub use kept::{KEPT, Kept};
pub use looks::LOOKS;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    Secret,
    Personal,
    /// What support needs.
    Support,
    /// What is none of a secret, but has the look or the name of one.
    LookAlike,
}

impl Class {
    pub fn is_hidden(self) -> bool {
        matches!(self, Self::Secret | Self::Personal)
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Personal => "personal datum",
            Self::Support => "text for support",
            Self::LookAlike => "look-alike",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Value {
    pub text: String,
    /// Equal for values that are the same datum.
    pub canonical: String,
    /// What must not be left; without what a vendor's form has in common.
    pub cores: Vec<String>,
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self {
            canonical: text.clone(),
            cores: vec![text.clone()],
            text,
        }
    }
}

#[derive(Clone, Copy)]
pub enum Make {
    Pattern(&'static str),
    By(fn(&mut Random) -> Value),
}

#[derive(Clone, Copy)]
pub struct Kind {
    pub name: &'static str,
    pub class: Class,
    /// A reader knows it by its form, without a name beside it.
    pub shaped: bool,
    /// Names that say to a reader what the value is.
    pub names: &'static [&'static str],
    pub make: Make,
}

impl Kind {
    pub fn value(&self, random: &mut Random) -> Value {
        match self.make {
            Make::By(make) => make(random),
            Make::Pattern(form) => by_form(form, random),
        }
    }
}

/// What stands before the first hole of a form is known to everybody.
fn by_form(form: &str, random: &mut Random) -> Value {
    let known = form.find('{').unwrap_or(0);
    let mut value = Value::from(pattern::write(form, random));
    value.cores = vec![value.text[known..].to_owned()];
    value
}

/// Everything that must be masked.
pub static HIDDEN: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let named = secrets::SECRETS.iter().chain(people::PEOPLE);
    let all = named.chain(national::NATIONAL).copied();
    vendors::all().chain(all).collect()
});

pub fn named(name: &str) -> Kind {
    let mut all = HIDDEN.iter();
    *all.find(|kind| kind.name == name).expect("a kind")
}
