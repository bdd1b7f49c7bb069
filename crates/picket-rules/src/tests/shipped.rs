//! The rules that are shipped, in `rules/` at the root.

use crate::data::Data;
use crate::extension::Effect;
use crate::model::{About, Status};
use crate::ruleset::Rules;
use picket_yaml::{Node, Problems, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

/// Public rules by source and name, one a line: what `rules/equivalents.yml` has to speak of.
const PUBLIC: &str = include_str!("../../testdata/public-rules.txt");

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../rules")
}

fn files() -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yml"))
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()))
        .collect();
    files.sort();
    files
}

fn shipped() -> Rules {
    let files = files();
    let texts: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let loaded = Rules::load_complete(&texts, &Data::default());
    let errors: Vec<String> = loaded.issues.errors.iter().map(ToString::to_string).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let warnings: Vec<String> = loaded.issues.warnings.iter().map(ToString::to_string).collect();
    assert!(warnings.is_empty(), "{warnings:#?}");
    loaded.rules
}

/// What can be told by itself.
fn told(rules: &Rules) -> Vec<&About> {
    let singles = rules.rules.iter().enumerate().filter(|(at, rule)| !rule.is_feed() && rules.is_told(*at));
    let is_told = |at: usize| rules.plan.correlation_is_told.get(at).copied().unwrap_or(true);
    let others = rules.correlations.iter().enumerate().filter(|(at, other)| !other.is_feed() && is_told(*at));
    singles.map(|(_, rule)| &rule.about).chain(others.map(|(_, other)| &other.about)).collect()
}

#[test]
fn every_shipped_rule_passes_its_tests_and_has_all_three_of_them() {
    let rules = shipped();
    let failed: Vec<String> = rules
        .test()
        .into_iter()
        .filter_map(|result| {
            result.difference.map(|difference| format!("{}: {}: {difference}", result.rule, result.name))
        })
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn a_shipped_rule_without_one_of_its_tests_does_not_load() {
    let text = fs::read_to_string(folder().join("triggers.yml")).unwrap();
    let parts = fs::read_to_string(folder().join("parts.yml")).unwrap();
    let others = fs::read_to_string(folder().join("volume.yml")).unwrap();
    let load = |text: &str| {
        let files = [("parts.yml", parts.as_str()), ("triggers.yml", text), ("volume.yml", others.as_str())];
        let loaded = Rules::load_complete(&files, &Data::default());
        let names = told(&loaded.rules).iter().filter_map(|about| about.name.clone()).collect::<BTreeSet<_>>();
        (names.contains("trigger-blocks"), loaded.issues.errors.iter().map(ToString::to_string).collect::<String>())
    };
    assert!(load(&text).0);
    for test in ["11 of them", "in any order"] {
        let from = text
            .find(&format!("    - name: {test}\n"))
            .unwrap_or_else(|| text.find(&format!("    - name: \"{test}\"\n")).unwrap());
        let end = from + 1 + text[from + 1..].find("    - name: ").unwrap();
        let without = format!("{}{}", &text[..from], &text[end..]);
        let (is_there, errors) = load(&without);
        // What matches in any order matches, too.
        assert_eq!(is_there, test == "11 of them", "{test}: {errors}");
    }
    let (is_there, errors) = load(&text.replace("matches: []", "matches: [1]"));
    assert!(!is_there && errors.contains("a test in which it does not"), "{errors}");
}

#[test]
fn triggers_respond_by_themselves_within_bounds() {
    let rules = shipped();
    let of = |name: &str| told(&rules).into_iter().find(|about| about.name.as_deref() == Some(name)).unwrap();
    for (name, effect) in [
        ("trigger-blocks", Effect::Block),
        ("trigger-judge", Effect::Block),
        ("trigger-judge-without-feature", Effect::Review),
        ("trigger-injection", Effect::Keep),
        ("trigger-tool", Effect::Block),
    ] {
        let about = of(name);
        let [response] = about.extension.responses.as_slice() else { panic!("{name}") };
        assert_eq!((response.effect, response.is_dry, response.approval), (effect, false, false), "{name}");
        assert_eq!(about.status, Some(Status::Stable), "{name}");
        if effect != Effect::Keep {
            assert_eq!(response.ttl.map(|ttl| ttl.as_secs()), Some(3_600), "{name}");
            assert!(response.max_per_hour.is_some(), "{name}");
        }
    }
}

#[test]
fn whatever_keeps_somebody_out_ends_and_has_a_cap() {
    let rules = shipped();
    for about in told(&rules) {
        for response in about.extension.responses.iter().filter(|response| response.effect != Effect::Keep) {
            assert!(response.ttl.is_some() && response.max_per_hour.is_some(), "{}", about.key());
        }
    }
}

#[test]
fn the_reference_names_every_shipped_rule_with_its_level() {
    let page = fs::read_to_string(folder().join("../docs/reference/shipped-rules.md")).unwrap();
    let rules = shipped();
    for about in told(&rules) {
        let (name, level) = (about.name.as_deref().unwrap(), about.level.unwrap().as_str());
        let row = page.lines().find(|line| line.starts_with(&format!("| `{name}` |")));
        assert!(
            row.is_some_and(|row| row.contains(&format!("| {level} |"))),
            "`{name}` is not there, or with another level"
        );
    }
    let rows = page.lines().filter(|line| line.starts_with("| `")).count();
    assert_eq!(rows, told(&rules).len(), "there are rows of rules that are not shipped");
}

/// What `rules/equivalents.yml` says of each public rule: who covers it, or why nobody does.
fn equivalents() -> BTreeMap<String, Result<Vec<String>, String>> {
    let text = fs::read_to_string(folder().join("equivalents.yml")).unwrap();
    let node = picket_yaml::parse(&text, "equivalents.yml").unwrap();
    let mut problems = Problems::new("equivalents.yml");
    let mut said = BTreeMap::new();
    let mut text = |node: &Node| node.text(&mut problems).unwrap().to_owned();
    for entry in node.member("equivalents").unwrap().items() {
        let Value::Map(members) = &entry.value else { panic!("an entry that is no map") };
        assert_eq!(members.len(), 2, "{members:?}");
        let rule = text(entry.member("rule").unwrap());
        let what = match (entry.member("covered-by"), entry.member("waived")) {
            (Some(rules), None) => Ok(rules.items().iter().map(&mut text).collect::<Vec<_>>()),
            (None, Some(reason)) => Err(text(reason)),
            _ => panic!("{rule}: either `covered-by` or `waived`"),
        };
        assert!(said.insert(rule.clone(), what).is_none(), "{rule} stands there twice");
    }
    said
}

#[test]
fn every_public_rule_is_covered_by_a_rule_that_there_is_or_waived_with_a_reason() {
    let rules = shipped();
    let said = equivalents();
    let public: BTreeSet<String> =
        PUBLIC.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    assert!(public.len() >= 110, "{}", public.len());
    assert_eq!(said.keys().cloned().collect::<BTreeSet<_>>(), public);
    let by_name: BTreeMap<&str, &About> =
        told(&rules).into_iter().filter_map(|about| Some((about.name.as_deref()?, about))).collect();
    for (rule, what) in &said {
        match what {
            Ok(names) => {
                assert!(!names.is_empty(), "{rule}");
                for name in names {
                    let about =
                        by_name.get(name.as_str()).unwrap_or_else(|| panic!("{rule}: there is no rule `{name}`"));
                    assert!(about.extension.equivalents.contains(rule), "`{name}` does not say that it covers {rule}");
                }
            }
            Err(reason) => assert!(reason.split_whitespace().count() >= 4, "{rule}: why?"),
        }
    }
    for (name, about) in by_name {
        for rule in &about.extension.equivalents {
            let covered = said
                .get(rule)
                .is_some_and(|what| what.as_ref().is_ok_and(|names| names.iter().any(|other| other == name)));
            assert!(covered, "`{name}` says that it covers {rule}, and the list does not");
        }
    }
}
