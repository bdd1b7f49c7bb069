use super::*;
use std::collections::HashSet;

#[test]
fn every_category_has_a_severity_ids_and_a_procedure_of_its_own() {
    let taxonomy = Taxonomy::default();
    assert_eq!(taxonomy.entries.len(), 7);
    let mut asked = HashSet::new();
    for entry in &taxonomy.entries {
        assert!(entry.severity <= entry.severity_max, "{}", entry.title);
        assert!(entry.triage.len() >= 3, "{}", entry.title);
        let ids = &entry.frameworks;
        assert!(ids.atlas.iter().all(|id| id.starts_with("AML.T")), "{}", entry.title);
        assert!(ids.owasp_llm.iter().all(|id| id.starts_with("LLM")) && !ids.owasp_llm.is_empty(), "{}", entry.title);
        assert!(ids.owasp_agentic.iter().all(|id| id.starts_with("ASI")) && !ids.owasp_agentic.is_empty());
        for step in &entry.triage {
            assert!(asked.insert(step.ask.clone()), "twice: {}", step.ask);
            assert!(step.answers.len() != 1, "one answer decides nothing: {}", step.ask);
        }
    }
}

#[test]
fn severities_have_the_times_of_the_contract() {
    let taxonomy = Taxonomy::default();
    let of = |severity| taxonomy.level(severity).map(|level| (level.soc.as_str(), level.respond_within));
    let hours = |hours: u64| Some(Duration::from_secs(hours * 3_600));
    assert_eq!(of(Severity::Low), Some(("informational", None)));
    assert_eq!(of(Severity::Medium), Some(("warning", hours(4))));
    assert_eq!(of(Severity::High), Some(("alert", hours(1))));
    assert_eq!(of(Severity::Critical), Some(("incident", hours(0))));
    assert_eq!(taxonomy.severity(Some(Category::GuardrailBlock)), Severity::Low);
    assert_eq!(taxonomy.severity(Some(Category::PromptAttack)), Severity::High);
    assert_eq!(taxonomy.severity(None), Severity::Medium);
}

#[test]
fn tags_of_rules_become_ids_whatever_their_spelling() {
    let tags = [
        "atlas.aml.t0051.000",
        "ATLAS.AML-T0054",
        "owasp.llm01",
        "owasp-agentic.asi02",
        "attack.t1190",
        "attack.impact",
        "tlp.red",
        "llm",
    ];
    let found = frameworks_of_tags(&tags.map(str::to_owned));
    assert_eq!(found.atlas, ["AML.T0051.000", "AML.T0054"]);
    assert_eq!(found.owasp_llm, ["LLM01"]);
    assert_eq!(found.owasp_agentic, ["ASI02"]);
    assert_eq!(found.attack, ["T1190"]);
}
