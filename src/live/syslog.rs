//! Lines that servers and forwarders send by syslog, over UDP and TCP. A host's program is a source of its own, and its
//! lines are read like those of a followed file. Such lines are sent once: what comes while nothing can be taken is
//! counted and lost.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::io::{AsyncReadExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;

use crate::ingest::{Feed, Plan};
use crate::live::desk::Desk;
use crate::live::guarded::guarded;
use crate::live::metrics::Way;

/// A longer message keeps its head.
const MESSAGE_BYTES_MAX: usize = 64 << 10;

/// Messages that wait to be read.
const MESSAGES_MAX: usize = 16_384;

/// Connections at one time.
const CONNECTIONS_MAX: usize = 256;

/// Programs of hosts that are told apart; further ones share a source.
const STREAMS_MAX: usize = 1_000;

/// Lines of a stream whose format is not known yet.
const UNKNOWN_BYTES_MAX: usize = 64 << 10;

/// How long messages are gathered before they are read together.
const GATHERED: Duration = Duration::from_millis(100);

#[derive(Debug, thiserror::Error)]
pub enum SyslogError {
    #[error(
        "{0} is not a loopback address; listening beyond this machine needs tokens, and syslog has none"
    )]
    NotLoopback(SocketAddr),
    #[error("cannot listen for syslog on {addr}: {source}")]
    Bind {
        addr: SocketAddr,
        source: std::io::Error,
    },
}

/// Listens until it is ended.
pub struct SyslogServer {
    address: SocketAddr,
    dropped: Arc<AtomicU64>,
    listeners: JoinSet<()>,
    reader: JoinHandle<()>,
}

/// A message and who sent it, as a name for its source.
struct Message {
    stream: String,
    line: Vec<u8>,
}

impl SyslogServer {
    /// `nonce` tells rows of this run from those of others.
    pub async fn start(addr: SocketAddr, desk: Desk, nonce: u64) -> Result<Self, SyslogError> {
        if !addr.ip().is_loopback() {
            return Err(SyslogError::NotLoopback(addr));
        }
        let failed = |source| SyslogError::Bind { addr, source };
        let tcp = TcpListener::bind(addr).await.map_err(failed)?;
        let address = tcp.local_addr().map_err(failed)?;
        let udp = UdpSocket::bind(address).await.map_err(failed)?;
        let (to_read, messages) = channel(MESSAGES_MAX);
        let desk = desk.of(Way::Syslog);
        let dropped = Arc::clone(&desk.metrics.syslog_dropped);
        let mut listeners = JoinSet::new();
        listeners.spawn(listen_udp(udp, to_read.clone(), Arc::clone(&dropped)));
        listeners.spawn(listen_tcp(tcp, to_read));
        let counted = Arc::clone(&dropped);
        let reader = thread::spawn(move || {
            let work = || read_messages(messages, &desk, nonce, &counted);
            guarded(&desk.queue, "the reading of syslog", work);
        });
        Ok(Self {
            address,
            dropped,
            listeners,
            reader,
        })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening and waits until what has come is handed over.
    pub fn end(mut self) {
        self.listeners.abort_all();
        drop(self.listeners);
        let _ = self.reader.join();
        let dropped = self.dropped.load(Ordering::Relaxed);
        if dropped > 0 {
            tracing::warn!(dropped, "syslog messages were lost");
        }
    }
}

async fn listen_udp(socket: UdpSocket, to_read: Sender<Message>, dropped: Arc<AtomicU64>) {
    let mut buffer = vec![0; MESSAGE_BYTES_MAX];
    loop {
        let Ok((length, _)) = socket.recv_from(&mut buffer).await else {
            continue;
        };
        for line in buffer[..length].split(|byte| *byte == b'\n') {
            if !line.is_empty() && to_read.try_send(Message::new(line)).is_err() {
                dropped.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

async fn listen_tcp(listener: TcpListener, to_read: Sender<Message>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    while let Ok(permit) = Arc::clone(&room).acquire_owned().await {
        match listener.accept().await {
            Ok((stream, _)) => {
                let to_read = to_read.clone();
                connections.spawn(async move {
                    // A connection that breaks off has given what it has given.
                    let _ = read_connection(stream, to_read).await;
                    drop(permit);
                });
            }
            // Out of descriptors, say: others close in time.
            Err(_) => tokio::time::sleep(GATHERED).await,
        }
        while connections.try_join_next().is_some() {}
    }
}

/// A frame begins with its length, or ends with a line end; a sender may do either.
async fn read_connection(stream: TcpStream, to_read: Sender<Message>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let first = match stream.read_u8().await {
            Ok(first) => first,
            Err(_) => return Ok(()),
        };
        let line = match first {
            b'\n' | b'\r' | 0 => continue,
            b'1'..=b'9' => read_counted(&mut stream, first).await?,
            _ => read_to_end_of_line(&mut stream, vec![first]).await?,
        };
        if to_read.send(Message::new(&line)).await.is_err() {
            return Ok(());
        }
    }
}

/// `LEN SP MSG`; digits without a blank behind them are the beginning of a line.
async fn read_counted(stream: &mut BufReader<TcpStream>, first: u8) -> std::io::Result<Vec<u8>> {
    let mut digits = vec![first];
    loop {
        match stream.read_u8().await? {
            digit @ b'0'..=b'9' if digits.len() < 7 => digits.push(digit),
            b' ' => break,
            other => {
                digits.push(other);
                return read_to_end_of_line(stream, digits).await;
            }
        }
    }
    let length = digits
        .iter()
        .fold(0_usize, |n, d| n * 10 + usize::from(d - b'0'));
    let mut line = vec![0; length.min(MESSAGE_BYTES_MAX)];
    stream.read_exact(&mut line).await?;
    let mut left = length - line.len();
    let mut scratch = [0; 4096];
    while left > 0 {
        let part = left.min(scratch.len());
        left -= stream.read_exact(&mut scratch[..part]).await?;
    }
    Ok(line)
}

async fn read_to_end_of_line(
    stream: &mut BufReader<TcpStream>,
    mut line: Vec<u8>,
) -> std::io::Result<Vec<u8>> {
    loop {
        match stream.read_u8().await {
            Ok(b'\n') => return Ok(line),
            Ok(byte) if line.len() < MESSAGE_BYTES_MAX => line.push(byte),
            Ok(_) => {}
            Err(_) => return Ok(line),
        }
    }
}

impl Message {
    fn new(line: &[u8]) -> Self {
        let line: Vec<u8> = line
            .iter()
            .map(|byte| if *byte == b'\n' { b' ' } else { *byte })
            .collect();
        Self {
            stream: sender_of(&String::from_utf8_lossy(&line)),
            line,
        }
    }
}

/// `host/program` where the header tells.
fn sender_of(line: &str) -> String {
    let (host, program) = match header(line) {
        Some(found) => (found.host, found.program),
        None => ("", ""),
    };
    let parts: Vec<&str> = ["syslog", host, program]
        .into_iter()
        .filter(|part| !part.is_empty() && *part != "-")
        .collect();
    parts.join("/")
}

struct Header<'h> {
    host: &'h str,
    program: &'h str,
    message: &'h str,
}

/// The parts of an RFC 5424 or RFC 3164 line.
fn header(line: &str) -> Option<Header<'_>> {
    let (_, rest) = line.strip_prefix('<')?.split_once('>')?;
    if let Some(rest) = rest.strip_prefix("1 ") {
        let mut parts = rest.splitn(6, ' ');
        let (_, host, program) = (parts.next()?, parts.next()?, parts.next()?);
        let (_, _, rest) = (parts.next()?, parts.next()?, parts.next()?);
        let message = behind_data(rest)?.trim_start_matches('\u{feff}');
        return Some(Header {
            host,
            program,
            message,
        });
    }
    // `Nov 22 03:51:45 host program[1]: message`; the host may be missing.
    let rest = rest.get(16..)?;
    let (before, message) = rest.split_once(": ")?;
    let mut words = before.split_whitespace();
    let (first, second) = (words.next()?, words.next());
    let (host, program) = second.map_or(("", first), |second| (first, second));
    Some(Header {
        host,
        program: program.split('[').next().unwrap_or(program),
        message,
    })
}

/// What stands behind structured data, in which brackets may stand escaped in quotes.
fn behind_data(text: &str) -> Option<&str> {
    if let Some(rest) = text.strip_prefix('-') {
        return Some(rest.strip_prefix(' ').unwrap_or(rest));
    }
    let (mut quoted, mut escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ']' if !quoted && !text[at + 1..].starts_with('[') => {
                let rest = &text[at + 1..];
                return Some(rest.strip_prefix(' ').unwrap_or(rest));
            }
            _ => {}
        }
    }
    None
}

/// One sender's lines.
#[derive(Default)]
struct Stream {
    id: String,
    feed: Option<Feed>,
    /// Lines are read without their header.
    bare: bool,
    waiting: Vec<u8>,
}

/// Reads until nobody can send any more.
fn read_messages(mut messages: Receiver<Message>, desk: &Desk, nonce: u64, dropped: &AtomicU64) {
    let plan = Arc::new(Plan::default());
    let mut streams: HashMap<String, Stream> = HashMap::new();
    while let Some(first) = messages.blocking_recv() {
        thread::sleep(GATHERED);
        let mut came = vec![first];
        while came.len() < MESSAGES_MAX
            && let Ok(message) = messages.try_recv()
        {
            came.push(message);
        }
        for Message { mut stream, line } in came {
            if streams.len() >= STREAMS_MAX && !streams.contains_key(&stream) {
                stream = "syslog".to_owned();
            }
            let number = streams.len() as u64;
            let stream = streams.entry(stream).or_insert_with(|| Stream {
                id: format!("s{:016x}", nonce.wrapping_add(number)),
                ..Stream::default()
            });
            stream.waiting.extend_from_slice(&line);
            stream.waiting.push(b'\n');
        }
        for (name, stream) in &mut streams {
            if !stream.waiting.is_empty() {
                stream.read(name, &plan, desk, dropped);
            }
        }
    }
}

impl Stream {
    fn read(&mut self, name: &str, plan: &Arc<Plan>, desk: &Desk, dropped: &AtomicU64) {
        if self.feed.is_none() {
            self.begin(name, plan);
        }
        let Some(feed) = &mut self.feed else {
            if self.waiting.len() > UNKNOWN_BYTES_MAX {
                let lines = memchr::memchr_iter(b'\n', &self.waiting).count();
                dropped.fetch_add(lines as u64, Ordering::Relaxed);
                self.waiting.clear();
            }
            return;
        };
        let bytes = std::mem::take(&mut self.waiting);
        let bytes = if self.bare {
            without_headers(&bytes)
        } else {
            bytes
        };
        for mut fed in feed.push(&bytes, &desk.makers, desk.now()) {
            // Nothing can be read again, so there is no place to go on from.
            fed.reached = None;
            desk.hand(fed);
        }
    }

    /// The lines as they are, because their header has a time; without it where that is not understood.
    fn begin(&mut self, name: &str, plan: &Arc<Plan>) {
        for bare in [false, true] {
            let head = match bare {
                true => without_headers(&self.waiting),
                false => self.waiting.clone(),
            };
            let plan = Arc::clone(plan);
            if let Ok(Some(feed)) = Feed::stream(self.id.clone(), name.to_owned(), plan, &head) {
                self.feed = Some(feed);
                self.bare = bare;
                return;
            }
        }
    }
}

fn without_headers(bytes: &[u8]) -> Vec<u8> {
    let mut bare = Vec::with_capacity(bytes.len());
    for line in String::from_utf8_lossy(bytes).lines() {
        let message = header(line).map_or(line, |found| found.message);
        bare.extend_from_slice(message.as_bytes());
        bare.push(b'\n');
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, sender: &str, message: &str) {
        assert_eq!(sender_of(line), sender, "{line}");
        assert_eq!(header(line).map_or(line, |found| found.message), message);
    }

    #[test]
    fn a_header_tells_the_sender() {
        check(
            "<190>Nov 22 03:51:45 gw-1 nginx: 127.0.0.1 - - x",
            "syslog/gw-1/nginx",
            "127.0.0.1 - - x",
        );
        check(
            "<134>Nov  2 03:51:45 haproxy[733]: 10.0.0.1:1 [x",
            "syslog/haproxy",
            "10.0.0.1:1 [x",
        );
        check(
            r#"<190>1 2026-11-22T03:51:45.818Z gw-1 nginx 733 access [o a="b\]"][p] GET / x"#,
            "syslog/gw-1/nginx",
            "GET / x",
        );
        check(
            "<190>1 2026-11-22T03:51:45Z - app - - - hello",
            "syslog/app",
            "hello",
        );
        check("no header", "syslog", "no header");
    }
}
