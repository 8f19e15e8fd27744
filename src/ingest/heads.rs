//! The beginnings of sources that are longer: a short copy of a part has not enough bytes for the id of the whole.

use std::collections::HashMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use twox_hash::XxHash3_64;

use crate::ingest::identity::{lengths, longest};

/// Sources with the same beginning that are looked at; the newest.
const ALIKE_MAX: usize = 64;

/// Each line of the file names a source and the hashes of its beginnings.
#[derive(Clone)]
pub struct Heads {
    path: Arc<PathBuf>,
    key: u64,
    ids: Arc<Mutex<Option<Ids>>>,
}

/// Ids by hash, in the order in which they came.
type Ids = HashMap<u64, Vec<String>>;

impl Heads {
    pub fn new(path: PathBuf, key: u64) -> Self {
        Self {
            path: Arc::new(path),
            key,
            ids: Arc::default(),
        }
    }

    /// Notes the beginnings that are shorter than the one that is part of its id.
    pub fn note(&self, id: &str, head: &[u8]) -> io::Result<()> {
        let hashes: Vec<u64> = lengths(head)
            .into_iter()
            .skip(1)
            .map(|len| self.hash(&head[..len]))
            .collect();
        let new = self.with(|ids| add(ids, id, &hashes));
        if !new {
            return Ok(());
        }
        let mut line = id.to_owned();
        hashes
            .iter()
            .for_each(|hash| line.push_str(&format!(" {hash:016x}")));
        self.path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(&*self.path)?;
        file.write_all(format!("{line}\n").as_bytes())
    }

    /// Sources that begin so and are longer than this.
    pub fn find(&self, head: &[u8]) -> Vec<String> {
        let len = lengths(head)[0];
        if len == longest() {
            return Vec::new();
        }
        let hash = self.hash(&head[..len]);
        self.with(|ids| ids.get(&hash).cloned().unwrap_or_default())
    }

    fn with<T>(&self, work: impl FnOnce(&mut Ids) -> T) -> T {
        let mut ids = self.ids.lock().unwrap_or_else(PoisonError::into_inner);
        work(ids.get_or_insert_with(|| self.load()))
    }

    fn load(&self) -> Ids {
        let mut ids = Ids::new();
        let text = fs::read_to_string(&*self.path).unwrap_or_default();
        for line in text.lines() {
            let mut words = line.split(' ');
            let id = words.next().unwrap_or_default();
            let hashes: Vec<u64> = words
                .filter_map(|word| u64::from_str_radix(word, 16).ok())
                .collect();
            add(&mut ids, id, &hashes);
        }
        ids
    }

    fn hash(&self, head: &[u8]) -> u64 {
        XxHash3_64::oneshot_with_seed(self.key, head)
    }
}

/// Whether something of it is new.
fn add(ids: &mut Ids, id: &str, hashes: &[u64]) -> bool {
    let mut new = false;
    for hash in hashes {
        let alike = ids.entry(*hash).or_default();
        if alike.iter().any(|known| known == id) {
            continue;
        }
        new = true;
        if alike.len() == ALIKE_MAX {
            alike.remove(0);
        }
        alike.push(id.to_owned());
    }
    new
}
