//! Whose something is. Each row, query, credential and principal says it with this type; a text never does.

use picket_stdx::encode::random_base62;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::sync::Arc;

const PREFIX: &str = "ws_";
/// Letters and digits of a new one: 71 random bits.
const NEW: usize = 12;
/// Letters and digits that one may have.
const MAX: usize = 40;

/// A workspace, such as `ws_4xK9…`. Cheap to clone.
///
/// No text becomes one by itself: whoever has a text calls [`Workspace::parse`], which is to be looked for in a review. It
/// is read from the store or from the operator's configuration; what a request says is never made one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Workspace(Arc<str>);

/// A text names no workspace.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no workspace: one is `ws_` and 1 to 40 letters or digits")]
pub struct ParseWorkspaceError {
    text: String,
}

impl Workspace {
    /// A new one, that names nobody: its letters and digits are random.
    pub fn random() -> Self {
        Self(format!("{PREFIX}{}", random_base62(NEW)).into())
    }

    /// The workspace that a text names.
    ///
    /// # Errors
    /// [`ParseWorkspaceError`] if it has not the form of one. Case matters, and nothing around it is skipped.
    pub fn parse(text: &str) -> Result<Self, ParseWorkspaceError> {
        let name = text.strip_prefix(PREFIX).unwrap_or_default();
        if (1..=MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            Ok(Self(text.into()))
        } else {
            Err(ParseWorkspaceError { text: text.chars().take(64).collect() })
        }
    }

    /// Its text, for what is bound to a query, written into an event or shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Workspace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Workspace {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Workspace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
