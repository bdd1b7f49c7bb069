//! Answers over HTTP/2, where one stream can stand still while its connection flows.

use crate::serve::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::Instant;

/// Bytes that are handed to a stream at a time; what the connection holds of a stream that stands still.
const PIECE_BYTES: usize = 16 * 1024;

/// An answer of which nothing is kept for a caller who takes nothing of it for too long. What was handed over already
/// stays with the connection, and is one piece.
struct Flow {
    shared: Arc<Mutex<Flowing>>,
    watch: AbortHandle,
}

struct Flowing {
    /// None once it was cut.
    body: Option<Body>,
    /// What is there of a piece that is too long.
    rest: Bytes,
    /// Since when the caller has to make room for more; none while the answer itself is waited for.
    offered: Option<Instant>,
}

/// An answer that waits for its caller no longer than `patience` at a time.
pub(crate) fn bounded(body: Body, patience: Duration) -> Body {
    let is_short = body.size_hint().exact().and_then(|length| usize::try_from(length).ok());
    if is_short.is_some_and(|length| length <= PIECE_BYTES) {
        return body;
    }
    let flowing = Flowing { body: Some(body), rest: Bytes::new(), offered: Some(Instant::now()) };
    let shared = Arc::new(Mutex::new(flowing));
    let watch = tokio::spawn(watch(Arc::downgrade(&shared), patience)).abort_handle();
    Flow { shared, watch }.boxed_unsync()
}

async fn watch(flowing: Weak<Mutex<Flowing>>, patience: Duration) {
    loop {
        let wait = {
            let Some(shared) = flowing.upgrade() else { return };
            let mut flowing = shared.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = flowing.offered.map_or(Duration::ZERO, |since| since.elapsed());
            if waited >= patience {
                (flowing.body, flowing.rest) = (None, Bytes::new());
                return tracing::debug!("a stream was cut, because its caller takes nothing");
            }
            patience.saturating_sub(waited)
        };
        tokio::time::sleep(wait).await;
    }
}

impl Drop for Flow {
    fn drop(&mut self) {
        self.watch.abort();
    }
}

impl HttpBody for Flow {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let mut flowing = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever asks has room.
        flowing.offered = None;
        if flowing.rest.is_empty() {
            let Some(body) = flowing.body.as_mut() else {
                return Poll::Ready(Some(Err(io::Error::new(io::ErrorKind::TimedOut, "the caller took nothing"))));
            };
            match std::task::ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => flowing.rest = data,
                    Err(frame) => return Poll::Ready(Some(Ok(frame))),
                },
                ended => return Poll::Ready(ended),
            }
        }
        let piece = flowing.rest.len().min(PIECE_BYTES);
        let piece = flowing.rest.split_to(piece);
        flowing.offered = Some(Instant::now());
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        let flowing = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        flowing.rest.is_empty() && flowing.body.as_ref().is_some_and(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let flowing = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        let rest = u64::try_from(flowing.rest.len()).unwrap_or(0);
        let exact = flowing.body.as_ref().and_then(|body| body.size_hint().exact());
        exact.map_or_else(SizeHint::default, |more| SizeHint::with_exact(more + rest))
    }
}

#[cfg(test)]
mod tests;
