//! What a name tells about its value: mask, keep, or judge by the look of it.
//!
//! A name is split into words (snake, kebab, camel, dots and brackets alike), and the longest known run of *last*
//! words decides. So `access_token` is masked and `token_type` is not, `apiKey` is and `eventDefinitionKey` is not:
//! matching parts of names is what makes other tools destroy idempotency keys and message keys.

use std::collections::HashMap;

use crate::mask::kind::Kind;
use crate::mask::own::{self, Own, Site};
use crate::mask::position::Position;
use crate::mask::settings::{MaskError, Settings};
use crate::mask::words::{
    ADDRESS_PARTS, ALONE, COLUMN_KEYS, COOKIE_KEYS, ENDINGS, ERROR_KEYS, FILLERS, NAME_KEYS,
    NAME_PARTS, PEOPLE_KEYS, ROW_KEYS, RUN_ON, VALUE_KEYS, WHOLE_KEYS,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Policy {
    /// The name says nothing: the value is searched for anything.
    Scan,
    /// The name says that support needs the value: only what is surely a secret by shape is masked.
    Never,
    /// The whole value is replaced.
    Mask(Kind),
    /// Replaced if it looks like a secret, searched otherwise.
    Judge(Kind),
    /// The same, but only in queries and forms: `code` is an OAuth code there and an error code in JSON.
    JudgeInQuery(Kind),
    /// Replaced by stars: too small for a stand-in to hide it.
    Hide,
    /// A scheme and what belongs to it.
    Credentials,
    Cookies,
    SetCookie,
    /// `user:password` as a command takes it.
    Userinfo,
    /// IP addresses of whoever called; other text is searched.
    ClientAddress,
    /// A container that describes a server: addresses inside it are not a client's.
    Server,
    /// A rule of the user's own that looks at the value, by its number.
    Own(u16),
}

impl Policy {
    /// Whether the value itself is wanted whatever it looks like, so that its end must be found.
    pub(crate) fn claims(self) -> bool {
        !matches!(
            self,
            Self::Scan | Self::Never | Self::Server | Self::JudgeInQuery(_)
        )
    }

    /// Whether nothing of a value is masked in which nothing is found.
    pub(crate) fn searches(self) -> bool {
        matches!(self, Self::Scan | Self::Never | Self::Server)
    }
}

/// The part that a key plays in an object of a JSON document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Its value names what the `value` beside it is: HAR, Postman, OTLP.
    Names,
    /// Its value is what the `name` beside it says.
    Holds,
    /// Tells of a cookie, but is not its value.
    DescribesCookie,
    Other,
}

fn role(key: &str) -> Role {
    if NAME_KEYS.contains(&key) {
        Role::Names
    } else if VALUE_KEYS.contains(&key) {
        Role::Holds
    } else if COOKIE_KEYS.contains(&key) {
        Role::DescribesCookie
    } else {
        Role::Other
    }
}

/// What a key tells about its place in a document, besides its policy and its role.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Marks {
    /// Holds the whole of what is named.
    pub(crate) whole: bool,
    /// The object is about one person.
    pub(crate) people: bool,
    /// A part of such a person's name, or of an address.
    pub(crate) name_part: bool,
    pub(crate) address_part: bool,
    /// The object says what is wrong with others.
    pub(crate) errors: bool,
    /// A list that names columns, and the rows.
    pub(crate) columns: bool,
    pub(crate) rows: bool,
    /// The bare `id`.
    pub(crate) id: bool,
    /// A secret part of a JSON Web Key (RFC 7518, 6).
    pub(crate) of_key: bool,
    /// May itself hold something.
    pub(crate) odd: bool,
}

/// Longer keys are no names.
const KEY_BYTES_MAX: usize = 40;

impl Marks {
    fn of(key: &str) -> Self {
        let name: String = key.chars().filter(|c| !"_-".contains(*c)).collect();
        let is = |list: &[&str]| list.contains(&name.as_str());
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"_-.$[]/#".contains(&b);
        Self {
            whole: is(WHOLE_KEYS),
            people: is(PEOPLE_KEYS),
            name_part: is(NAME_PARTS),
            address_part: is(ADDRESS_PARTS),
            errors: is(ERROR_KEYS),
            columns: is(COLUMN_KEYS),
            rows: is(ROW_KEYS),
            id: name == "id",
            of_key: matches!(&*name, "d" | "p" | "q" | "dp" | "dq" | "qi" | "k"),
            odd: key.len() > KEY_BYTES_MAX || !key.bytes().all(plain),
        }
    }
}

/// All names known, built-in and configured.
pub(crate) struct Keywords {
    /// By the last name of their site.
    configured: HashMap<String, Vec<(Site, Policy)>>,
    /// The rules of the user's own.
    pub(crate) own: Vec<Own>,
    /// Names that a rule looks at the values of: the rule, and what the name says besides.
    pub(crate) looked_at: Vec<(usize, Policy)>,
    /// Those of them that look at all text.
    pub(crate) anywhere: Vec<usize>,
    /// Whether some rule asks where a name stands, or under which.
    pub(crate) asks_where: bool,
    endings: HashMap<&'static str, Policy>,
    alone: HashMap<&'static str, Policy>,
}

impl Keywords {
    pub(crate) fn new(settings: &Settings) -> Result<Self, MaskError> {
        let mut keywords = Self {
            configured: HashMap::new(),
            own: Vec::new(),
            looked_at: Vec::new(),
            anywhere: Vec::new(),
            asks_where: false,
            endings: table(ENDINGS),
            alone: table(ALONE),
        };
        for allow in &settings.allow {
            keywords.add(Own::of_allow(allow)?, &allow.at)?;
        }
        for rule in &settings.rules {
            keywords.add(Own::of_rule(rule)?, &rule.at)?;
        }
        for name in &settings.allow_names {
            keywords.add_name(name, "allow_names", Policy::Never)?;
        }
        for name in &settings.extra_names {
            keywords.add_name(name, "extra_names", Policy::Mask(Kind::Custom))?;
        }
        Ok(keywords)
    }

    fn add_name(
        &mut self,
        name: &str,
        list: &'static str,
        policy: Policy,
    ) -> Result<(), MaskError> {
        let name = key(name, list)?;
        self.place(
            Site {
                position: None,
                path: vec![name],
            },
            policy,
        )
    }

    /// A rule at its places, or in all text.
    fn add(&mut self, own: Own, at: &[String]) -> Result<(), MaskError> {
        if at.is_empty() {
            if own.simple_policy().is_some() || own.leaves {
                return Err(MaskError::EmptyRule { rule: own.name });
            }
            self.anywhere.push(self.own.len());
        }
        for at in at {
            let site = own::site(&own.name, at, |name| split(name.as_bytes()).joined)?;
            self.asks_where |= site.position.is_some() || site.path.len() > 1;
            let policy = match own.simple_policy() {
                Some(policy) => policy,
                None => self.look_at(at),
            };
            self.place(site, policy)?;
        }
        self.own.push(own);
        Ok(())
    }

    /// The rule to be added next looks at the values of a name.
    fn look_at(&mut self, at: &str) -> Policy {
        let name = at.rsplit([':', '.']).next().unwrap_or(at);
        let besides = self.find_built_in(&split(name.as_bytes()));
        self.looked_at.push((self.own.len(), besides));
        Policy::Own(self.looked_at.len() as u16 - 1)
    }

    /// The first rule of a site holds; one that says the opposite of it is a mistake.
    fn place(&mut self, site: Site, policy: Policy) -> Result<(), MaskError> {
        let name = site.path.last().cloned().unwrap_or_default();
        let same = self.configured.entry(name).or_default();
        if same
            .iter()
            .any(|(other, before)| *other == site && *before != policy)
        {
            return Err(MaskError::Contradiction {
                name: site.path.join("."),
            });
        }
        same.push((site, policy));
        Ok(())
    }

    /// What a name says wherever it stands.
    pub(crate) fn find(&self, name: &[u8]) -> Policy {
        let words = split(name);
        self.configured_at(&words.joined, None, &[])
            .unwrap_or_else(|| self.find_built_in(&words))
    }

    /// What it says at a place, under the names around it.
    pub(crate) fn find_at(&self, name: &[u8], position: Position, around: &[&[u8]]) -> Policy {
        let words = split(name);
        self.configured_at(&words.joined, Some(position), around)
            .unwrap_or_else(|| self.find_built_in(&words))
    }

    fn configured_at(
        &self,
        name: &str,
        position: Option<Position>,
        around: &[&[u8]],
    ) -> Option<Policy> {
        let joined = |name: &&[u8]| split(name).joined;
        let holds = |site: &Site| {
            let (_, outer) = site.path.split_last()?;
            let here = site.position.is_none() || site.position == position;
            let mut names = around.iter().rev();
            let under = outer
                .iter()
                .rev()
                .all(|wanted| names.next().is_some_and(|name| joined(name) == *wanted));
            (here && under).then_some(())
        };
        let rules = self.configured.get(name)?;
        let found = rules.iter().find(|(site, _)| holds(site).is_some());
        found.map(|(_, policy)| *policy)
    }

    fn find_built_in(&self, words: &Words) -> Policy {
        let Words { joined, starts, .. } = words;
        let bare = joined.trim_end_matches(|c: char| c.is_ascii_digit());
        [joined.as_str(), bare]
            .into_iter()
            .filter(|name| !name.is_empty())
            .find_map(|name| self.built_in(name, starts))
            .or_else(|| self.without_filler(joined, starts))
            .or_else(|| self.in_brackets(words))
            .unwrap_or(Policy::Scan)
    }

    /// `user[zip]`, `data[0][zip]`: what stands in the last brackets is a name of its own.
    fn in_brackets(&self, words: &Words) -> Option<Policy> {
        let inner = words.inner?;
        let starts = words.starts.iter().filter(|start| **start >= inner);
        let starts: Vec<usize> = starts.map(|start| start - inner).collect();
        self.built_in(words.joined.get(inner..)?, &starts)
    }

    /// `ssn_number`, `SSN__c` of Salesforce, `tokenValue`: what stands before the last word says it.
    fn without_filler(&self, joined: &str, starts: &[usize]) -> Option<Policy> {
        let (last, before) = starts.split_last()?;
        let name = &joined[..*last];
        let ending = |start: &usize| self.endings.get(name.get(*start..)?);
        let policy = before.iter().find_map(ending)?;
        (FILLERS.contains(&&joined[*last..]) && policy.claims()).then_some(*policy)
    }

    fn built_in(&self, name: &str, starts: &[usize]) -> Option<Policy> {
        let alone = name
            .strip_prefix("http")
            .or_else(|| name.strip_prefix('x').filter(|_| starts.get(1) == Some(&1)))
            .unwrap_or(name);
        if let Some(policy) = self.alone.get(name).or_else(|| self.alone.get(alone)) {
            return Some(*policy);
        }
        if let Some(policy) = starts
            .iter()
            .filter_map(|start| name.get(*start..))
            .find_map(|ending| self.endings.get(ending))
        {
            return Some(*policy);
        }
        let last = &name[(*starts.last()?).min(name.len())..];
        RUN_ON
            .iter()
            .find(|(ending, _)| last.ends_with(ending))
            .map(|(_, policy)| *policy)
    }
}

/// The words of a name joined in lower case, and where each begins.
struct Words {
    joined: String,
    starts: Vec<usize>,
    /// Where those in the last brackets begin.
    inner: Option<usize>,
}

/// Names longer than this are judged by their end, which is where the deciding words are.
const NAME_BYTES_MAX: usize = 128;

fn split(name: &[u8]) -> Words {
    let name = &name[name.len().saturating_sub(NAME_BYTES_MAX)..];
    let mut joined = String::with_capacity(name.len());
    let mut starts = Vec::new();
    let mut fresh = true;
    let mut inner = None;
    for (at, b) in name.iter().enumerate() {
        if !b.is_ascii_alphanumeric() {
            fresh = true;
            if *b == b'[' && name.ends_with(b"]") {
                inner = Some(joined.len());
            }
            continue;
        }
        if fresh || turns_camel(name, at) {
            starts.push(joined.len());
        }
        fresh = false;
        joined.push(char::from(b.to_ascii_lowercase()));
    }
    drop_version(&mut joined, &mut starts);
    Words {
        joined,
        starts,
        inner,
    }
}

/// A capital after a small letter, or the last capital of a run: `accessToken`, `APIKey`.
fn turns_camel(name: &[u8], at: usize) -> bool {
    let before = at.checked_sub(1).map(|at| name[at]);
    let after = name.get(at + 1);
    name[at].is_ascii_uppercase()
        && before.is_some_and(|b| {
            b.is_ascii_lowercase()
                || b.is_ascii_digit()
                || b.is_ascii_uppercase() && after.is_some_and(u8::is_ascii_lowercase)
        })
}

/// Drops a last word that only numbers a version: `X-HubSpot-Signature-v3`, `password_2`.
fn drop_version(joined: &mut String, starts: &mut Vec<usize>) {
    while let Some(start) = starts.last().copied().filter(|start| *start > 0) {
        let word = &joined[start..];
        let digits = word.strip_prefix('v').unwrap_or(word);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return;
        }
        joined.truncate(start);
        starts.pop();
    }
}

fn key(name: &str, list: &'static str) -> Result<String, MaskError> {
    let joined = split(name.as_bytes()).joined;
    if joined.is_empty() {
        return Err(MaskError::EmptyName {
            list,
            name: name.to_owned(),
        });
    }
    Ok(joined)
}

fn table(groups: &[(Policy, &'static str)]) -> HashMap<&'static str, Policy> {
    groups
        .iter()
        .flat_map(|(policy, names)| {
            names
                .split_ascii_whitespace()
                .map(move |name| (name, *policy))
        })
        .collect()
}

/// What a name tells, and which part it plays in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) policy: Policy,
    pub(crate) role: Role,
    pub(crate) marks: Marks,
}

/// The last names asked about. A log repeats the same few hundred keys, and splitting one costs ten times a look-up.
pub(crate) struct NameCache {
    slots: Vec<Slot>,
}

const SLOTS: usize = 1024;
const SLOT_BYTES: usize = 44;

#[derive(Clone)]
struct Slot {
    len: u8,
    bytes: [u8; SLOT_BYTES],
    name: Name,
}

impl NameCache {
    pub(crate) fn new() -> Self {
        let empty = Slot {
            len: 0,
            bytes: [0; SLOT_BYTES],
            name: Name {
                policy: Policy::Scan,
                role: Role::Other,
                marks: Marks::default(),
            },
        };
        Self {
            slots: vec![empty; SLOTS],
        }
    }

    pub(crate) fn find(&mut self, keywords: &Keywords, bytes: &[u8]) -> Name {
        let fresh = || {
            let key = String::from_utf8_lossy(bytes).to_ascii_lowercase();
            Name {
                policy: keywords.find(bytes),
                role: role(&key),
                marks: Marks::of(&key),
            }
        };
        if bytes.is_empty() || bytes.len() > SLOT_BYTES {
            return fresh();
        }
        // Two places for each name, or two keys of one log that meet in a place would push each other out line by line.
        let first = slot_of(bytes);
        if self.slots[first].holds(bytes) {
            return self.slots[first].name;
        }
        let second = first ^ 1;
        if self.slots[second].holds(bytes) {
            return self.slots[second].name;
        }
        let place = match (self.slots[first].len, self.slots[second].len) {
            (0, _) => first,
            (_, 0) => second,
            _ => {
                self.slots.swap(first, second);
                first
            }
        };
        let slot = &mut self.slots[place];
        slot.name = fresh();
        slot.len = bytes.len() as u8;
        slot.bytes[..bytes.len()].copy_from_slice(bytes);
        slot.name
    }
}

impl Slot {
    fn holds(&self, bytes: &[u8]) -> bool {
        &self.bytes[..usize::from(self.len)] == bytes
    }
}

/// A hash of the length and both ends, which tell names apart well and cost the same for any length.
fn slot_of(name: &[u8]) -> usize {
    let word = |part: &[u8]| part.iter().fold(0u64, |word, b| word << 8 | u64::from(*b));
    let ends = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23)
        }
        _ => word(name),
    };
    let mixed = (ends ^ name.len() as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (mixed >> 32) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(name: &str) -> Policy {
        let keywords = Keywords::new(&Settings::default()).expect("valid");
        let policy = keywords.find(name.as_bytes());
        let mut cache = NameCache::new();
        assert_eq!(cache.find(&keywords, name.as_bytes()).policy, policy);
        assert_eq!(cache.find(&keywords, name.as_bytes()).policy, policy);
        policy
    }

    #[test]
    fn secrets_are_known_in_every_spelling() {
        for name in [
            "access_token",
            "accessToken",
            "X-Access-Token",
            "x-api-key",
            "apikey",
            "APIKey",
            "clientSecret",
            "X-Shopify-Access-Token",
            "user[password]",
            "db.password",
            "password2",
            "dbpassword",
            "X-Hub-Signature-256",
            "X-HubSpot-Signature-v3",
            "X-Shopify-Hmac-Sha256",
            "Ocp-Apim-Subscription-Key",
            "firstName",
            "SSN",
            "ASP.NET_SessionId",
            "PRIVATE-TOKEN",
            "wsse:Password",
            "email",
            "HTTP_X_API_KEY",
            "X-Amz-Security-Token",
        ] {
            assert!(
                matches!(find(name), Policy::Mask(_)),
                "{name}: {:?}",
                find(name)
            );
        }
        assert_eq!(find("HTTP_AUTHORIZATION"), Policy::Credentials);
        assert_eq!(find("Proxy-Authorization"), Policy::Credentials);
        assert_eq!(find("cs(Cookie)"), Policy::Cookies);
        assert_eq!(find("Set-Cookie"), Policy::SetCookie);
        assert_eq!(find("X-Forwarded-For"), Policy::ClientAddress);
        assert_eq!(find("CVV"), Policy::Hide);
    }

    #[test]
    fn what_only_resembles_a_secret_is_kept() {
        for name in [
            "token_type",
            "tokenType",
            "messageKey",
            "Idempotency-Key",
            "eventDefinitionKey",
            "CustomerKey",
            "nextPageToken",
            "NextToken",
            "tokens_used",
            "password_reset_required",
            "signature_version",
            "keyId",
            "x-ratelimit-limit-tokens",
            "max_tokens",
            "total_tokens",
            "expires_in",
            "request_id",
            "X-Request-Id",
            "Retry-After",
            "ETag",
            "X-DocuSign-TraceToken",
            "author_association",
            "sessions_count",
            "cookie_consent",
            "emailStatus",
            "secretName",
            "WWW-Authenticate",
            "cache_key",
            "name",
            "message",
            "errorcode",
            "",
        ] {
            assert!(!find(name).claims(), "{name}: {:?}", find(name));
        }
    }

    #[test]
    fn configured_names_come_first() {
        let settings = Settings {
            extra_names: vec!["tenantCode".into()],
            allow_names: vec!["csrf_token".into()],
            ..Settings::default()
        };
        let keywords = Keywords::new(&settings).expect("valid");
        assert_eq!(keywords.find(b"Tenant-Code"), Policy::Mask(Kind::Custom));
        assert_eq!(keywords.find(b"csrfToken"), Policy::Never);
        let both = Settings {
            extra_names: vec!["a-b".into()],
            allow_names: vec!["aB".into()],
            ..Settings::default()
        };
        assert!(matches!(
            Keywords::new(&both),
            Err(MaskError::Contradiction { .. })
        ));
        let empty = Settings {
            allow_names: vec!["--".into()],
            ..Settings::default()
        };
        assert!(matches!(
            Keywords::new(&empty),
            Err(MaskError::EmptyName { .. })
        ));
    }
}
