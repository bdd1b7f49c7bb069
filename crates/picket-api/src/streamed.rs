//! Answers that are written piece by piece from a thread that blocks on disk.
//!
//! Such threads are few, so a reader may neither hold one for ever nor open many at once.

use crate::problem::ApiProblem;
use axum::body::Body;
use bytes::Bytes;
use http::StatusCode;
use std::io;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, mpsc};

/// Pieces that wait for a slow reader.
const WAITING_PIECES: usize = 4;
/// A reader who takes nothing for so long is given up.
const STALLED: Duration = Duration::from_secs(30);
/// Answers of this kind at a time, in the whole process.
static PLACES: Semaphore = Semaphore::const_new(64);
/// How long a request waits for a place.
const PLACE_WAIT: Duration = Duration::from_secs(2);

/// Where pieces go.
#[derive(Debug)]
pub(crate) struct Sink {
    sender: mpsc::Sender<Result<Bytes, io::Error>>,
    runtime: Handle,
    patience: Duration,
}

impl Sink {
    /// Sends a piece, waiting for the reader; whether there is any use in going on.
    pub(crate) fn send(&self, piece: impl Into<Bytes>) -> bool {
        self.deliver(Ok(piece.into()))
    }

    /// Cuts the answer, so that its reader does not take it for whole.
    pub(crate) fn cut(&self, error: io::Error) {
        self.deliver(Err(error));
    }

    fn deliver(&self, piece: Result<Bytes, io::Error>) -> bool {
        // A reader with room costs no timer.
        match self.sender.try_send(piece) {
            Ok(()) => true,
            Err(mpsc::error::TrySendError::Closed(_)) => false,
            Err(mpsc::error::TrySendError::Full(piece)) => {
                let sent = self.runtime.block_on(self.sender.send_timeout(piece, self.patience));
                if let Err(mpsc::error::SendTimeoutError::Timeout(_)) = &sent {
                    tracing::info!("a reader took nothing for too long and was given up");
                }
                sent.is_ok()
            }
        }
    }
}

/// A body that `write` fills on a thread of its own.
///
/// # Errors
/// 503 when too many such answers are being read.
pub(crate) async fn body(write: impl FnOnce(&Sink) + Send + 'static) -> Result<Body, ApiProblem> {
    let place = tokio::time::timeout(PLACE_WAIT, PLACES.acquire()).await.ok().and_then(Result::ok);
    let place = place.ok_or_else(|| {
        let message = "too many long answers are being read at once; try again in a moment";
        ApiProblem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
    })?;
    let (sender, mut receiver) = mpsc::channel(WAITING_PIECES);
    let sink = Sink { sender, runtime: Handle::current(), patience: STALLED };
    tokio::task::spawn_blocking(move || {
        let _place = place;
        write(&sink);
    });
    Ok(Body::from_stream(futures_util::stream::poll_fn(move |context| receiver.poll_recv(context))))
}

#[cfg(test)]
mod tests;
