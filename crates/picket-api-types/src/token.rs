//! Tokens of people and services for this API.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// A new API token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateToken {
    /// Whose it is or what it is for.
    pub name: String,
    /// `owner`, `admin`, `policy-editor`, `policy-approver`, `responder`, `auditor`, `dpo`, `viewer` or `service`, several
    /// separated by commas; it may do at most what its maker may. Or `scim`, with which an identity provider sends users.
    pub role: String,
    /// Scopes that it is narrowed to, such as `events:read`; empty means all that its roles may do.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// Life, such as `90d`; the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// Addresses that may use it, CIDR; empty means all.
    #[serde(default)]
    pub addresses: Vec<String>,
}

/// An API token, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Token {
    /// Its id.
    pub id: String,
    /// Whose it is or what it is for.
    pub name: String,
    /// Roles, separated by commas, or `scim`.
    pub role: String,
    /// Scopes that it is narrowed to; empty means all that its roles may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// `active`, `revoked` or `expired`.
    pub status: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// When it was last used, within a minute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_used_at: Option<Timestamp>,
}

/// An API token with its secret, shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreatedToken {
    /// The secret.
    pub token: String,
    /// What it stands for.
    pub credential: Token,
}

/// Trades the set-up token for the first owner's token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetupRequest {
    /// Name of the first owner.
    pub name: String,
}

/// Who presents a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WhoAmI {
    /// Id of the credential.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its roles, separated by commas.
    pub role: String,
    /// Its workspace.
    pub workspace_id: String,
}
