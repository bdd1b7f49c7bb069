use super::{samples, text};
use crate::{Pack, qradar};
use picket_render::{Format, Maker, Profile, Renderer, Subject};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Cells of a table of commas.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut inside) = (vec![String::new()], false);
    for character in line.chars() {
        match character {
            '"' => inside = !inside,
            ',' if !inside => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

fn table(path: &str) -> Vec<Vec<String>> {
    text(Pack::QRadar, path).lines().skip(1).map(cells).collect()
}

/// Event id and attributes of a line.
fn read(line: &str) -> (String, BTreeMap<String, String>) {
    let parts: Vec<&str> = line.splitn(7, '|').collect();
    let pairs = parts[6].split('\t').map(|pair| pair.split_once('=').unwrap());
    (parts[4].to_owned(), pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
}

fn lines() -> impl Iterator<Item = (String, BTreeMap<String, String>)> {
    let renderer = Renderer::new(Format::Leef(Profile::Strict), Maker::default());
    samples::events().into_iter().map(move |event| {
        let mut line = Vec::new();
        renderer.render(&Subject::new(&event), &mut line);
        read(&String::from_utf8(line).unwrap())
    })
}

#[test]
fn every_key_that_lines_have_has_a_property_and_no_other_has() {
    let keys: BTreeSet<String> = table("leef-keys.csv").into_iter().map(|row| row[0].clone()).collect();
    let written: BTreeSet<String> = lines().flat_map(|(_, attributes)| attributes.into_keys()).collect();
    assert_eq!(keys, written);
    let properties: Vec<Value> = text(Pack::QRadar, "custom-properties.ndjson")
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let custom = table("leef-keys.csv").into_iter().filter(|row| row[3].starts_with("custom"));
    let custom: Vec<(String, String)> = custom.map(|row| (row[0].clone(), row[2].clone())).collect();
    let said: Vec<(String, String)> = properties
        .iter()
        .map(|one| {
            (
                one["expression"]["expression"].as_str().unwrap().to_owned(),
                one["property"]["name"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    assert_eq!(said, custom);
    assert!(custom.contains(&("riskBand".to_owned(), "Picket Risk Band".to_owned())), "{custom:?}");
}

#[test]
fn events_of_every_type_are_in_the_map_with_every_category() {
    let known = qradar::known();
    for name in samples::types() {
        // A request has the name of what was decided.
        assert!(known.contains(name), "{name} is in no family");
    }
    let pairs: BTreeSet<(String, String)> =
        table("event-mappings.csv").into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    for (event, attributes) in lines() {
        let cat = &attributes["cat"];
        // What has a type without a category stands under the type, as the README says.
        let is_category = cat == "none" || cat.parse::<picket_event::Category>().is_ok();
        let can = pairs.contains(&(event.clone(), "guardrail_block".to_owned()));
        if is_category && (can || cat == "none") {
            assert!(pairs.contains(&(event.clone(), cat.clone())), "{event} {cat}");
        }
    }
}

#[test]
fn records_are_what_mappings_refer_to_within_the_limits_of_the_service() {
    let records = table("qid-records.csv");
    let names: BTreeSet<&String> = records.iter().map(|row| &row[0]).collect();
    assert_eq!(names.len(), records.len(), "a name twice");
    let mappings = table("event-mappings.csv");
    assert!(mappings.iter().all(|row| names.contains(&row[2])));
    let pairs: BTreeSet<(&String, &String)> = mappings.iter().map(|row| (&row[0], &row[1])).collect();
    assert_eq!(pairs.len(), mappings.len(), "a pair twice");
    let readme = text(Pack::QRadar, "README.md");
    for row in &records {
        assert!(row[0].len() <= 255 && row[1].len() <= 2_048);
        assert!((1..=10).contains(&row[2].parse::<u8>().unwrap()));
        assert!(readme.contains(&format!("| {} |", row[3])), "the README does not explain {}", row[3]);
    }
    let bodies: Vec<Value> =
        text(Pack::QRadar, "qid-records.ndjson").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(bodies.len(), records.len());
    assert!(bodies.iter().zip(&records).all(|(body, row)| body["name"] == row[0].as_str()));
}
