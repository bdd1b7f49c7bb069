//! Answers in the standard's form.

use super::{BASE, refused};
use crate::problem::ApiProblem;
use crate::v1::parameters::Parameters;
use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use picket_scim::{self as scim, Filter, ScimError};
use picket_stdx::Timestamp;
use serde_json::{Map, Value, json};

/// Resources of one answer.
pub(super) const COUNT_MAX: usize = 200;
const COUNT: usize = 100;
/// The longest problem that is read again.
const PROBLEM_BYTES_MAX: usize = 64 * 1024;
/// Words that the standard has for what is wrong (RFC 7644, 3.12).
const KINDS: &[&str] = &[
    "invalidFilter",
    "tooMany",
    "uniqueness",
    "mutability",
    "invalidSyntax",
    "invalidPath",
    "noTarget",
    "invalidValue",
    "invalidVers",
    "sensitive",
];
/// The parameters of a list.
pub(crate) const LISTING: &[&str] = &["filter", "startIndex", "count", "attributes", "excludedAttributes"];

/// A resource, or a list of them.
#[derive(Debug)]
pub(super) struct Shown {
    status: StatusCode,
    value: Value,
}

impl Shown {
    /// One without a version.
    pub(super) fn plain(value: Value) -> Self {
        Self { status: StatusCode::OK, value }
    }

    /// One that was made just now.
    pub(super) fn made(value: Value) -> Self {
        Self { status: StatusCode::CREATED, value }
    }

    /// Nothing but that it is as before, where that is what was asked.
    pub(super) fn unless_known(self, headers: &HeaderMap) -> Response {
        let version = self.meta("version");
        let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        if version.is_some() && known.map(str::trim) == version {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        self.into_response()
    }

    fn meta(&self, name: &str) -> Option<&str> {
        self.value.get("meta")?.get(name)?.as_str()
    }
}

impl IntoResponse for Shown {
    fn into_response(self) -> Response {
        let mut response = (self.status, self.value.to_string()).into_response();
        let location = self.meta("location").filter(|_| self.status == StatusCode::CREATED);
        let headers = [
            (header::CONTENT_TYPE, Some("application/scim+json")),
            (header::ETAG, self.meta("version")),
            (header::LOCATION, location),
        ];
        for (name, value) in headers {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// When a resource was made and changed, and where it is.
pub(super) fn meta(kind: scim::Kind, id: &str, (made, changed): (Timestamp, Timestamp), version: u64) -> Value {
    json!({
        "resourceType": kind.as_str(), "created": made, "lastModified": changed,
        "location": format!("{BASE}{}/{id}", kind.endpoint()), "version": format!("W/\"{version}\""),
    })
}

/// A list, of which a part is shown.
#[derive(Debug)]
pub(super) struct Listed {
    found: Vec<Value>,
    total: usize,
    start: usize,
}

impl Listed {
    /// All of it.
    pub(super) fn whole(found: Vec<Value>) -> Self {
        Self { total: found.len(), start: 1, found }
    }
}

impl From<Listed> for Shown {
    fn from(Listed { found, total, start }: Listed) -> Self {
        Self::plain(json!({
            "schemas": [scim::LIST], "totalResults": total, "startIndex": start, "itemsPerPage": found.len(), "Resources": found,
        }))
    }
}

/// What a list is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    filter: Option<Filter>,
    start: usize,
    count: usize,
    narrow: Narrow,
}

impl Asked {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, ApiProblem> {
        let number = |name: &str| match parameters.get(name).map(str::parse::<i64>) {
            None => Ok(None),
            // What is less than the least is the least (RFC 7644, 3.4.2.4).
            Some(Ok(number)) => Ok(Some(usize::try_from(number).unwrap_or(0))),
            Some(Err(_)) => Err(refused(ScimError::bad("invalidValue", format!("{name} is a whole number")))),
        };
        Ok(Self {
            filter: parameters.get("filter").map(Filter::parse).transpose().map_err(refused)?,
            start: number("startIndex")?.unwrap_or(1).max(1),
            count: number("count")?.unwrap_or(COUNT).min(COUNT_MAX),
            narrow: Narrow::read(parameters),
        })
    }

    /// Those of all that are asked for. A resource is put together as far as the filter needs it, and whole to be shown.
    pub(super) fn list<T>(&self, all: impl Iterator<Item = T>, shown: impl Fn(&T) -> Value) -> Listed {
        let (mut total, mut found) = (0, Vec::new());
        for one in all {
            let is_shown = total + 1 >= self.start && found.len() < self.count;
            if self.filter.is_none() && !is_shown {
                total += 1;
                continue;
            }
            let value = shown(&one);
            if self.filter.as_ref().is_some_and(|filter| !filter.matches(&value)) {
                continue;
            }
            total += 1;
            if is_shown {
                found.push(self.narrow.apply(value));
            }
        }
        Listed { found, total, start: self.start }
    }
}

/// Which attributes are shown.
#[derive(Debug)]
pub(super) struct Narrow {
    only: Vec<String>,
    without: Vec<String>,
}

impl Narrow {
    pub(super) fn read(parameters: &Parameters) -> Self {
        let words = |name: &str| {
            let text = parameters.get(name).unwrap_or_default();
            // What leads inside shows the whole around it.
            let word = |word: &str| word.trim().split('.').next().unwrap_or_default().to_ascii_lowercase();
            text.split(',').map(word).filter(|word| !word.is_empty()).collect()
        };
        Self { only: words("attributes"), without: words("excludedAttributes") }
    }

    pub(super) fn apply(&self, value: Value) -> Value {
        let Value::Object(members) = value else { return value };
        let is_shown = |name: &str| {
            let name = name.to_ascii_lowercase();
            let always = ["id", "schemas", "meta"].contains(&name.as_str());
            always || ((self.only.is_empty() || self.only.contains(&name)) && !self.without.contains(&name))
        };
        Value::Object(members.into_iter().filter(|(name, _)| is_shown(name)).collect())
    }
}

/// Gives the errors below its base the standard's form, whoever refused.
pub(crate) async fn shape(request: Request, next: Next) -> Response {
    let is_ours = request.uri().path().starts_with("/scim/");
    let response = next.run(request).await;
    let is_problem =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|media| media == "application/problem+json");
    if !is_ours || !is_problem {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let body = axum::body::to_bytes(body, PROBLEM_BYTES_MAX).await.unwrap_or_default();
    let problem: Map<String, Value> = serde_json::from_slice(&body).unwrap_or_default();
    let text = |name: &str| problem.get(name).and_then(Value::as_str);
    let mut error = json!({
        "schemas": [scim::ERROR], "status": head.status.as_u16().to_string(), "detail": text("detail").unwrap_or_default(),
    });
    if let (Some(kind), Some(members)) = (text("code").filter(|code| KINDS.contains(code)), error.as_object_mut()) {
        members.insert("scimType".to_owned(), kind.into());
    }
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/scim+json"));
    head.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(head, Body::from(error.to_string()))
}
