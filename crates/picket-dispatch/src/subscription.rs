//! Which events a destination wants.

use picket_event::types::{self, Known, Stand};
use picket_event::{Event, EventType, Severity};
use picket_query::{Query, QueryError, nearest};
use picket_render::Subject;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Patterns of one subscription.
const PATTERNS_MAX: usize = 64;
/// Events about deliveries: each delivery would make more of them without end, so they are delivered only to who asks.
pub(crate) const REPORTS: &str = "delivery.";

/// Which events a destination wants: those that fit all that is said; all but events about deliveries when nothing is.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Wanted {
    /// Types such as `decision.rejected`, or families such as `escalation.*` or, the same, `escalation`, of those that
    /// `docs/reference/events.md` lists. A request has the name of what was decided about it, and `request` means all of
    /// them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<String>,
    /// A filter in the grammar of searches, such as `team:engineering -action:allowed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Only events of this severity and worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "medium")]
    pub severity: Option<Severity>,
    /// Prompts and answers of requests, too, as long as they are kept and cut where they are long; only where the
    /// operator's configuration lets them leave, and asked for by somebody who may read them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bodies: bool,
}

/// Why a subscription cannot be used.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum UnclearError {
    /// A pattern that no event fits: it, and what may have been meant.
    #[error("`{0}` is no type of events{1}")]
    Pattern(String, String),
    /// Too many.
    #[error("a destination takes {PATTERNS_MAX} types of events; give a family such as `escalation.*`, or a filter")]
    TooMany,
    /// The filter.
    #[error("the filter cannot be read: {0}")]
    Filter(#[from] QueryError),
}

/// A subscription that is held against events.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    patterns: Vec<Pattern>,
    filter: Query,
    severity: Option<Severity>,
    /// Whether prompts and answers are sent.
    pub(crate) has_bodies: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Pattern {
    All,
    Type(String),
    /// With its dot at the end.
    Family(String),
}

impl Pattern {
    fn fits(&self, name: &str) -> bool {
        match self {
            Self::All => !name.starts_with(REPORTS),
            Self::Type(wanted) => wanted == name,
            Self::Family(wanted) => name.starts_with(wanted.as_str()),
        }
    }

    /// Refuses one that fits no event that a destination can be sent, with what may have been meant.
    fn check(&self, text: &str) -> Result<(), UnclearError> {
        let fits = |known: &Known| known.is_shown() && self.fits(known.name);
        if matches!(self, Self::All) || types::ALL.iter().any(fits) {
            return Ok(());
        }
        let hint = types::find(text).map(elsewhere).or_else(|| meant(text)).unwrap_or_else(|| UNKNOWN.to_owned());
        Err(UnclearError::Pattern(text.to_owned(), hint))
    }
}

/// What is said where nothing is near.
const UNKNOWN: &str = ": give a type such as `decision.rejected`, or a family such as `escalation.*`, of those that \
    docs/reference/events.md lists";

/// What somebody may have meant who wrote what no event has: a type, a family, or another type of the family.
fn meant(text: &str) -> Option<String> {
    let names = || types::ALL.iter().filter(|known| known.is_shown()).map(|known| known.name);
    let (stem, act) = text.split_once('.').unwrap_or((text, "*"));
    let near = (act != "*").then(|| nearest(text, names())).flatten();
    if let Some(near) = near {
        return Some(format!("; did you mean `{near}`?"));
    }
    let family = nearest(stem, names().map(family_of))?;
    if act == "*" || family != stem {
        return Some(format!("; did you mean `{family}.*`?"));
    }
    let all: Vec<&str> = names().filter(|name| family_of(name) == family).collect();
    Some(format!("; of `{family}` there are {}", all.join(", ")))
}

/// Why a type that there is goes to no destination.
fn elsewhere(known: &Known) -> String {
    match known.stand {
        Stand::Half => " that is sent: it is half of a `request`, which is sent whole".to_owned(),
        Stand::Probe => " that is sent by itself: `picket destinations test` sends it".to_owned(),
        Stand::Foreign | Stand::Log | Stand::Shown => " that the log has: only other systems tell of it".to_owned(),
    }
}

fn family_of(name: &'static str) -> &'static str {
    name.split('.').next().unwrap_or(name)
}

impl Wanted {
    /// Refuses what cannot be read, and types that no event has.
    pub(crate) fn check(&self) -> Result<(), UnclearError> {
        self.compile()?.patterns.iter().zip(&self.events).try_for_each(|(pattern, text)| pattern.check(text))
    }

    /// Reads it. A type that no event has fits none: a destination that was made with one goes on with the others.
    pub(crate) fn compile(&self) -> Result<Subscription, UnclearError> {
        if self.events.len() > PATTERNS_MAX {
            return Err(UnclearError::TooMany);
        }
        let mut patterns = self.events.iter().map(|text| pattern(text)).collect::<Result<Vec<_>, _>>()?;
        if patterns.is_empty() {
            patterns.push(Pattern::All);
        }
        let filter = Query::parse(self.filter.as_deref().unwrap_or_default())?.stored();
        Ok(Subscription { patterns, filter, severity: self.severity, has_bodies: self.bodies })
    }
}

fn pattern(text: &str) -> Result<Pattern, UnclearError> {
    if text == "*" {
        return Ok(Pattern::All);
    }
    let (stem, is_family) = text.strip_suffix(".*").map_or((text, false), |stem| (stem, true));
    let is_name = EventType::parse(stem).is_some();
    // One word is a family, but for the type of requests, which is the oldest of them.
    let is_family = is_family || !stem.contains('.') && stem != EventType::REQUEST.as_str();
    match (is_name, is_family) {
        (true, true) if stem == EventType::REQUEST.as_str() => Ok(Pattern::Type(stem.to_owned())),
        (true, true) => Ok(Pattern::Family(format!("{stem}."))),
        (true, false) => Ok(Pattern::Type(text.to_owned())),
        (false, _) => Err(UnclearError::Pattern(text.chars().take(64).collect(), UNKNOWN.to_owned())),
    }
}

impl Subscription {
    /// Whether it wants an event.
    pub(crate) fn wants(&self, event: &Event) -> bool {
        if self.severity.is_some_and(|least| event.severity < least) {
            return false;
        }
        let (stored, shown) = (event.event_type.as_str(), Subject::new(event));
        let fits = |pattern: &Pattern| pattern.fits(stored) || pattern.fits(shown.name());
        self.patterns.iter().any(fits) && self.filter.matches(event)
    }
}

#[cfg(test)]
mod tests;
