//! Destinations of events, each as strict as its maker documents it, with faults on demand.
//!
//! None of them knows Picket's own code: they are written from the rules of the real receivers, so that a mistake of ours
//! is not made twice.

pub mod bulk;
pub mod entra;
pub mod hec;
pub mod http;
pub mod kafka;
pub mod otlp;
pub mod s3;
pub mod syslog;
pub mod webhook;
