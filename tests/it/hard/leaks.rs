//! Whether a part of a value is left in what came out, in any encoding.

use crate::hard::cases::Case;
use crate::hard::exchange::Slot;
use crate::hard::undo;

/// So many characters of a core give it away.
pub const WINDOW: usize = 8;

/// What came out of one record, and what else went in, with every encoding undone.
pub struct Search {
    out: Vec<String>,
    others: Vec<String>,
    out_joined: Vec<String>,
    others_joined: Vec<String>,
}

impl Search {
    pub fn new(case: &Case, output: &str) -> Self {
        let slots = &case.slots;
        let others = case
            .text
            .written_with(&|id, text| match slots[id].class.is_hidden() {
                true => "\u{1}".to_owned(),
                false => text.to_owned(),
            });
        let (out, others) = (undo::all(output), undo::all(&others));
        let joined = |texts: &[String]| texts.iter().map(|text| alphanumeric(text)).collect();
        Self {
            out_joined: joined(&out),
            others_joined: joined(&others),
            out,
            others,
        }
    }

    /// The first piece of a core that is left.
    pub fn left(&self, slot: &Slot) -> Option<String> {
        let cores = slot.value.cores.iter();
        cores.filter_map(|core| self.left_of(core)).next()
    }

    fn left_of(&self, core: &str) -> Option<String> {
        let signs: Vec<char> = alphanumeric(core).chars().collect();
        if signs.len() < WINDOW {
            let is_left = has_word(&self.out, core) && !has_word(&self.others, core);
            return is_left.then(|| core.to_owned());
        }
        let has = |texts: &[String], piece: &str| texts.iter().any(|text| text.contains(piece));
        let pieces = signs
            .windows(WINDOW)
            .map(|piece| piece.iter().collect::<String>());
        let mut left =
            pieces.filter(|piece| has(&self.out_joined, piece) && !has(&self.others_joined, piece));
        left.next()
    }
}

/// Signs between are no part of a number: `4111 1111` is `41111111`.
pub fn alphanumeric(text: &str) -> String {
    let is_core = |c: &char| c.is_alphanumeric() || *c == '\u{1}';
    text.chars().filter(is_core).collect()
}

/// A short value is found only as a whole word.
fn has_word(texts: &[String], word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    texts.iter().any(|text| {
        text.match_indices(word).any(|(at, _)| {
            let after = text[at + word.len()..].chars().next();
            !is_part(text[..at].chars().next_back()) && !is_part(after)
        })
    })
}
