//! Content detection, without I/O: text in; scores, types and spans out.
//!
//! Every detector is linear in its text and bounded in its hits. Spans are bytes of the very text that was given,
//! whatever view of it a detector looked at. [`stream`] guards texts that arrive in pieces.

pub mod custom;
mod detectors;
pub mod exfiltration;
pub mod explain;
pub mod injection;
pub mod leak;
pub mod linear;
mod reading;
pub mod safety;
pub mod stream;
pub mod topic;

pub use detectors::{Detectors, Settings};
pub use picket_pii::{
    KINDS as PII_KINDS, LEARNED as LEARNED_PII_KINDS, kind as pii_kind, learned_kind as learned_pii_kind,
    reference as pii_reference,
};
pub use picket_text::{Check, Context, Hit, Report, UnknownCheckError, code_points, mask, mask_beside};
pub use reading::Reading;
