//! What is left of a request's body when its answer is ready.
//!
//! A connection that is closed with something unread in it is reset, and a reset takes the answer with it: whoever still
//! sends would not hear why he was refused. So the rest is read and forgotten first, as far as that is reasonable.

use axum::body::{Body, BodyDataStream, Bytes, HttpBody as _};
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::{Stream, StreamExt as _};
use http::header;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

/// How much is read of a body that nobody wants, and for how long.
const DISCARDED_MAX: usize = 64 * 1_024 * 1_024;
const DISCARDING: Duration = Duration::from_secs(5);

/// A body that outlives the one who reads it.
#[derive(Clone)]
struct Kept(Arc<Inner>);

struct Inner {
    body: Mutex<BodyDataStream>,
    /// Whether anybody asked for it.
    is_read: AtomicBool,
}

/// Answers a request, once its body was read to its end or given up.
pub(crate) async fn discard(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let (head, body) = request.into_parts();
    // Who waits for a word before sending has sent nothing yet.
    let waits = head.headers.contains_key(header::EXPECT);
    let kept = Kept(Arc::new(Inner { body: Mutex::new(body.into_data_stream()), is_read: AtomicBool::new(false) }));
    let response = next.run(Request::from_parts(head, Body::from_stream(kept.clone()))).await;
    if !waits || kept.0.is_read.load(Ordering::Relaxed) {
        kept.empty().await;
    }
    response
}

impl Kept {
    async fn empty(mut self) {
        let rest = async {
            let mut discarded = 0;
            while let Some(Ok(piece)) = self.next().await {
                discarded += piece.len();
                if discarded > DISCARDED_MAX {
                    return;
                }
            }
        };
        if tokio::time::timeout(DISCARDING, rest).await.is_err() {
            tracing::debug!("a caller went on sending a body that nobody wants");
        }
    }
}

impl Stream for Kept {
    type Item = Result<Bytes, axum::Error>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.is_read.store(true, Ordering::Relaxed);
        let mut body = self.0.body.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_next(context)
    }
}
