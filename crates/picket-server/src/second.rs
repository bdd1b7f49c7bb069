//! A second look at prompt injection, for checks that are late: the small encoder beside rules and the first model.

use picket_content::{Check, Context, Detectors, Hit, Report};
use picket_encoder::Encoder;
use picket_policy::LateCheck;
use std::sync::OnceLock;

/// The encoder, loaded when it is asked for the first time: whoever has no late check pays no memory for it.
#[derive(Debug, Default)]
pub(crate) struct SecondLook(OnceLock<Option<Encoder>>);

impl SecondLook {
    fn encoder(&self) -> Option<&Encoder> {
        let load = || match Encoder::shipped() {
            Ok(encoder) => Some(encoder),
            Err(error) => {
                tracing::error!(%error, "the encoder cannot be used; late checks of prompt injection fail");
                None
            }
        };
        self.0.get_or_init(load).as_ref()
    }
}

impl LateCheck for SecondLook {
    fn name(&self) -> &'static str {
        Check::PromptInjection.as_str()
    }

    fn examine(&self, text: &str, _kinds: &[&'static str], context: &Context) -> Option<Report> {
        let encoder = self.encoder()?;
        let mut report = Detectors.scan(Check::PromptInjection, text, context);
        let second = encoder.score(text);
        if second.windows == 0 && second.passed_over > 0 {
            return None;
        }
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

#[cfg(test)]
mod tests;
