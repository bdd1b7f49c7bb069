//! What a finding says: plain words with fields and counts in between.

use std::fmt;

/// Characters of a template.
const TEMPLATE_CHARS_MAX: usize = 500;
/// Characters of a field that are said.
const FIELD_CHARS_MAX: usize = 120;

/// A template such as `{user} had {value} requests blocked within {span}`.
///
/// A name in braces is a field of the group or of the newest event, or one of [`Reason::OWN`]. Braces that are meant as
/// such stand twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    template: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Words(String),
    Field(String),
}

impl Reason {
    /// Names that are no fields: what was measured, what was to be expected, the time span of the rule, its title.
    pub const OWN: &[&str] = &["value", "expected", "span", "title"];

    /// Reads a template; what is wrong with it otherwise.
    pub(crate) fn parse(template: &str) -> Result<Self, String> {
        if template.trim().is_empty() || template.chars().count() > TEMPLATE_CHARS_MAX {
            return Err(format!("expected 1 to {TEMPLATE_CHARS_MAX} characters"));
        }
        if template.chars().any(char::is_control) {
            return Err("expected one line, without control characters".to_owned());
        }
        let (mut parts, mut words) = (Vec::new(), String::new());
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            words.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
                words.push_str(from.get(..1).unwrap_or_default());
                rest = after;
                continue;
            }
            let Some((name, after)) = from.strip_prefix('{').and_then(|from| from.split_once('}')) else {
                return Err("a brace stands alone; write `{field}`, or `{{` and `}}` for braces".to_owned());
            };
            let is_name = |character: char| character.is_alphanumeric() || "_.-@".contains(character);
            if name.is_empty() || !name.chars().all(is_name) {
                return Err("between braces stands the name of a field, such as `{user}`".to_owned());
            }
            parts.extend(Some(std::mem::take(&mut words)).filter(|words| !words.is_empty()).map(Part::Words));
            parts.push(Part::Field(name.to_owned()));
            rest = after;
        }
        words.push_str(rest);
        parts.extend(Some(words).filter(|words| !words.is_empty()).map(Part::Words));
        Ok(Self { template: template.to_owned(), parts })
    }

    /// The template as it is written.
    pub fn as_str(&self) -> &str {
        &self.template
    }

    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Field(name) => Some(name.as_str()),
            Part::Words(_) => None,
        })
    }

    /// The template with what stands in its fields; what is not known is `unknown`. Values are cut, and lose what cannot
    /// be seen: they are others' words.
    pub fn say(&self, look: &dyn Fn(&str) -> Option<String>) -> String {
        let mut said = String::with_capacity(self.template.len());
        for part in &self.parts {
            match part {
                Part::Words(words) => said.push_str(words),
                Part::Field(name) => match look(name) {
                    Some(value) => {
                        said.extend(value.chars().filter(|c| !c.is_control()).take(FIELD_CHARS_MAX));
                        if value.chars().count() > FIELD_CHARS_MAX {
                            said.push('…');
                        }
                    }
                    None => said.push_str("unknown"),
                },
            }
        }
        said
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.template)
    }
}
