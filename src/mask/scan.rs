//! One pass over a text: find what may be a secret, check it, note what stands there instead.
//!
//! [`Scan`] is the working state of one thread. Structure is followed where there is some (JSON, form, XML, name and
//! value pairs), escapes are undone and the inside is searched the same way, and text without structure is searched
//! for names and shapes. Whatever a tokeniser gives up on falls back to that last search, so nothing is skipped.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use memchr::memrchr;

use crate::mask::action::Actions;
use crate::mask::ansi;
use crate::mask::base64;
use crate::mask::cookies;
use crate::mask::counts::MaskCounts;
use crate::mask::decode::{Decoded, Encoding};
use crate::mask::detector::{Detector, Found, Pattern, Place, Prefix};
use crate::mask::detectors::numbers;
use crate::mask::edits::Edits;
use crate::mask::escaped;
use crate::mask::extent;
use crate::mask::form;
use crate::mask::graphql;
use crate::mask::hints::{Hints, Hit, Sign};
use crate::mask::json::is_lone_string;
use crate::mask::key::MaskKey;
use crate::mask::keywords::{Keywords, Name, NameCache, Policy};
use crate::mask::kind::Kind;
use crate::mask::memo::{How, Known, Memo, TEXT_BYTES_MAX};
use crate::mask::note::Secret;
use crate::mask::originals::Notes;
use crate::mask::own::Said;
use crate::mask::placeholder::{self, Stamp};
use crate::mask::position::Position;
use crate::mask::table::Table;
use crate::mask::trace::{Reason, Trail};

/// How many layers of escaping are undone. A URL inside JSON inside a form comes to three, and a log adds its own;
/// without a limit a hostile text could nest without end.
const DEPTH_MAX: usize = 4;
/// How often a text is searched at most; usually once.
pub(crate) const ROUNDS_MAX: usize = 8;
/// The shortest text that can hold anything: `k=v` of the shortest kind.
const TEXT_BYTES_MIN: usize = 4;

/// What all threads share: built once.
pub(crate) struct Rules {
    pub(crate) keywords: Keywords,
    pub(crate) hints: Hints,
    pub(crate) actions: Actions,
}

pub(crate) struct Scan {
    rules: Arc<Rules>,
    pub(crate) stamp: Stamp,
    names: NameCache,
    memo: Memo,
    pub(crate) edits: Edits,
    pub(crate) secrets: Vec<Secret>,
    pub(crate) notes: Notes,
    pub(crate) counts: [u64; Kind::ALL.len()],
    /// Buffers for decoded parts, one a level.
    spare: Vec<Decoded>,
    depth: usize,
    /// Only what is surely a secret by shape; for fields that support needs.
    sure_only: bool,
    /// Whether the text is log lines, which may begin with a client's address.
    pub(crate) lines: bool,
    /// What names the columns of the row that is searched.
    pub(crate) table: Option<Arc<Table>>,
    /// By what the search finds, and what it found, when somebody asked.
    pub(crate) reason: Reason,
    pub(crate) trail: Option<Box<Trail>>,
    /// Whether a document is searched that takes several of them.
    pub(crate) in_lines: bool,
    /// Whether something was masked by what stands around it in a text without structure: what is left may read
    /// otherwise.
    pub(crate) is_loose: bool,
}

impl Scan {
    pub(crate) fn new(rules: Arc<Rules>, key: &MaskKey) -> Self {
        Self {
            stamp: Stamp::new(key, rules.actions.clone()),
            rules,
            names: NameCache::new(),
            memo: Memo::new(key),
            edits: Edits::default(),
            secrets: Vec::new(),
            notes: Notes::new(key),
            counts: [0; Kind::ALL.len()],
            spare: Vec::new(),
            depth: 0,
            sure_only: false,
            lines: false,
            table: None,
            reason: Reason::default(),
            trail: None,
            in_lines: false,
            is_loose: false,
        }
    }

    /// The secrets found since the last call.
    pub(crate) fn take_secrets(&mut self) -> Vec<Secret> {
        std::mem::take(&mut self.secrets)
    }

    /// What was masked since the last call.
    pub(crate) fn take_counts(&mut self) -> MaskCounts {
        let mut counts = MaskCounts::default();
        for kind in Kind::ALL {
            counts.add(kind.name(), self.counts[*kind as usize]);
        }
        self.counts = [0; Kind::ALL.len()];
        counts
    }

    pub(crate) fn count(&mut self, kind: Kind, n: u64) {
        self.counts[kind as usize] += n;
    }

    /// What a name says at a place. Names around it are asked for by [`Scan::policy_under`].
    pub(crate) fn name(&mut self, position: Position, name: &[u8]) -> Name {
        let mut known = self.names.find(&self.rules.keywords, name);
        if self.rules.keywords.asks_where {
            known.policy = self.rules.keywords.find_at(name, position, &[]);
        }
        known
    }

    pub(crate) fn policy(&mut self, position: Position, name: &[u8]) -> Policy {
        self.name(position, name).policy
    }

    /// What a member's name says under the names around it, the innermost last.
    pub(crate) fn policy_under(&self, name: &[u8], around: &[&[u8]]) -> Policy {
        self.rules.keywords.find_at(name, Position::Body, around)
    }

    pub(crate) fn asks_where(&self) -> bool {
        self.rules.keywords.asks_where
    }

    /// A value that a rule of the user's own looks at.
    pub(crate) fn own(&mut self, number: u16, value: &[u8], base: usize) {
        let rules = Arc::clone(&self.rules);
        let (number, besides) = rules.keywords.looked_at[usize::from(number)];
        let own = &rules.keywords.own[number];
        match own.judge(value) {
            Said::Leave => {}
            Said::Nothing => self.apply(besides, value, base),
            Said::Mask(spans) => self.because(Reason::Own(number), |scan| {
                for (start, end) in spans {
                    scan.mask(own.kind, &value[start..end], base + start, base + end);
                }
            }),
        }
    }

    /// What a rule of the user's own masks a bare number as.
    pub(crate) fn own_number(&self, number: u16, value: &[u8]) -> Option<Kind> {
        let (own, _) = self.rules.keywords.looked_at[usize::from(number)];
        let own = &self.rules.keywords.own[own];
        matches!(own.judge(value), Said::Mask(_)).then_some(own.kind)
    }

    /// What the user's own rules find in a text, wherever it stands.
    fn anywhere(&mut self, text: &[u8]) {
        let rules = Arc::clone(&self.rules);
        for at in &rules.keywords.anywhere {
            let own = &rules.keywords.own[*at];
            self.because(Reason::Own(*at), |scan| {
                for (start, end) in own.spans(text) {
                    scan.mask(own.kind, &text[start..end], start, end);
                }
            });
        }
    }

    pub(crate) fn own_name(&self, number: usize) -> &str {
        &self.rules.keywords.own[number].name
    }

    /// One field masked; borrowed when nothing in it is.
    pub(crate) fn field<'t>(
        &mut self,
        text: &'t str,
        search: impl FnOnce(&mut Self, &[u8]),
    ) -> Cow<'t, str> {
        self.edits.clear();
        self.is_loose = false;
        search(self, text.as_bytes());
        if !self.rules.keywords.anywhere.is_empty() {
            self.anywhere(text.as_bytes());
        }
        match self.edits.apply(text) {
            Some(masked) => Cow::Owned(masked),
            None => Cow::Borrowed(text),
        }
    }

    /// One field of a record masked; what was found in the same text before is found again without a search.
    pub(crate) fn recall<'t>(&mut self, how: How, text: &'t str) -> Cow<'t, str> {
        if text.len() > TEXT_BYTES_MAX {
            return self.search(how, text);
        }
        let Some(known) = self.memo.find(how, text) else {
            return self.learn(how, text);
        };
        for (kind, n) in &known.counts {
            self.counts[*kind as usize] += n;
        }
        known.note_again(&mut self.notes);
        let masked = known.masked.clone();
        for secret in known.secrets.clone() {
            self.remember_secret(&secret);
        }
        masked.map_or(Cow::Borrowed(text), |masked| Cow::Owned(masked.into()))
    }

    /// The same without a memory.
    pub(crate) fn search<'t>(&mut self, how: How, text: &'t str) -> Cow<'t, str> {
        self.settled(text, |scan, text| match how {
            How::Any => scan.any(text, 0),
            How::Path => scan.text(text, 0, 0),
            How::Query => scan.form(text, 0),
        })
    }

    /// One field searched until nothing more is found: what stood beside a value may read otherwise without it.
    pub(crate) fn settled<'t>(
        &mut self,
        text: &'t str,
        search: impl Fn(&mut Self, &[u8]),
    ) -> Cow<'t, str> {
        let mut masked = Cow::Borrowed(text);
        for _ in 0..ROUNDS_MAX {
            let found = match self.field(&masked, &search) {
                Cow::Owned(found) => found,
                Cow::Borrowed(_) => break,
            };
            let done = !(self.is_loose || self.edits.touch_text(&masked));
            masked = Cow::Owned(found);
            if done {
                break;
            }
        }
        masked
    }

    fn learn<'t>(&mut self, how: How, text: &'t str) -> Cow<'t, str> {
        let others = std::mem::take(&mut self.secrets);
        let counts = self.counts;
        let trail = self.notes.begin_trail();
        let masked = self.search(how, text);
        let mut known = Known::new(how, text);
        if let Cow::Owned(masked) = &masked {
            known.masked = Some(masked.as_str().into());
        }
        known.counts = Kind::ALL
            .iter()
            .map(|kind| (*kind, self.counts[*kind as usize] - counts[*kind as usize]))
            .filter(|(_, n)| *n > 0)
            .collect();
        known.secrets = std::mem::replace(&mut self.secrets, others);
        for secret in &known.secrets {
            self.remember_secret(secret);
        }
        if how == How::Query {
            known.principal = self.find_key(text.as_bytes()).map(String::into_boxed_str);
        }
        known.keep_noted(&mut self.notes, trail);
        self.memo.keep(known);
        masked
    }

    /// Whose credential a query holds.
    pub(crate) fn principal_in_query(&mut self, query: &str) -> Option<String> {
        if query.len() > TEXT_BYTES_MAX {
            return self.find_key(query.as_bytes());
        }
        match self.memo.find(How::Query, query) {
            Some(known) => known.principal.as_deref().map(str::to_owned),
            None => self.find_key(query.as_bytes()),
        }
    }

    /// Log lines: a client's address in front, then anything.
    pub(crate) fn lines(&mut self, text: &[u8]) {
        let table = self.table.clone();
        // Where columns have names, no place tells who called.
        self.lines = !table.is_some_and(|table| self.row(&table, text));
        match ansi::stripped(text) {
            Some(plain) => self.without_commands(&plain, |scan, text| scan.joined(text)),
            None => self.joined(text),
        }
        self.lines = false;
    }

    /// Runs a search on a text whose commands for a terminal were left out.
    fn without_commands(&mut self, plain: &Decoded, search: impl FnOnce(&mut Self, &[u8])) {
        let mark = self.edits.len();
        search(self, &plain.bytes);
        self.edits.map_spans_from(mark, plain);
    }

    /// A value or body of unknown kind. `base` is where it begins in the text that is being edited.
    pub(crate) fn any(&mut self, text: &[u8], base: usize) {
        if text.len() < TEXT_BYTES_MIN {
            return;
        }
        let blank = |b: &&u8| b.is_ascii_whitespace() || matches!(b, 0xEF | 0xBB | 0xBF);
        let start = text.iter().take_while(blank).count();
        match text.get(start) {
            Some(b'{' | b'q' | b'm' | b's' | b'f')
                if !self.sure_only && graphql::is_document(&text[start..]) =>
            {
                self.graphql(&text[start..], base + start);
            }
            Some(b'{' | b'[') if !self.sure_only => {
                let end = self.json(text, base, start);
                self.text(text, base, end);
            }
            Some(b'"') if !self.sure_only && is_lone_string(&text[start..]) => {
                let inner = &text[start..].trim_ascii_end()[1..];
                let inner = &inner[..inner.len() - 1];
                self.encoded(Encoding::Backslash, inner, base + start + 1, Self::any);
            }
            Some(b'-') if form::is_multipart(text) => self.multipart(text, base),
            // Before forms, because the padding looks like a name and an empty value.
            Some(_) => match base64::text_in(text) {
                Some(inner) => self.base64(text, &inner, base),
                None if !self.sure_only && form::is_form(text) => self.form(text, base),
                None if !self.sure_only && cookies::is_list(text) => self.cookies(text, base),
                None if let Some((lines, inner)) = base64::lines_in(text) => {
                    self.base64_lines(&lines, &inner, base);
                }
                None => self.text(text, base, 0),
            },
            None => {}
        }
    }

    /// A value that support needs: masked only where it is surely a secret.
    pub(crate) fn sure(&mut self, text: &[u8], base: usize) {
        let before = std::mem::replace(&mut self.sure_only, true);
        self.text(text, base, 0);
        self.sure_only = before;
    }

    /// Text without known structure, from `from` on.
    pub(crate) fn text(&mut self, text: &[u8], base: usize, from: usize) {
        if Hints::none_in(&text[from..]) {
            return;
        }
        let numbers = !self.sure_only && numbers::may_hold(&text[from..]);
        let next_number = |at| numbers.then(|| numbers::next(text, at)).flatten();
        let mut at = from;
        let mut floor = extent::key_start(text, from);
        let mut number = next_number(at);
        // Looked for once, however many numbers stand in front of it.
        let mut next = self.rules.hints.find(text, at);
        while at < text.len() {
            let limit = next.as_ref().map_or(text.len(), |hit| hit.start);
            if let Some((kind, span)) = number.take_if(|(_, span)| span.start < limit) {
                self.because(Reason::Shape("number with a check digit"), |scan| {
                    scan.numbered(kind, text, floor, span.clone(), base);
                });
                self.is_loose = true;
                at = span.end;
                floor = at;
                number = next_number(at);
                if next.as_ref().is_some_and(|hit| hit.start < at) {
                    next = self.rules.hints.find(text, at);
                }
                continue;
            }
            let Some(hit) = next else { break };
            at = hit.start + 1;
            let mark = self.edits.len();
            if let Some(end) = self.act(text, base, floor, &hit) {
                at = at.max(end);
                // What was only searched may still name what follows: `user%5Bpassword%5D=…`.
                if self.edits.len() > mark || !hit.sign.is_escape() {
                    floor = match hit.sign {
                        Sign::Json => extent::key_start(text, at),
                        _ => at,
                    };
                }
                self.is_loose |= self.edits.len() > mark && !hit.sign.is_shape();
            }
            if number.as_ref().is_some_and(|(_, span)| span.start < at) {
                number = next_number(at);
            }
            next = self.rules.hints.find(text, at);
        }
    }

    /// Follows one hint; returns where the part that is dealt with ends.
    fn act(&mut self, text: &[u8], base: usize, floor: usize, hit: &Hit) -> Option<usize> {
        let place = Place {
            text,
            floor,
            start: hit.start,
            end: hit.end,
        };
        match hit.sign {
            Sign::StandIn => placeholder::stand_in_at(text, hit.start).map(|span| span.end),
            Sign::Look(detector) => {
                let reason = Reason::Shape(detector.name);
                self.because(reason, |scan| scan.look(detector, &place, base))
            }
            Sign::Run(detector, prefix) => {
                let reason = Reason::Shape(detector.name);
                self.because(reason, |scan| scan.run(detector, prefix, &place, base))
            }
            Sign::Percent => self.unescape(Encoding::Percent, &place, base),
            Sign::Backslash => self.unescape(Encoding::Backslash, &place, base),
            Sign::Entity => self.unescape(Encoding::Xml, &place, base),
            _ if self.sure_only => None,
            Sign::Separator => self.pair(text, base, floor, hit.start),
            Sign::TagEnd => self.element(text, base, hit.start),
            Sign::Json => Some(self.json(text, base, hit.start)),
            Sign::LineEnd if self.lines => self.line_start(text, base, hit.end),
            Sign::LineEnd => None,
            Sign::Client => self.bracketed_client(text, base, hit.end),
            Sign::QuotedAddress => self.quoted_address(text, base, hit.start),
            Sign::Part => self.form_part(text, base, hit.end),
        }
    }

    fn look(&mut self, detector: &Detector, place: &Place<'_>, base: usize) -> Option<usize> {
        let hint = &place.text[place.start..place.end];
        if self.sure_only && !detector.sure
            || detector.exact && !detector.hints.iter().any(|h| h.as_bytes() == hint)
        {
            return None;
        }
        let look = match detector.pattern {
            Pattern::Look(look) => look,
            Pattern::Credential(look) => {
                let span = look(place)?;
                self.credentials(&place.text[span.clone()], base + span.start);
                return Some(span.end);
            }
            Pattern::Walk(walk) => return walk(self, place, base),
            Pattern::Run(_) | Pattern::Digits => return None,
        };
        let Found { first, second } = look(place)?;
        // What lies between was not searched.
        self.is_loose |= first.1.start > place.end;
        let mut end = 0;
        for (kind, span) in std::iter::once(first).chain(second) {
            end = span.end;
            let written = &place.text[span.clone()];
            self.encoded(
                Encoding::Percent,
                written,
                base + span.start,
                |scan, value, at| {
                    scan.mask(kind, value, at, at + value.len());
                },
            );
        }
        Some(end)
    }

    fn run(
        &mut self,
        detector: &Detector,
        prefix: &Prefix,
        place: &Place<'_>,
        base: usize,
    ) -> Option<usize> {
        let text = place.text;
        let exact = &text[place.start..place.end] == prefix.hint.as_bytes();
        // Asked first: a run is measured only where it may be taken.
        if !exact || !place.opens_word() || self.sure_only && !detector.sure {
            return None;
        }
        let run = prefix.class.run(text, place.end);
        if run < prefix.min {
            return None;
        }
        let end = place.end + run;
        let dots = text[..end].iter().rev().take_while(|b| **b == b'.').count();
        self.mask(
            Kind::Token,
            &text[place.start..end - dots],
            base + place.start,
            base + end - dots,
        );
        Some(end)
    }

    /// Undoes the escapes of the part around a hint and searches the inside.
    fn unescape(&mut self, encoding: Encoding, place: &Place<'_>, base: usize) -> Option<usize> {
        let text = place.text;
        // Checked before the part is measured: a run of bare `%` signs would make each of them measure the whole run.
        let head = &text[place.start..text.len().min(place.start + 12)];
        if !self.may_go_deeper() || !encoding.begins(head) {
            return None;
        }
        let stops = |b: &u8| ends_part(encoding, *b);
        let before = text[place.floor..place.start].iter().rev();
        let start = place.start - before.take_while(|b| !stops(b)).count();
        let end = escaped::markup_end(encoding, place).unwrap_or_else(|| {
            place.end + text[place.end..].iter().take_while(|b| !stops(b)).count()
        });
        let end = whole_stand_in(encoding, text, start..end);
        let encoding = match encoding {
            Encoding::Percent if form::begins_document(&text[start..end]) => Encoding::Form,
            encoding => encoding,
        };
        self.encoded(encoding, &text[start..end], base + start, Self::any_or_sure);
        Some(end)
    }

    fn any_or_sure(&mut self, text: &[u8], base: usize) {
        if self.sure_only {
            self.text(text, base, 0);
        } else {
            self.any(text, base);
        }
    }

    /// Runs a search on the decoded form of a part; what it finds is noted where it is written.
    pub(crate) fn encoded(
        &mut self,
        encoding: Encoding,
        written: &[u8],
        base: usize,
        search: impl FnOnce(&mut Self, &[u8], usize),
    ) {
        match encoding {
            Encoding::Plain => search(self, written, base),
            encoding => self.encoded_to(false, encoding, written, base, search),
        }
    }

    /// The same; a value that its name claims is judged decoded also where it stands deeper than texts are searched, and
    /// so gets the stand-in that it has elsewhere. Inside it nothing further is decoded.
    pub(crate) fn encoded_to(
        &mut self,
        is_claimed: bool,
        encoding: Encoding,
        written: &[u8],
        base: usize,
        search: impl FnOnce(&mut Self, &[u8], usize),
    ) {
        let mark = self.edits.len();
        let mut decoded = self.spare.pop().unwrap_or_default();
        let may_decode = self.depth < DEPTH_MAX + usize::from(is_claimed);
        if may_decode && encoding.decode_into(written, &mut decoded) {
            let plain = match encoding {
                Encoding::Backslash => ansi::stripped(&decoded.bytes),
                _ => None,
            };
            let bytes = plain.as_ref().map_or(&decoded.bytes, |plain| &plain.bytes);
            self.depth += 1;
            search(self, bytes, 0);
            self.depth -= 1;
            if let Some(plain) = &plain {
                self.edits.map_spans_from(mark, plain);
            }
            self.edits.map_from(mark, |at| base + decoded.written(at));
        } else {
            search(self, written, base);
        }
        self.edits.escape_from(mark, encoding);
        self.spare.push(decoded);
    }

    pub(crate) fn may_go_deeper(&self) -> bool {
        self.depth < DEPTH_MAX
    }

    /// Runs a search one level down; `None` when there is none.
    pub(crate) fn deeper<T>(&mut self, search: impl FnOnce(&mut Self) -> T) -> Option<T> {
        if !self.may_go_deeper() {
            return None;
        }
        self.depth += 1;
        let result = search(self);
        self.depth -= 1;
        Some(result)
    }
}

/// Where a part ends that would end inside a stand-in: what one tells of a token holds slashes.
fn whole_stand_in(encoding: Encoding, text: &[u8], part: Range<usize>) -> usize {
    let mut end = part.end;
    let mut from = part.start;
    while let Some(at) = memrchr(0xE2, &text[from..end]).map(|at| from + at)
        && let Some(span) = placeholder::stand_in_at(text, at)
        && span.end > end
    {
        let rest = text[span.end..].iter();
        end = span.end + rest.take_while(|b| !ends_part(encoding, **b)).count();
        from = span.end;
    }
    end
}

/// Where the part that is escaped together ends. A percent-encoded part is one value or path segment; the others run
/// to the quote or tag that holds them.
fn ends_part(encoding: Encoding, b: u8) -> bool {
    match encoding {
        Encoding::Percent | Encoding::Form => {
            b.is_ascii_whitespace() || b"\"'<>&?=;/,(){}[]|\\".contains(&b)
        }
        Encoding::Xml => matches!(b, b'<' | b'>' | b'"' | b'\n'),
        Encoding::Backslash | Encoding::Plain => matches!(b, b'"' | b'\n'),
    }
}
