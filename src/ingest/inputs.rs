//! From what the user named (files, folders, globs, `-`) to the files to read, in a fixed order.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use globset::GlobBuilder;
use walkdir::WalkDir;

use crate::ingest::error::IngestError;
use crate::model::time::Timestamp;

/// A call that has no answer so long after its log was written last will get none: clients give up sooner.
pub const ANSWER_S_MAX: i64 = 60;

/// Files taken from one folder or glob; more is a mistake in the path, or work for several runs.
const FILES_MAX: usize = 100_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    Stdin,
    /// A file that the user named: not being able to read it is an error.
    File(PathBuf),
    /// Bytes that came with the program.
    Embedded {
        name: &'static str,
        bytes: &'static [u8],
    },
    /// A file found in a folder or by a glob: what is no log is passed over.
    Found {
        file: PathBuf,
        under: PathBuf,
    },
}

impl Input {
    /// Whether reading may begin again: a pipe gives its bytes once.
    pub fn opens_again(&self) -> bool {
        match self {
            Self::Stdin => false,
            Self::Embedded { .. } => true,
            Self::File(file) | Self::Found { file, .. } => is_regular(file),
        }
    }

    pub fn path(&self) -> &Path {
        match self {
            Self::Stdin => Path::new("-"),
            Self::Embedded { name, .. } => Path::new(name),
            Self::File(file) | Self::Found { file, .. } => file,
        }
    }

    /// When it was last written: the year of lines that leave theirs out. `None` for what has no such time.
    pub fn modified(&self) -> Option<Timestamp> {
        let file = match self {
            Self::Stdin | Self::Embedded { .. } => return None,
            Self::File(file) | Self::Found { file, .. } => file,
        };
        let found = file.metadata().ok().filter(|found| found.is_file())?;
        let since = found.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(Timestamp::from_secs(i64::try_from(since.as_secs()).ok()?))
    }

    /// Whether it was written so lately that more may come.
    pub fn is_growing(&self, now: Timestamp) -> bool {
        let modified = self.modified();
        modified.is_some_and(|at| now.secs() - at.secs() < ANSWER_S_MAX)
    }
}

/// Every input once; missing ones are errors before anything is read.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<Input>, IngestError> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Input::Stdin);
        } else if path.is_dir() {
            inputs.extend(walk(path, path, |_| true)?);
        } else if path.exists() || !has_glob(path) {
            check_readable(path)?;
            inputs.push(Input::File(path.clone()));
        } else {
            inputs.extend(glob(path)?);
        }
    }
    let mut seen = std::collections::HashSet::new();
    inputs.retain(|input| seen.insert(input.path().to_owned()));
    Ok(inputs)
}

fn is_regular(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| found.is_file())
}

/// Opening a pipe to look at it would end its writer.
fn check_readable(path: &Path) -> Result<(), IngestError> {
    if path.exists() && !is_regular(path) {
        return Ok(());
    }
    std::fs::File::open(path).map(drop).map_err(|source| {
        crate::read::source::SourceError::Open {
            path: path.to_owned(),
            source,
        }
        .into()
    })
}

fn has_glob(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{'])
}

fn glob(pattern: &Path) -> Result<Vec<Input>, IngestError> {
    let text = pattern.to_string_lossy().into_owned();
    let bad = |what: String| IngestError::Unreadable {
        path: pattern.to_owned(),
        what,
    };
    let matcher = GlobBuilder::new(&text)
        .literal_separator(true)
        .build()
        .map_err(|error| bad(format!("is not a valid glob: {}", error.kind())))?
        .compile_matcher();
    let base: PathBuf = pattern
        .components()
        .take_while(|c| !has_glob(Path::new(c)))
        .collect();
    let base = if base.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        base
    };
    let relative = !text.starts_with("./") && base == Path::new(".");
    let found = walk(&base, pattern, |file| {
        let file = if relative {
            file.strip_prefix(".").unwrap_or(file)
        } else {
            file
        };
        matcher.is_match(file)
    })?;
    if found.is_empty() {
        return Err(IngestError::NothingMatches(text));
    }
    Ok(found)
}

/// Files below a folder by name, hidden ones left out.
fn walk(
    base: &Path,
    under: &Path,
    wanted: impl Fn(&Path) -> bool,
) -> Result<Vec<Input>, IngestError> {
    let unreadable = |what: String| IngestError::Unreadable {
        path: under.to_owned(),
        what,
    };
    let mut found = Vec::new();
    let entries = WalkDir::new(base)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| {
            entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
        });
    for entry in entries {
        let path = match &entry {
            Ok(entry) if entry.path().is_file() && wanted(entry.path()) => entry.path(),
            Ok(_) => continue,
            // Opening it will say why it cannot be read.
            Err(error) => match error.path() {
                Some(path) if path != base => path,
                _ => return Err(unreadable(format!("cannot be walked: {error}"))),
            },
        };
        if found.len() == FILES_MAX {
            return Err(unreadable(format!(
                "holds more than {FILES_MAX} files; name a part of it"
            )));
        }
        found.push(Input::Found {
            file: path.to_owned(),
            under: under.to_owned(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_globs_and_files_each_give_their_files_once() {
        let dir = tempfile::tempdir().expect("folder");
        for name in ["b.log", "a.log", ".hidden", "sub/c.gz", "sub/d.txt"] {
            let path = dir.path().join(name);
            std::fs::create_dir_all(path.parent().expect("parent")).expect("folder");
            std::fs::write(path, "x").expect("file");
        }
        let names = |paths: &[PathBuf]| -> Vec<String> {
            let inputs = gather(paths).expect("gathers");
            inputs
                .iter()
                .map(|i| {
                    i.path()
                        .strip_prefix(dir.path())
                        .expect("below")
                        .to_string_lossy()
                        .into_owned()
                })
                .collect()
        };
        let at = |name: &str| dir.path().join(name);
        assert_eq!(
            names(&[at("")]),
            ["a.log", "b.log", "sub/c.gz", "sub/d.txt"]
        );
        assert_eq!(names(&[at("*.log")]), ["a.log", "b.log"]);
        assert_eq!(names(&[at("**/*.gz"), at("sub/c.gz")]), ["sub/c.gz"]);
        assert!(matches!(
            gather(&[at("*.none")]),
            Err(IngestError::NothingMatches(_))
        ));
        let error = gather(&[at("missing.log")])
            .expect_err("missing")
            .to_string();
        assert!(
            error.contains("missing.log") && error.contains("No such file"),
            "{error}"
        );
    }
}
