//! Reads a table of names: YAML or JSON, every problem with its place.

use crate::{Mapping, Place, Rule, Target};
use picket_yaml::{Key, Node, Problems, Value, parse};

/// A table that was read and checked.
#[derive(Debug)]
pub struct Table {
    /// How events are rendered by it.
    pub mapping: Mapping,
    rules: Vec<Rule>,
    keep_rest: bool,
}

impl Table {
    /// Reads and checks a text; `source` is what problems call it.
    pub fn read(text: &str, source: &str) -> Result<Self, Problems> {
        of_text(text, source)
    }

    /// The same, as destinations are told it.
    pub fn members(&self) -> serde_json::Value {
        let (mut fields, mut constants) = (serde_json::Map::new(), serde_json::Map::new());
        for rule in &self.rules {
            match &rule.target {
                Target::Name(name) => drop(fields.insert(rule.from.clone(), name.as_str().into())),
                Target::Drop => drop(fields.insert(rule.from.clone(), "drop".into())),
                Target::Constant(value) => drop(constants.insert(rule.from.clone(), value.clone())),
            }
        }
        let rest = if self.keep_rest { "keep" } else { "drop" };
        serde_json::json!({ "fields": fields, "constants": constants, "rest": rest })
    }
}

/// Checks a table.
fn of_text(text: &str, source: &str) -> Result<Table, Problems> {
    let document = parse(text, source)?;
    let mut problems = Problems::new(source);
    let Value::Map(members) = &document.value else {
        problems.at(&document, "a table maps fields of events to names, such as `user: user.name`");
        return Err(problems);
    };
    let mut rules = Vec::new();
    let mut keep_rest = false;
    let has_parts = members.iter().any(|(key, _)| matches!(key.name.as_str(), "fields" | "constants" | "rest"));
    if !has_parts {
        fields(members, &mut rules, &mut problems);
    }
    for (key, node) in members.iter().filter(|_| has_parts) {
        match (key.name.as_str(), &node.value) {
            ("fields", Value::Map(inner)) => fields(inner, &mut rules, &mut problems),
            ("constants", Value::Map(inner)) => constants(inner, &mut rules, &mut problems),
            ("rest", Value::Text(word)) if word == "keep" => keep_rest = true,
            ("rest", Value::Text(word)) if word == "drop" => keep_rest = false,
            ("rest", _) => problems.at(node, "`rest` is `keep` or `drop`"),
            ("fields" | "constants", _) => problems.at(node, "this is a mapping of names to values"),
            _ => problems.at_key(key, "a table has `fields`, `constants` and `rest`"),
        }
    }
    match Mapping::new(&rules, keep_rest) {
        Ok(mapping) => problems.or(Table { mapping, rules, keep_rest }),
        Err(found) => {
            for problem in found {
                let Place { line, column } = problem.place;
                problems.at_key(&Key { name: String::new(), line, column }, problem.message);
            }
            problems.or(()).and(Err(Problems::new(source)))
        }
    }
}

fn place(key: &Key) -> Place {
    Place { line: key.line, column: key.column }
}

fn fields(members: &[(Key, Node)], rules: &mut Vec<Rule>, problems: &mut Problems) {
    for (key, node) in members {
        let target = match &node.value {
            Value::Text(word) if word == "drop" => Target::Drop,
            Value::Text(name) => Target::Name(name.clone()),
            _ => {
                problems.at(node, "give a name, or `drop` to leave the field out");
                continue;
            }
        };
        rules.push(Rule { place: place(key), from: key.name.clone(), target });
    }
}

fn constants(members: &[(Key, Node)], rules: &mut Vec<Rule>, problems: &mut Problems) {
    for (key, node) in members {
        let value = match &node.value {
            Value::Text(text) => text.as_str().into(),
            Value::Bool(truth) => (*truth).into(),
            Value::Integer(number) => (*number).into(),
            Value::Float(number) => (*number).into(),
            Value::Null | Value::List(_) | Value::Map(_) => {
                problems.at(node, "a constant is a text, a number or a truth");
                continue;
            }
        };
        rules.push(Rule { place: place(key), from: key.name.clone(), target: Target::Constant(value) });
    }
}

#[cfg(test)]
mod tests;
