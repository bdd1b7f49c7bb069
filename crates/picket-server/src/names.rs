//! Names of people, places and organisations, for checks of personal data that are late and name them.

use picket_content::{Check, Context, Detectors, Report};
use picket_names::{Kind, Tagger, joined};
use picket_policy::SlowCheck;
use std::sync::OnceLock;
use std::time::Instant;

/// The model, loaded when it is asked for the first time: whoever has no such check pays no memory for it.
#[derive(Debug, Default)]
pub(crate) struct Names(OnceLock<Option<Tagger>>);

impl Names {
    fn tagger(&self) -> Option<&Tagger> {
        let load = || match Tagger::shipped() {
            Ok(tagger) => Some(tagger),
            Err(error) => {
                tracing::error!(%error, "the model of names cannot be used; late checks that name PERSON and the like fail");
                None
            }
        };
        self.0.get_or_init(load).as_ref()
    }
}

impl SlowCheck for Names {
    fn name(&self) -> &'static str {
        Check::Pii.as_str()
    }

    fn examine(
        &self,
        text: &str,
        kinds: &[&'static str],
        context: &Context,
        _until: Option<Instant>,
    ) -> Option<Report> {
        let report = Detectors.scan_for(Check::Pii, kinds, text, context);
        // Without being asked for, names are not looked for: most texts have some, and most policies do not mind.
        if !kinds.iter().any(|kind| Kind::named(kind).is_some()) {
            return Some(report);
        }
        Some(joined(report, self.tagger()?.hits(text, kinds), Detectors.threshold(Check::Pii)))
    }
}

#[cfg(test)]
mod tests;
