//! SCIM 2.0 (RFC 7643, RFC 7644) without I/O: users and groups as identity providers send, change and look for them.
//!
//! What providers write differs from what the standard says, so the dialects of the two that most firms have (Okta, Entra)
//! are read too: words in another case, truth as a text, changes without a path, names with dots as members. What is not
//! kept here is passed over, as the standard wants; nothing of it becomes a right. **Invariant:** whatever is read is
//! bounded, and a filter or a path means the same however it is written.

mod filter;
mod group;
mod patch;
mod path;
mod schemas;
mod user;
mod value;

pub use filter::Filter;
pub use group::Group;
pub use patch::Patch;
pub use path::Path;
pub use schemas::{ERROR, LIST, resource_types, schemas, service_provider};
pub use user::User;

use std::fmt;

/// Names a resource of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A person.
    User,
    /// A group of them.
    Group,
}

impl Kind {
    /// Every kind.
    pub const ALL: &[Self] = &[Self::User, Self::Group];

    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Group => "Group",
        }
    }

    /// Its schema.
    pub const fn schema(self) -> &'static str {
        match self {
            Self::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }

    /// Where its resources are, below the base of the service.
    pub const fn endpoint(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }
}

/// Why something was not done, in the words of the standard (RFC 7644, 3.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimError {
    /// The status of the answer.
    pub status: u16,
    /// What is wrong, in a word, where there is one.
    pub kind: Option<&'static str>,
    /// What is wrong, and what to do. Nothing of what was sent.
    pub detail: String,
}

impl ScimError {
    /// 400 with a word of the standard.
    pub fn bad(kind: &'static str, detail: impl Into<String>) -> Self {
        Self { status: 400, kind: Some(kind), detail: detail.into() }
    }

    pub(crate) fn value(detail: impl Into<String>) -> Self {
        Self::bad("invalidValue", detail)
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for ScimError {}

#[cfg(test)]
mod tests;
