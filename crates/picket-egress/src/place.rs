//! Where a URL is: the server, and the path there.

use crate::{EgressError, Limits, Upstream};
use http::Uri;

/// Scheme, host and port of a URL; none if it has another scheme than HTTP's, or holds what may be a password.
pub fn origin(url: &str) -> Option<String> {
    let uri: Uri = url.parse().ok()?;
    let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?;
    let scheme = uri.scheme_str().filter(|scheme| matches!(*scheme, "http" | "https"))?;
    Some(format!("{scheme}://{}", authority.as_str().to_ascii_lowercase()))
}

impl Upstream {
    /// The server of a URL that the operator's file leads to, and the path there with its query. `pem` holds the authorities
    /// that vouch for the server; the public ones without.
    pub fn of_url(url: &str, limits: Limits, pem: Option<&[u8]>) -> Result<(Self, String), EgressError> {
        let origin = origin(url).ok_or(EgressError::NoServer)?;
        let uri: Uri = url.parse().map_err(|_error| EgressError::NoServer)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
        let there = match pem {
            None => Self::new(&origin, limits),
            Some(pem) => Self::trusting(&origin, limits, pem),
        };
        there.map(|there| (there, path))
    }
}
