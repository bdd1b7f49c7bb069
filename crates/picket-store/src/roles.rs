//! Who may do what. Default deny; one table.

use std::fmt;
use std::str::FromStr;

/// The role of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads events and the queue.
    Viewer,
    /// An application or a collector: reads events, follows them.
    Service,
    /// Works on the queue, reads bodies, exports.
    Responder,
    /// Changes policies and keys.
    Admin,
    /// Everything, tokens of owners included.
    Owner,
}

/// One thing that a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Search, follow and count events.
    ReadEvents,
    /// Read prompts and answers.
    ReadBodies,
    /// See the review queue.
    ReadEscalations,
    /// Decide escalations.
    ResolveEscalations,
    /// See and fetch exports.
    ReadExports,
    /// Start exports.
    CreateExports,
    /// See the policy.
    ReadPolicies,
    /// Change the policy.
    WritePolicies,
    /// See keys and tokens.
    ReadCredentials,
    /// Make and end gateway keys.
    WriteKeys,
    /// Make and end API tokens.
    WriteTokens,
    /// Read the log's tiles, checkpoints and proofs.
    ReadLog,
    /// See health and metrics in detail.
    ReadHealth,
    /// Reload the configuration.
    Operate,
    /// Only that a credential is valid.
    Identify,
}

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[Self::Viewer, Self::Service, Self::Responder, Self::Admin, Self::Owner];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Service => "service",
            Self::Responder => "responder",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// Whether the role may do it.
    pub const fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match permission {
            P::Identify | P::ReadEvents | P::ReadLog | P::ReadHealth => true,
            P::ReadEscalations | P::ReadPolicies => !matches!(self, Self::Service),
            P::ReadExports | P::CreateExports | P::ReadBodies | P::ResolveEscalations => {
                matches!(self, Self::Responder | Self::Admin | Self::Owner)
            }
            P::ReadCredentials | P::WritePolicies | P::WriteKeys | P::WriteTokens | P::Operate => {
                matches!(self, Self::Admin | Self::Owner)
            }
        }
    }

    /// Whether a credential of this role may make one of `other`: never a wider one.
    pub fn may_grant(self, other: Self) -> bool {
        self.may(Permission::WriteTokens) && other <= self
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().find(|role| role.as_str() == text).copied();
        found.ok_or_else(|| "a role is owner, admin, responder, viewer or service".to_owned())
    }
}
