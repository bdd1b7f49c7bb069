//! What a receiver believes.

use crate::kind::Problem;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// Longest credential.
const SECRET_BYTES_MAX: usize = 16 * 1024;

/// A credential that a kind takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretField {
    /// Its name in [`Credentials`].
    pub name: &'static str,
    /// What it is, for the person who enters it.
    pub what: &'static str,
    /// Whether the kind cannot do without it.
    pub is_required: bool,
}

impl SecretField {
    pub(crate) const fn required(name: &'static str, what: &'static str) -> Self {
        Self { name, what, is_required: true }
    }

    pub(crate) const fn optional(name: &'static str, what: &'static str) -> Self {
        Self { name, what, is_required: false }
    }
}

/// Credentials by the names of their fields. Erased when dropped, never shown.
#[derive(Clone, Default)]
pub struct Credentials(BTreeMap<String, Zeroizing<String>>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl FromIterator<(String, Zeroizing<String>)> for Credentials {
    fn from_iter<I: IntoIterator<Item = (String, Zeroizing<String>)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl Credentials {
    /// Refuses what a kind does not take or lacks. Texts are not looked into: that is for the kind.
    pub fn check(&self, fields: &[SecretField]) -> Result<(), Problem> {
        for (name, value) in &self.0 {
            if !fields.iter().any(|field| field.name == name) {
                let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
                let message = format!("this kind takes no such credential; it takes {}", list(&known));
                return Err(Problem::new(name, message));
            }
            if value.len() > SECRET_BYTES_MAX {
                return Err(Problem::new(name, format!("is longer than {SECRET_BYTES_MAX} bytes")));
            }
        }
        for field in fields.iter().filter(|field| field.is_required) {
            if self.get(field.name).is_none() {
                return Err(Problem::new(field.name, format!("is missing: give {}", field.what)));
            }
        }
        Ok(())
    }

    /// The value of a field that was given and is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str()).filter(|value| !value.is_empty())
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() { "none".to_owned() } else { format!("`{}`", names.join("`, `")) }
}
