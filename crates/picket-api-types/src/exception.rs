//! Exceptions from the policy: what people said is a false positive, for whom, and until when.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// Whom an exception is for, taken from the event of the escalation that it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExceptionScope {
    /// The user who asked, where that is certain.
    User,
    /// His team.
    Team,
    /// The application.
    Application,
    /// The gateway key.
    Key,
    /// The model.
    Model,
}

impl ExceptionScope {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Team => "team",
            Self::Application => "application",
            Self::Key => "key",
            Self::Model => "model",
        }
    }
}

/// An exception to be made: of an escalation that was a false positive, or of a check by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateException {
    /// The escalation: what it found, and for whom `scope` says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_escalation: Option<String>,
    /// Whom it is for, of those whom the escalation is about; all that are named must fit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scope: Vec<ExceptionScope>,
    /// Only for the very texts in which something was found. Credentials are excepted in no other way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// The check, by its name in the chain; without an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What it finds, such as `prompt_injection`; without an escalation.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// Rules or kinds of values, such as `EMAIL`; all of the check without any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// `input` or `output`; both without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// User; without an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Team; without an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Application; without an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Id of the gateway key; without an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Model; without an escalation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// For everybody; owners may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub everywhere: bool,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long, such as `30d`, which it is without one; at most a year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

/// What an exception covers of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExceptionCover {
    /// The check, by its name in the chain.
    pub policy: String,
    /// What it finds.
    #[serde(rename = "type")]
    pub finding: String,
    /// Rules or kinds of values; empty means all of the check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// `input` or `output`; both without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
}

/// What can be made of a false positive: send `request` to `/v1/exceptions`, as it stands or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExceptionProposal {
    /// What to send.
    pub request: CreateException,
    /// What that would cover.
    pub covers: Vec<ExceptionCover>,
}

/// An exception.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Exception {
    /// `exc_…`.
    pub id: String,
    /// `active`, `revoked` or `expired`.
    pub status: String,
    /// Whether requests are judged by it: not where the configuration allows no exceptions.
    pub in_force: bool,
    /// The check, by its name in the chain.
    pub policy: String,
    /// What it finds.
    #[serde(rename = "type")]
    pub finding: String,
    /// Rules or kinds of values; empty means all of the check.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
    /// `input` or `output`; both without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<String>,
    /// User.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// Team.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// Application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// Id of the gateway key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Whether it names nobody.
    pub everywhere: bool,
    /// Whether it is for certain texts only.
    pub exact: bool,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub author: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ends by itself.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Timestamp,
    /// The escalation that it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escalation_id: Option<String>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// Who ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
}
