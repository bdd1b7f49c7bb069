//! The control API: search, review, exports, keys, policies, log.
//!
//! One file for each resource in `v1` and `scim`; `routes` is the table of paths with the permission that each needs, and the
//! router is built from it. **Invariants:** a handler below `/v1` or `/scim` runs only for a principal that may; what an
//! administrator does and its audit entry are one transaction; errors are problem documents and say nothing of the
//! inside.

mod act;
mod auth;
mod browser;
mod extract;
mod feed;
mod hosts;
mod openapi;
mod problem;
mod range;
mod routes;
mod scim;
mod state;
mod time;
mod unread;
mod v1;

/// Readers of what callers write into the heads of requests, for fuzzing.
#[cfg(fuzzing)]
pub mod fuzzing {
    use crate::range::{Wanted, wanted};
    use crate::v1::parameters::Parameters;
    use http::{HeaderMap, HeaderValue, header};
    use picket_stdx::Timestamp;
    use std::ops::Range;

    /// The part of a file that `Range` and `If-Range` ask for; none beyond its end.
    pub fn range(range: HeaderValue, condition: Option<HeaderValue>, length: u64, tag: &str) -> Option<Range<u64>> {
        let mut headers = HeaderMap::from_iter([(header::RANGE, range)]);
        headers.extend(condition.map(|condition| (header::IF_RANGE, condition)));
        match wanted(&headers, length, tag) {
            Wanted::Whole => Some(0..length),
            Wanted::Part(part) => Some(part),
            Wanted::Unsatisfiable => None,
        }
    }

    /// The session that cookies hold, if they hold one.
    pub fn cookie(headers: &HeaderMap) -> Option<String> {
        drop(crate::browser::bound(headers));
        crate::browser::session(headers).ok().flatten().map(str::to_owned)
    }

    /// The parameters of a query, read in every way that routes read them; those that are left when it is written again.
    pub fn parameters(query: &str) -> Option<(Vec<(String, String)>, String)> {
        let parameters = Parameters::parse(query).ok()?;
        let all = parameters.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let all: Vec<_> = all.filter(|(name, _)| name != "after" && name != "before").collect();
        for (name, _) in &all {
            drop((parameters.number::<u32>(name), parameters.flag(name)));
            drop((parameters.moment(name, Timestamp::default()), parameters.end(name, Timestamp::default())));
        }
        Some((all, parameters.at("after", "x")))
    }
}

pub use feed::Feeds;
pub use hosts::Hosts;
pub use openapi::document as openapi;
pub use problem::ApiProblem;
pub use routes::{ROUTES, Route, router};
pub use state::{Approver, Control, Deploy, Proposing, State};
pub use v1::subjects::finish_erasures;
