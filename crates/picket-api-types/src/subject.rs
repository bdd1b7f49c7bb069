//! Persons whose data it is.

use serde::{Deserialize, Serialize};

/// Erases what is kept of somebody. It cannot be undone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EraseSubject {
    /// Why, such as the number of his request. It is recorded, and stays.
    pub reason: String,
    /// His name once more, to the letter.
    pub confirm: String,
}

/// Somebody who was erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ErasedSubject {
    /// What stands for him in the log, and means nothing any more.
    pub subject: String,
    /// Bodies that lost their keys: facts, prompts, answers.
    pub bodies: u64,
    /// Exports whose files went, since he was in them.
    pub exports: u64,
    /// Whether somebody of this name signs in here; his account is removed apart.
    pub has_account: bool,
}
