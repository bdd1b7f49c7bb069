//! What every kind of destination does.

use crate::answer::Answer;
use crate::credentials::{Credentials, SecretField};
use crate::kind::Problem;
use crate::network::Network;
use bytes::Bytes;
use picket_render::wire::WireError;
use picket_render::wire::otlp::ProtobufRequest;
use picket_render::{Fixed, Framing, Subject};
use picket_stdx::Timestamp;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

/// What a request may hold at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes, before compression.
    pub bytes: usize,
    /// Bytes after compression, where the receiver limits those too. What is longer compressed goes out as it is.
    pub compressed_bytes: Option<usize>,
    /// Events.
    pub events: usize,
}

impl From<Limits> for picket_render::Limits {
    fn from(limits: Limits) -> Self {
        let bytes = limits.compressed_bytes.map_or(limits.bytes, |compressed| limits.bytes.min(compressed));
        Self { bytes, events: limits.events }
    }
}

/// How the events of a request stand together.
#[derive(Debug, Clone, Copy)]
pub enum Frame<'a> {
    /// Fixed bytes around and between them.
    Fixed(Fixed),
    /// A request of OTLP.
    Otlp(&'a ProtobufRequest),
}

impl Framing for Frame<'_> {
    fn between(&self) -> &[u8] {
        match self {
            Self::Fixed(fixed) => fixed.between(),
            Self::Otlp(request) => request.between(),
        }
    }

    fn size(&self, body: usize) -> usize {
        match self {
            Self::Fixed(fixed) => fixed.size(body),
            Self::Otlp(request) => request.size(body),
        }
    }

    fn wrap(&self, body: &[u8], out: &mut Vec<u8>) {
        match self {
            Self::Fixed(fixed) => fixed.wrap(body, out),
            Self::Otlp(request) => request.wrap(body, out),
        }
    }
}

/// An event of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent<'a> {
    /// Its id, the same in every attempt.
    pub id: &'a str,
    /// Its type, as receivers see it ([`Subject::name`]).
    pub name: &'a str,
    /// Its workspace.
    pub workspace: &'a str,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Its position in the log, or another number that is the same in every attempt.
    pub position: u64,
}

/// A request: events that were encoded one after another and put together as [`Frame`] says.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// All of it.
    pub body: Bytes,
    /// What it holds, in its order.
    pub events: &'a [Sent<'a>],
}

/// Something that is waited for.
pub(crate) type Waited<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Options of a kind.
pub(crate) trait Configured {
    fn name(&self) -> &'static str;
    fn check(&self) -> Result<(), Problem>;
    fn host(&self) -> Option<String>;
    fn secrets(&self) -> &'static [SecretField];
    /// Options and credentials have been checked.
    fn open(&self, credentials: &Credentials, network: &Network) -> Result<Arc<dyn Destination>, Problem>;
}

/// An opened destination.
pub(crate) trait Destination: fmt::Debug + Send + Sync {
    fn encode(&self, event: &Subject<'_>, out: &mut Vec<u8>) -> Result<(), WireError>;
    fn frame(&self) -> Frame<'_>;
    fn limits(&self) -> Limits;
    fn send<'a>(&'a self, request: Request<'a>) -> Waited<'a, Answer>;

    /// Where a request goes, for people: a method and a whole URL, a file, an address. No credential is in it.
    fn place(&self, request: &Request<'_>) -> String;

    /// How its body is packed on the way, for people; nothing where it goes out as it is.
    fn packing(&self, _body: &[u8]) -> Option<&'static str> {
        None
    }

    /// The document of an event as the receiver stored it; none where it cannot be asked.
    fn read_back<'a>(&'a self, _event: Sent<'a>) -> Waited<'a, Option<Result<String, Problem>>> {
        Box::pin(async { None })
    }

    /// How many events the receiver has of a time; none where it cannot be asked.
    fn count(&self, _from: Timestamp, _to: Timestamp) -> Waited<'_, Option<Result<u64, Problem>>> {
        Box::pin(async { None })
    }
}
