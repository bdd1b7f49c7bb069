//! What every detector stands on: a text as a reader sees it, and what is found in it.
//!
//! [`fold`] makes one spelling of many and [`Origins`] leads back; a [`Hit`] is a place in the very text that was given;
//! [`Hits`] keeps what is found within bounds and [`disjoint`] apart.

mod boundary;
mod check;
mod english;
mod mask;
mod rarity;
mod view;

pub use boundary::ascii_boundaries;
pub use check::{Check, Context, HITS_MAX, Hit, Hits, Report, UnknownCheckError, disjoint};
pub use english::ENGLISH_WORDS;
pub use mask::{code_points, mask};
pub use rarity::{LEVELS, Levels, magnitude};
pub use view::{Origins, fold, folded, look_alike};
