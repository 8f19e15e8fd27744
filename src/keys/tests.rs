//! Keys on a disk: made once, rotated whatever happens, gone when they are forgotten.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

use crate::keys::{Entry, KeyError, Keys, Seen};
use crate::mask::Settings;
use crate::model::time::Timestamp;

fn random() -> [u8; 32] {
    rand::random()
}

fn keys_of(dir: &Path, settings: &Settings) -> Keys {
    Keys::new(dir, settings, random).expect("keys")
}

fn store() -> (TempDir, Keys) {
    let dir = tempfile::tempdir().expect("a folder");
    let keys = keys_of(dir.path(), &Settings::default());
    (dir, keys)
}

fn id(keys: &Keys) -> String {
    keys.current().expect("a key").id()
}

fn ids(keys: &Keys) -> Vec<(String, bool)> {
    let all = keys.list().expect("a list").into_iter();
    all.map(|Entry { id, is_current, .. }| (id, is_current))
        .collect()
}

fn date(path: &Path, days_ago: u64) {
    let at = SystemTime::now() - Duration::from_secs(days_ago * 86_400);
    let file = File::options().append(true).open(path).expect("opens");
    file.set_modified(at).expect("dated");
}

#[test]
fn a_store_has_one_key_whoever_comes_first() {
    let (_dir, keys) = store();
    assert!(keys.find().expect("readable").is_none());
    assert!(keys.list().expect("a list").is_empty());
    let made: Vec<String> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..8).map(|_| scope.spawn(|| id(&keys))).collect();
        all.into_iter()
            .map(|one| one.join().expect("made"))
            .collect()
    });
    assert!(made.iter().all(|one| *one == made[0]), "{made:?}");
    assert_eq!(id(&keys), made[0]);
}

#[test]
fn a_rotated_key_is_kept_for_its_owner_alone_until_it_is_forgotten() {
    let (dir, keys) = store();
    let first = id(&keys);
    let bytes = fs::read(dir.path().join("mask.key")).expect("the key");
    let done = keys.rotate().expect("rotated");
    assert_eq!((&done.former, &done.id), (&first, &id(&keys)));
    assert_ne!(done.id, first);
    assert_eq!(
        ids(&keys),
        [(done.id.clone(), true), (first.clone(), false)]
    );
    assert_eq!(fs::read(&done.kept_in).expect("kept"), bytes);
    #[cfg(unix)]
    for path in [&done.kept_in, &dir.path().join("mask.key")] {
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(path).expect("there"));
        assert_eq!(mode & 0o777, 0o600, "{}", path.display());
    }
    // Whatever else leads to the same bytes on the disk leads to nothing afterwards.
    let other_name = dir.path().join("other");
    fs::hard_link(&done.kept_in, &other_name).expect("linked");
    keys.forget(&first).expect("forgotten");
    assert_eq!(fs::read(other_name).expect("there"), [0; 32]);
    assert_eq!(ids(&keys), [(done.id, true)]);
    assert!(matches!(keys.forget(&first), Err(KeyError::Unknown { .. })));
}

#[test]
fn the_key_in_use_is_not_forgotten() {
    let (_dir, keys) = store();
    let refused = keys.forget(&id(&keys)).expect_err("refused").to_string();
    assert!(refused.contains("tidemark key rotate"), "{refused}");
    assert_eq!(ids(&keys), [(id(&keys), true)]);
}

#[test]
fn a_rotation_that_was_cut_off_has_not_happened_and_can_be_made_again() {
    let (dir, keys) = store();
    let first = id(&keys);
    let kept = dir.path().join(format!("keys/{first}.key"));
    fs::hard_link(dir.path().join("mask.key"), &kept).expect("linked");
    fs::write(dir.path().join("keys/new-0123456789abcdef"), [3; 32]).expect("written");
    assert_eq!(ids(&keys), [(first.clone(), true)]);
    assert!(matches!(keys.forget(&first), Err(KeyError::Current { .. })));
    assert_eq!(
        id(&keys),
        first,
        "the second name of the key in use was not wiped"
    );
    let done = keys.rotate().expect("rotated");
    assert_eq!(ids(&keys), [(done.id, true), (first, false)]);
}

#[test]
fn a_forgetting_that_was_cut_off_shows_and_is_made_again() {
    let (_dir, keys) = store();
    let done = {
        id(&keys);
        keys.rotate().expect("rotated")
    };
    fs::write(&done.kept_in, [0; 32]).expect("overwritten");
    let all = keys.list().expect("a list");
    let problem = all[1].key.as_ref().expect_err("damaged").to_string();
    assert!(problem.contains("forget it again"), "{problem}");
    keys.forget(&done.former).expect("forgotten");
    assert_eq!(ids(&keys).len(), 1);
}

#[test]
fn two_keys_of_a_store_never_share_an_id() {
    fn drawn() -> [u8; 32] {
        static DRAWN: AtomicU8 = AtomicU8::new(0);
        // Numbers of names are drawn, too: each value comes many times.
        [7 + DRAWN.fetch_add(1, Ordering::Relaxed) / 16; 32]
    }
    let dir = tempfile::tempdir().expect("a folder");
    let keys = Keys::new(dir.path(), &Settings::default(), drawn).expect("keys");
    fs::write(dir.path().join("mask.key"), [7; 32]).expect("written");
    let first = id(&keys);
    let done = keys.rotate().expect("rotated");
    assert_ne!(done.id, first);
}

#[test]
fn age_counts_from_when_a_key_was_replaced() {
    let (dir, keys) = store();
    id(&keys);
    let oldest = keys.rotate().expect("rotated");
    let older = keys.rotate().expect("rotated");
    date(&oldest.kept_in, 300);
    date(&older.kept_in, 200);
    date(&dir.path().join("mask.key"), 10);
    let now = Timestamp::from(chrono::Utc::now()).micros();
    let before = |days: i64| {
        let at = Timestamp::from_micros(now - days * 86_400_000_000);
        keys.replaced_before(at).expect("a list")
    };
    assert_eq!(before(201), Vec::<String>::new());
    // The older one was made long ago, but values were masked with it until ten days ago.
    assert_eq!(before(90), std::slice::from_ref(&oldest.former));
    assert_eq!(before(9), [older.former, oldest.former]);
}

#[test]
fn a_key_from_elsewhere_is_rotated_there_and_the_stores_own_is_a_former_one() {
    let (dir, own) = store();
    let first = id(&own);
    let path = dir.path().join("outside");
    fs::write(&path, random()).expect("written");
    private(&path);
    let settings = Settings {
        key_file: Some(path.clone()),
        ..Settings::default()
    };
    let keys = keys_of(dir.path(), &settings);
    assert_eq!(ids(&keys), [(id(&keys), true), (first.clone(), false)]);
    let refused = keys.rotate().err().expect("refused").to_string();
    assert!(
        refused.contains("outside") && refused.contains("masking.key_file"),
        "{refused}"
    );
    keys.forget(&first).expect("forgotten");
    assert!(!dir.path().join("mask.key").exists());
    let both = Settings {
        key_command: vec!["x".to_owned()],
        ..settings
    };
    assert!(matches!(
        Keys::new(dir.path(), &both, random),
        Err(KeyError::TwoPlaces)
    ));
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_may_read_is_refused_with_the_remedy() {
    let (dir, _) = store();
    let path = dir.path().join("outside");
    fs::write(&path, random()).expect("written");
    let settings = Settings {
        key_file: Some(path.clone()),
        ..Settings::default()
    };
    let keys = keys_of(dir.path(), &settings);
    let mode =
        |mode| fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode));
    mode(0o644).expect("set");
    let refused = keys.current().expect_err("refused").to_string();
    assert!(refused.contains("chmod o= "), "{refused}");
    mode(0o440).expect("set");
    assert!(keys.current().is_ok());
    let settings = Settings {
        key_file: Some(PathBuf::from("/dev/null")),
        ..Settings::default()
    };
    assert!(keys_of(dir.path(), &settings).current().is_err());
}

#[test]
fn a_watch_sees_another_key_and_trouble_and_its_end() {
    let (dir, keys) = store();
    let first = id(&keys);
    let mut watch = keys.watch().expect("a file");
    assert!(matches!(watch.look(), Seen::Read(key) if key.id() == first));
    assert!(matches!(watch.look(), Seen::Same));
    let done = keys.rotate().expect("rotated");
    assert!(matches!(watch.look(), Seen::Read(key) if key.id() == done.id));
    let path = dir.path().join("mask.key");
    let bytes = fs::read(&path).expect("the key");
    fs::write(&path, "half").expect("written");
    assert!(matches!(watch.look(), Seen::Trouble(_)));
    assert!(matches!(watch.look(), Seen::Trouble(_)));
    fs::remove_file(&path).expect("removed");
    assert!(matches!(watch.look(), Seen::Trouble(_)));
    fs::write(&path, bytes).expect("written");
    assert!(matches!(watch.look(), Seen::Read(key) if key.id() == done.id));
}

fn private(path: &Path) {
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("set");
}
