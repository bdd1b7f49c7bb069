use super::*;
use crate::custom::{Lane, Rules};
use picket_event::{Phase, Role};
use picket_text::Context;
use std::collections::HashSet;
use std::fs;
use std::path::Path;

fn atr() -> Vec<Packed> {
    Pack::named("atr").unwrap().rules().unwrap()
}

#[test]
fn every_file_of_a_pack_is_a_category_and_every_line_a_rule_of_its_own() {
    for pack in PACKS {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("packs").join(pack.name);
        let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<String> = files.filter_map(|name| name.strip_suffix(".yaml").map(str::to_owned)).collect();
        files.sort();
        assert_eq!(pack.categories().collect::<Vec<_>>(), files);
        let rules = pack.rules().unwrap();
        let names: HashSet<&str> = rules.iter().map(|rule| rule.spec.id.as_str()).collect();
        assert_eq!(names.len(), rules.len(), "two rules have one name");
        assert!(rules.iter().all(|rule| !rule.spec.regexes.is_empty() && rule.spec.score > 0.0));
        let categories: HashSet<&str> = rules.iter().map(|rule| rule.category).collect();
        assert_eq!(categories.len(), files.len(), "a category is empty");
    }
}

#[test]
fn every_noisy_rule_is_a_rule_of_the_pack() {
    for pack in PACKS {
        let noisy = noisy(pack.noisy).unwrap();
        let rules = pack.rules().unwrap();
        assert_eq!(rules.iter().filter(|rule| rule.noise.is_some()).count(), noisy.len());
        assert!(!noisy.is_empty() && noisy.len() < rules.len() / 10, "{}", noisy.len());
    }
}

#[test]
fn rules_agree_with_cases_of_their_authors() {
    let cases: Vec<(&str, bool, &str)> = include_str!("../../../packs/atr/cases.txt")
        .lines()
        .filter(|line| is_content(line))
        .map(|line| {
            let (id, case) = line.split_once(' ').unwrap();
            let (sign, text) = case.split_once(' ').unwrap();
            (id, sign == "+", text)
        })
        .collect();
    let wanted: HashSet<&str> = cases.iter().map(|(id, ..)| *id).collect();
    let specs: Vec<Spec> =
        atr().into_iter().map(|rule| rule.spec).filter(|spec| wanted.contains(spec.id.as_str())).collect();
    assert_eq!(specs.len(), wanted.len());
    let rules = Rules::compile_for(Lane::Late, &specs, 0.5).unwrap_or_else(|refusals| panic!("{refusals:?}"));
    let context = Context { role: Role::User, phase: Phase::Input };
    for (id, is_positive, text) in cases {
        let finds = rules.scan(text, &context).hits.iter().any(|hit| hit.kind == id);
        assert_eq!(finds, is_positive, "{id}: {text}");
    }
}

#[test]
fn no_pattern_of_a_pack_holds_a_credential() {
    let detectors = crate::Detectors;
    let context = Context { role: Role::User, phase: Phase::Input };
    for rule in atr() {
        for regex in &rule.spec.regexes {
            let report = detectors.scan(picket_text::Check::Secret, regex, &context);
            // What stands behind the word password is a guess, and a pattern has such words.
            let token = report.hits.iter().find(|hit| !hit.kind.starts_with("GENERIC"));
            assert_eq!(token.map(|hit| hit.kind), None, "{}", rule.spec.id);
        }
    }
}

#[test]
fn a_line_that_is_no_rule_is_told_by_its_number() {
    let good = r#"- {"id":"a","score":0.7,"views":["text"],"message":"A","regexes":["x"]}"#;
    assert_eq!(rules(good).unwrap().len(), 1);
    for bad in ["id: a", r#"- {"id":"a"}"#, r#"- {"id":"a","score":"x","views":[],"message":"A","regexes":[]}"#] {
        assert_eq!(rules(&format!("# why\n{good}\n{bad}\n")).unwrap_err(), "line 3 is no rule");
    }
    assert!(noisy("atr-1 x").is_err() && noisy("atr-1").is_err());
}
