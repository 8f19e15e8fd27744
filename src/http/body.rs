//! Bodies: taken up to a limit of size and time, refused before they come where their length is told, and what is not
//! wanted let go by.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, BodyDataStream, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use futures::{Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use crate::http::error::ApiError;
use crate::live::{Pusher, Room};

/// A body that comes slower than this, once its first seconds are over, holds memory for too long.
const BYTES_PER_S_MIN: u64 = 16 << 10;

/// What is read and dropped of a body that is refused, and for how long. Many senders read an answer only when they have
/// sent all; to one that sends more the connection is closed.
const DROPPED_BYTES_MAX: usize = 64 << 20;
const DROPPED_TIME: Duration = Duration::from_secs(5);

/// The whole body, with the memory that is set aside for it as it comes. `patience` is the time for its first bytes.
pub async fn read_body(
    headers: &HeaderMap,
    body: Body,
    pusher: &Pusher,
    patience: Duration,
) -> Result<(Vec<u8>, Room), ApiError> {
    let mut room = pusher.room(told_length(headers))?;
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    let began = Instant::now();
    loop {
        let extra = Duration::from_secs(bytes.len() as u64 / BYTES_PER_S_MIN);
        let part = timeout_at(began + patience + extra, stream.next()).await;
        match part.map_err(|_| slow())? {
            None => return Ok((bytes, room)),
            Some(Err(_)) => return Err(ApiError::bad_request("the body broke off")),
            Some(Ok(part)) => {
                pusher.grow(&mut room, bytes.len() + part.len())?;
                bytes.extend_from_slice(&part);
            }
        }
    }
}

fn told_length(headers: &HeaderMap) -> Option<usize> {
    let told = headers.get(header::CONTENT_LENGTH)?.to_str().ok()?;
    // A number that is too large to be one here is too large a body too.
    Some(told.parse().unwrap_or(usize::MAX))
}

fn slow() -> ApiError {
    let detail = format!(
        "the body came too slowly; send {} KiB a second or more",
        BYTES_PER_S_MIN >> 10
    );
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "slow-body", detail)
}

/// Lets go by what a handler has left of a body, beside the answer: a connection that is closed with bytes unread takes
/// the answer with it.
pub async fn let_go_by(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    // Who asks first whether to send, and is refused, sends nothing.
    let asks = parts.headers.contains_key(header::EXPECT);
    let body = match body.is_end_stream() {
        true => body,
        false => Body::from_stream(Rest {
            stream: Some(body.into_data_stream()),
            comes: !asks,
        }),
    };
    next.run(Request::from_parts(parts, body)).await
}

struct Rest {
    /// `None` when it has ended.
    stream: Option<BodyDataStream>,
    comes: bool,
}

impl Stream for Rest {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.comes = true;
        let Some(stream) = &mut self.stream else {
            return Poll::Ready(None);
        };
        let part = stream.poll_next_unpin(context);
        if matches!(part, Poll::Ready(None | Some(Err(_)))) {
            self.stream = None;
        }
        part
    }
}

impl Drop for Rest {
    fn drop(&mut self) {
        let runtime = tokio::runtime::Handle::try_current();
        if let (Some(stream), true, Ok(runtime)) = (self.stream.take(), self.comes, runtime) {
            runtime.spawn(tokio::time::timeout(DROPPED_TIME, drop_all(stream)));
        }
    }
}

async fn drop_all(mut stream: BodyDataStream) {
    let mut came = 0;
    while let Some(Ok(part)) = stream.next().await {
        came += part.len();
        if came > DROPPED_BYTES_MAX {
            return;
        }
    }
}
