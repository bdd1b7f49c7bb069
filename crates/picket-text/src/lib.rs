//! What every detector stands on: a text as a reader sees it, and what is found in it.
//!
//! [`fold`] makes one spelling of many and [`Origins`] leads back; a [`Hit`] is a place in the very text that was given;
//! [`Hits`] keeps what is found within bounds and [`disjoint`] apart. [`Words`] tells where words of a list begin.
//! [`each_block`] and [`bits`] look at many bytes at a time, and [`each_run`] finds what stands between spaces and signs.

mod block;
mod boundary;
mod check;
mod eight;
mod english;
mod mask;
mod rarity;
mod runs;
mod view;
mod words;

pub use block::{BLOCK, bits, each_block, places};
pub use boundary::ascii_boundaries;
pub use check::{Check, Context, HITS_MAX, Hit, Hits, Report, UnknownCheckError, disjoint};
pub use eight::{HIGH, ONES, alphanumeric, equal, first_eight};
pub use english::has_english_words;
pub use mask::{code_points, mask, mask_beside};
pub use rarity::{LEVELS, Levels, magnitude};
pub use runs::{Stands, each_run, is_letter};
pub use view::{Origins, fold, folded, look_alike};
pub use words::Words;
