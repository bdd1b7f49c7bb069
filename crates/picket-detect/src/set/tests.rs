use super::*;
use crate::source::RuleFile;
use std::cell::Cell;

fn read(files: &[(&str, &str, Origin)]) -> Read {
    let files = files.iter().map(|(name, text, origin)| RuleFile {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
        origin: *origin,
    });
    Read { files: files.collect(), digest: [1; 32], ..Read::default() }
}

const PAIR: &str = "\
title: Block
name: block
logsource: { product: picket }
detection: { s: { decision: blocked }, condition: s }
---
title: Many blocks
id: many
status: stable
level: high
correlation: { type: event_count, rules: [block], group-by: [user], timespan: 5m, condition: { gt: 2 } }
tags: [attack.t1190]
x-picket: { category: guardrail-block, atlas: [AML.T0051], owasp: [LLM01, ASI01], response: { action: block, target: user, ttl: 10m } }
";

#[test]
fn a_rule_is_known_by_where_it_comes_from_and_by_its_own_text() {
    let (set, errors) = RuleSet::load(&read(&[("shipped/a.yml", PAIR, Origin::Shipped)]));
    assert_eq!(errors, Vec::<String>::new());
    let [part, many] = set.infos.as_slice() else { panic!("{:?}", set.infos) };
    assert!(!part.is_told && many.is_told && many.is_correlation);
    assert_eq!(many.place, "shipped/a.yml:6");
    assert_eq!(many.lacks, ["tests"]);
    assert_eq!(
        (many.frameworks.atlas.as_slice(), many.frameworks.attack.as_slice()),
        (&["AML.T0051".to_owned()][..], &["T1190".to_owned()][..])
    );
    assert_eq!((many.frameworks.owasp_llm.len(), many.frameworks.owasp_agentic.len()), (1, 1));
    assert_eq!((many.usual_state(), many.usually_responds(), many.confidence()), (RuleState::Enabled, true, 0.9));
    assert_eq!(
        (set.find("many"), set.find("block"), set.find("Many blocks"), set.find("none")),
        (Some(1), Some(0), Some(1), None)
    );
    // Only the document that changed has another digest.
    let changed = PAIR.replace("gt: 2", "gt: 3");
    let (other, _) = RuleSet::load(&read(&[("shipped/a.yml", &changed, Origin::Shipped)]));
    assert_eq!(part.digest, other.infos[0].digest);
    assert_ne!(many.digest, other.infos[1].digest);
}

#[test]
fn rules_of_others_watch_and_do_nothing_until_somebody_wants_it() {
    let (set, _) = RuleSet::load(&read(&[("own/a.yml", PAIR, Origin::Configured)]));
    let many = &set.infos[1];
    assert_eq!((many.usual_state(), many.usually_responds()), (RuleState::Shadow, false));
    let experimental = PAIR.replace("status: stable", "status: experimental");
    let (set, _) = RuleSet::load(&read(&[("shipped/a.yml", &experimental, Origin::Shipped)]));
    assert_eq!((set.infos[1].usual_state(), set.infos[1].usually_responds()), (RuleState::Shadow, false));
    let (_, errors) = RuleSet::load(&read(&[("own/b.yml", "title: x\n", Origin::Configured)]));
    assert!(errors.iter().any(|error| error.starts_with("own/b.yml:1:")), "{errors:?}");
}

#[test]
fn the_rules_of_the_program_load_and_none_lacks_what_it_takes_to_wake_somebody() {
    let (set, errors) = RuleSet::load(&crate::source::Sources::default().read());
    assert_eq!((errors, &set.warnings), (Vec::new(), &Vec::<String>::new()));
    let told: Vec<_> = set.infos.iter().filter(|info| info.is_told).collect();
    assert!(told.len() > 20, "{}", told.len());
    for info in told {
        assert_eq!((info.lacks.as_slice(), info.origin), (&[][..], Origin::Shipped), "{}", info.key);
        assert_eq!(set.find(&info.key).map(|at| set.infos[at].key.clone()).as_ref(), Some(&info.key));
    }
}

#[test]
fn each_rule_of_a_file_of_many_has_the_digest_of_its_own_text() {
    let one = |at: usize| {
        format!("title: r{at}\nid: r{at}\nlogsource: {{ product: x }}\ndetection: {{ s: {{ A: {at} }}, condition: s }}")
    };
    let text: String =
        (0..500).map(|at| format!("{}---\n{}\n", if at % 2 == 0 { "# a note\n" } else { "" }, one(at))).collect();
    let (set, errors) = RuleSet::load(&read(&[("own/a.yml", &text, Origin::Configured)]));
    assert_eq!((errors, set.infos.len()), (Vec::new(), 500));
    for (at, info) in set.infos.iter().enumerate() {
        let note = if (at + 1) % 2 == 0 && at < 499 { "\n# a note" } else { "" };
        assert_eq!(info.digest, hex(&Sha256::digest(format!("{}{note}", one(at)))), "{at}");
    }
    // What begins beside its marker, and what ends with another one.
    let begun = "{ title: b, logsource: { product: x }, detection: { s: { A: 1 }, condition: s } }";
    for marker in ["--- ", "---\t", "...\n---\n", "...\n"] {
        let text = format!("{text}{marker}{begun}\n...\n");
        let (set, errors) = RuleSet::load(&read(&[("own/a.yml", &text, Origin::Configured)]));
        assert_eq!((errors, set.infos.len()), (Vec::new(), 501), "{marker:?}");
        assert_eq!(set.infos[500].digest, hex(&Sha256::digest(begun)), "{marker:?}");
    }
}

#[test]
fn a_file_of_very_many_rules_loads_and_stops_when_it_should() {
    let one = |at: usize| {
        format!(
            "title: r{at}\nid: r{at}\nlogsource: {{ product: x }}\ndetection:\n  s: {{ A: {at} }}\n  condition: s\n"
        )
    };
    let text: String = (0..20_000).map(|at| format!("{}---\n", one(at))).collect();
    let read = read(&[("own/a.yml", &text, Origin::Configured)]);
    let (set, errors) = RuleSet::load(&read);
    assert_eq!((errors, set.infos.len()), (Vec::new(), 20_000));
    let asked = Cell::new(0);
    let stopped = RuleSet::load_while(&read, &|| asked.replace(asked.get() + 1) < 100);
    assert!(stopped.is_none() && asked.get() < 300, "nothing is read from when it should stop: {}", asked.get());
}

#[test]
fn a_set_keeps_some_warnings_and_says_how_many_there_are() {
    let one = |at: usize| {
        format!(
            "title: r{at}\nlogsource: {{ product: picket }}\ndetection: {{ s: {{ nope: {at} }}, condition: s }}\n---\n"
        )
    };
    let text: String = (0..1_003).map(one).collect();
    let (set, _) = RuleSet::load(&read(&[("own/a.yml", &text, Origin::Configured)]));
    assert_eq!(set.warnings.len(), 1_001);
    assert!(set.warnings[999].contains("no field `nope`") && set.warnings[1_000].starts_with("and 3 more"));
}
