//! Connections: how many there are, and how long each may keep still. The server beneath waits for ever, so whoever opens
//! connections and says nothing, or one byte now and then, would keep all others out.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::extract::{Extension, Request};
use axum::middleware::Next;
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use crate::http::settings::Settings;

/// A listener that takes no more connections than it has places for.
pub struct Places {
    listener: TcpListener,
    free: Arc<Semaphore>,
    settings: Settings,
}

impl Places {
    pub fn new(listener: TcpListener, settings: &Settings) -> Self {
        Self {
            listener,
            free: Arc::new(Semaphore::new(settings.connections.max(1))),
            settings: settings.clone(),
        }
    }
}

impl Listener for Places {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        // It is never closed, and without a permit there would be no limit and still a service.
        let place = Arc::clone(&self.free).acquire_owned().await.ok();
        let (stream, address) = Listener::accept(&mut self.listener).await;
        (Connection::new(stream, place, &self.settings), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

/// What handlers tell the connection: while a request is in their hands, they watch over its time.
#[derive(Clone, Debug, Default)]
pub struct Handling(Arc<Requests>);

#[derive(Debug, Default)]
struct Requests {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Handling {
    fn begin(&self) -> Begun {
        self.0.begun.fetch_add(1, Ordering::AcqRel);
        Begun(Arc::clone(&self.0))
    }

    fn ended(&self) -> usize {
        self.0.ended.load(Ordering::Acquire)
    }

    fn goes_on(&self) -> bool {
        self.0.begun.load(Ordering::Acquire) > self.ended()
    }
}

/// Ends when it is dropped, so also when the sender has gone away meanwhile.
struct Begun(Arc<Requests>);

impl Drop for Begun {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::AcqRel);
    }
}

impl Connected<IncomingStream<'_, Places>> for Handling {
    fn connect_info(stream: IncomingStream<'_, Places>) -> Self {
        stream.io().handling.clone()
    }
}

/// Notes that the head of a request has come, and when it is answered.
pub async fn note_request(
    Extension(ConnectInfo(handling)): Extension<ConnectInfo<Handling>>,
    request: Request,
    next: Next,
) -> Response {
    let _begun = handling.begin();
    next.run(request).await
}

/// One connection. Between requests it has until its deadline; then reading and writing fail, which closes it.
pub struct Connection {
    stream: TcpStream,
    handling: Handling,
    /// Requests that had ended when the deadline was set.
    ended: usize,
    /// Some of a head has come.
    in_head: bool,
    deadline: Pin<Box<Sleep>>,
    idle: Duration,
    head: Duration,
    _place: Option<OwnedSemaphorePermit>,
}

impl Connection {
    fn new(stream: TcpStream, place: Option<OwnedSemaphorePermit>, settings: &Settings) -> Self {
        let head = Duration::from_secs(settings.head_s);
        Self {
            stream,
            handling: Handling::default(),
            ended: 0,
            in_head: false,
            // Who connects has something to say.
            deadline: Box::pin(sleep(head)),
            idle: Duration::from_secs(settings.idle_s),
            head,
            _place: place,
        }
    }

    fn wait(&mut self, length: Duration) {
        self.deadline.as_mut().reset(Instant::now() + length);
    }

    /// Behind an answer the waiting for the next head begins.
    fn turn(&mut self) {
        let ended = self.handling.ended();
        if self.ended != ended {
            self.ended = ended;
            self.in_head = false;
            self.wait(self.idle);
        }
    }

    /// Fails when the deadline is over and no handler is at work.
    fn check(&mut self, context: &mut Context<'_>) -> Poll<io::Error> {
        if self.handling.goes_on() {
            return Poll::Pending;
        }
        ready!(self.deadline.as_mut().poll(context));
        Poll::Ready(io::ErrorKind::TimedOut.into())
    }

    fn came(&mut self) {
        if !self.in_head && !self.handling.goes_on() {
            self.in_head = true;
            self.wait(self.head);
        }
    }

    fn wrote(
        &mut self,
        written: Poll<io::Result<usize>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        if written.is_pending() {
            return self.check(context).map(Err);
        }
        if !self.in_head {
            self.wait(self.idle);
        }
        written
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.turn();
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if read.is_pending() {
            return self.check(context).map(Err);
        }
        if buffer.filled().len() > before {
            self.came();
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.turn();
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.wrote(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.turn();
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.wrote(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
