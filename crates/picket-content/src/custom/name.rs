//! Names of rules that live as long as the process, since hits carry them everywhere.
//!
//! Policies are loaded again and again with the same names, and only administrators write them: each name is kept once.

use std::collections::HashSet;
use std::sync::{LazyLock, Mutex, PoisonError};

/// The longest name.
const NAME_BYTES_MAX: usize = 64;

static NAMES: LazyLock<Mutex<HashSet<&'static str>>> = LazyLock::new(Mutex::default);

/// The name, if it is one.
pub(super) fn interned(name: &str) -> Option<&'static str> {
    let is_of_name =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.');
    if name.is_empty() || name.len() > NAME_BYTES_MAX || !name.bytes().all(is_of_name) {
        return None;
    }
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    let kept: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(kept);
    Some(kept)
}
