//! Users and teams that an identity provider sends (SCIM).

use picket_store::Roles;

/// What the operator says of users that an identity provider sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimSettings {
    /// Whose users they are: with it, the provider's own id of a user says whom tokens are about.
    pub issuer: String,
    /// What each group is responsible for, by its name. Where there are none, groups only make teams.
    pub roles: Vec<(String, Roles)>,
}
