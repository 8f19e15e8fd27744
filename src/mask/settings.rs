//! What a user may set about masking.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::mask::action::Action;
use crate::mask::kind::Kind;
use crate::mask::own::{Allow, Rule};

/// The default cap of a stored body. Error bodies are a few KiB; what is longer is a listing that no report needs.
const BODY_BYTES_MAX: usize = 64 * 1024;

/// The `[masking]` part of the configuration file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// Names (of headers, query keys, body fields) whose values are masked besides the built-in ones. Case and the
    /// style of joining words do not matter: `tenantCode` also means `tenant_code` and `Tenant-Code`.
    pub extra_names: Vec<String>,
    /// Names whose values are not masked for their name. What looks like a secret by itself (a JWT, a vendor's
    /// token, an e-mail address) is masked there too.
    pub allow_names: Vec<String>,
    /// What stands for the values of a kind, by the names that the counts have (`email = "keep_last_4"`); a keyed
    /// stand-in unless told otherwise.
    pub kinds: BTreeMap<String, Action>,
    /// Rules of the user's own.
    pub rules: Vec<Rule>,
    /// What is left as it is.
    pub allow: Vec<Allow>,
    /// How many bytes of a body are stored after masking; the rest is cut and the cut is marked.
    pub body_bytes_max: usize,
    /// A file with the key, where it is not to be the store's own: 32 random bytes, or their 64 hex digits, or their
    /// base64. Only its owner may read it. What is put there later is taken by a running service within seconds.
    pub key_file: Option<PathBuf>,
    /// A command and its arguments that write the key to standard output, in one of the same forms. It is run once,
    /// without a shell.
    pub key_command: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            extra_names: Vec::new(),
            allow_names: Vec::new(),
            kinds: BTreeMap::new(),
            rules: Vec::new(),
            allow: Vec::new(),
            body_bytes_max: BODY_BYTES_MAX,
            key_file: None,
            key_command: Vec::new(),
        }
    }
}

/// Why a [`Masker`](crate::mask::Masker) could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MaskError {
    #[error("use {name:?} in masking.{list}: it holds no letter or digit")]
    EmptyName { list: &'static str, name: String },
    #[error("use {name:?} as a masked name: the settings of masking both mask and allow it")]
    Contradiction { name: String },
    #[error(
        "in masking.kinds there is no kind {name:?}; the kinds are {}",
        kinds()
    )]
    NoKind { name: String },
    #[error("in masking.kinds use fixed, drop or another for {kind:?}: {why}")]
    Action {
        kind: &'static str,
        why: &'static str,
    },
    #[error(
        "in masking give rule {rule:?} a place like header:X-Tenant, query:ref, cookie:theme, body:customer.ref or any:ref; {at:?} is none"
    )]
    Site { rule: String, at: String },
    #[error("in masking give rule {rule:?} a place (at) or an expression (matches)")]
    EmptyRule { rule: String },
    #[error("in masking the expression of rule {rule:?} does not compile")]
    Pattern {
        rule: String,
        #[source]
        source: Box<regex::Error>,
    },
    #[error("build the search over {patterns} hints")]
    Hints {
        patterns: usize,
        #[source]
        source: aho_corasick::BuildError,
    },
}

fn kinds() -> String {
    let names: Vec<&str> = Kind::ALL.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_setting_is_an_error_and_a_missing_one_is_not() {
        let some: Settings = serde_json::from_str(r#"{"extra_names":["tenantCode"]}"#).expect("ok");
        assert_eq!(some.body_bytes_max, BODY_BYTES_MAX);
        assert!(serde_json::from_str::<Settings>(r#"{"extra_name":[]}"#).is_err());
    }
}
