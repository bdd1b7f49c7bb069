//! What a destination is told, from files; and credentials, from wherever a command line does not show them.

use crate::args::{Switch, ToldArgs};
use crate::command::render;
use crate::failure::Failure;
use crate::profile;
use picket_api_types::DestinationCredentials;
use picket_policy::document::{self, Node, Value};
use serde_json::Value as Json;
use std::path::Path;

/// Reads the settings, if any are given, with the table of names in its place.
pub(super) fn settings(told: &ToldArgs) -> Result<Option<Json>, Failure> {
    let Some(path) = &told.settings else { return Ok(None) };
    let name = path.display().to_string();
    let text = if path == Path::new("-") {
        std::io::read_to_string(std::io::stdin())?
    } else {
        std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{name}: {error}")))?
    };
    let mut settings = json(&document::parse(&text, &name).map_err(Failure::usage)?);
    if !settings.is_object() {
        let found = if settings.is_null() { "is empty" } else { "is no mapping" };
        return Err(Failure::usage(format!("{name} {found}: `to` says where events go; give its kind and options")));
    }
    if let Some(switch) = told.bodies {
        set_bodies(&mut settings, switch)?;
    }
    if let Some(path) = &told.mapping {
        let members = render::table(path)?.members();
        let to = settings.get_mut("to").and_then(Json::as_object_mut);
        let to =
            to.ok_or_else(|| Failure::usage(format!("{name}: `to` says where events go; give its kind and options")))?;
        let rendering = to.entry("rendering").or_insert_with(|| serde_json::json!({}));
        let rendering = rendering.as_object_mut();
        let rendering = rendering.ok_or_else(|| Failure::usage(format!("{name}: `rendering` is a mapping")))?;
        rendering.insert("mapping".to_owned(), members);
    }
    Ok(Some(settings))
}

/// Has prompts and answers be sent, or no longer.
pub(super) fn set_bodies(settings: &mut Json, switch: Switch) -> Result<(), Failure> {
    let unclear = || Failure::usage("what a destination is told is a mapping, and so is `wanted`");
    let settings = settings.as_object_mut().ok_or_else(unclear)?;
    let wanted = settings.entry("wanted").or_insert_with(|| serde_json::json!({}));
    let wanted = wanted.as_object_mut().ok_or_else(unclear)?;
    wanted.insert("bodies".to_owned(), (switch == Switch::On).into());
    Ok(())
}

fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(truth) => (*truth).into(),
        Value::Integer(number) => (*number).into(),
        Value::Float(number) => (*number).into(),
        Value::Text(text) => text.as_str().into(),
        Value::List(items) => items.iter().map(json).collect(),
        Value::Map(members) => members.iter().map(|(key, node)| (key.name.clone(), json(node))).collect(),
    }
}

/// Reads credentials: `FIELD=env:NAME`, `FIELD=file:PATH`, `FIELD=-`.
pub(super) fn credentials(given: &[String]) -> Result<DestinationCredentials, Failure> {
    let mut all = DestinationCredentials::default();
    if given.iter().filter(|one| one.ends_with("=-")).count() > 1 {
        return Err(Failure::usage(
            "one credential can come from standard input; give the others by env:NAME or file:PATH",
        ));
    }
    for one in given {
        let (field, source) = one.split_once('=').ok_or_else(unclear)?;
        let secret = match source.split_once(':') {
            Some(("env", name)) => profile::named_variable(name)
                .map_err(|wrong| Failure::usage(format!("the credential `{field}`: its variable {wrong}")))?,
            // Certificates have many lines; of a file with one line its end is no part of it.
            Some(("file", path)) => {
                let text = std::fs::read_to_string(path).map_err(|error| Failure::usage(format!("{path}: {error}")))?;
                text.trim_end_matches(['\r', '\n']).to_owned()
            }
            None if source == "-" => profile::read_line(Path::new("-"))?,
            _ => return Err(unclear()),
        };
        if all.0.insert(field.to_owned(), secret).is_some() {
            return Err(Failure::usage(format!("the credential `{field}` is given twice")));
        }
    }
    Ok(all)
}

/// What was pasted by mistake is not repeated.
fn unclear() -> Failure {
    Failure::usage("--credential takes FIELD=env:NAME, FIELD=file:PATH or FIELD=-; never the secret itself")
}
