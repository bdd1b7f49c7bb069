//! The control API: search, review, exports, keys, policies, log.
//!
//! One file for each resource in `v1`; `routes` is the table of paths with the permission that each needs, and the
//! router is built from it. **Invariants:** a handler below `/v1` runs only for a principal that may; what an
//! administrator does and its audit entry are one transaction; errors are problem documents and say nothing of the
//! inside.

mod act;
mod auth;
mod browser;
mod extract;
mod feed;
mod openapi;
mod problem;
mod range;
mod routes;
mod state;
mod time;
mod unread;
mod v1;

pub use feed::Feeds;
pub use openapi::document as openapi;
pub use problem::ApiProblem;
pub use routes::{ROUTES, Route, router};
pub use state::{Control, State};
