//! Kinds of destinations: how Picket speaks to each, and what its answers mean.
//!
//! A [`Kind`] is what an operator writes down: where the destination is, in what language it wants events, its options.
//! With [`Credentials`] and the [`Network`] that all share it becomes a [`Receiver`], which encodes events, sends requests
//! and says what came of them as an [`Outcome`]. One file for each kind, one line of [`Kind`], one arm of its match.
//!
//! This crate knows no store and no log; what is retried, when and how often, is not decided here. **Invariants:** every
//! answer becomes one outcome in bounded time, whatever a receiver sends; nothing that a receiver said leaves unbounded or
//! with control characters; no credential leaves but to the host that [`Kind::host`] names.

mod answer;
mod credentials;
mod destination;
mod elastic_http;
mod file;
mod generic_https;
mod http;
mod kafka;
mod kind;
mod network;
mod otlp;
mod receiver;
mod rendering;
mod s3;
mod sentinel;
mod splunk_hec;
mod syslog;

pub use answer::{Answer, ItemOutcome, Outcome, Tested, Warning, excerpt};
pub use credentials::{Credentials, SecretField};
pub use destination::{Frame, Limits, Request, Sent};
pub use kind::{Kind, Problem};
pub use network::{Network, TIMEOUT_MAX, TIMEOUT_MIN};
pub use receiver::Receiver;
pub use rendering::{Members, Profile, Rendering, Rest};

/// Options of each kind.
pub mod config {
    pub use crate::elastic_http::{Config as ElasticHttp, Write};
    pub use crate::file::Config as File;
    pub use crate::generic_https::{Batch, Body, Config as GenericHttps};
    pub use crate::kafka::{Config as Kafka, Sasl};
    pub use crate::otlp::Config as Otlp;
    pub use crate::s3::{Config as S3, Objects};
    pub use crate::sentinel::{Cloud, Config as Sentinel, Entra, Layout, SharedKey};
    pub use crate::splunk_hec::Config as SplunkHec;
    pub use crate::syslog::{Config as Syslog, Framing, Transport};
}

#[cfg(test)]
mod tests;
