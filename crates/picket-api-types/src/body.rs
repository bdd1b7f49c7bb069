//! Stored prompts and answers.

use serde::{Deserialize, Serialize};

/// Whether a body can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BodyState {
    /// It is here.
    Present,
    /// It was erased on request.
    Erased,
    /// Its retention ended.
    Expired,
}

/// One body of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BodyView {
    /// Its role: `request`, `response`, `evidence`, …
    pub role: String,
    /// Whether it can be read.
    pub state: BodyState,
    /// Media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The text, when present and UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The bytes as base64, when present and not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// Whether only the beginning was kept.
    pub truncated: bool,
    /// `sha256s:` commitment in the log entry.
    pub commit: String,
}

/// What a check found, with the text around it; what it found is masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Excerpt {
    /// The check.
    pub policy: String,
    /// Where in the body, as a JSON pointer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What it is.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// The masked text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<String>,
}

/// Why somebody reads bodies; itself recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevealRequest {
    /// The reason, at most 500 characters.
    pub reason: String,
}
