use super::*;
use crate::ruleset::Rules;

fn warnings(text: &str) -> Vec<String> {
    let loaded = Rules::load([("r.yml", text)], &Data::default());
    assert!(loaded.issues.errors.is_empty(), "{:?}", loaded.issues.errors);
    loaded.issues.warnings.iter().map(ToString::to_string).collect()
}

fn rule(product: &str, detection: &str) -> String {
    format!("title: t\nname: t\nlogsource: {{product: {product}}}\ndetection:\n  s: {detection}\n  condition: s\n")
}

#[test]
fn a_field_that_no_event_has_is_told_with_the_one_that_was_meant() {
    for (field, hint) in [
        ("desicion", "; did you mean `decision`?"),
        ("Decision", "; did you mean `decision`?"),
        ("srcIp|cidr", "; did you mean `src_ip`?"),
        ("profile.usr.surprise|gt", "; did you mean `profile.user.surprise`?"),
        ("claimed_usr", "; did you mean `claimed_user`?"),
        ("policy_results.nothing", ""),
        ("CommandLine", ""),
        ("user.name", ""),
        ("attribute.result", ""),
    ] {
        let value = if field.ends_with("cidr") { "10.0.0.0/8" } else { "1" };
        let name = field.split('|').next().unwrap();
        let told = warnings(&rule("picket", &format!("{{{field}: {value}}}")));
        let expected: String = format!("r.yml:5:7: events of Picket have no field `{name}`{hint}");
        assert!(told.iter().any(|line| line.starts_with(&expected)), "{field}: {told:?}");
        assert_eq!(warnings(&rule("windows", &format!("{{{field}: {value}}}"))), Vec::<String>::new());
    }
    for field in [
        "decision",
        "attributes.result",
        "metrics.gpu.0.load",
        "policy_results",
        "policy_results.spans.type",
        "log.id",
        "profile.user.why",
        "profile.series",
    ] {
        let told = warnings(&rule("Picket", &format!("{{{field}: x}}")));
        assert_eq!(told.len(), usize::from(field == "profile.series"), "{told:?}");
    }
    let other = warnings(&rule("picket", "{user|fieldref: usr}"));
    assert!(other[0].contains("no field `usr`; did you mean `user`?"), "{other:?}");
}

#[test]
fn what_correlations_group_by_is_looked_at_in_the_events_of_their_rules() {
    let count = |more: &str| {
        format!(
            "{}---\ntitle: c\ncorrelation:\n  type: event_count\n  rules: [t]\n  timespan: 1m\n  condition: {{gte: 2}}\n{more}",
            rule("picket", "{decision: blocked}")
        )
    };
    let told = warnings(&count("  group-by: [usr]\n"));
    assert_eq!(told, ["r.yml:11:11: events of Picket have no field `usr`; did you mean `user`?"]);
    assert_eq!(warnings(&count("  group-by: [usr]\n  aliases: {usr: {t: user}}\n")), Vec::<String>::new());
    let behaviour = "x-picket: {baseline: {metric: sum of token_out, window: 1h}}\n";
    let told = warnings(&format!("{}{behaviour}", rule("picket", "{decision: blocked}")));
    assert!(told[0].contains("no field `token_out`; did you mean `tokens_out`?"), "{told:?}");
}

#[test]
fn a_type_that_no_event_has_is_told() {
    for item in [
        "event_type: request.completed",
        "event_type: [request, requests]",
        "event_type|startswith: request.",
        "event_type|re: '^incidents'",
        "event_type|cased: Request",
    ] {
        let told = warnings(&rule("picket", &format!("{{{item}}}")));
        assert!(told.len() == 1 && told[0].contains("no event that rules see"), "{item}: {told:?}");
        assert_eq!(warnings(&rule("windows", &format!("{{{item}}}"))), Vec::<String>::new());
    }
    for item in [
        "event_type: REQUEST",
        "event_type: profile.series",
        "event_type|startswith: external.",
        "event_type: 'incident.*'",
        "event_type|re: 'tool_call|request'",
        "event_type|exists: true",
    ] {
        assert_eq!(warnings(&rule("picket", &format!("{{{item}}}"))), Vec::<String>::new(), "{item}");
    }
}

#[test]
fn fields_of_the_block_for_findings_are_looked_at_where_they_stand() {
    let block = "x-picket:\n  entity: {kind: user, field: usr}\n  suppress: {by: [user, usr], for: 1h}\n  \
                 reason: '{user} {value} {modle}'\n  risk: {score: 1, entity: {kind: user, field: usr}}\n  \
                 first-seen: {field: [model, modle]}\n";
    let told = warnings(&format!("{}{block}", rule("picket", "{decision: blocked}")));
    let usr = "events of Picket have no field `usr`; did you mean `user`?";
    let modle = "events of Picket have no field `modle`; did you mean `model`?";
    let expected = [(8, 31, usr), (9, 25, usr), (10, 11, modle), (11, 48, usr), (12, 31, modle)];
    assert_eq!(told, expected.map(|(line, column, what)| format!("r.yml:{line}:{column}: {what}")));
    let grouped = format!(
        "{}---\ntitle: c\ncorrelation:\n  type: event_count\n  rules: [t]\n  group-by: [who]\n  aliases: {{who: {{t: user}}}}\n  \
         timespan: 1m\n  condition: {{gte: 2}}\nx-picket: {{suppress: {{by: [who], for: 1h}}, reason: '{{who}} {{wo}}'}}\n",
        rule("picket", "{decision: blocked}")
    );
    let told = warnings(&grouped);
    assert!(told.len() == 1 && told[0].contains("no field `wo`"), "{told:?}");
}

#[test]
fn a_detection_that_every_event_matches_is_told() {
    for detection in [
        "{A: '*'}",
        "{A|contains: ''}",
        "{A|startswith: '**'}",
        "{A|re: '.*'}",
        "{A|re: '^.*$'}",
        "{A|re: 'x*'}",
        "{A|re: '^(a|b)?'}",
        "{A: [x, '*'], B|re: '.*'}",
        "['*']",
        "[{A: x}, {A: '*'}]",
    ] {
        let told = warnings(&rule("x", detection));
        assert!(told.iter().any(|line| line.contains("matches; ask for a value")), "{detection}: {told:?}");
    }
    for detection in [
        "{A: ''}",
        "{A: '?*'}",
        "{A: '*', B: x}",
        "{A|contains|all: ['', x]}",
        "{A|re: '^x*$'}",
        "{A|re: 'x*\\$'}",
        "{A|re: 'a.*'}",
        "{A|exists: true}",
        "{A|neq: '*'}",
        "{A: '\\*'}",
    ] {
        assert_eq!(warnings(&rule("x", detection)), Vec::<String>::new(), "{detection}");
    }
}
