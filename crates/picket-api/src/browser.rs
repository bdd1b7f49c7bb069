//! Browsers: the cookie that holds a session, and which requests count that bring it.
//!
//! A browser sends a cookie with whatever a page makes it send, so that the cookie alone says nothing about who wants
//! something. Beside `SameSite=Strict`, the browser itself has to say that the request comes from a page of this very
//! origin, and its body has to be what no form can send.

use crate::extract::is_json;
use crate::problem::ApiProblem;
use http::uri::Authority;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header};
use std::time::Duration;

/// The cookie. Its prefix makes browsers refuse it without TLS, from a subdomain, or for part of the site.
pub(crate) const COOKIE: &str = "__Host-picket";
/// The cookie that binds a browser to the sign-in that it began.
const BINDING: &str = "__Host-picket-sso";
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The session that the cookie holds. Two of them are none: somebody put one of them in.
pub(crate) fn session(headers: &HeaderMap) -> Result<Option<&str>, ApiProblem> {
    named(headers, COOKIE)
}

/// What binds the browser to the sign-in that it began.
pub(crate) fn bound(headers: &HeaderMap) -> Option<&str> {
    named(headers, BINDING).ok().flatten()
}

fn named<'a>(headers: &'a HeaderMap, wanted: &str) -> Result<Option<&'a str>, ApiProblem> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let named = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    let mut found = named.filter(|(name, _)| *name == wanted).map(|(_, value)| value);
    match (found.next(), found.next()) {
        (_, Some(_)) => Err(ApiProblem::bad(format!("the cookie {wanted} is there twice"))),
        (first, None) => Ok(first),
    }
}

/// Refuses what a page of another origin may have made a browser send.
pub(crate) fn refuse_foreign(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), ApiProblem> {
    let foreign = |cause: &str| {
        Err(ApiProblem::not_permitted(format!("a cookie counts from this site's own pages only: {cause}")))
    };
    let Ok(site) = one(headers, &SITE) else { return foreign("`Sec-Fetch-Site` is there twice") };
    let is_own = matches!(site, Some("same-origin" | "none"));
    if matches!(*method, Method::GET | Method::HEAD) {
        return if is_own || site.is_none() { Ok(()) } else { foreign("`Sec-Fetch-Site` names another one") };
    }
    if !is_own {
        return foreign("`Sec-Fetch-Site` has to be same-origin");
    }
    let host = one(headers, &header::HOST).ok().flatten().or_else(|| uri.authority().map(Authority::as_str));
    let origin = one(headers, &header::ORIGIN).ok().flatten();
    let authority =
        origin.and_then(|origin| origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://")));
    if host.is_none() || authority.map(str::to_ascii_lowercase) != host.map(str::to_ascii_lowercase) {
        return foreign("`Origin` has to be this site");
    }
    if is_json(headers) { Ok(()) } else { foreign("`Content-Type` has to be application/json") }
}

/// A header's value, if it is there once.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().map(Some).map_err(|_error| ()),
        (None, _) => Ok(None),
        (Some(_), Some(_)) => Err(()),
    }
}

/// The header that gives a browser a session, or takes it away.
pub(crate) fn cookie(session: Option<&str>, life: Duration) -> Option<HeaderValue> {
    set(COOKIE, "Strict", session, life)
}

/// The header that binds a browser to a sign-in, or lets it go. It comes back with whoever the provider sends, from another
/// site, so that it is not as strict.
pub(crate) fn binding(value: Option<&str>, life: Duration) -> Option<HeaderValue> {
    set(BINDING, "Lax", value, life)
}

fn set(name: &str, same_site: &str, value: Option<&str>, life: Duration) -> Option<HeaderValue> {
    let (value, seconds) = value.map_or(("", 0), |value| (value, life.as_secs()));
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite={same_site}; Max-Age={seconds}");
    HeaderValue::try_from(text).ok().map(|mut value| {
        value.set_sensitive(true);
        value
    })
}

#[cfg(test)]
mod tests;
