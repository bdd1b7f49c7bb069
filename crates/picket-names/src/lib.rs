//! Names of people, places and organisations, and addresses that no pattern knows: what only a model finds.
//!
//! A [`Tagger`] reads a text stretch by stretch ([`Segments`]), describes each word by hashed features ([`features`]) and
//! asks a linear chain ([`Chain`]) for the most likely tags, and for how likely each place is. It is linear in the text,
//! and holds one stretch at a time. The weights are one checked file (the module `bundle`); `model/MODEL_CARD.md` tells what
//! they have learned from. It is too slow, and errs too often, for the path of a request: it works beside it.

mod bundle;
mod chain;
mod features;
mod kind;
mod lexicon;
mod tagger;
mod tokens;
mod weights;
mod words;

pub use bundle::{Bundle, LoadError};
pub use chain::{Calibration, Chain, Path, TAGS, Tag};
pub use features::{FEATURES, features};
pub use kind::Kind;
pub use lexicon::{Lexicon, bit};
pub use tagger::{Span, Tagger, joined};
pub use tokens::{Class, SEGMENT_TOKENS_MAX, Segment, Segments, Token};
pub use weights::{SLOT_BYTES, Weights};
pub use words::{Word, hash_of};

/// The weights that ship with the program.
#[cfg(feature = "weights")]
pub static SHIPPED: &[u8] = include_bytes!("../model/names.bin");
