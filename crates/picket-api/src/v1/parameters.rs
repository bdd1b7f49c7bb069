//! Query parameters: each is known to its route, and none is silently ignored.

use crate::problem::ApiProblem;
use crate::time;
use axum::extract::FromRequestParts;
use http::request::Parts;
use picket_stdx::Timestamp;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

/// The parameters of a request by name. One that names a field may be repeated, which means any of its values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Parameters {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiProblem> {
        std::future::ready(Self::parse(parts.uri.query().unwrap_or_default())).await
    }
}

impl Parameters {
    pub(crate) fn parse(query: &str) -> Result<Self, ApiProblem> {
        let mut parameters = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match parameters.entry(name.into_owned()) {
                Entry::Vacant(place) => drop(place.insert(value.into_owned())),
                Entry::Occupied(mut place) if super::selection::FIELDS.contains(&place.key().as_str()) => {
                    let values = place.get_mut();
                    values.push(',');
                    values.push_str(&value);
                }
                Entry::Occupied(place) => {
                    return Err(ApiProblem::bad(format!("the parameter `{}` is given twice", shown(place.key()))));
                }
            }
        }
        Ok(Self(parameters))
    }

    /// Refuses parameters that are in none of these lists, and names the one that was probably meant.
    pub(crate) fn only(&self, known: &[&[&'static str]]) -> Result<(), ApiProblem> {
        let known = || known.iter().flat_map(|names| names.iter().copied());
        let Some(unknown) = self.0.keys().find(|name| known().all(|known| known != name.as_str())) else {
            return Ok(());
        };
        let all = known().collect::<Vec<_>>().join(", ");
        let detail = format!("unknown parameter `{}`; valid are {all}", shown(unknown));
        Err(ApiProblem::bad(detail).with_suggestion(picket_query::nearest(unknown, known())))
    }

    /// A parameter's text.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All of them, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A whole number.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, ApiProblem> {
        let parse = |text: &str| text.parse().map_err(|_error| ApiProblem::bad(format!("{name} takes a whole number")));
        self.get(name).map(parse).transpose()
    }

    /// `true` or `false`; false without it.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, ApiProblem> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(ApiProblem::bad(format!("{name} is true or false"))),
        }
    }

    /// A moment, or the beginning of a date.
    pub(crate) fn moment(&self, name: &str, now: Timestamp) -> Result<Option<Timestamp>, ApiProblem> {
        self.get(name).map(|text| time::moment(text, now)).transpose()
    }

    /// The end of a range, excluded: a date means that whole day.
    pub(crate) fn end(&self, name: &str, now: Timestamp) -> Result<Option<Timestamp>, ApiProblem> {
        self.get(name).map(|text| time::end(text, now)).transpose()
    }

    /// The same request at another cursor, as a query text.
    pub(crate) fn at(&self, direction: &str, cursor: &str) -> String {
        let rest = self.iter().filter(|(name, _)| !matches!(*name, "after" | "before"));
        form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).append_pair(direction, cursor).finish()
    }
}

/// A caller's word, short enough to be shown again.
fn shown(name: &str) -> String {
    name.chars().take(40).collect()
}
