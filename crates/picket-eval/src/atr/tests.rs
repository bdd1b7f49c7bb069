use super::rating::{Found, Rater, Tally, loud, tried};
use super::*;
use picket_content::custom::pack::{self, Packed};
use picket_content::custom::{Lane, Rules, Spec};

fn package(rules: &[(&str, &str, &str)]) -> Package {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("package.json"), r#"{"version": "9.8.7"}"#).unwrap();
    fs::write(folder.path().join("LICENSE"), "MIT").unwrap();
    for (category, id, rest) in rules {
        let of_category = folder.path().join("rules").join(category);
        fs::create_dir_all(&of_category).unwrap();
        let text = format!("title: Rule {id}\nid: ATR-{id}\nseverity: high\n{rest}");
        fs::write(of_category.join(format!("{id}.yaml")), text).unwrap();
    }
    Package::read(folder.path()).unwrap()
}

fn detection(condition: &str, values: &[&str]) -> String {
    let conditions: Vec<String> =
        values.iter().map(|value| format!("    - {{ field: content, operator: regex, value: '{value}' }}\n")).collect();
    format!("detection:\n  condition: {condition}\n  conditions:\n{}", conditions.concat())
}

fn rule(values: &[&str]) -> String {
    format!("status: stable\n{}", detection("any", values))
}

fn compiled(package: &Package) -> (Vec<Packed>, Rules) {
    let mut all = Vec::new();
    for (category, rules) in package.by_category() {
        let category = if category == "a" { "a" } else { "b" };
        let read = pack::rules(&file_of(package, category, &rules)).unwrap();
        all.extend(read.into_iter().map(|(spec, title)| Packed { category, spec, title, noise: None }));
    }
    let specs: Vec<Spec> = all.iter().map(|packed| packed.spec.clone()).collect();
    (all, Rules::compile_for(Lane::Late, &specs, 0.5).unwrap())
}

#[test]
fn rules_are_read_by_category_and_what_cannot_be_had_is_told() {
    let mut package = package(&[
        ("b", "1", &rule(&["ignore all", r"(x)\1"])),
        ("a", "2", &format!("status: draft\n{}", detection("any", &["x"]))),
        (
            "a",
            "3",
            "status: stable\ndetection: { condition: any, conditions: [{ field: trace.x, operator: regex, value: y }] }\n",
        ),
        ("a", "4", &rule(&["aurora", "borealis"])),
    ]);
    let ids = |package: &Package| package.rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
    assert_eq!((package.version.as_str(), ids(&package)), ("9.8.7", vec!["ATR-1".to_owned(), "ATR-4".to_owned()]));
    assert_eq!(package.missing(), ["ATR-2", "ATR-3"]);
    package.leave_out("ATR-4", 0, "is too slow");
    package.leave_out("ATR-1", 0, "is too slow");
    assert_eq!(ids(&package), ["ATR-4"]);
    let told = readme(&package);
    assert!(told.contains("1 rules with 1 regular expressions. Not in it: 3 rules, and 1 conditions"), "{told}");
    assert!(told.contains("* is too slow: ATR-1 (1), ATR-4 (1, in part).\n"), "{told}");
    assert!(told.contains("* its authors call it draft: ATR-2.\n"), "{told}");
}

#[test]
fn the_same_package_gives_the_same_file() {
    let make = || {
        let package = package(&[("a", "1", &rule(&["ignore \"all\""])), ("a", "2", &rule(&["x{2}"]))]);
        file_of(&package, "a", &package.by_category()["a"])
    };
    assert_eq!(make(), make());
    let line = r#"- {"id":"atr-1","score":0.7,"views":["text"],"message":"Rule 1","regexes":["(?i)ignore \"all\""]}"#;
    assert_eq!(make().lines().nth(2), Some(line));
}

#[test]
fn two_conditions_that_must_both_hold_are_found_in_either_order() {
    let all = format!("status: stable\n{}", detection("all", &["first word", "second word"]));
    let package = package(&[("a", "1", &all)]);
    let (packed, rules) = compiled(&package);
    let rater = Rater::new(&rules, &packed);
    let mut found = Found::default();
    for text in ["first word and second word", "SECOND WORD, first word", "first word", "second word"] {
        rater.look(text, "test", &mut found);
    }
    assert_eq!((found.texts, found.by_rule["atr-1"], found.usual["a"]), (4, 2, 2));
}

#[test]
fn own_cases_are_tried_in_whatever_form_they_are_written() {
    let cases = "test_cases:
  true_positives:
    - { input: please ignore all, expected: triggered, description: ignore nothing }
    - { tool_call: { name: x, args: '{\"a\": \"ignore all\"}' }, expected: triggered }
    - { input: { tool_args: [ignore all] }, expected: triggered }
    - { input: nothing, expected: triggered, notes: ignore all }
  true_negatives:
    - { tool_response: nothing, expected: not_triggered }
";
    let package = package(&[("a", "1", &(rule(&["ignore all"]) + cases))]);
    let tried = tried(&package, &compiled(&package).1);
    let own = tried.all();
    assert_eq!((own.positives, own.negatives), (Tally { right: 3, of: 4 }, Tally { right: 1, of: 1 }));
    assert_eq!(tried.wrong.into_iter().collect::<Vec<_>>(), [(("ATR-1".to_owned(), true), 1)]);
}

#[test]
fn scores_of_a_category_add_up_and_a_loud_rule_is_noisy_unless_attacks_have_it_much_more() {
    let medium = |value: &str| rule(&[value]).replace("status", "severity2: x\nstatus");
    let mut package = package(&[("a", "1", &medium("aurora")), ("a", "2", &medium("borealis"))]);
    for rule in &mut package.rules {
        rule.severity = "medium".to_owned();
    }
    let (packed, rules) = compiled(&package);
    let rater = Rater::new(&rules, &packed);
    let (mut harmless, mut attacks) = (Found::default(), Found::default());
    for text in ["aurora", "borealis", "aurora borealis", "nothing"].into_iter().chain([""; 16]) {
        rater.look(text, "harmless", &mut harmless);
    }
    rater.look("aurora", "attacks", &mut attacks);
    assert_eq!((harmless.usual.get("a"), harmless.sources["harmless"]), (Some(&1), Tally { right: 1, of: 20 }));
    let loud = loud(&harmless, &attacks);
    let told: Vec<(&str, bool)> = loud.iter().map(|loud| (loud.id, loud.is_noisy())).collect();
    assert_eq!(told, [("atr-1", false), ("atr-2", true)]);
}
