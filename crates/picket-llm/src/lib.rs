//! Wire dialects of model providers, without I/O.
//!
//! A document is scanned once, strictly, into a [`tape::Tape`] of byte ranges; a walker names every text in it as a
//! [`Part`]; edits are spliced into the original bytes. **Invariants:** without edits the bytes stay the very same;
//! every string is a part, unless its place and its shape are known to be structural; what cannot be scanned is listed.

mod document;
mod edit;
mod endpoint;
mod error;
mod escape;
mod fragment;
mod frame;
mod logprobs;
mod models;
mod place;
mod request;
mod response;
mod scan;
mod sse;
mod stream;
pub mod tape;
mod walk;
mod words;

pub use document::{Document, Part, PartKind};
pub use edit::Edit;
pub use endpoint::{Dialect, Endpoint, Unsupported};
pub use error::{ApiError, error_body, error_event};
pub use fragment::Fragment;
pub use frame::Frame;
pub use models::{model_body, models_body};
pub use request::{Message, Request};
pub use response::{Response, Usage};
pub use scan::ParseError;
pub use sse::{SseDecoder, SseError};
pub use stream::{ChannelId, Delta, StreamEvent, StreamReader};

#[cfg(test)]
mod tests;
