//! What the operator says about signing in, and the one function that every way in asks.

use crate::Identity;
use picket_store::{Role, Roles};
use std::sync::Arc;

/// How somebody signs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// With name and password, and a code where there is one.
    Password,
    /// An identity provider vouches for him.
    Sso,
}

impl Method {
    const ALL: &[Self] = &[Self::Password, Self::Sso];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Sso => "sso",
        }
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|method| method.as_str() == word).copied()
    }
}

/// Rules of the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Only the identity provider lets anybody in.
    pub sso_only: bool,
    /// Who has to have a second factor before he does anything with his roles.
    pub strong: Roles,
}

impl Default for Rules {
    /// Passwords are taken, and those who run the system need a second factor.
    fn default() -> Self {
        Self { sso_only: false, strong: Roles::of(&[Role::Owner, Role::Admin]) }
    }
}

/// A way in that the rules do not allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("passwords are switched off here: sign in through the identity provider")]
pub struct SsoOnly;

impl Identity {
    /// The rules in force.
    pub fn rules(&self) -> Arc<Rules> {
        self.rules_now()
    }

    /// Whether somebody may come in this way. Asked by whatever makes a session, or leads to one: signing in, changing or
    /// resetting a password, confirming with one.
    pub fn allow(&self, method: Method) -> Result<(), SsoOnly> {
        if method == Method::Password && self.rules().sso_only { Err(SsoOnly) } else { Ok(()) }
    }
}
