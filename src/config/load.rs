//! Reading the configuration file, with errors that name the key and the nearest known one.

use std::path::{Path, PathBuf};

use crate::config::Config;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{path} cannot be read: {source}", path = .path.display())]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{path}, line {line}: {what}", path = .path.display())]
    Invalid {
        path: PathBuf,
        line: usize,
        what: String,
    },
    #[error("there is no home folder to keep data in; name a place with --data")]
    NoHome,
}

/// The settings of a file; defaults without one.
pub fn load(path: Option<&Path>) -> Result<Config, ConfigError> {
    let Some(path) = path else {
        return Ok(Config::default());
    };
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read {
        path: path.to_owned(),
        source,
    })?;
    toml::from_str(&text).map_err(|error| ConfigError::Invalid {
        path: path.to_owned(),
        line: error
            .span()
            .map_or(1, |span| text[..span.start].matches('\n').count() + 1),
        what: with_suggestion(error.message()),
    })
}

/// The folder of the store: as given, else the user's data folder + `tidemark`.
pub fn locate_data(given: Option<&Path>) -> Result<PathBuf, ConfigError> {
    match given {
        Some(path) => Ok(path.to_owned()),
        None => dirs::data_dir()
            .map(|dir| dir.join("tidemark"))
            .ok_or(ConfigError::NoHome),
    }
}

/// `unknown field X, expected one of …` names all keys; people want the one they meant.
fn with_suggestion(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if !message.starts_with("unknown field") {
        return message.to_owned();
    }
    let Some(unknown) = quoted.next() else {
        return message.to_owned();
    };
    let nearest = quoted
        .map(|known| (closeness(unknown, known), known))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((score, known)) if score > 0.6 => {
            format!("there is no key {unknown:?} here; did you mean {known:?}?")
        }
        _ => format!("there is no key {unknown:?} here"),
    }
}

/// Share of letter pairs that two words have in common (Dice's coefficient).
fn closeness(a: &str, b: &str) -> f64 {
    let pairs =
        |word: &str| -> Vec<(char, char)> { word.chars().zip(word.chars().skip(1)).collect() };
    let (a, mut b) = (pairs(a), pairs(b));
    let all = a.len() + b.len();
    let mut common = 0;
    for pair in a {
        if let Some(at) = b.iter().position(|other| *other == pair) {
            b.swap_remove(at);
            common += 1;
        }
    }
    if all == 0 {
        0.0
    } else {
        2.0 * f64::from(common) / all as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error_of(text: &str) -> String {
        let file = tempfile::NamedTempFile::new().expect("file");
        std::fs::write(file.path(), text).expect("written");
        load(Some(file.path())).expect_err(text).to_string()
    }

    #[test]
    fn an_unknown_key_names_the_line_and_the_nearest() {
        let error = error_of("[ingest]\ncommit_row = 5\n");
        assert!(
            error.contains("line 2") && error.contains("did you mean \"commit_rows\""),
            "{error}"
        );
        assert!(error_of("[zzz]\n").contains("no key \"zzz\""));
        assert!(error_of("[ingest]\ncommit_rows = \"x\"\n").contains("line 2"));
    }

    #[test]
    fn defaults_need_no_file() {
        assert!(load(None).is_ok());
        assert!(load(Some(Path::new("/nonexistent.toml"))).is_err());
    }
}
