//! Personal data, by shape, checksum, context words and country.
//!
//! Nearly everything that counts has a digit: [`codes`] looks around each of them, and tries the [`rules`] whose shape
//! stands there. Most rules need a word before the candidate that names it, unless shape and checksum are rare enough
//! or the whole text is nothing else. Where a checksum exists, one digit off is no hit; and what a word names wrongly is
//! not taken for something weaker.

mod checksum;
mod codes;
mod dates;
mod iban;
mod list;
mod names;
mod network;
pub mod open;
mod phone;
mod place;
mod plan;
mod reference;
mod rule;
mod rules;
mod span;
mod wallet;
mod words;

use picket_text::{Check, Hit, Hits};

pub use names::{KINDS, LEARNED, kind, learned_kind};
pub use reference::{about, table as reference};

/// What is found in a text; some of it may overlap.
pub fn scan(text: &str) -> Vec<Hit> {
    scan_from(text, 0)
}

/// What is found in a text and begins at a place or later; some of what begins before may be told too.
pub fn scan_from(text: &str, from: usize) -> Vec<Hit> {
    let mut hits = Hits::default();
    let mut add = |(kind, start, end, score): codes::Found| {
        hits.add(Hit { check: Check::Pii, kind, start, end, score, detector: kind });
    };
    network::emails(text, from, &mut add);
    network::addresses(text, from, &mut add);
    network::pages(text, from, &mut add);
    codes::scan(text, from, &mut add);
    hits.into_vec()
}

#[cfg(test)]
mod tests;
