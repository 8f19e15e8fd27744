//! Where bytes come from: a file or standard input, unpacked by what they are and not by their name, within limits.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::read::gzip::Members;
use crate::read::utf16::{Order, Utf16};

/// Packed archives may grow by this factor …
pub const UNPACK_RATIO_MAX: u64 = 500;
/// … once they have given this many bytes; a small log of equal lines packs better than any real one.
pub const UNPACK_FREE_BYTES: u64 = 256 << 20;
/// And never beyond this.
pub const UNPACKED_BYTES_MAX: u64 = 4 << 40;

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{path}: {source}", path = .path.display())]
    Open { path: PathBuf, source: io::Error },
    #[error("{path} is packed as {kind}, which is not read; unpack it first", path = .path.display())]
    Packing { path: PathBuf, kind: &'static str },
    #[error("{path} is a damaged archive of which nothing can be unpacked ({source}); fetch or pack it again", path = .path.display())]
    Damaged { path: PathBuf, source: io::Error },
}

/// How a source is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    Plain,
    /// No packing, but no bytes that could be read as they lie there either.
    Utf16,
    Gzip,
    Zstd,
    Bzip2,
}

/// An open source that unpacks as it is read.
pub struct Source {
    pub packing: Packing,
    /// Of text in UTF-16, for whoever writes it back.
    pub order: Option<Order>,
    /// Size of the file as it lies there, when known.
    pub packed_bytes: Option<u64>,
    /// Bytes taken from the file so far, for progress.
    pub taken: Arc<AtomicU64>,
    reader: Box<dyn Read + Send>,
}

impl Source {
    pub fn open(path: &Path) -> Result<Self, SourceError> {
        let failed = |source| SourceError::Open {
            path: path.to_owned(),
            source,
        };
        let file = File::open(path).map_err(failed)?;
        let packed_bytes = file
            .metadata()
            .ok()
            .filter(|m| m.is_file())
            .map(|m| m.len());
        Self::from_reader(file, packed_bytes).map_err(|error| error.at(path))
    }

    pub fn stdin() -> Result<Self, SourceError> {
        Self::from_reader(io::stdin(), None).map_err(|error| error.at(Path::new("-")))
    }

    /// Bytes that came with the program, under a name of their own.
    pub fn embedded(name: &str, bytes: &'static [u8]) -> Result<Self, SourceError> {
        Self::from_reader(bytes, Some(bytes.len() as u64))
            .map_err(|error| error.at(Path::new(name)))
    }

    fn from_reader(
        reader: impl Read + Send + 'static,
        packed_bytes: Option<u64>,
    ) -> Result<Self, Unpackable> {
        let taken = Arc::new(AtomicU64::new(0));
        let mut counted = BufReader::with_capacity(
            256 * 1024,
            Counted {
                reader,
                taken: Arc::clone(&taken),
            },
        );
        let mut magic = Vec::with_capacity(6);
        counted
            .by_ref()
            .take(6)
            .read_to_end(&mut magic)
            .map_err(Unpackable::Io)?;
        let order = Order::of_mark(&magic);
        let packing = packing_of(&magic).map_err(Unpackable::Kind)?;
        let whole = io::Cursor::new(magic).chain(counted);
        let mut reader: Box<dyn Read + Send> = match packing {
            Packing::Plain => Box::new(whole),
            Packing::Utf16 => Box::new(Utf16::new(whole, order.unwrap_or(Order::Little))),
            Packing::Gzip => Box::new(limited(Members::new(whole), &taken)),
            Packing::Zstd => Box::new(limited(
                zstd::stream::read::Decoder::new(whole).map_err(Unpackable::Io)?,
                &taken,
            )),
            Packing::Bzip2 => Box::new(limited(bzip2::read::MultiBzDecoder::new(whole), &taken)),
        };
        if packing != Packing::Plain {
            reader = Box::new(begun(reader).map_err(Unpackable::Damaged)?);
        }
        Ok(Self {
            packing,
            order: order.filter(|_| packing == Packing::Utf16),
            packed_bytes,
            taken,
            reader,
        })
    }
}

impl Read for Source {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.reader.read(out)
    }
}

/// Reads the first byte, because an archive that gives none is damaged and not empty.
fn begun(mut reader: Box<dyn Read + Send>) -> io::Result<impl Read + Send> {
    let mut first = Vec::with_capacity(1);
    reader.by_ref().take(1).read_to_end(&mut first)?;
    Ok(io::Cursor::new(first).chain(reader))
}

enum Unpackable {
    Io(io::Error),
    Damaged(io::Error),
    Kind(&'static str),
}

impl Unpackable {
    fn at(self, path: &Path) -> SourceError {
        let path = path.to_owned();
        match self {
            Self::Io(source) => SourceError::Open { path, source },
            Self::Damaged(source) => SourceError::Damaged { path, source },
            Self::Kind(kind) => SourceError::Packing { path, kind },
        }
    }
}

fn packing_of(magic: &[u8]) -> Result<Packing, &'static str> {
    match magic {
        [0x1f, 0x8b, ..] => Ok(Packing::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Ok(Packing::Zstd),
        // A skippable frame may come first.
        [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Packing::Zstd),
        [b'B', b'Z', b'h', b'1'..=b'9', ..] => Ok(Packing::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0] => Err("xz"),
        [0x04, 0x22, 0x4d, 0x18, ..] => Err("lz4"),
        [b'P', b'K', 3, 4, ..] => Err("zip"),
        _ if Order::of_mark(magic).is_some() => Ok(Packing::Utf16),
        _ => Ok(Packing::Plain),
    }
}

struct Counted<R> {
    reader: R,
    taken: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        self.taken.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

fn limited<R: Read>(reader: R, taken: &Arc<AtomicU64>) -> Limited<R> {
    Limited {
        reader,
        taken: Arc::clone(taken),
        given: 0,
    }
}

/// Stops an archive that explodes.
struct Limited<R> {
    reader: R,
    taken: Arc<AtomicU64>,
    given: u64,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        self.given += n as u64;
        let allowed = UNPACK_FREE_BYTES
            .saturating_add(
                self.taken
                    .load(Ordering::Relaxed)
                    .saturating_mul(UNPACK_RATIO_MAX),
            )
            .min(UNPACKED_BYTES_MAX);
        if self.given > allowed {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("the archive unpacks to more than {UNPACK_RATIO_MAX} times its size"),
            ));
        }
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn read(bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut source = Source::from_reader(io::Cursor::new(bytes), None)
            .map_err(|_| io::Error::other("not opened"))?;
        let mut out = Vec::new();
        source.read_to_end(&mut out).map(|_| out)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("packs");
        encoder.finish().expect("packs")
    }

    #[test]
    fn packings_are_told_by_content_and_members_join() {
        assert_eq!(read(b"plain".to_vec()).expect("plain"), b"plain");
        assert_eq!(
            read([gzip(b"one "), gzip(b"two")].concat()).expect("gzip"),
            b"one two"
        );
        assert_eq!(
            read(zstd::encode_all(&b"zst"[..], 1).expect("packs")).expect("zstd"),
            b"zst"
        );
        assert_eq!(read(Vec::new()).expect("empty"), b"");
    }

    #[test]
    fn an_archive_that_gives_nothing_is_damaged_and_not_empty() {
        for bytes in [
            b"\x1f\x8b".to_vec(),
            gzip(b"text")[..10].to_vec(),
            b"BZh9garbage".to_vec(),
            b"\x28\xb5\x2f\xfdgarbage".to_vec(),
        ] {
            let opened = Source::from_reader(io::Cursor::new(bytes.clone()), None);
            let error = opened.err().map(|e| e.at(Path::new("a.gz")));
            let said = error.map(|e| e.to_string()).unwrap_or_default();
            assert!(
                said.starts_with("a.gz is a damaged archive"),
                "{bytes:02x?}: {said}"
            );
        }
        assert_eq!(read(gzip(b"")).expect("empty"), b"");
    }

    #[test]
    fn zeros_behind_a_member_fill_up_a_block() {
        let padded = [gzip(b"one "), vec![0; 100_000], gzip(b"two"), vec![0; 7]].concat();
        assert_eq!(read(padded).expect("pads"), b"one two");
        assert_eq!(
            read([gzip(b""), gzip(b"two")].concat()).expect("two"),
            b"two"
        );
        assert!(read([gzip(b"one"), b"\0\0junk".to_vec()].concat()).is_err());
    }

    #[test]
    fn text_in_utf_16_is_read_by_its_mark() {
        let text = "\u{feff}GET /é\n";
        let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(bytes).expect("decodes"), text.as_bytes());
    }

    #[test]
    fn a_cut_archive_is_an_error_after_its_data() {
        let packed = gzip(&b"line\n".repeat(10_000));
        let error = read(packed[..packed.len() - 12].to_vec()).expect_err("cut");
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn an_archive_that_explodes_is_stopped() {
        let zeros = vec![0; 1 << 20];
        let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("packs");
        for _ in 0..(UNPACK_FREE_BYTES >> 20) + 64 {
            encoder.write_all(&zeros).expect("packs");
        }
        let mut source =
            Source::from_reader(io::Cursor::new(encoder.finish().expect("packs")), None)
                .unwrap_or_else(|_| panic!("opens"));
        let error = io::copy(&mut source, &mut io::sink()).expect_err("explodes");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
