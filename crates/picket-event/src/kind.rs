//! The type of an event: a dotted name from a closed set of families.

use crate::types;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// The name of an event type, such as `request` or `escalation.created`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "request")]
pub struct EventType(Cow<'static, str>);

impl EventType {
    /// One AI request: `request.received` and `request.completed` of the log, merged.
    pub const REQUEST: Self = Self(Cow::Borrowed("request"));
    /// In the log only: a request went upstream.
    pub const REQUEST_RECEIVED: Self = Self(Cow::Borrowed("request.received"));
    /// In the log only: a request ended.
    pub const REQUEST_COMPLETED: Self = Self(Cow::Borrowed("request.completed"));
    /// What a check found beside a request, whose event it names as its parent.
    pub const VERDICT_LATE: Self = Self(Cow::Borrowed("verdict.late"));
    /// What a request of low risk is shown as that passed by itself; no entry has this type.
    pub const AUTO_APPROVED: Self = Self(Cow::Borrowed("decision.auto_approved"));
    /// Failed authentications, aggregated.
    pub const AUTH_FAILED: Self = Self(Cow::Borrowed("auth.failed"));
    /// An escalation entered the review queue.
    pub const ESCALATION_CREATED: Self = Self(Cow::Borrowed("escalation.created"));
    /// A reviewer decided an escalation.
    pub const ESCALATION_RESOLVED: Self = Self(Cow::Borrowed("escalation.resolved"));
    /// An escalation ended without a decision.
    pub const ESCALATION_EXPIRED: Self = Self(Cow::Borrowed("escalation.expired"));
    /// A stored body was read.
    pub const BODY_VIEWED: Self = Self(Cow::Borrowed("admin.body_viewed"));
    /// A log began.
    pub const LOG_CREATED: Self = Self(Cow::Borrowed("system.log_created"));

    /// None: an entry of which nothing is known yet.
    pub(crate) const NONE: Self = Self(Cow::Borrowed(""));

    /// A type by a name that the program knows. One that [`types::ALL`] lacks does not compile as a constant, and panics
    /// elsewhere; in a release it is taken as it is, so that nothing that happened stays unrecorded.
    pub const fn of(name: &'static str) -> Self {
        debug_assert!(types::is_known(name), "a type of event that `picket_event::types` lacks");
        Self(Cow::Borrowed(name))
    }

    /// The type named by a text from outside, if it is well formed: lower-case words of letters and `_`, joined by dots,
    /// at most 64 bytes.
    pub fn parse(text: &str) -> Option<Self> {
        let word = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        (text.len() <= 64 && text.split('.').all(word)).then(|| Self(Cow::Owned(text.to_owned())))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a request, open or ended.
    pub fn is_request(&self) -> bool {
        self.0 == "request" || self.0.starts_with("request.")
    }
}

impl fmt::Display for EventType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
