//! What scores mean: how rare they are among harmless texts, and the two tiers as one.

use crate::bundle::LoadError;
use picket_text::{Levels, has_english_words, magnitude};
use std::fmt;

/// The evidence of the first tier's threshold, and that threshold: its scores are `1 - 0.4 ^ (evidence / 2.7)`, where
/// evidence is the order of magnitude of how rare a text is. What is fused is on the same scale.
const COUNTS: f32 = 2.7;
const PASSED: f32 = 0.4;
/// Scores are told apart up to here; beyond, they are certain.
const EVIDENCE_MAX: f32 = 8.0;

/// Texts that are judged by the same measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stratum {
    /// One window, English.
    Short,
    /// More than one window, English.
    Document,
    /// Any other language.
    NonEnglish,
}

/// A language shows in the beginning of a text.
const HEAD_BYTES: usize = 600;

impl Stratum {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Short, Self::Document, Self::NonEnglish];

    /// The stratum of a text that takes so many windows.
    pub fn of(text: &str, windows: usize) -> Self {
        match (is_english(text), windows) {
            (false, _) => Self::NonEnglish,
            (true, ..=1) => Self::Short,
            (true, _) => Self::Document,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Document => "document",
            Self::NonEnglish => "non-english",
        }
    }
}

fn is_english(text: &str) -> bool {
    let head = text.get(..text.floor_char_boundary(HEAD_BYTES)).unwrap_or_default().to_lowercase();
    if head.chars().filter(|character| !character.is_ascii()).count() * 12 > head.chars().count() {
        return false;
    }
    has_english_words(&head)
}

/// The tables of one stratum.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Tables {
    encoder: Levels,
    both: Levels,
}

/// How rare scores are in each stratum. As text: `STRATUM encoder|both LEVEL LEVEL LEVEL LEVEL LEVEL`, a line each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rarity([Tables; Stratum::ALL.len()]);

impl Rarity {
    /// Reads tables.
    pub fn read(text: &str) -> Result<Self, LoadError> {
        let wrong = |cause: String| LoadError::part("rarity", cause);
        let mut rarity = Self::default();
        for stratum in Stratum::ALL {
            for which in ["encoder", "both"] {
                let begin = format!("{} {which} ", stratum.name());
                let line = text.lines().find_map(|line| line.strip_prefix(begin.as_str()));
                let line = line.ok_or_else(|| wrong(format!("it lacks the line `{begin}`")))?;
                let levels: Option<Vec<f32>> = line.split_ascii_whitespace().map(|level| level.parse().ok()).collect();
                let levels: Option<Levels> = levels.and_then(|levels| levels.try_into().ok());
                let levels = levels.filter(|levels| levels.is_sorted() && levels.iter().all(|level| level.is_finite()));
                let levels = levels.ok_or_else(|| wrong(format!("`{begin}` needs five numbers that grow")))?;
                let tables = rarity.tables_mut(stratum);
                *(if which == "both" { &mut tables.both } else { &mut tables.encoder }) = levels;
            }
        }
        Ok(rarity)
    }

    /// Sets what is reached in a stratum: scores by harmless windows, and sums of both tiers' evidence by harmless texts.
    pub fn set(&mut self, stratum: Stratum, encoder: Levels, both: Levels) {
        *self.tables_mut(stratum) = Tables { encoder, both };
    }

    fn tables(&self, stratum: Stratum) -> &Tables {
        let [short, document, other] = &self.0;
        match stratum {
            Stratum::Short => short,
            Stratum::Document => document,
            Stratum::NonEnglish => other,
        }
    }

    fn tables_mut(&mut self, stratum: Stratum) -> &mut Tables {
        let [short, document, other] = &mut self.0;
        match stratum {
            Stratum::Short => short,
            Stratum::Document => document,
            Stratum::NonEnglish => other,
        }
    }

    /// How rare the highest score of a text's windows is, as an order of magnitude: 2 is one harmless text in a hundred.
    ///
    /// The tables are of windows, and a text of ten has ten chances to be suspicious: they are taken off.
    pub fn evidence(&self, stratum: Stratum, highest: f32, windows: usize) -> f32 {
        let windows = u16::try_from(windows.max(1)).unwrap_or(u16::MAX);
        (magnitude(&self.tables(stratum).encoder, highest) - f32::from(windows).log10()).max(0.0)
    }

    /// Joins the first tier's score to the second one's evidence. The first tier's own scale: what counts is above 0.6.
    pub fn fuse(&self, first: f32, second: f32, stratum: Stratum) -> f32 {
        score_of(self.joined(evidence_of(first), second, stratum))
    }

    /// The evidence of both tiers together.
    ///
    /// Orders of magnitude add up as if the tiers erred independently, which they do not quite; so the sum has a table
    /// of its own.
    pub fn joined(&self, first: f32, second: f32, stratum: Stratum) -> f32 {
        magnitude(&self.tables(stratum).both, first + second)
    }
}

/// The score that stands for evidence, on the first tier's scale.
pub fn score_of(evidence: f32) -> f32 {
    1.0 - PASSED.powf(evidence / COUNTS)
}

/// The evidence that a score of the first tier stands for.
pub fn evidence_of(score: f32) -> f32 {
    let passed = 1.0 - score.clamp(0.0, 1.0);
    (COUNTS * passed.max(f32::MIN_POSITIVE).ln() / PASSED.ln()).min(EVIDENCE_MAX)
}

impl fmt::Display for Rarity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for stratum in Stratum::ALL {
            let tables = self.tables(stratum);
            for (which, levels) in [("encoder", &tables.encoder), ("both", &tables.both)] {
                let levels: Vec<String> = levels.iter().map(|level| format!("{level:.3}")).collect();
                writeln!(f, "{} {which} {}", stratum.name(), levels.join(" "))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
