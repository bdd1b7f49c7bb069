//! Long answers, sent piece by piece to readers who may be slow or stop reading.
//!
//! A thread is held while a piece is read from the disk, never while a reader takes it. A reader who takes nothing for
//! too long loses the rest, visibly: the answer breaks off, it does not end. Only so many long answers are sent at a time.

use crate::problem::ApiProblem;
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use std::io;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore, mpsc};

/// Pieces that wait for a reader.
const AHEAD: usize = 4;

/// How long answers are sent.
#[derive(Debug, Clone)]
pub struct Feeds {
    places: Arc<Semaphore>,
    most: usize,
    patience: Duration,
}

/// The right to send one long answer.
#[derive(Debug)]
pub(crate) struct Place(#[expect(dead_code, reason = "what counts is when it is dropped")] OwnedSemaphorePermit);

/// What travels to the body. Without `End` the answer was cut.
enum Item {
    Piece(Bytes),
    Failed(io::Error),
    End,
}

type Items = Mutex<mpsc::Receiver<Item>>;

impl Feeds {
    /// At most so many long answers at a time, to readers who take a piece within `patience`.
    pub fn new(most: usize, patience: Duration) -> Self {
        Self { places: Arc::new(Semaphore::new(most)), most, patience }
    }

    /// A place for a long answer, or 503 where all are taken.
    pub(crate) fn place(&self) -> Result<Place, ApiProblem> {
        let free = Arc::clone(&self.places).try_acquire_owned();
        free.map(Place).map_err(|_taken| {
            ApiProblem::busy(format!(
                "{} long lists and files are being sent, and no more at a time; try again later, or ask for less with limit",
                self.most
            ))
        })
    }

    /// A body of the pieces that `next` reads, which may block. A reader who leaves ends it.
    pub(crate) fn body(
        &self,
        place: Option<Place>,
        next: impl FnMut() -> Option<io::Result<Bytes>> + Send + 'static,
    ) -> Body {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let items = Arc::new(Mutex::new(receiver));
        tokio::spawn(send(next, sender, Arc::downgrade(&items), self.patience, place));
        Body::from_stream(stream::unfold(Some(items), |items| async move {
            let items = items?;
            let item = items.lock().await.recv().await;
            match item {
                Some(Item::Piece(piece)) => Some((Ok(piece), Some(items))),
                Some(Item::Failed(error)) => Some((Err(error), None)),
                Some(Item::End) => None,
                None => Some((Err(io::Error::other("the answer was cut")), None)),
            }
        }))
    }
}

async fn send<F: FnMut() -> Option<io::Result<Bytes>> + Send + 'static>(
    mut next: F,
    sender: mpsc::Sender<Item>,
    items: Weak<Items>,
    patience: Duration,
    _place: Option<Place>,
) {
    loop {
        let read = tokio::task::spawn_blocking(move || {
            let piece = next();
            (next, piece)
        });
        // One that panics cuts the answer.
        let Ok((again, piece)) = read.await else { return };
        next = again;
        let (item, is_last) = match piece {
            Some(Ok(piece)) => (Item::Piece(piece), false),
            Some(Err(error)) => (Item::Failed(error), true),
            None => (Item::End, true),
        };
        match tokio::time::timeout(patience, sender.send(item)).await {
            Ok(Ok(())) if !is_last => {}
            Ok(_) => return,
            Err(_elapsed) => {
                tracing::info!("a long answer was cut, because its reader took nothing for {patience:?}");
                // What waits for the reader is not kept for somebody who may never come.
                if let Some(items) = items.upgrade()
                    && let Ok(mut items) = items.try_lock()
                {
                    items.close();
                    while items.try_recv().is_ok() {}
                }
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests;
