//! Users and teams.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct User {
    /// `usr_…`.
    pub id: String,
    /// What he signs in with.
    pub name: String,
    /// What he is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Where mail reaches him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What he is responsible for, widest first.
    pub roles: Vec<String>,
    /// Names of his teams.
    pub teams: Vec<String>,
    /// `active` or `suspended`.
    pub state: String,
    /// Whether he can sign in with a password.
    pub has_password: bool,
    /// When the password ends that somebody else chose for him; absent where it is his own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub password_until: Option<Timestamp>,
    /// Whether signing in with it takes a code too.
    pub has_totp: bool,
    /// As whom identity providers know him.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub external: Vec<ExternalUser>,
    /// Who made him.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When he last signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_login_at: Option<Timestamp>,
    /// Counts changes; send it back to change nothing that somebody else changed first.
    pub version: u64,
}

/// Whom an identity provider means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ExternalUser {
    /// The provider.
    pub issuer: String,
    /// Its own id of the user.
    pub subject: String,
}

/// A new user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateUser {
    /// What he signs in with: letters, digits and `._-+@`; upper and lower case are the same.
    pub name: String,
    /// What he is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Where mail reaches him.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// `owner`, `admin`, `policy-editor`, `policy-approver`, `responder`, `auditor`, `dpo`, `viewer`, `service`; together they
    /// may do at most what their maker may.
    pub roles: Vec<String>,
    /// Names or ids of his teams.
    #[serde(default)]
    pub teams: Vec<String>,
    /// Whether he gets a first password, which he has to change within three days; not needed where a provider vouches for
    /// him.
    #[serde(default)]
    pub password: bool,
}

/// A new user, with his first password, shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreatedUser {
    /// The user.
    pub user: User,
    /// His first password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
}

/// What becomes different of a user; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeUser {
    /// What he is called; an empty text is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Where mail reaches him; an empty text is nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// What he is responsible for. He has to sign in again when it changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Names or ids of his teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub teams: Option<Vec<String>>,
    /// `active` or `suspended`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The version that whoever changes it saw; a later one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// A password that somebody else has to change, shown this once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewPassword {
    /// The password.
    pub password: String,
    /// The user.
    pub user: User,
}

/// A team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Team {
    /// `tem_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Names of its members.
    pub members: Vec<String>,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// A new team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateTeam {
    /// Its name.
    pub name: String,
}
