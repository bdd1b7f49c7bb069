//! The pack for IBM QRadar: what becomes of the events and keys of LEEF lines. A receiver of this kind takes no
//! package from outside, so that it is tables for whoever enters or sends them.

mod events;

use crate::{File, Options, sample, text};
use picket_render::{Field, Format, Maker, Profile, Renderer, Subject};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Keys of LEEF that QRadar reads into properties of its own: key, property.
const NORMALIZED: &[(&str, &str)] = &[
    ("cat", "Event Category, which with the event's id selects the QID"),
    ("devTime", "Log Source Time"),
    ("sev", "Severity"),
    ("src", "Source IP"),
    ("usrName", "Username"),
];

/// A key of the lines.
struct Key {
    key: String,
    /// Where its value comes from, if that is one field as it is.
    field: Option<&'static str>,
    is_number: bool,
}

/// The keys that lines have, read off one that has all.
fn keys() -> Vec<Key> {
    let event = sample::event();
    let subject = Subject::new(&event);
    let mut line = Vec::new();
    Renderer::new(Format::Leef(Profile::Strict), sample::maker()).render(&subject, &mut line);
    let line = String::from_utf8_lossy(&line);
    let attributes = line.rsplit_once('|').map_or("", |(_, attributes)| attributes);
    let key = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        let field = Field::all().find(|field| written(*field, &subject).is_some_and(|text| text == value));
        Some(Key { key: key.to_owned(), field: field.map(Field::name), is_number: value.parse::<f64>().is_ok() })
    };
    attributes.split('\t').filter_map(key).collect()
}

fn written(field: Field, subject: &Subject<'_>) -> Option<String> {
    let mut out = Vec::new();
    field.write(subject, &mut out);
    Some(match serde_json::from_slice(&out).ok()? {
        Value::String(text) => text,
        other => other.to_string(),
    })
}

/// The name of a custom property.
fn property(key: &str) -> String {
    let mut text = "Picket".to_owned();
    for character in key.chars() {
        if character.is_ascii_uppercase() || text == "Picket" {
            text.push(' ');
        }
        text.push(if text.ends_with(' ') { character.to_ascii_uppercase() } else { character });
    }
    text
}

/// Files of the pack.
pub(crate) fn files(options: &Options) -> Vec<File> {
    let keys = keys();
    vec![
        File::new("README.md", readme_text(options)),
        File::new("destination.yaml", DESTINATION),
        File::new("leef-keys.csv", leef_keys(&keys)),
        File::new("custom-properties.ndjson", properties(&keys)),
        File::new("qid-records.csv", events::records()),
        File::new("qid-records.ndjson", events::record_bodies()),
        File::new("event-mappings.csv", events::mappings()),
    ]
}

const DESTINATION: &str = "\
# picket destinations create qradar --settings destination.yaml
to:
  kind: syslog
  address: \"qradar.example.com:6514\"
  transport: tls
  rendering: { format: leef }
";

fn leef_keys(keys: &[Key]) -> String {
    let mut text = "key,field,property,kind\n".to_owned();
    for Key { key, field, is_number } in keys {
        let field = field.unwrap_or("made of several");
        let normalized = NORMALIZED.iter().find(|(known, _)| known == key);
        let (property, kind) = match normalized {
            Some((_, property)) => (format!("\"{property}\""), "normalized"),
            None => (property(key), if *is_number { "custom, number" } else { "custom, text" }),
        };
        writeln!(text, "{key},{field},{property},\"{kind}\"").unwrap_or_default();
    }
    text
}

/// Bodies for the REST API: each a property and its expression.
fn properties(keys: &[Key]) -> String {
    let custom = keys.iter().filter(|key| NORMALIZED.iter().all(|(known, _)| *known != key.key));
    let mut text = String::new();
    for Key { key, is_number, .. } in custom {
        let line = json!({
            "property": {
                "name": property(key),
                "description": format!("`{key}` of events of Picket"),
                "property_type": if *is_number { "NUMERIC" } else { "STRING" },
                "use_for_rule_engine": true,
            },
            "expression": {"enabled": true, "expression": key},
        });
        writeln!(text, "{line}").unwrap_or_default();
    }
    text
}

fn readme_text(options: &Options) -> String {
    let maker = Maker::default();
    let (vendor, product, version) = (&options.vendor, maker.product, maker.version);
    let mut categories = String::new();
    for (id, name, of) in events::CATEGORIES {
        writeln!(categories, "| {id} | {name} | {of} |").unwrap_or_default();
    }
    format!(
        "\
# Picket for IBM QRadar

QRadar takes LEEF without a module for the device, but knows neither what our events mean nor our own keys. It can be told in its DSM Editor or by its REST API; there is no file to import that would do it at once. These tables were checked against the lines that the program writes, and the bodies against IBM's documents; no QRadar was there to try them.

What has to be done by hand:
1. *Admin, Log Sources*: a log source type `{vendor}`, and a log source of it with the protocol *TLS Syslog* on port 6514. Its identifier is the `hostname` of the destination. Raise *Max Payload Length* to 8192.
2. `picket destinations create qradar --settings destination.yaml`, and `picket destinations test qradar`.
3. QID records: `qid-records.csv` has name, description, severity and low-level category. For a log source type of one's own the REST API is the way that IBM supports: `POST /api/data_classification/qid_records` with each line of `qid-records.ndjson`, with `log_source_type_id` added.
4. Which event is which record: `event-mappings.csv` has event id, event category and record's name, for the DSM Editor, *Event Mappings*, or `POST /api/data_classification/dsm_event_mappings` with `log_source_event_id`, `log_source_event_category`, `log_source_type_id` and `qid_record_id`.
5. Custom properties: `leef-keys.csv` has every key with its property; the expression of type *LEEF* is the key itself. By REST, for each line of `custom-properties.ndjson`: `property` to `POST /api/config/event_sources/custom_properties/regex_properties`, then `expression` with `regex_property_identifier` and `log_source_type_id` added to `POST /api/config/event_sources/custom_properties/property_leef_expressions`.

A line begins `LEEF:2.0|{vendor}|{product}|{version}|decision.rejected|x09|`: event id is the name of the event, and `cat` its category, or else what was found, or `none`. An event whose pair is not in the table shows as *Unknown*; map it to the record of its category.
Lines are shorter than 4,096 bytes; what does not fit is left out from the end, where the least important keys are.

## Low-level categories

| id | name at IBM | for |
|---|---|---|
{categories}
## The same searches

A rule for `attacks-of-user-and-address`: *when an event matches: Event Category is prompt_attack; and when at least 4 events are seen with the same Username, Source IP in 24 hours*. For `trigger-blocks`: *Event Name is one of the records of decision.rejected; and when at least 11 events are seen with the same Username in 5 minutes*. Rules are made in the console; they cannot be imported without an extension that QRadar itself exports.
"
    )
}

/// Every event that is in the map.
#[cfg(test)]
pub(crate) fn known() -> std::collections::BTreeSet<String> {
    events::rows().into_iter().map(|row| row.event).collect()
}

/// A cell of a table of commas.
fn csv(text: &str) -> String {
    if text.contains([',', '"', '\n']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text::cell(text) }
}
