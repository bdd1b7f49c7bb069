//! Who may do what. Default deny; one table.

use crate::permissions::{Permission, Permissions};
use std::fmt;
use std::str::FromStr;

/// What somebody is responsible for. A principal may have several roles, and may then do what any of them may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Everything, other owners included.
    Owner,
    /// Runs the system: policies, keys, users, configuration. Erases nothing.
    Admin,
    /// Writes policies.
    PolicyEditor,
    /// Approves policies that others wrote.
    PolicyApprover,
    /// Works on the queue, reads bodies, exports.
    Responder,
    /// Sees what was done, by whom, and who may what; changes nothing.
    Auditor,
    /// Looks after the rights of those whose data it is; with owners the only one who erases.
    Dpo,
    /// Reads events and the queue.
    Viewer,
    /// An application or a collector: reads events, follows them.
    Service,
}

use Permission as P;

impl Role {
    /// Every role.
    pub const ALL: &[Self] = &[
        Self::Owner,
        Self::Admin,
        Self::PolicyEditor,
        Self::PolicyApprover,
        Self::Responder,
        Self::Auditor,
        Self::Dpo,
        Self::Viewer,
        Self::Service,
    ];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::PolicyEditor => "policy-editor",
            Self::PolicyApprover => "policy-approver",
            Self::Responder => "responder",
            Self::Auditor => "auditor",
            Self::Dpo => "dpo",
            Self::Viewer => "viewer",
            Self::Service => "service",
        }
    }

    /// What the role may do.
    pub const fn permissions(self) -> Permissions {
        const SERVICE: Permissions =
            Permissions::LEAST.and(Permissions::of(&[P::ReadEvents, P::ReadLog, P::ReadHealth]));
        const VIEWER: Permissions =
            SERVICE.and(Permissions::of(&[P::ReadEscalations, P::ReadFindings, P::ReadContainments, P::ReadPolicies]));
        const RESPONDER: Permissions = VIEWER.and(Permissions::of(&[
            P::ReadBodies,
            P::ReadDestinations,
            P::ResolveEscalations,
            P::ResolveFindings,
            P::WriteContainments,
            P::WriteSignals,
            P::ReadExports,
            P::CreateExports,
        ]));
        const ADMIN: Permissions = RESPONDER.and(Permissions::of(&[
            P::WritePolicies,
            P::ApprovePolicies,
            P::ExceptPolicies,
            P::WriteRules,
            P::ReadCredentials,
            P::WriteKeys,
            P::WriteTokens,
            P::ReadUsers,
            P::WriteUsers,
            P::ReadAudit,
            P::WriteDestinations,
            P::Operate,
        ]));
        match self {
            Self::Service => SERVICE,
            Self::Viewer => VIEWER,
            Self::PolicyEditor => VIEWER.and(Permissions::of(&[P::WritePolicies, P::ExceptPolicies, P::WriteRules])),
            Self::PolicyApprover => VIEWER.and(Permissions::of(&[P::ApprovePolicies, P::ExceptPolicies])),
            Self::Auditor => VIEWER.and(Permissions::of(&[
                P::ReadExports,
                P::ReadCredentials,
                P::ReadUsers,
                P::ReadAudit,
                P::ReadDestinations,
            ])),
            Self::Dpo => VIEWER.and(Permissions::of(&[
                P::ReadBodies,
                P::ReadExports,
                P::CreateExports,
                P::ReadUsers,
                P::ReadAudit,
                P::EraseSubjects,
            ])),
            Self::Responder => RESPONDER,
            Self::Admin => ADMIN,
            Self::Owner => ADMIN.and(Permissions::of(&[P::EraseSubjects])),
        }
    }

    /// Whether the role may do it.
    pub const fn may(self, permission: Permission) -> bool {
        self.permissions().may(permission)
    }

    const fn bit(self) -> u16 {
        1 << (self as u16)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A text names no role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a role is owner, admin, policy-editor, policy-approver, responder, auditor, dpo, viewer or service; several are separated by commas"
)]
pub struct ParseRoleError;

impl FromStr for Role {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, ParseRoleError> {
        let text = text.trim();
        Self::ALL.iter().find(|role| role.as_str() == text).copied().ok_or(ParseRoleError)
    }
}

/// The roles of one principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Roles(u16);

impl Roles {
    /// These.
    pub fn of(roles: &[Role]) -> Self {
        Self(roles.iter().fold(0, |bits, role| bits | role.bit()))
    }

    /// Whether the role is among them.
    pub const fn has(self, role: Role) -> bool {
        self.0 & role.bit() != 0
    }

    /// Whether there are none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, widest first.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.iter().copied().filter(move |role| self.has(*role))
    }

    /// What they may do together.
    pub fn permissions(self) -> Permissions {
        self.iter().fold(Permissions::LEAST, |all, role| all.and(role.permissions()))
    }
}

impl From<Role> for Roles {
    fn from(role: Role) -> Self {
        Self::of(&[role])
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, role) in self.iter().enumerate() {
            write!(f, "{}{role}", if at == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl FromStr for Roles {
    type Err = ParseRoleError;

    fn from_str(text: &str) -> Result<Self, ParseRoleError> {
        let roles = text.split(',').map(str::parse).collect::<Result<Vec<Role>, _>>()?;
        Ok(Self::of(&roles))
    }
}

#[cfg(test)]
mod tests;
