//! Connections to servers that may be slow, say too much, or be where nobody may be sent.

use crate::gate::{Gate, is_disguised, refusal};
use crate::heads::Heads;
use crate::upstream::INTERIM_MAX;
use hyper::Uri;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::{Connected, Connection};
use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tower_service::Service;

/// Why there is no connection.
type Failure = Box<dyn Error + Send + Sync>;

/// Reads that a connection may bring something before other tasks of its thread have their turn.
const TURN_READS: usize = 4;
/// Heads of answers to one request over HTTP/2: as many interim ones as anybody may send, the answer's, and its end's.
const HEADS_MAX: usize = INTERIM_MAX + 2;
/// What a connection says that brought more.
pub(crate) const FLOOD: &str = "interim answers came without end";
/// Bytes that are read at a time from a connection whose frames are looked at.
const LOOKED_AT_BYTES: usize = 16 * 1024;

/// Connects within a time, TLS included.
#[derive(Debug, Clone)]
pub(crate) struct Timely<C> {
    pub(crate) inner: C,
    pub(crate) within: Duration,
    /// For hosts that are addresses: no name of theirs is resolved.
    pub(crate) gate: Option<Gate>,
}

impl<C> Service<Uri> for Timely<C>
where
    C: Service<Uri, Error = Failure>,
    C::Response: Connection + Send,
    C::Future: Send + 'static,
{
    type Response = Fair<C::Response>;
    type Error = Failure;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Failure>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        if let Some(gate) = &self.gate
            && (uri.host().is_some_and(is_disguised) || literal(&uri).is_some_and(|address| !gate.lets(address)))
        {
            return Box::pin(async { Err(refusal().into()) });
        }
        let connecting = tokio::time::timeout(self.within, self.inner.call(uri));
        Box::pin(async move {
            let connected = connecting.await.map_err(|_elapsed| io::Error::from(io::ErrorKind::TimedOut))?;
            connected.map(Fair::new)
        })
    }
}

/// The address that a host is, if it is one.
fn literal(uri: &Uri) -> Option<IpAddr> {
    uri.host()?.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// Finds addresses of names, and keeps those that may be reached. What is judged here is what is connected to: a name that
/// is resolved twice may have two answers.
#[derive(Debug, Clone)]
pub(crate) struct Resolver {
    pub(crate) inner: GaiResolver,
    pub(crate) gate: Option<Gate>,
}

impl Service<Name> for Resolver {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let (resolving, gate) = (self.inner.call(name), self.gate.clone());
        Box::pin(async move {
            let found = resolving.await.map(Iterator::collect);
            let addresses: Vec<SocketAddr> = match gate {
                Some(gate) => gate.keep(found)?,
                None => found?,
            };
            Ok(addresses.into_iter())
        })
    }
}

/// A connection that lets others have their turn. A server whose bytes come faster than they are read, and mean nothing,
/// such as interim answers without end, would keep a thread to itself: requests of others, and their clocks, stood still.
#[derive(Debug)]
pub(crate) struct Fair<I> {
    inner: I,
    /// Reads that brought something since the last pause.
    reads: usize,
    /// Over HTTP/2 only: of HTTP/1.1 the client counts.
    heads: Option<(Heads, Box<[u8]>)>,
}

impl<I: Connection> Fair<I> {
    fn new(inner: I) -> Self {
        let is_http2 = inner.connected().is_negotiated_h2();
        let heads = is_http2.then(|| (Heads::new(HEADS_MAX), vec![0; LOOKED_AT_BYTES].into()));
        Self { inner, reads: 0, heads }
    }
}

impl<I: Connection> Connection for Fair<I> {
    fn connected(&self) -> Connected {
        self.inner.connected()
    }
}

impl<I: Read + Unpin> Read for Fair<I> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.reads >= TURN_READS {
            this.reads = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let inner = Pin::new(&mut this.inner);
        let read = match &mut this.heads {
            None => inner.poll_read(context, buffer),
            Some((heads, seen)) => {
                let room = buffer.remaining().min(seen.len());
                let mut read = ReadBuf::new(seen.get_mut(..room).unwrap_or_default());
                match inner.poll_read(context, read.unfilled()) {
                    Poll::Ready(Ok(())) if heads.take(read.filled()) => {
                        buffer.put_slice(read.filled());
                        Poll::Ready(Ok(()))
                    }
                    Poll::Ready(Ok(())) => Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, FLOOD))),
                    other => other,
                }
            }
        };
        this.reads = if read.is_pending() { 0 } else { this.reads + 1 };
        read
    }
}

impl<I: Write + Unpin> Write for Fair<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(context, slices)
    }
}

#[cfg(test)]
mod tests;
