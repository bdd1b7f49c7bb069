//! The members that a rendering writes, with their types and the fields that they come from.
//!
//! They are read off the renderer itself, which is given an event in which everything is there: no list of members is
//! kept here that could say something else than what is sent.

use crate::sample::{self, ANY_KEY};
use picket_render::{Field, Format, Mapping, Renderer, Subject};
use picket_stdx::Timestamp;
use serde_json::Value;
use std::net::IpAddr;

/// What a member holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Text.
    Text,
    /// A moment, as RFC 3339.
    Time,
    /// An address of IP.
    Address,
    /// A whole number.
    Whole,
    /// A number with a fraction.
    Real,
    /// True or false.
    Flag,
    /// An object whose keys others choose: numbers, texts and flags.
    Map,
    /// An object, or a list of objects, of our own.
    Object,
}

/// A member of a rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its name; the names of objects around it come first, each with a dot behind it.
    pub name: String,
    /// What it holds.
    pub kind: Type,
    /// Whether it is a list of these.
    pub is_list: bool,
    /// The field of the event whose value it is, as it is.
    pub field: Option<&'static str>,
}

/// Which rendering a pack is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendering {
    /// All fields under their own names: `mapping: { rest: keep }`.
    Fields,
    /// `ai_security`.
    AiSecurity,
    /// `ecs`.
    Ecs,
}

impl Rendering {
    /// What renders it.
    pub(crate) fn renderer(self) -> Renderer {
        match self {
            // A table without a rule names nothing twice.
            Self::Fields => {
                let renderer = Renderer::new(Format::Mapped, sample::maker());
                match Mapping::new(&[], true) {
                    Ok(mapping) => renderer.with_mapping(mapping),
                    Err(_none) => renderer,
                }
            }
            Self::AiSecurity => Renderer::new(Format::AiSecurity, sample::maker()),
            Self::Ecs => Renderer::new(Format::Ecs, sample::maker()),
        }
    }

    /// Its members, in the order in which they are written.
    pub fn members(self) -> Vec<Member> {
        let event = sample::event();
        let subject = Subject::new(&event);
        let mut line = Vec::new();
        self.renderer().render(&subject, &mut line);
        let fields = written(&subject);
        let mut members = Vec::new();
        if let Ok(Value::Object(object)) = serde_json::from_slice(&line) {
            let order = order(&line, &object);
            for name in order {
                walk(name.clone(), object.get(&name).unwrap_or(&Value::Null), self, &fields, &mut members);
            }
        }
        members
    }
}

/// The names of an object, in the order in which they stand in its text: a parsed object has them sorted.
fn order(line: &[u8], object: &serde_json::Map<String, Value>) -> Vec<String> {
    let text = String::from_utf8_lossy(line);
    let mut names: Vec<(usize, String)> =
        object.keys().map(|name| (text.find(&format!("\"{name}\":")).unwrap_or(usize::MAX), name.clone())).collect();
    names.sort();
    names.into_iter().map(|(_, name)| name).collect()
}

/// Every field with the value that the sample has in it.
fn written(subject: &Subject<'_>) -> Vec<(&'static str, Value)> {
    let value = |field: Field| {
        let mut out = Vec::new();
        field.write(subject, &mut out).then(|| serde_json::from_slice(&out).ok()).flatten()
    };
    Field::all().filter_map(|field| Some((field.name(), value(field)?))).collect()
}

fn walk(
    name: String,
    value: &Value,
    rendering: Rendering,
    fields: &[(&'static str, Value)],
    members: &mut Vec<Member>,
) {
    // Values of flags are no marks: there are but two.
    let of =
        |value: &Value| fields.iter().find(|(_, known)| !value.is_boolean() && known == value).map(|(name, _)| *name);
    let field = if rendering == Rendering::Fields { Field::of(&name).map(Field::name) } else { of(value) };
    let member = |kind, is_list| Member { name: name.clone(), kind, is_list, field };
    match value {
        Value::Object(object) if object.contains_key(ANY_KEY) => members.push(member(Type::Map, false)),
        Value::Object(_) if rendering == Rendering::Fields => members.push(member(Type::Object, false)),
        Value::Object(object) => {
            for (key, inner) in object {
                walk(format!("{name}.{key}"), inner, rendering, fields, members);
            }
        }
        Value::Array(items) => {
            let kind =
                items.first().map_or(Type::Text, |first| if first.is_object() { Type::Object } else { kind(first) });
            members.push(member(kind, true));
        }
        other => members.push(member(kind(other), false)),
    }
}

/// The type of one value.
pub(crate) fn kind(value: &Value) -> Type {
    match value {
        Value::Bool(_) => Type::Flag,
        Value::Number(number) if number.is_f64() => Type::Real,
        Value::Number(_) => Type::Whole,
        Value::String(text) if text.parse::<Timestamp>().is_ok() => Type::Time,
        Value::String(text) if text.parse::<IpAddr>().is_ok() => Type::Address,
        Value::Object(_) => Type::Object,
        _ => Type::Text,
    }
}

/// Names of members by the fields that they come from.
#[derive(Debug)]
pub(crate) struct Names(Vec<Member>);

impl Names {
    /// Those of a rendering.
    pub(crate) fn of(rendering: Rendering) -> Self {
        Self(rendering.members())
    }

    /// The member that holds a field; none where the rendering has none.
    pub(crate) fn get(&self, field: &str) -> Option<&str> {
        self.0.iter().find(|member| member.field == Some(field)).map(|member| member.name.as_str())
    }
}
