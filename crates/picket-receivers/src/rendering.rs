//! In what language a destination wants its events.

use crate::kind::Problem;
use picket_render::{Field, Format, Maker, Mapping, Place, Renderer, Rule, Target};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Which rules a line of CEF or LEEF follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The standard.
    #[default]
    Strict,
    /// The lines that other products print in their documents, to the byte.
    AsPrinted,
}

/// What becomes of fields that a table does not name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// They are left out.
    #[default]
    Drop,
    /// They stand under their own names.
    Keep,
}

/// A table of names of the operator's own.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Members {
    /// Fields of the event, and the names that they have at the receiver; `drop` leaves one out.
    pub fields: BTreeMap<String, String>,
    /// Members that are the same for every event: text, number or truth.
    #[schema(value_type = std::collections::HashMap<String, serde_json::Value>)]
    pub constants: BTreeMap<String, serde_json::Value>,
    /// What becomes of the other fields.
    pub rest: Rest,
}

/// In what language a destination wants its events.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Rendering {
    /// `canonical`, `ai_security`, `mapped`, `ecs`, `ocsf`, `ocsf-1.1`, `otel`, `cef`, `leef`; the kind's own default when
    /// absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// Rules of CEF and LEEF.
    pub profile: Profile,
    /// Fields of the event behind the members of `canonical`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extra: Vec<String>,
    /// A table in place of that of `mapped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Members>,
}

impl Rendering {
    /// Refuses what cannot be rendered.
    pub(crate) fn check(&self, format: &str) -> Result<(), Problem> {
        self.renderer(format, &Maker::default()).map(drop)
    }

    /// The same, and what is no object of JSON.
    pub(crate) fn check_object(&self, format: &str) -> Result<(), Problem> {
        if self.renderer(format, &Maker::default())?.is_object() {
            return Ok(());
        }
        Err(Problem::new("rendering.format", "is a line of text: this kind stores objects, so give one of JSON"))
    }

    /// Whether it has a place for what was said.
    pub(crate) fn has_bodies(&self, format: &str) -> bool {
        self.renderer(format, &Maker::default()).is_ok_and(|renderer| renderer.format().has_bodies())
    }

    /// The renderer, or what is wrong. `format` is what the kind takes when nothing else is said.
    pub(crate) fn renderer(&self, format: &str, maker: &Maker) -> Result<Renderer, Problem> {
        let word = self.format.as_deref().unwrap_or(if self.mapping.is_some() { "mapped" } else { format });
        let format: Format = word
            .parse()
            .map_err(|error: picket_render::UnknownFormatError| Problem::new("rendering.format", error.to_string()))?;
        let format = match (format, self.profile) {
            (Format::Cef(_), Profile::AsPrinted) => Format::Cef(picket_render::Profile::AsPrinted),
            (Format::Leef(_), Profile::AsPrinted) => Format::Leef(picket_render::Profile::AsPrinted),
            (other, _) => other,
        };
        let mut extra = Vec::with_capacity(self.extra.len());
        for name in &self.extra {
            let field = Field::of(name).ok_or_else(|| {
                let near = Field::nearest(name).map(|near| format!("; did you mean `{}`?", near.name()));
                Problem::new("rendering.extra", format!("an event has no such field{}", near.unwrap_or_default()))
            })?;
            if extra.contains(&field) {
                return Err(Problem::new("rendering.extra", format!("names `{}` twice", field.name())));
            }
            extra.push(field);
        }
        if !extra.is_empty() && format != Format::Canonical {
            return Err(Problem::new(
                "rendering.extra",
                "only `canonical` takes more fields; use `mapped` and a table",
            ));
        }
        let mut renderer = Renderer::new(format, maker.clone()).with_extra(extra);
        if let Some(members) = &self.mapping {
            if format != Format::Mapped {
                return Err(Problem::new("rendering.mapping", "only `mapped` takes a table; leave `format` out"));
            }
            renderer = renderer.with_mapping(members.mapping()?);
        }
        Ok(renderer)
    }
}

impl Members {
    fn mapping(&self) -> Result<Mapping, Problem> {
        let fields = self.fields.iter().map(|(from, to)| {
            let target = if to == "drop" { Target::Drop } else { Target::Name(to.clone()) };
            Rule { place: Place::default(), from: from.clone(), target }
        });
        let constants = self.constants.iter().map(|(name, value)| Rule {
            place: Place::default(),
            from: name.clone(),
            target: Target::Constant(value.clone()),
        });
        let rules: Vec<Rule> = fields.chain(constants).collect();
        Mapping::new(&rules, self.rest == Rest::Keep).map_err(|problems| {
            let first = problems.into_iter().next().map(|problem| problem.message);
            Problem::new("rendering.mapping", first.unwrap_or_default())
        })
    }
}
