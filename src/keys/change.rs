//! Keys change: another one becomes the current one, a kept one goes for good. One process at a time does that.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::keys::error::KeyError;
use crate::keys::files::{self, FOLDER};
use crate::keys::form::KEY_BYTES;
use crate::keys::list::ENDING;
use crate::keys::origin::{Keys, Origin, load_own, number, read_own};
use crate::keys::seed::marks_seed;
use crate::mask::MaskKey;

/// A store may have kept many keys, but no more than ids can be told apart.
const DRAWS_MAX: usize = 1_000;

/// What a rotation did.
pub struct Rotated {
    pub id: String,
    pub former: String,
    pub kept_in: PathBuf,
}

impl Keys {
    /// Makes another key the current one, and keeps the former. A crash leaves either the one or the other in use, and
    /// both on the disk.
    pub fn rotate(&self) -> Result<Rotated, KeyError> {
        self.check_own()?;
        let _lock = self.lock()?;
        let Some(former) = load_own(&self.dir)? else {
            let dir = self.dir.clone();
            return Err(KeyError::None { dir });
        };
        // Made from the key that the store had from its start, it must be there before that goes.
        marks_seed(&self.dir, self.random)?;
        let kept_in = self.kept_path(&former.id());
        self.keep(&former, &kept_in)?;
        let (key, bytes) = self.draw()?;
        let path = self.own_path();
        let staged = files::stage(&self.dir, number(self.random), &*bytes);
        staged
            .and_then(|staged| files::put_over(&staged, &path))
            .map_err(|error| KeyError::own(&path, &error))?;
        Ok(Rotated {
            id: key.id(),
            former: former.id(),
            kept_in,
        })
    }

    /// Removes a kept key for good.
    pub fn forget(&self, id: &str) -> Result<(), KeyError> {
        let _lock = self.lock()?;
        if self.find()?.is_some_and(|current| current.id() == id) {
            return Err(KeyError::Current { id: id.to_owned() });
        }
        let is_it = |path: &&PathBuf| self.id_of(path).as_deref() == Some(id);
        let paths = self.kept_paths()?;
        if !paths.iter().any(|path| is_it(&path)) {
            return Err(KeyError::Unknown { id: id.to_owned() });
        }
        paths
            .iter()
            .filter(is_it)
            .try_for_each(|path| files::wipe(path).map_err(|error| KeyError::own(path, &error)))
    }

    fn check_own(&self) -> Result<(), KeyError> {
        let (from, how) = match &self.origin {
            Origin::Own => return Ok(()),
            Origin::File(path) => (
                format!("{} (masking.key_file)", path.display()),
                "put another key in that file, and a running service takes it within seconds; the former key is not kept",
            ),
            Origin::Command(_) => (
                "a command (masking.key_command)".to_owned(),
                "let it give another key, and start the service again; the former key is not kept",
            ),
        };
        Err(KeyError::Elsewhere { from, how })
    }

    /// Under a second name, which is on the disk before the first one goes.
    fn keep(&self, former: &MaskKey, kept_in: &Path) -> Result<(), KeyError> {
        let failed = |error: io::Error| KeyError::own(kept_in, &error);
        match fs::hard_link(self.own_path(), kept_in) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                match read_own(kept_in)?.id() == former.id() {
                    true => Ok(()),
                    false => Err(KeyError::own(
                        kept_in,
                        &"it is another key than its name says",
                    )),
                }
            }
            linked => linked
                .and_then(|()| files::sync_folder_of(kept_in))
                .map_err(failed),
        }
    }

    /// A key whose id no other key of the store has.
    fn draw(&self) -> Result<(MaskKey, Zeroizing<[u8; KEY_BYTES]>), KeyError> {
        let mut taken: BTreeSet<String> = self
            .kept_paths()?
            .iter()
            .filter_map(|p| self.id_of(p))
            .collect();
        taken.extend(load_own(&self.dir)?.map(|key| key.id()));
        for _ in 0..DRAWS_MAX {
            let bytes = Zeroizing::new((self.random)());
            let key = MaskKey::from_bytes(*bytes);
            if !taken.contains(&key.id()) {
                return Ok((key, bytes));
            }
        }
        let folder = self.dir.join(FOLDER);
        Err(KeyError::own(
            &folder,
            &"it holds too many keys; forget some",
        ))
    }

    fn kept_path(&self, id: &str) -> PathBuf {
        self.dir.join(FOLDER).join(format!("{id}{ENDING}"))
    }

    fn lock(&self) -> Result<fs::File, KeyError> {
        if !self.dir.join(FOLDER).exists() && !self.own_path().exists() {
            let dir = self.dir.clone();
            return Err(KeyError::None { dir });
        }
        let locked = files::lock(&self.dir)
            .map_err(|error| KeyError::own(&self.dir.join(FOLDER), &error))?;
        let dir = self.dir.clone();
        locked.ok_or(KeyError::Busy { dir })
    }
}
