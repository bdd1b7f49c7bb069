use super::names::{KQL, OTHERS, unknown};
use super::{files, samples, text};
use crate::schema::Type;
use crate::search::list;
use crate::{Options, Pack, schema, sentinel};
use picket_render::wire::ingest::{self, COLUMN_BYTES_MAX, Layout, RESERVED};
use picket_render::{Format, Maker, Renderer, Subject};
use serde_json::Value;
use std::collections::BTreeSet;

fn template() -> Value {
    serde_json::from_str(&text(Pack::Sentinel, "azuredeploy.json")).unwrap()
}

fn rules() -> Vec<Value> {
    let resources = template()["resources"].as_array().unwrap().clone();
    resources.into_iter().filter(|resource| resource["kind"] == "Scheduled").collect()
}

/// Whether a value of JSON is taken for a column of a type.
fn fits(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "datetime" => schema::kind(value) == Type::Time,
        "long" => value.is_i64() || value.is_u64(),
        "real" => value.is_number(),
        "boolean" => value.is_boolean(),
        "dynamic" => value.is_object() || value.is_array(),
        other => panic!("no type of columns: {other}"),
    }
}

#[test]
fn rows_of_every_type_have_the_columns_of_their_stream_and_no_other() {
    let tables = sentinel::tables(&Options::default());
    for (table, layout) in tables.iter().zip([Layout::Rendering, Layout::AiSecurity]) {
        let renderer = match layout {
            Layout::Rendering => schema::Rendering::Fields.renderer(),
            Layout::AiSecurity => Renderer::new(Format::AiSecurity, Maker::default()),
        };
        let mut seen = BTreeSet::new();
        for event in samples::events() {
            let mut line = Vec::new();
            ingest::row(&mut line, &Subject::new(&event), layout, &renderer);
            let row: Value = serde_json::from_slice(&line).unwrap();
            for (name, value) in row.as_object().unwrap() {
                let column = table.sent.iter().find(|(column, _)| column == name);
                let (_, kind) = column.unwrap_or_else(|| panic!("{} drops {name}", table.stream));
                assert!(fits(value, kind), "{name} is a {kind}, and not {value}");
                seen.insert(name.clone());
            }
        }
        let columns: BTreeSet<String> = table.sent.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(seen, columns, "a column that nothing fills");
    }
}

#[test]
fn names_of_columns_are_those_that_the_service_takes() {
    for table in sentinel::tables(&Options::default()) {
        let mut folded = BTreeSet::new();
        for (name, _) in table.sent.iter().chain(&table.kept) {
            let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            assert!(is_plain && name.len() <= COLUMN_BYTES_MAX && !RESERVED.contains(&name.as_str()), "{name}");
        }
        for (name, _) in &table.kept {
            assert!(folded.insert(name.to_lowercase()), "{name} is there twice but for capitals");
        }
        assert!(table.name.ends_with("_CL") && table.stream.starts_with("Custom-"));
        assert!(table.transform.len() < 15_000, "{}", table.transform.len());
    }
}

#[test]
fn the_transformation_makes_every_column_of_what_is_sent() {
    let [events, narrow] = sentinel::tables(&Options::default());
    let pairs = events.transform.strip_prefix("source | project TimeGenerated, ").unwrap().split(", ");
    let pairs: Vec<(&str, &str)> = pairs.map(|pair| pair.split_once(" = ").unwrap()).collect();
    assert_eq!(pairs.len() + 1, events.kept.len());
    for ((column, from), (kept, sent)) in pairs.iter().zip(events.kept.iter().zip(&events.sent).skip(1)) {
        assert_eq!((*column, *from), (kept.0.as_str(), format!("['{}']", sent.0).as_str()));
        assert_eq!(kept.1, sent.1, "{column}");
    }
    assert_eq!((narrow.transform.as_str(), &narrow.sent), ("source", &narrow.kept));
}

#[test]
fn queries_name_only_columns_of_their_tables() {
    let tables = sentinel::tables(&Options::default());
    let mut columns: BTreeSet<String> =
        tables.iter().flat_map(|table| table.kept.iter().cloned()).map(|(name, _)| name).collect();
    columns.extend(tables.iter().map(|table| table.name.clone()));
    for search in list::all() {
        let query = text(Pack::Sentinel, &format!("queries/{}.kql", search.name));
        let mut known = columns.clone();
        // Made by `make_set` beside a column.
        known.extend(columns.iter().map(|column| format!("{column}Set")));
        known.extend(OTHERS.iter().map(|&name| name.to_owned()));
        let found = unknown(&query, &KQL, &known);
        assert!(found.is_empty(), "{}: {found:?} in {query}", search.name);
    }
    let mut known = columns;
    known.insert("count_".to_owned());
    assert!(unknown(sentinel::PRINTED, &KQL, &known).is_empty());
}

/// Minutes of a duration of ISO 8601.
fn minutes(text: &str) -> u32 {
    let number = |text: &str| text.parse::<u32>().unwrap();
    match (text.strip_prefix("PT"), text.strip_prefix('P')) {
        (Some(rest), _) if rest.ends_with('M') => number(rest.trim_end_matches('M')),
        (Some(rest), _) => 60 * number(rest.trim_end_matches('H')),
        (None, Some(rest)) => 1_440 * number(rest.trim_end_matches('D')),
        (None, None) => panic!("no duration: {text}"),
    }
}

#[test]
fn rules_keep_the_limits_of_scheduled_rules() {
    let rules = rules();
    assert_eq!(rules.len(), list::all().count() + 1);
    let mut names = BTreeSet::new();
    for rule in &rules {
        let properties = &rule["properties"];
        let title = properties["displayName"].as_str().unwrap();
        assert!(names.insert(rule["name"].as_str().unwrap().to_owned()), "{title}: an id twice");
        assert!((1..=10_000).contains(&properties["query"].as_str().unwrap().len()), "{title}");
        let (every, over) = (
            minutes(properties["queryFrequency"].as_str().unwrap()),
            minutes(properties["queryPeriod"].as_str().unwrap()),
        );
        assert!(
            (5..=20_160).contains(&every) && (5..=20_160).contains(&over) && over >= every,
            "{title}: {every} {over}"
        );
        assert!(over < 2_880 || every >= 60, "{title}: over two days and more, hourly at most");
        assert!(["High", "Medium", "Low", "Informational"].contains(&properties["severity"].as_str().unwrap()));
        let techniques = properties["techniques"].as_array().cloned().unwrap_or_default();
        assert!(techniques.iter().all(|id| id.as_str().unwrap().len() == 5), "{title}: {techniques:?}");
    }
}

#[test]
fn alerts_are_about_columns_that_results_have() {
    for rule in rules() {
        let query = rule["properties"]["query"].as_str().unwrap();
        let last =
            query.rsplit("\n| ").find(|step| step.starts_with("summarize") || step.starts_with("project")).unwrap();
        for entity in rule["properties"]["entityMappings"].as_array().unwrap_or(&Vec::new()) {
            let column = entity["fieldMappings"][0]["columnName"].as_str().unwrap();
            let by = last.rsplit(" by ").next().unwrap();
            let has = last.contains("arg_max(TimeGenerated, *)") || by.split([',', ' ']).any(|word| word == column);
            assert!(has || last.starts_with("project") && last.contains(column), "{column}: {last}");
        }
    }
}

/// Texts of a template that are expressions.
fn expressions(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if text.starts_with('[') && text.ends_with(']') => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| expressions(item, found)),
        Value::Object(members) => members.values().for_each(|member| expressions(member, found)),
        _ => {}
    }
}

#[test]
fn parameters_of_the_template_are_declared_and_used_and_its_resources_are_whole() {
    let template = template();
    let mut found = Vec::new();
    expressions(&template["resources"], &mut found);
    expressions(&template["outputs"], &mut found);
    let used: BTreeSet<String> = found
        .iter()
        .flat_map(|text| text.split("parameters('").skip(1))
        .map(|rest| rest.split('\'').next().unwrap().to_owned())
        .collect();
    let declared: BTreeSet<String> = template["parameters"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(used, declared);
    for text in &found {
        let depth = text.chars().fold(0_i32, |depth, character| match character {
            '(' => depth + 1,
            ')' => depth - 1,
            _ => depth,
        });
        assert_eq!(depth, 0, "{text}");
    }
    for resource in template["resources"].as_array().unwrap() {
        for member in ["type", "apiVersion", "name", "properties"] {
            assert!(!resource[member].is_null(), "no {member}: {resource}");
        }
        let version = resource["apiVersion"].as_str().unwrap();
        assert!(version.len() == 10 && version.starts_with("20"), "{version}");
    }
    let rule = template["resources"].as_array().unwrap().iter().find(|resource| resource["kind"] == "Direct").unwrap();
    let streams = rule["properties"]["streamDeclarations"].as_object().unwrap();
    for flow in rule["properties"]["dataFlows"].as_array().unwrap() {
        assert!(streams.contains_key(flow["streams"][0].as_str().unwrap()));
        assert_eq!(flow["destinations"][0], rule["properties"]["destinations"]["logAnalytics"][0]["name"]);
    }
}

#[test]
fn queries_stand_by_themselves_as_they_are_in_the_rules() {
    let queries: Vec<_> = files(Pack::Sentinel).into_iter().filter(|file| file.path.starts_with("queries/")).collect();
    let in_rules: BTreeSet<String> =
        rules().iter().map(|rule| rule["properties"]["query"].as_str().unwrap().to_owned()).collect();
    let alone: BTreeSet<String> = queries.iter().map(|file| file.text.trim_end().to_owned()).collect();
    assert_eq!(alone, in_rules);
}
