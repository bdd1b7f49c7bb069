use super::{files, text};
use crate::Pack;
use crate::schema::Rendering;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

const BOTH: [Pack; 2] = [Pack::Elastic, Pack::OpenSearch];

/// Every member of the mappings with its type.
fn mapped(pack: Pack) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for file in files(pack).iter().filter(|file| file.path.starts_with("component-templates/picket-mappings")) {
        let template: Value = serde_json::from_str(&file.text).unwrap();
        assert_eq!(template["template"]["mappings"]["dynamic"], false);
        collect(&template["template"]["mappings"]["properties"], "", &mut found);
    }
    found
}

fn collect(properties: &Value, path: &str, found: &mut BTreeMap<String, String>) {
    for (name, property) in properties.as_object().unwrap() {
        let name = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        match property["type"].as_str() {
            Some(kind) => assert!(found.insert(name.clone(), kind.to_owned()).is_none(), "{name} twice"),
            None => collect(&property["properties"], &name, found),
        }
    }
}

#[test]
fn every_member_of_a_document_has_a_type_and_nothing_else_has() {
    let members: BTreeSet<String> = Rendering::Ecs.members().into_iter().map(|member| member.name).collect();
    for pack in BOTH {
        let mapped = mapped(pack);
        assert_eq!(mapped.keys().cloned().collect::<BTreeSet<_>>(), members);
        for (name, kind) in [
            ("@timestamp", "date"),
            ("message", "match_only_text"),
            ("source.ip", "ip"),
            ("url.path", "wildcard"),
            ("event.duration", "long"),
            ("event.risk_score", "float"),
            ("gen_ai.usage.input_tokens", "integer"),
            ("aisec.judge.score", "double"),
            ("aisec.held", "boolean"),
            ("aisec.policy.violated", "keyword"),
        ] {
            assert_eq!(mapped[name], kind, "{name}");
        }
    }
    assert_eq!(mapped(Pack::Elastic)["aisec.attributes"], "flattened");
    assert_eq!(mapped(Pack::OpenSearch)["aisec.attributes"], "flat_object");
}

#[test]
fn the_index_template_is_made_of_the_parts_that_are_there_and_fits_the_destination() {
    for pack in BOTH {
        let template: Value = serde_json::from_str(&text(pack, "index-template.json")).unwrap();
        let install = text(pack, "install.sh");
        for part in template["composed_of"].as_array().unwrap() {
            let part = part.as_str().unwrap();
            assert!(!text(pack, &format!("component-templates/{part}.json")).is_empty());
            assert!(install.contains(&format!("put _component_template/{part} component-templates/{part}.json")));
        }
        let pattern = template["index_patterns"][0].as_str().unwrap();
        let destination = text(pack, "destination.yaml");
        let index = destination.split("index: ").nth(1).unwrap().lines().next().unwrap();
        assert!(index.starts_with(pattern.trim_end_matches('*')), "{index} {pattern}");
        assert!(serde_json::from_str::<Value>(&text(pack, "life-cycle.json")).unwrap()["policy"].is_object());
    }
}

fn objects(pack: Pack) -> Vec<Value> {
    text(pack, "dashboard.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A member that holds JSON as text.
fn inner(object: &Value, pointer: &str) -> Value {
    let text = object.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no {pointer}: {object}"));
    serde_json::from_str(text).unwrap()
}

#[test]
fn saved_objects_refer_to_what_is_there() {
    for pack in BOTH {
        let objects = objects(pack);
        let there: BTreeSet<(&str, &str)> =
            objects.iter().map(|object| (object["type"].as_str().unwrap(), object["id"].as_str().unwrap())).collect();
        assert_eq!(there.len(), objects.len(), "an id twice");
        for object in &objects {
            let references = object["references"].as_array().unwrap();
            for reference in references {
                let target = (reference["type"].as_str().unwrap(), reference["id"].as_str().unwrap());
                assert!(there.contains(&target), "{target:?}");
            }
            let names: BTreeSet<&str> = references.iter().map(|one| one["name"].as_str().unwrap()).collect();
            assert_eq!(names.len(), references.len());
            match object["type"].as_str().unwrap() {
                "dashboard" => {
                    let panels = inner(object, "/attributes/panelsJSON");
                    let panels = panels.as_array().unwrap();
                    assert_eq!(panels.len(), names.len());
                    assert!(panels.iter().all(|panel| names.contains(panel["panelRefName"].as_str().unwrap())));
                    let places = panels.iter().map(|panel| &panel["gridData"]);
                    super::metrics::check_places(places, 48);
                }
                "index-pattern" => assert!(names.is_empty()),
                _ => {
                    let source = inner(object, "/attributes/kibanaSavedObjectMeta/searchSourceJSON");
                    assert!(names.contains(source["indexRefName"].as_str().unwrap()));
                }
            }
        }
    }
}

/// Names of members in a query of Kibana: what stands before `:` and `>`.
fn queried(query: &str) -> Vec<String> {
    let words: Vec<&str> = query.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
    let before = |at: usize| words.get(at + 1).is_some_and(|next| *next == ">");
    let name = |(at, word): (usize, &&str)| {
        let name = word.strip_suffix(':').map(str::to_owned);
        name.or_else(|| before(at).then(|| (*word).to_owned()))
    };
    words.iter().enumerate().filter_map(name).collect()
}

#[test]
fn charts_and_rules_name_only_members_that_are_indexed() {
    let mapped = mapped(Pack::Elastic);
    let check = |name: &str, place: &Value| assert!(mapped.contains_key(name), "{name} in {place}");
    for object in objects(Pack::Elastic) {
        if object["type"] == "visualization" {
            let state = inner(&object, "/attributes/visState");
            let fields = state["aggs"].as_array().unwrap().iter().filter_map(|one| one["params"]["field"].as_str());
            fields.for_each(|name| check(name, &object));
        }
        if object["type"] == "search" {
            let columns = object["attributes"]["columns"].as_array().unwrap();
            columns.iter().for_each(|name| check(name.as_str().unwrap(), &object));
        }
        if ["visualization", "search"].contains(&object["type"].as_str().unwrap()) {
            let source = inner(&object, "/attributes/kibanaSavedObjectMeta/searchSourceJSON");
            queried(source["query"]["query"].as_str().unwrap()).iter().for_each(|name| check(name, &object));
        }
    }
    let rules = text(Pack::Elastic, "detection-rules.ndjson");
    assert!(rules.lines().count() >= 15, "{}", rules.lines().count());
    let mut ids = BTreeSet::new();
    for line in rules.lines() {
        let rule: Value = serde_json::from_str(line).unwrap();
        assert!(ids.insert(rule["rule_id"].as_str().unwrap().to_owned()));
        let names = queried(rule["query"].as_str().unwrap());
        assert!(!names.is_empty(), "{rule}");
        names.iter().for_each(|name| check(name, &rule));
        assert_eq!(rule["type"] == "threshold", rule["threshold"].is_object());
        if let Some(threshold) = rule["threshold"].as_object() {
            let grouped = threshold["field"].as_array().unwrap();
            assert!(grouped.len() <= 3, "{rule}");
            grouped.iter().for_each(|name| check(name.as_str().unwrap(), &rule));
            let counted = threshold["cardinality"].as_array().unwrap();
            counted.iter().for_each(|one| check(one["field"].as_str().unwrap(), &rule));
        }
    }
}

#[test]
fn a_name_in_a_query_of_kibana_is_found() {
    assert_eq!(queried("a.b: (\"x\" or \"y\") and not c: z and d > 0.8 and (e: 404)"), ["a.b", "c", "d", "e"]);
}
