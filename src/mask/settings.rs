//! What a user may set about masking.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

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
    #[error(
        "use {name:?} as a masked name: masking.extra_names and masking.allow_names both list it"
    )]
    Contradiction { name: String },
    #[error("build the search over {patterns} hints")]
    Hints {
        patterns: usize,
        #[source]
        source: aho_corasick::BuildError,
    },
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
