//! The way in: one [`Masker`] for the process, shared by all threads.

use std::sync::{Arc, Mutex, PoisonError};

use crate::mask::batch::Batch;
use crate::mask::counts::MaskCounts;
use crate::mask::echo::Echo;
use crate::mask::hints::Hints;
use crate::mask::key::{HmacSha256, MaskKey};
use crate::mask::keywords::Keywords;
use crate::mask::masked::MaskedText;
use crate::mask::scan::{Rules, Scan};
use crate::mask::settings::{MaskError, Settings};

/// Holds the key and the rules. Built once.
pub struct Masker {
    key: MaskKey,
    rules: Arc<Rules>,
    body_bytes_max: usize,
    /// Working states not in use, so that a short text need not build its own.
    idle: Mutex<Vec<Scan>>,
}

impl Masker {
    pub fn new(key: MaskKey, settings: Settings) -> Result<Self, MaskError> {
        let rules = Rules {
            keywords: Keywords::new(&settings)?,
            hints: Hints::new()?,
        };
        Ok(Self {
            key,
            rules: Arc::new(rules),
            body_bytes_max: settings.body_bytes_max,
            idle: Mutex::new(Vec::new()),
        })
    }

    /// The four hex digits that stand in every stand-in made with this key.
    pub fn key_id(&self) -> String {
        self.key.id()
    }

    /// An empty batch to push exchanges into.
    pub fn batch(&self) -> Batch<'_> {
        Batch::new(self)
    }

    /// Masks any line or snippet: JSON, an access log line, `key=value`, a transcript, free text.
    pub fn text(&self, text: &str, counts: &mut MaskCounts) -> MaskedText {
        let mut scan = self.scan();
        let masked = scan.field(text, Scan::lines);
        let secrets = scan.take_secrets();
        let masked = match Echo::new(&secrets, &mut scan) {
            Some(echo) => echo.line(masked, &mut scan),
            None => masked,
        };
        counts.merge(&scan.take_counts());
        let masked = MaskedText::new(masked.into_owned());
        self.give_back(scan);
        masked
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

    pub(in crate::mask) fn give_back(&self, scan: Scan) {
        self.idle
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(scan);
    }
}
