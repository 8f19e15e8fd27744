//! Bytes as they come, and a word when none come for a while, so that whoever writes them on need not keep people
//! waiting who look at a log that grows.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, RecvTimeoutError, TryRecvError, sync_channel};
use std::thread;
use std::time::Duration;

/// What is asked of the source at once.
const CHUNK_BYTES: usize = 256 << 10;
/// Chunks that wait to be taken; more would only take memory.
const CHUNKS_MAX: usize = 8;
/// What is handed over at once.
const STEP_BYTES_MAX: usize = 1 << 20;
/// A program that writes a record in parts does so faster than this.
const PAUSE: Duration = Duration::from_millis(150);

/// What a source did.
#[derive(Debug)]
pub enum Paced {
    Bytes(Vec<u8>),
    /// Nothing came for a while.
    Pause,
    End,
}

/// Reads a source in a thread of its own.
pub struct PacedReader {
    chunks: Receiver<io::Result<Vec<u8>>>,
    /// Came while bytes were taken, and is told next.
    failed: Option<io::Error>,
    paused: bool,
}

impl PacedReader {
    pub fn new(source: impl Read + Send + 'static) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(CHUNKS_MAX);
        thread::Builder::new().name("read".into()).spawn(move || {
            let mut source = source;
            while let Some(chunk) = read(&mut source).transpose() {
                let failed = chunk.is_err();
                if sender.send(chunk).is_err() || failed {
                    return;
                }
            }
        })?;
        Ok(Self {
            chunks,
            failed: None,
            paused: false,
        })
    }

    /// What comes next. After a pause it waits for as long as it takes.
    pub fn step(&mut self) -> io::Result<Paced> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        let first = match self.paused {
            true => self
                .chunks
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected),
            false => self.chunks.recv_timeout(PAUSE),
        };
        self.paused = matches!(first, Err(RecvTimeoutError::Timeout));
        match first {
            Ok(chunk) => Ok(Paced::Bytes(self.with_more(chunk?))),
            Err(RecvTimeoutError::Timeout) => Ok(Paced::Pause),
            Err(RecvTimeoutError::Disconnected) => Ok(Paced::End),
        }
    }

    /// Adds what has come already.
    fn with_more(&mut self, first: Vec<u8>) -> Vec<u8> {
        let mut bytes = first;
        while bytes.len() < STEP_BYTES_MAX {
            match self.chunks.try_recv() {
                Ok(Ok(chunk)) => bytes.extend_from_slice(&chunk),
                Ok(Err(error)) => {
                    self.failed = Some(error);
                    break;
                }
                Err(TryRecvError::Empty | TryRecvError::Disconnected) => break,
            }
        }
        bytes
    }
}

/// What there is to read; `None` at the end.
fn read(source: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        match source.read(&mut chunk) {
            Ok(0) => return Ok(None),
            Ok(n) => {
                chunk.truncate(n);
                return Ok(Some(chunk));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_told_once_and_a_fault_behind_what_came() {
        struct Slow(Receiver<io::Result<&'static [u8]>>);
        impl Read for Slow {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                let Ok(bytes) = self.0.recv() else {
                    return Ok(0);
                };
                let bytes = bytes?;
                out[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            }
        }
        let (sender, source) = sync_channel(4);
        let mut paced = PacedReader::new(Slow(source)).expect("starts");
        assert!(matches!(paced.step(), Ok(Paced::Pause)));
        let mut next = || loop {
            match paced.step() {
                Ok(Paced::Pause) => {}
                other => return other,
            }
        };
        sender.send(Ok(&b"a\n"[..])).expect("taken");
        assert!(matches!(next(), Ok(Paced::Bytes(bytes)) if bytes == b"a\n"));
        sender.send(Ok(b"b")).expect("taken");
        sender.send(Err(io::Error::other("gone"))).expect("taken");
        assert!(matches!(next(), Ok(Paced::Bytes(bytes)) if bytes == b"b"));
        assert!(next().is_err());
        assert!(matches!(next(), Ok(Paced::End)));
    }
}
