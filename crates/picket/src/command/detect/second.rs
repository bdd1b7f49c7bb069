//! The second tier of a check, where the build has one: the encoder, for prompt injection.

use crate::failure::Failure;
use picket_content::Check;

#[cfg(feature = "encoder")]
#[derive(Debug)]
pub(super) struct Tier(picket_encoder::Encoder);

/// No build without the encoder has one.
#[cfg(not(feature = "encoder"))]
#[derive(Debug)]
pub(super) enum Tier {}

/// The second tier of a check.
#[cfg(feature = "encoder")]
pub(super) fn of(check: Check) -> Result<Option<Tier>, Failure> {
    if check != Check::PromptInjection {
        return Ok(None);
    }
    let encoder = picket_encoder::Encoder::shipped().map_err(Failure::general)?;
    Ok(Some(Tier(encoder)))
}

#[cfg(not(feature = "encoder"))]
pub(super) fn of(_: Check) -> Result<Option<Tier>, Failure> {
    Ok(None)
}

impl Tier {
    /// The score of both tiers, of the first one's.
    #[cfg(feature = "encoder")]
    pub(super) fn joined(&self, text: &str, first: f32) -> f32 {
        let second = self.0.score(text);
        self.0.rarity().fuse(first, second.evidence, second.stratum)
    }

    #[cfg(not(feature = "encoder"))]
    pub(super) fn joined(&self, _: &str, _: f32) -> f32 {
        match *self {}
    }
}
