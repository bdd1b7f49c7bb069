//! One module for each resource.

pub(crate) mod escalations;
pub(crate) mod events;
pub(crate) mod exports;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod policies;
mod selection;
pub(crate) mod system;
pub(crate) mod tail;
pub(crate) mod tokens;
