//! The way in: one [`Masker`] for the process, shared by all threads.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::mask::action::Actions;
use crate::mask::batch::Batch;
use crate::mask::counts::MaskCounts;
use crate::mask::disguise;
use crate::mask::echo::{Echo, may_stand_plainly};
use crate::mask::fields::CHECKED_MAX;
use crate::mask::hints::Hints;
use crate::mask::key::{HmacSha256, MaskKey};
use crate::mask::keywords::Keywords;
use crate::mask::lexicon::Lexicon;
use crate::mask::masked::MaskedText;
use crate::mask::note::Secret;
use crate::mask::policy::policy_hash;
use crate::mask::scan::{ROUNDS_MAX, Rules, Scan};
use crate::mask::seal::Seal;
use crate::mask::settings::{MaskError, Settings};
use crate::mask::stream::CARRIED_MAX;

/// Holds the key and the rules. Built once.
pub struct Masker {
    key: MaskKey,
    rules: Arc<Rules>,
    body_bytes_max: usize,
    /// Working states not in use, so that a short text need not build its own.
    idle: Mutex<Vec<Scan>>,
    /// Of the batches that begin now.
    lexicon: Mutex<Arc<Lexicon>>,
    policy: String,
    seal: OnceLock<Arc<Seal>>,
}

impl Masker {
    pub fn new(key: MaskKey, settings: Settings) -> Result<Self, MaskError> {
        let rules = Rules {
            keywords: Keywords::new(&settings)?,
            hints: Hints::new()?,
            actions: Actions::new(&settings.kinds)?,
        };
        Ok(Self {
            key,
            rules: Arc::new(rules),
            body_bytes_max: settings.body_bytes_max,
            idle: Mutex::new(Vec::new()),
            lexicon: Mutex::default(),
            policy: policy_hash(&settings),
            seal: OnceLock::new(),
        })
    }

    /// The four hex digits that stand in every stand-in made with this key.
    pub fn key_id(&self) -> String {
        self.key.id()
    }

    /// Which rules are in force, as a short hash.
    pub fn policy_hash(&self) -> &str {
        &self.policy
    }

    pub(in crate::mask) fn seal(&self) -> Arc<Seal> {
        Arc::clone(self.seal.get_or_init(|| Arc::new(Seal::new(self))))
    }

    /// A number that only who has the key can make, for hashes that must not serve to test guesses.
    pub fn seed(&self, purpose: &[u8]) -> u64 {
        self.key.seed(purpose)
    }

    /// The same rules under another key, with nothing remembered; `None` when it is the same key.
    pub(in crate::mask) fn under(&self, key: MaskKey) -> Option<Self> {
        (!self.key.is(&key)).then(|| Self {
            key,
            rules: Arc::clone(&self.rules),
            body_bytes_max: self.body_bytes_max,
            idle: Mutex::default(),
            lexicon: Mutex::default(),
            policy: self.policy.clone(),
            seal: OnceLock::new(),
        })
    }

    /// The built-in rules under the same key, whatever the user's settings leave.
    pub(in crate::mask) fn built_in(&self) -> Result<Self, MaskError> {
        Self::new(self.key.again(), Settings::default())
    }

    /// An empty batch to push exchanges into.
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(self)
    }

    /// Masks any line or snippet: JSON, an access log line, `key=value`, a transcript, free text.
    ///
    /// What comes out does not change when it is masked again. In text where secrets touch each other, replacing one
    /// may show another, so such a text is searched until nothing more is found.
    pub fn text(&self, text: &str, counts: &mut MaskCounts) -> MaskedText {
        let mut scan = self.scan_of_text();
        let masked = mask_all(&mut scan, text, &mut None);
        counts.merge(&scan.take_counts());
        self.give_back(scan);
        MaskedText::new(masked.into_owned())
    }

    pub(in crate::mask) fn lexicon(&self) -> Arc<Lexicon> {
        let mut lexicon = self.lexicon.lock().unwrap_or_else(PoisonError::into_inner);
        if lexicon.is_large() {
            *lexicon = Arc::default();
        }
        Arc::clone(&lexicon)
    }

    pub(in crate::mask) fn body_bytes_max(&self) -> usize {
        self.body_bytes_max
    }

    pub(in crate::mask) fn mac(&self) -> HmacSha256 {
        self.key.mac()
    }

    pub(in crate::mask) fn scan(&self) -> Scan {
        let idle = self
            .idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop();
        idle.unwrap_or_else(|| Scan::new(Arc::clone(&self.rules), &self.key))
    }

    /// One for text that is stored nowhere.
    pub(in crate::mask) fn scan_of_text(&self) -> Scan {
        let mut scan = self.scan();
        scan.notes.unasked = true;
        scan
    }

    /// Puts a working state aside. What it noted belongs to whoever had it.
    pub(in crate::mask) fn give_back(&self, mut scan: Scan) {
        scan.notes.take();
        scan.notes.unasked = false;
        scan.trail = None;
        scan.table = None;
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(scan);
    }
}

/// Searches a text until nothing more is found.
pub(crate) fn mask_all<'t>(
    scan: &mut Scan,
    text: &'t str,
    carried: &mut Option<&mut Vec<Secret>>,
) -> Cow<'t, str> {
    let mut masked = Cow::Borrowed(text);
    for _ in 0..ROUNDS_MAX {
        let (text, done) = mask_once(scan, &masked, carried);
        masked = text.map_or(masked, Cow::Owned);
        if done {
            break;
        }
        if let Some(trail) = &mut scan.trail {
            trail.go_again();
        }
    }
    masked
}

/// The masked text, `None` when nothing in it is masked; and whether that is all there is to find.
fn mask_once(
    scan: &mut Scan,
    text: &str,
    carried: &mut Option<&mut Vec<Secret>>,
) -> (Option<String>, bool) {
    let masked = scan.field(text, Scan::lines);
    let done = !(scan.is_loose || scan.edits.touch_text(text));
    let mut secrets = scan.take_secrets();
    if let Some(carried) = carried {
        carried.extend(secrets);
        carried.truncate(CARRIED_MAX);
        secrets = carried.clone();
    }
    if (1..=CHECKED_MAX).contains(&secrets.len()) && !disguise::is_odd(masked.as_bytes()) {
        secrets.retain(|secret| may_stand_plainly(secret, &masked));
    }
    let Some(echo) = Echo::new(&secrets, scan) else {
        return (owned(masked), done);
    };
    let before = masked.len();
    let masked = echo.line(masked, scan);
    // A stand-in is never as long as what it replaces and its name, but equal lengths would only cost a round.
    let echoed = masked.len() != before;
    (owned(masked), done && !echoed)
}

fn owned(masked: Cow<'_, str>) -> Option<String> {
    match masked {
        Cow::Owned(masked) => Some(masked),
        Cow::Borrowed(_) => None,
    }
}
