//! The promise of a durable write.

use crate::WriteError;
use crate::queue::Refusal;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::oneshot;

/// Resolves when a write is durable, or when it is certain that it did not happen. Dropping it does not undo the write.
#[derive(Debug)]
pub struct Ticket<T, E>(State<T, E>);

#[derive(Debug)]
enum State<T, E> {
    Waiting(oneshot::Receiver<Result<T, WriteError<E>>>),
    Refused(Refusal),
}

pub(crate) type Sender<T, E> = oneshot::Sender<Result<T, WriteError<E>>>;

impl<T, E> Ticket<T, E> {
    pub(crate) fn new() -> (Sender<T, E>, Self) {
        let (sender, receiver) = oneshot::channel();
        (sender, Self(State::Waiting(receiver)))
    }

    pub(crate) fn refused(refusal: Refusal) -> Self {
        Self(State::Refused(refusal))
    }

    /// Whether the outcome is known, so that [`wait`](Self::wait) does not block.
    pub fn is_decided(&self) -> bool {
        match &self.0 {
            State::Waiting(receiver) => !receiver.is_empty() || receiver.is_terminated(),
            State::Refused(_) => true,
        }
    }

    /// Blocks the thread until the outcome is known. Not for asynchronous code.
    pub fn wait(self) -> Result<T, WriteError<E>> {
        match self.0 {
            State::Waiting(receiver) => receiver.blocking_recv().unwrap_or(Err(WriteError::Closed)),
            State::Refused(refusal) => Err(refused(refusal)),
        }
    }
}

impl<T, E> Future for Ticket<T, E> {
    type Output = Result<T, WriteError<E>>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut self.0 {
            State::Waiting(receiver) => {
                Pin::new(receiver).poll(context).map(|received| received.unwrap_or(Err(WriteError::Closed)))
            }
            State::Refused(refusal) => Poll::Ready(Err(refused(*refusal))),
        }
    }
}

fn refused<E>(refusal: Refusal) -> WriteError<E> {
    match refusal {
        Refusal::Busy => WriteError::Busy,
        Refusal::Closed => WriteError::Closed,
    }
}
