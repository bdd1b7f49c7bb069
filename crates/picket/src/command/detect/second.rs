//! The second tier of a check, where the build has one: the encoder for prompt injection, the model of names for
//! personal data.

use crate::failure::Failure;
use picket_content::{Check, Report};

/// A slower tier.
#[derive(Debug)]
pub(super) enum Tier {
    /// Of prompt injection.
    #[cfg(feature = "encoder")]
    Encoder(picket_encoder::Encoder),
    /// Of personal data.
    #[cfg(feature = "names")]
    Names(picket_names::Tagger),
}

/// The second tier of a check.
pub(super) fn of(check: Check) -> Result<Option<Tier>, Failure> {
    match check {
        #[cfg(feature = "encoder")]
        Check::PromptInjection => {
            picket_encoder::Encoder::shipped().map(|encoder| Some(Tier::Encoder(encoder))).map_err(Failure::general)
        }
        #[cfg(feature = "names")]
        Check::Pii => picket_names::Tagger::shipped().map(|tagger| Some(Tier::Names(tagger))).map_err(Failure::general),
        _ => Ok(None),
    }
}

impl Tier {
    /// What both tiers find, of what the first found.
    #[cfg_attr(
        not(any(feature = "encoder", feature = "names")),
        expect(unused_variables, reason = "such a build has no slower tier")
    )]
    pub(super) fn joined(&self, text: &str, first: Report, threshold: f32) -> Report {
        match *self {
            #[cfg(feature = "encoder")]
            Self::Encoder(ref encoder) => {
                let second = encoder.score(text);
                let score = encoder.rarity().fuse(first.score, second.evidence, second.stratum);
                // What only the second tier sees has no place and no name of its own.
                let kind = first.kind.or_else(|| (score >= threshold).then_some("prompt_injection"));
                Report { score, kind, ..first }
            }
            #[cfg(feature = "names")]
            Self::Names(ref tagger) => {
                let all = picket_names::Kind::ALL.map(picket_names::Kind::as_str);
                picket_names::joined(first, tagger.hits(text, &all), threshold)
            }
        }
    }
}
