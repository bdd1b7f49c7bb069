//! Signing in, second factors and sessions.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};

/// Name and password, and what else is needed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LoginRequest {
    /// Name.
    pub name: String,
    /// Password.
    pub password: String,
    /// Code of the second factor, or a recovery code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Whether the session becomes a cookie, as browsers want it; otherwise it is in the answer.
    #[serde(default)]
    pub cookie: bool,
}

/// Somebody is in.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SignedIn {
    /// The session, to be sent as `Authorization: Bearer …`, unless it became a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Id of the session.
    pub session_id: String,
    /// Id of the user.
    pub user_id: String,
    /// Name of the user.
    pub name: String,
    /// When the session ends in any case.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Whether a second factor has to be set up before anything else can be done.
    #[serde(default)]
    pub second_factor_needed: bool,
}

/// Another password.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// Name.
    pub name: String,
    /// The present password.
    pub password: String,
    /// Code of the second factor, or a recovery code, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The new one: at least twelve characters.
    pub new_password: String,
}

/// Shows who sits there, once more.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmRequest {
    /// Password.
    pub password: String,
    /// Code of the second factor, or a recovery code, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// A session under another text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Renewed {
    /// The session, to be sent from now on, unless it is a cookie.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// Codes for when the device is lost, each good once; shown this once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recovery_codes: Vec<String>,
}

/// What goes into an authenticator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TotpBegun {
    /// As text.
    pub secret: String,
    /// For a picture that the authenticator reads.
    pub uri: String,
}

/// A code of the authenticator.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TotpCode {
    /// Six digits.
    pub code: String,
}

/// Fetches the session of who came back from the identity provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SsoSession {
    /// What came back to the program with the browser.
    pub code: String,
    /// What the program sent the SHA-256 of when it began.
    pub verifier: String,
}

/// A session, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Session {
    /// `ses_…`.
    pub id: String,
    /// Name of its user.
    pub user: String,
    /// Id of its user.
    pub user_id: String,
    /// How he signed in: `password` or `sso`.
    pub method: String,
    /// Whether a second factor, or a provider, vouched for him.
    pub strong: bool,
    /// Whether it is the one that asks.
    pub current: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When it was last used.
    #[schema(value_type = String, format = DateTime)]
    pub last_used_at: Timestamp,
    /// When its user last showed who he is.
    #[schema(value_type = String, format = DateTime)]
    pub confirmed_at: Timestamp,
    /// When it ends in any case.
    #[schema(value_type = String, format = DateTime)]
    pub ends_at: Timestamp,
    /// Where he signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
}

/// Types that hold secrets say that they are there, and no more.
macro_rules! secret {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(..)"))
            }
        }
    )*};
}

secret!(LoginRequest, SignedIn, ChangePassword, ConfirmRequest, Renewed, TotpBegun, TotpCode, SsoSession);
