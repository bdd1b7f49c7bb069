//! Control state: everything that people configure and decide.
//!
//! Writes take the caller's transaction, so that an act and its audit entry become durable together. What the data
//! plane needs (credentials) is kept in memory as a snapshot that follows each commit.

pub mod containments;
pub mod credentials;
pub mod cursors;
pub mod destinations;
pub mod detection;
pub mod escalations;
pub mod exceptions;
pub mod exports;
pub mod holds;
pub mod incidents;
pub mod meta;
mod permissions;
pub mod policies;
pub mod proposals;
mod roles;
pub mod schedules;
mod schema;
pub mod sealed;
pub mod signals;
pub mod tickets;
mod token;
pub mod webhooks;

pub use credentials::{Credential, Credentials, NewCredential, RefusedToken};
pub use permissions::{Permission, Permissions};
pub use roles::{ParseRoleError, Role, Roles};
pub use schema::MIGRATIONS;
pub use token::{Secret, TokenKind};

/// What stands where a name was that is erased. No name is like it: it has a space at its end.
pub(crate) const FORGOTTEN: &str = "(erased) ";

/// A number from outside as the database holds it. What is larger than any of its own stays so.
pub(crate) fn held(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
