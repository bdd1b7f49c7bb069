//! What a principal may do, one permission a kind of act, and sets of them.

use std::fmt;

/// One thing that a route needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Nothing: the route itself asks who comes, such as a login.
    Open,
    /// Only that a credential is valid.
    Identify,
    /// Search, follow and count events.
    ReadEvents,
    /// Read prompts and answers.
    ReadBodies,
    /// See the review queue.
    ReadEscalations,
    /// Decide escalations.
    ResolveEscalations,
    /// See findings, rules, the risk of entities and suppressions.
    ReadFindings,
    /// Take findings up, close them, and suppress what nobody wants to be told.
    ResolveFindings,
    /// Enable and disable rules.
    WriteRules,
    /// See who is contained.
    ReadContainments,
    /// Contain somebody for a while, and undo it.
    WriteContainments,
    /// Send signals of other systems.
    WriteSignals,
    /// See and fetch exports.
    ReadExports,
    /// Start exports.
    CreateExports,
    /// See the policy.
    ReadPolicies,
    /// Change the policy.
    WritePolicies,
    /// Approve what others changed in the policy.
    ApprovePolicies,
    /// Except from the policy what was found by mistake, for somebody and for a time.
    ExceptPolicies,
    /// See keys and tokens.
    ReadCredentials,
    /// Make and end gateway keys.
    WriteKeys,
    /// Make and end API tokens.
    WriteTokens,
    /// See users, teams and their sessions.
    ReadUsers,
    /// Make, change and suspend users and teams, and end sessions of others.
    WriteUsers,
    /// Read administrative acts.
    ReadAudit,
    /// Read the log's tiles, checkpoints and proofs.
    ReadLog,
    /// See health and metrics in detail.
    ReadHealth,
    /// See destinations of events, how they stand, and what they would not take.
    ReadDestinations,
    /// Make, change, pause and delete destinations, and enter their credentials.
    WriteDestinations,
    /// Erase what is kept of a person.
    EraseSubjects,
    /// Reload the configuration.
    Operate,
    /// Send users and groups (SCIM). No role has it; it is what tokens of that kind are for.
    Provision,
}

use Permission as P;

impl Permission {
    /// Every permission.
    pub const ALL: &[Self] = &[
        P::Open,
        P::Identify,
        P::ReadEvents,
        P::ReadBodies,
        P::ReadEscalations,
        P::ResolveEscalations,
        P::ReadFindings,
        P::ResolveFindings,
        P::WriteRules,
        P::ReadContainments,
        P::WriteContainments,
        P::WriteSignals,
        P::ReadExports,
        P::CreateExports,
        P::ReadPolicies,
        P::WritePolicies,
        P::ApprovePolicies,
        P::ExceptPolicies,
        P::ReadCredentials,
        P::WriteKeys,
        P::WriteTokens,
        P::ReadUsers,
        P::WriteUsers,
        P::ReadAudit,
        P::ReadLog,
        P::ReadHealth,
        P::ReadDestinations,
        P::WriteDestinations,
        P::EraseSubjects,
        P::Operate,
        P::Provision,
    ];

    /// Its name as the scope of a token; what every valid credential may do has none.
    pub const fn scope(self) -> Option<&'static str> {
        Some(match self {
            P::Open | P::Identify | P::Provision => return None,
            P::ReadEvents => "events:read",
            P::ReadBodies => "bodies:read",
            P::ReadEscalations => "escalations:read",
            P::ResolveEscalations => "escalations:resolve",
            P::ReadFindings => "findings:read",
            P::ResolveFindings => "findings:resolve",
            P::WriteRules => "rules:write",
            P::ReadContainments => "containments:read",
            P::WriteContainments => "containments:write",
            P::WriteSignals => "signals:write",
            P::ReadExports => "exports:read",
            P::CreateExports => "exports:create",
            P::ReadPolicies => "policies:read",
            P::WritePolicies => "policies:write",
            P::ApprovePolicies => "policies:approve",
            P::ExceptPolicies => "policies:except",
            P::ReadCredentials => "credentials:read",
            P::WriteKeys => "keys:write",
            P::WriteTokens => "tokens:write",
            P::ReadUsers => "users:read",
            P::WriteUsers => "users:write",
            P::ReadAudit => "audit:read",
            P::ReadLog => "log:read",
            P::ReadHealth => "health:read",
            P::ReadDestinations => "destinations:read",
            P::WriteDestinations => "destinations:write",
            P::EraseSubjects => "subjects:erase",
            P::Operate => "system:operate",
        })
    }

    /// Whether a person who does it has to have shown lately that it is he who sits there.
    pub const fn needs_step_up(self) -> bool {
        matches!(
            self,
            P::CreateExports
                | P::WriteRules
                | P::WritePolicies
                | P::ApprovePolicies
                | P::ExceptPolicies
                | P::WriteKeys
                | P::WriteTokens
                | P::WriteUsers
                | P::WriteDestinations
                | P::EraseSubjects
        )
    }

    const fn bit(self) -> u64 {
        1 << (self as u32)
    }
}

/// A set of permissions.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Permissions(u64);

impl Permissions {
    /// What everybody may who has a valid credential.
    pub const LEAST: Self = Self::of(&[P::Open, P::Identify]);

    /// These, and nothing else.
    pub const fn of(permissions: &[Permission]) -> Self {
        let (mut bits, mut rest) = (0, permissions);
        while let [first, others @ ..] = rest {
            bits |= first.bit();
            rest = others;
        }
        Self(bits)
    }

    /// What scopes allow. One that this version does not know allows nothing.
    pub fn of_scopes<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let known = |scope: &str| P::ALL.iter().find(|permission| permission.scope() == Some(scope)).copied();
        scopes.into_iter().filter_map(known).fold(Self::LEAST, |all, one| all.and(Self::of(&[one])))
    }

    /// Both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What both have.
    #[must_use]
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it is among them.
    pub const fn may(self, permission: Permission) -> bool {
        self.0 & permission.bit() != 0
    }

    /// Whether all of `other` are among these.
    pub const fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// Whether who may this can make a credential that may `other`: never a wider one than his own.
    pub const fn may_grant(self, other: Self) -> bool {
        self.may(P::WriteTokens) && self.covers(other)
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = Permission> {
        P::ALL.iter().copied().filter(move |permission| self.may(*permission))
    }
}

impl fmt::Debug for Permissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
