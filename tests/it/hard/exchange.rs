//! One exchange with a server, before any log wrote it down.

use crate::hard::kinds::{Class, Kept, Kind, Value};
use crate::hard::pattern;
use crate::hard::random::Random;
use crate::hard::text::{Text, fill, join};

/// The part of an exchange in which the value stands, so that a log is chosen that shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Target,
    Referer,
    Cookie,
    RequestHeader,
    RequestBody,
    ResponseHeader,
    ResponseBody,
    /// A sentence of the program that logs.
    Remark,
    /// A member of the record itself.
    Field,
}

pub type Pairs = Vec<(String, Text)>;

#[derive(Clone, Default)]
pub struct Side {
    pub headers: Pairs,
    pub body: Option<Text>,
}

#[derive(Clone, Default)]
pub struct Exchange {
    pub method: &'static str,
    pub host: &'static str,
    pub user_info: Option<Text>,
    pub path: Text,
    pub query: Pairs,
    pub fragment: Option<Text>,
    pub referer: Option<Text>,
    pub cookies: Pairs,
    pub request: Side,
    pub response: Side,
    pub status: usize,
    pub client: Option<Text>,
    pub remark: Option<Text>,
    pub fields: Pairs,
}

/// A value in a case.
#[derive(Clone, Debug)]
pub struct Slot {
    pub kind: &'static str,
    pub class: Class,
    pub value: Value,
}

/// So many values of each kind come again, and so often.
const USUAL: usize = 5;
const USUAL_PERCENT: usize = 40;

/// A case in the making.
pub struct Scene {
    pub random: Random,
    pub exchange: Exchange,
    pub slots: Vec<Slot>,
    /// How the value is dressed, from the inside out.
    pub layers: Vec<&'static str>,
    /// Draws for what stands around, so that leaving it out moves nothing else.
    pub around: Random,
    pub is_spare: bool,
}

impl Scene {
    pub fn slot(&mut self, kind: &Kind, value: &Value) -> Text {
        self.register(kind.name, kind.class, value.clone())
    }

    fn register(&mut self, kind: &'static str, class: Class, value: Value) -> Text {
        let text = Text::slot(self.slots.len(), &value.text);
        self.slots.push(Slot { kind, class, value });
        text
    }

    /// A value of a kind: fresh, or one of a few that come again in other cases.
    pub fn made(&mut self, kind: &Kind) -> Text {
        let value = self.value(kind);
        self.slot(kind, &value)
    }

    pub fn value(&mut self, kind: &Kind) -> Value {
        let again = self.random.below(USUAL) as u64;
        match self.random.chance(USUAL_PERCENT) {
            true => kind.value(&mut Random::new(again)),
            false => kind.value(&mut self.random),
        }
    }

    /// What must come through, by pattern.
    pub fn kept(&mut self, name: &'static str, form: &str) -> Text {
        let value = pattern::write(form, &mut self.around).into();
        self.register(name, Class::Support, value)
    }

    /// Some of those that stand in such a place, each name once, unless the case is to be as small as possible.
    pub fn some_kept(&mut self, place: char, max: usize) -> Pairs {
        let all = [crate::hard::kinds::KEPT, crate::hard::kinds::LOOKS];
        let mut pairs = Pairs::new();
        for _ in 0..self.around.below(max + 1) {
            let from: Vec<&Kept> = all[self.around.below(2)]
                .iter()
                .filter(|kept| kept.places.contains(place))
                .collect();
            if let Some(kept) = from.get(self.around.below(from.len().max(1))) {
                self.add_kept(kept, &mut pairs);
            }
        }
        pairs
    }

    fn add_kept(&mut self, kept: &Kept, pairs: &mut Pairs) {
        let is_there = pairs.iter().any(|(name, _)| name == kept.name);
        if self.is_spare || is_there {
            return;
        }
        let value = pattern::write(kept.form, &mut self.around).into();
        let text = self.register(kept.name, kept.class, value);
        pairs.push((kept.name.to_owned(), text));
    }

    /// Puts a pair somewhere among others.
    pub fn mix(&mut self, mut others: Pairs, name: &str, value: Text) -> Pairs {
        let at = self.around.below(others.len() + 1);
        others.retain(|(other, _)| other != name);
        others.insert(at.min(others.len()), (name.to_owned(), value));
        others
    }
}

impl Exchange {
    /// Path, query and fragment.
    pub fn target(&self) -> Text {
        let mut target = self.path.clone();
        if !self.query.is_empty() {
            target.add("?");
            target.add(pairs(&self.query, "¤=¤", "&"));
        }
        if let Some(fragment) = &self.fragment {
            target.add("#");
            target.add(fragment.clone());
        }
        target
    }

    pub fn url(&self) -> Text {
        let mut url = Text::from("https://");
        if let Some(user_info) = &self.user_info {
            url.add(user_info.clone());
            url.add("@");
        }
        url.add(self.host);
        url.add(self.target());
        url
    }

    pub fn cookie(&self) -> Option<Text> {
        let any = !self.cookies.is_empty();
        any.then(|| pairs(&self.cookies, "¤=¤", "; "))
    }

    /// The request's headers, with those that have fields of their own here.
    pub fn request_headers(&self) -> Pairs {
        let mut headers = vec![("Host".to_owned(), Text::from(self.host))];
        headers.extend(self.request.headers.iter().cloned());
        let own = [("Referer", self.referer.clone()), ("Cookie", self.cookie())];
        let own = own
            .into_iter()
            .filter_map(|(name, text)| Some((name.to_owned(), text?)));
        headers.extend(own);
        headers
    }
}

/// Pairs by a template of two holes, with something between.
pub fn pairs(pairs: &Pairs, template: &str, between: &str) -> Text {
    let pair =
        |(name, value): &(String, Text)| fill(template, [Text::from(name.as_str()), value.clone()]);
    join(pairs.iter().map(pair), between)
}
