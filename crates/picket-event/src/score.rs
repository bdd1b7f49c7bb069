//! Scores, 0 to 1, as they are shown, searched and stored.
//!
//! Detectors calculate in single precision, whose 0.95 is 0.949999988079071 in double precision. A score is good for
//! three digits at best, so the millionths of the log entry are all of it that counts.

use serde::Serializer;

/// A score without what the precision of its calculation added.
pub fn rounded(score: f64) -> f64 {
    (score * 1e6).round() / 1e6
}

/// Writes a score as a short decimal.
#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
pub(crate) fn serialize<S: Serializer>(score: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    match score {
        Some(score) => serializer.serialize_some(&rounded(*score)),
        None => serializer.serialize_none(),
    }
}

#[cfg(test)]
mod tests;
