//! The local file system as an object store that survives power loss.
//!
//! `object_store` 0.13 renames finished files into place but never syncs them, so after a power cut a Delta log entry
//! can be there with zero length, and the whole table is unreadable. Here every file is synced before it gets its
//! name, and its folder after, in this order: data, name, folder.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::ops::Range;
use std::path::{Path as FsPath, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use bytes::Bytes;
use futures::stream::BoxStream;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, RenameOptions,
    Result, UploadPart,
};

const STORE: &str = "DurableLocal";

/// The root of the file system; paths are absolute.
#[derive(Debug)]
pub struct DurableLocal {
    inner: LocalFileSystem,
    staged: AtomicU64,
}

impl DurableLocal {
    pub fn new() -> Self {
        Self {
            inner: LocalFileSystem::new(),
            staged: AtomicU64::new(0),
        }
    }

    /// A name that listings leave out: `#` and digits at the end, as the wrapped store has it.
    fn staging_path(&self, path: &FsPath) -> PathBuf {
        let n = self.staged.fetch_add(1, Ordering::Relaxed);
        let mut name = path.as_os_str().to_owned();
        name.push(format!("#{}{n:09}", std::process::id()));
        PathBuf::from(name)
    }
}

impl fmt::Display for DurableLocal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(STORE)
    }
}

#[async_trait]
impl ObjectStore for DurableLocal {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        opts: PutOptions,
    ) -> Result<PutResult> {
        if matches!(opts.mode, PutMode::Update(_)) {
            return self.inner.put_opts(location, payload, opts).await;
        }
        let path = self.inner.path_to_filesystem(location)?;
        let staging = self.staging_path(&path);
        let create = matches!(opts.mode, PutMode::Create);
        blocking(move || {
            let written =
                write_synced(&staging, &payload).and_then(|()| publish(&staging, &path, create));
            if written.is_err() {
                let _ = fs::remove_file(&staging);
            }
            written.map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => Error::AlreadyExists {
                    path: path.to_string_lossy().into_owned(),
                    source: source.into(),
                },
                _ => generic(source),
            })
        })
        .await?;
        Ok(PutResult {
            e_tag: None,
            version: None,
        })
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        opts: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        let path = self.inner.path_to_filesystem(location)?;
        if let Some(parent) = path.parent() {
            create_dirs_synced(parent).map_err(generic)?;
        }
        let inner = self.inner.put_multipart_opts(location, opts).await?;
        Ok(Box::new(SyncedUpload { inner, path }))
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        self.inner.get_opts(location, options).await
    }

    async fn get_ranges(&self, location: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(location, ranges).await
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        self.inner.delete_stream(locations)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    fn list_with_offset(
        &self,
        prefix: Option<&Path>,
        offset: &Path,
    ) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list_with_offset(prefix, offset)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await?;
        self.sync_object(to).await
    }

    async fn rename_opts(&self, from: &Path, to: &Path, options: RenameOptions) -> Result<()> {
        self.inner.rename_opts(from, to, options).await?;
        self.sync_object(to).await
    }
}

impl DurableLocal {
    async fn sync_object(&self, location: &Path) -> Result<()> {
        let path = self.inner.path_to_filesystem(location)?;
        blocking(move || sync_file_and_folder(&path).map_err(generic)).await
    }
}

#[derive(Debug)]
struct SyncedUpload {
    inner: Box<dyn MultipartUpload>,
    path: PathBuf,
}

#[async_trait]
impl MultipartUpload for SyncedUpload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        self.inner.put_part(data)
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let result = self.inner.complete().await?;
        let path = self.path.clone();
        blocking(move || sync_file_and_folder(&path).map_err(generic)).await?;
        Ok(result)
    }

    async fn abort(&mut self) -> Result<()> {
        self.inner.abort().await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(source) => Err(Error::JoinError { source }),
    }
}

fn generic(source: io::Error) -> Error {
    Error::Generic {
        store: STORE,
        source: Box::new(source),
    }
}

fn write_synced(path: &FsPath, payload: &PutPayload) -> io::Result<()> {
    if let Some(parent) = path.parent() {
        create_dirs_synced(parent)?;
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    for chunk in payload {
        file.write_all(chunk)?;
    }
    file.sync_all()
}

/// Gives the staged file its name: a hard link fails when the name is taken, a rename replaces.
fn publish(staging: &FsPath, path: &FsPath, create: bool) -> io::Result<()> {
    if create {
        fs::hard_link(staging, path)?;
        fs::remove_file(staging)?;
    } else {
        fs::rename(staging, path)?;
    }
    sync_folder(path)
}

fn sync_file_and_folder(path: &FsPath) -> io::Result<()> {
    File::open(path)?.sync_all()?;
    sync_folder(path)
}

fn sync_folder(path: &FsPath) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

/// Makes missing folders and syncs the one that each was made in.
fn create_dirs_synced(path: &FsPath) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        create_dirs_synced(parent)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => sync_folder(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::ObjectStoreExt;

    fn location(dir: &FsPath, name: &str) -> Path {
        Path::from_absolute_path(dir.join(name)).expect("path")
    }

    #[tokio::test]
    async fn a_name_is_given_once_and_holds_all_bytes() {
        let dir = tempfile::tempdir().expect("folder");
        let store = DurableLocal::new();
        let at = location(dir.path(), "a/b/0.json");
        let create = || PutOptions {
            mode: PutMode::Create,
            ..PutOptions::default()
        };
        store
            .put_opts(&at, "one".into(), create())
            .await
            .expect("first");
        let second = store.put_opts(&at, "two".into(), create()).await;
        assert!(matches!(second, Err(Error::AlreadyExists { .. })));
        let bytes = store
            .get(&at)
            .await
            .expect("get")
            .bytes()
            .await
            .expect("bytes");
        assert_eq!(bytes.as_ref(), b"one");
        let left: Vec<_> = fs::read_dir(dir.path().join("a/b"))
            .expect("list")
            .collect();
        assert_eq!(left.len(), 1, "no staging file stays");
    }
}
