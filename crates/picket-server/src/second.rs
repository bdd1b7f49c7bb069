//! A second look at prompt injection, for checks that are late or unsure: the small encoder beside rules and the first
//! model.

use lru::LruCache;
use picket_content::{Check, Context, Detectors, Hit, Report};
use picket_encoder::{Encoder, Stratum};
use picket_policy::SlowCheck;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZero;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

/// Texts whose score is remembered: a client sends its whole history again with each turn.
const KNOWN_MAX: NonZero<usize> = NonZero::new(8_192).expect("8,192 is not zero");

/// The encoder, loaded when a policy wants it or it is asked for the first time: whoever has no such check pays no memory
/// for it.
pub(crate) struct SecondLook {
    encoder: OnceLock<Option<Encoder>>,
    /// By a keyed hash of 128 bits, which nobody outside can aim at.
    known: Mutex<LruCache<[u64; 2], Second>>,
    hashers: [RandomState; 2],
}

/// What the encoder says of a text.
#[derive(Debug, Clone, Copy)]
struct Second {
    evidence: f32,
    stratum: Stratum,
}

impl Default for SecondLook {
    fn default() -> Self {
        let known = Mutex::new(LruCache::new(KNOWN_MAX));
        Self { encoder: OnceLock::new(), known, hashers: <[RandomState; 2]>::default() }
    }
}

impl SecondLook {
    fn encoder(&self) -> Option<&Encoder> {
        let load = || match Encoder::shipped() {
            Ok(encoder) => Some(encoder),
            Err(error) => {
                tracing::error!(%error, "the encoder cannot be used; checks of prompt injection that ask it fail");
                None
            }
        };
        self.encoder.get_or_init(load).as_ref()
    }

    /// What the encoder says of a text; `None` where it cannot tell, or not in time.
    fn second(&self, encoder: &Encoder, text: &str, until: Option<Instant>) -> Option<Second> {
        let digest = self.hashers.each_ref().map(|hasher| hasher.hash_one(text));
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(second) = known().get(&digest) {
            return Some(*second);
        }
        let score = match until {
            Some(until) => encoder.score_until(text, until)?,
            None => encoder.score(text),
        };
        if score.windows == 0 && score.passed_over > 0 {
            return None;
        }
        let second = Second { evidence: score.evidence, stratum: score.stratum };
        known().put(digest, second);
        Some(second)
    }
}

impl SlowCheck for SecondLook {
    fn name(&self) -> &'static str {
        Check::PromptInjection.as_str()
    }

    fn prepare(&self) {
        self.encoder();
    }

    fn examine(
        &self,
        text: &str,
        _kinds: &[&'static str],
        context: &Context,
        until: Option<Instant>,
    ) -> Option<Report> {
        let encoder = self.encoder()?;
        let mut report = Detectors.scan(Check::PromptInjection, text, context);
        let second = self.second(encoder, text, until)?;
        report.score = encoder.rarity().fuse(report.score, second.evidence, second.stratum);
        if report.hits.is_empty() && report.score >= Detectors.threshold(Check::PromptInjection) {
            // It reads windows as a whole, and names no place.
            report.kind = Some("prompt_injection");
            report.hits.push(Hit {
                check: Check::PromptInjection,
                kind: "learned",
                start: 0,
                end: text.len(),
                score: report.score,
                detector: "encoder",
            });
        }
        Some(report)
    }
}

impl fmt::Debug for SecondLook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecondLook").field("encoder", &self.encoder).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
