//! The second tier of prompt injection: a small encoder that reads whole sentences.
//!
//! Rules and n-grams know words; an encoder knows what is asked of whom. It is a hundred times as slow, so that it judges
//! beside the path of a request. An [`Encoder`] is a vocabulary ([`WordPieces`]), a network that `rten` runs, and tables
//! of how rare its scores are among harmless texts, all in one checked file (the module `bundle`). [`fuse`](Rarity::fuse) joins
//! what it says to what the first tier says. `MODEL_CARD.md` beside the weights tells what they have learned from.

mod bundle;
mod encoder;
mod rarity;
mod unicode;
mod windows;
mod wordpiece;

pub use bundle::{Bundle, LoadError};
pub use encoder::{Encoder, Score, Windows};
pub use picket_text::{LEVELS, Levels};
pub use rarity::{Rarity, Stratum, evidence_of, score_of};
pub use windows::{TOKENS_MAX, WINDOW, WINDOWS_MAX};
pub use wordpiece::{TEXT_BYTES_MAX, WordPieces};

/// The weights that ship with the program.
#[cfg(feature = "weights")]
pub static SHIPPED: &[u8] = include_bytes!("../model/encoder.bin");
