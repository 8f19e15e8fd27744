//! Small secret files: written whole and synced before they get their name, read by their owner alone, overwritten
//! before they go.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use zeroize::Zeroizing;

use crate::keys::form::BYTES_MAX;

/// Former keys, and what is being written.
pub const FOLDER: &str = "keys";

const STAGED: &str = "new-";
const LOCK_FILE: &str = "lock";
/// What a crash left half done is removed when surely nobody is at it.
const STALE_AFTER: Duration = Duration::from_secs(3_600);
/// Others hold the lock for a few writes of 32 bytes.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const LOCK_POLL: Duration = Duration::from_millis(50);

/// Writes `bytes` beside where they are to go, under a name that says nothing.
pub fn stage(dir: &Path, name: u64, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = make_folder(dir)?;
    let staged = folder.join(format!("{STAGED}{name:016x}"));
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&staged)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = fs::remove_file(&staged);
        return Err(error);
    }
    Ok(staged)
}

/// Gives it its name unless that is taken; `false` when somebody else was first.
pub fn put_first(staged: &Path, path: &Path) -> io::Result<bool> {
    let linked = fs::hard_link(staged, path);
    fs::remove_file(staged)?;
    match linked {
        Ok(()) => sync_folder_of(path).map(|()| true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}

/// Gives it its name, in place of what has it.
pub fn put_over(staged: &Path, path: &Path) -> io::Result<()> {
    fs::rename(staged, path)?;
    sync_folder_of(path)
}

/// Overwrites what is there and removes it.
pub fn wipe(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).open(path)?;
    let length = usize::try_from(file.metadata()?.len()).unwrap_or_default();
    file.write_all(&vec![0; length.min(BYTES_MAX)])?;
    file.sync_all()?;
    fs::remove_file(path)?;
    sync_folder_of(path)
}

/// All bytes of a small file, and of a longer one so many that it is seen to be too long.
pub fn read(mut file: impl Read) -> io::Result<Zeroizing<Vec<u8>>> {
    let limit = BYTES_MAX + 1;
    // Room for all from the start: a buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(2 * limit));
    file.by_ref().take(limit as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Keeps other processes from changing the keys as long as it is held; `None` when another one is at it for long.
pub fn lock(dir: &Path) -> io::Result<Option<File>> {
    let folder = make_folder(dir)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    let file = options.open(folder.join(LOCK_FILE))?;
    let began = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if began.elapsed() >= LOCK_PATIENCE => return Ok(None),
            Err(TryLockError::WouldBlock) => thread::sleep(LOCK_POLL),
        }
    }
    remove_stale(&folder);
    Ok(Some(file))
}

fn remove_stale(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let staged = entry.file_name().to_string_lossy().starts_with(STAGED);
        let written = entry.metadata().and_then(|found| found.modified());
        let age = written.map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
        if staged && age.is_ok_and(|age| age > STALE_AFTER) {
            // Not overwritten: it may be a second name of the key in use. What cannot be removed is so the next time.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn make_folder(dir: &Path) -> io::Result<PathBuf> {
    fs::create_dir_all(dir)?;
    let folder = dir.join(FOLDER);
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    Ok(folder)
}
