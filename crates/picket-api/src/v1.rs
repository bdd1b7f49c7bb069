//! One module for each resource.

pub(crate) mod acts;
pub(crate) mod bodies;
pub(crate) mod containments;
pub(crate) mod escalations;
pub(crate) mod events;
pub(crate) mod exceptions;
pub(crate) mod exports;
pub(crate) mod factor;
pub(crate) mod incidents;
pub(crate) mod keys;
pub(crate) mod listing;
pub(crate) mod login;
pub(crate) mod logs;
pub(crate) mod oidc;
pub(crate) mod parameters;
pub(crate) mod policies;
pub(crate) mod security;
mod selection;
pub(crate) mod sessions;
pub(crate) mod signals;
pub(crate) mod subjects;
pub(crate) mod system;
pub(crate) mod tail;
pub(crate) mod teams;
pub(crate) mod tokens;
pub(crate) mod users;

pub(crate) use containments::NAMES as CONTAINMENTS;
pub(crate) use escalations::{GROUPS, NAMES as ESCALATIONS};
pub(crate) use exceptions::NAMES as EXCEPTIONS;
pub(crate) use incidents::NAMES as INCIDENTS;
pub(crate) use listing::SHOWN;
pub(crate) use oidc::{BACK, BEGIN};
pub(crate) use policies::NAMES as PROPOSALS;
pub(crate) use security::NAMES as SECURITY;
pub(crate) use selection::{FIELDS, FILTERS, PAGES, TIMES};
pub(crate) use sessions::NAMES as SESSIONS;
