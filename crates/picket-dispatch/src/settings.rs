//! What a destination is told.

use crate::subscription::{UnclearError, Wanted};
use picket_receivers::{Kind, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Requests that one destination may have on their way at a time.
pub const REQUESTS_MAX: u32 = 32;
const REQUESTS: u32 = 8;

/// What resumes a destination that was paused because it failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resume {
    /// Somebody who may.
    #[default]
    Manual,
    /// A probe that passes.
    Auto,
}

/// What a destination is told. Credentials are no part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where events go, and in what language.
    pub to: Kind,
    /// Which events.
    #[serde(default)]
    pub wanted: Wanted,
    /// What resumes it after it was paused because it failed.
    #[serde(default)]
    pub resume: Resume,
    /// Whether events arrive in the order of the log; it costs speed, since one request waits for the other.
    #[serde(default)]
    pub ordered: bool,
    /// Most requests at a time; how many there are goes by how the receiver bears them.
    #[serde(default = "requests", skip_serializing_if = "is_usual")]
    #[schema(example = 8)]
    pub requests: u32,
}

const fn requests() -> u32 {
    REQUESTS
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_usual(requests: &u32) -> bool {
    *requests == REQUESTS
}

/// Why a destination cannot be as it is told.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum SettingsError {
    /// Of its kind or credentials.
    #[error("{0}")]
    Kind(#[from] Problem),
    /// Of what it wants.
    #[error("`wanted`: {0}")]
    Wanted(#[from] UnclearError),
    /// Prompts and answers.
    #[error(
        "`wanted.bodies`: what is sent has no place for prompts and answers; give a kind and a `rendering` that has one"
    )]
    NoPlace,
    /// The operator.
    #[error(
        "`wanted.bodies`: prompts and answers may not leave; the configuration would have to say `destinations: {{ bodies: true }}`"
    )]
    Forbidden,
    /// Requests at a time.
    #[error("`requests` is 1 to {REQUESTS_MAX}")]
    Requests,
}

impl Settings {
    /// Refuses what cannot be used.
    pub fn check(&self) -> Result<(), SettingsError> {
        self.to.check()?;
        self.wanted.check()?;
        if self.wanted.bodies && !self.to.has_bodies() {
            return Err(SettingsError::NoPlace);
        }
        if (1..=REQUESTS_MAX).contains(&self.requests) { Ok(()) } else { Err(SettingsError::Requests) }
    }

    /// Requests at a time.
    pub(crate) fn requests_max(&self) -> u32 {
        if self.ordered { 1 } else { self.requests }
    }
}
