//! Whom findings are about.

use super::Context;
use crate::args::EntitiesCommand;
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{Columns, Format};
use serde_json::Value;

const COLUMNS: Columns<'_> = &["kind", "id", "risk", "changed_at"];

pub(super) fn run(command: EntitiesCommand, context: &Context) -> Result<(), Failure> {
    match command {
        EntitiesCommand::List { since, limit, show } => {
            let parameters = [("since", since.as_deref()), ("limit", Some(&*limit.to_string()))];
            let rows: Vec<Value> = context.client()?.get("/v1/entities", &parameters)?;
            context.list(&rows, COLUMNS, &show)
        }
        EntitiesCommand::Get { kind, id, show } => {
            let mut found: Value = context.client()?.get(&format!("/v1/entities/{kind}/{}", segment(&id)), &[])?;
            if show.format.format == Format::Table {
                spread(&mut found);
            }
            context.object(&found, COLUMNS, &show)
        }
    }
}

/// Spreads a profile over lines of its own, in words: as one member it could not be read.
fn spread(entity: &mut Value) {
    let Some(members) = entity.as_object_mut() else { return };
    let Some(Value::Object(profile)) = members.remove("profile") else { return };
    let texts = |name: &str, text: &dyn Fn(&Value) -> Option<String>| {
        let all = profile.get(name).and_then(Value::as_array).into_iter().flatten().filter_map(text);
        all.collect::<Vec<_>>()
    };
    let said = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
    let day = |value: &Value, name: &str| said(value, name).and_then(|time| time.get(..10).map(str::to_owned));
    for name in ["since", "last_at", "requests", "prompts", "learning", "surprise"] {
        if let Some(value) = profile.get(name) {
            members.insert(name.to_owned(), value.clone());
        }
    }
    members.insert(
        "usual_hours".to_owned(),
        texts("usual_hours", &|hours| hours.as_str().map(str::to_owned)).join(", ").into(),
    );
    for rate in profile.get("rates").and_then(Value::as_array).into_iter().flatten() {
        if let (Some(metric), Some(text)) = (said(rate, "metric"), said(rate, "text")) {
            members.insert(metric, text.into());
        }
    }
    for name in ["models", "applications", "networks"] {
        let used = |value: &Value| {
            let (first, last) = (day(value, "first_seen")?, day(value, "last_seen")?);
            Some(format!("{} ({first} to {last})", said(value, "name")?))
        };
        members.insert(name.to_owned(), texts(name, &used).join(", ").into());
    }
    if let Some(text) = profile.get("peers").and_then(|peers| said(peers, "text")) {
        members.insert("peers".to_owned(), text.into());
    }
    members.insert("scores".to_owned(), texts("scores", &|score| said(score, "text")).join("; ").into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_profile_is_spread_over_lines_that_can_be_read() {
        let rate = json!({ "metric": "requests_per_hour", "usual": 6.0, "text": "9 now, usual are 6" });
        let model =
            json!({ "name": "m", "first_seen": "2026-11-02T00:00:00.000Z", "last_seen": "2026-11-27T00:00:00.000Z" });
        let profile = json!({
            "since": "2026-11-02T08:00:00.000Z", "requests": 960, "usual_hours": ["Mon 09:00-17:00", "Tue 09:00-17:00"],
            "rates": [rate], "models": [model], "peers": { "text": "in the team red: as much" }, "scores": [{ "text": "one" }, { "text": "two" }],
        });
        let mut entity = json!({ "kind": "user", "id": "ana", "profile": profile });
        spread(&mut entity);
        let expected = [
            ("requests", json!(960)),
            ("usual_hours", json!("Mon 09:00-17:00, Tue 09:00-17:00")),
            ("requests_per_hour", json!("9 now, usual are 6")),
            ("models", json!("m (2026-11-02 to 2026-11-27)")),
            ("peers", json!("in the team red: as much")),
            ("scores", json!("one; two")),
        ];
        for (name, value) in expected {
            assert_eq!(entity.get(name), Some(&value), "{name}");
        }
        assert_eq!(entity.get("profile"), None);
    }
}
