//! Content detection, without I/O: text in; scores, types and spans out.
//!
//! Every detector is linear in its text and bounded in its hits. Spans are bytes of the very text that was given,
//! whatever view of it a detector looked at. [`stream`] guards texts that arrive in pieces.

mod boundary;
mod check;
pub mod custom;
pub mod exfiltration;
pub mod injection;
pub mod leak;
mod mask;
mod pii;
pub mod safety;
mod secret;
pub mod stream;
pub mod topic;
mod view;

pub use check::{Check, Context, Detectors, Hit, Report, Settings, UnknownCheckError};
pub use mask::{code_points, mask};
pub use pii::{KINDS as PII_KINDS, kind as pii_kind, reference as pii_reference};
