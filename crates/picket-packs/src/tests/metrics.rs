use super::text;
use crate::prometheus::ALERTS;
use crate::{Pack, metrics, metrics_of};
use picket_yaml::{Node, Value as Yaml, parse};
use serde_json::Value;
use std::collections::BTreeSet;

fn yaml(pack: Pack, path: &str) -> Node {
    parse(&text(pack, path), path).unwrap_or_else(|problems| panic!("{problems}"))
}

fn said(node: &Node, name: &str) -> String {
    match node.member(name).map(|node| &node.value) {
        Some(Yaml::Text(text)) => text.clone(),
        other => panic!("{name} is {other:?}"),
    }
}

#[test]
fn alerts_are_rules_of_prometheus() {
    let rules = yaml(Pack::Prometheus, "alerts.yml");
    let group = &rules.member("groups").unwrap().items()[0];
    let rules = group.member("rules").unwrap().items();
    assert_eq!(rules.len(), ALERTS.len());
    let mut names = BTreeSet::new();
    for (rule, alert) in rules.iter().zip(ALERTS) {
        assert_eq!(said(rule, "alert"), alert.name);
        assert_eq!(said(rule, "expr").trim_end(), alert.expr);
        assert!(names.insert(alert.name), "{} twice", alert.name);
        let severity = said(rule.member("labels").unwrap(), "severity");
        assert!(["info", "warning", "critical"].contains(&severity.as_str()), "{severity}");
        let annotations = rule.member("annotations").unwrap();
        assert_eq!(
            (said(annotations, "summary").as_str(), said(annotations, "description").as_str()),
            (alert.summary, alert.about)
        );
    }
    let tests = yaml(Pack::Prometheus, "alerts_test.yml");
    let mut tried = 0;
    for test in tests.member("tests").unwrap().items() {
        for one in test.member("alert_rule_test").unwrap().items() {
            let name = said(one, "alertname");
            assert!(names.contains(name.as_str()), "{name} is no alert");
            tried += 1;
        }
    }
    assert!(tried >= 15, "{tried}");
    yaml(Pack::Prometheus, "scrape.yml");
}

#[test]
fn metrics_that_packs_go_by_are_told_apart_from_everything_else_in_expressions() {
    let found: Vec<String> =
        metrics_of("sum(rate(picket_a_total{decision=\"x\",instance=~\"$instance\"}[5m])) / on(instance) process_b")
            .collect();
    assert_eq!(found, ["picket_a_total", "process_b"]);
    let metrics = metrics();
    assert!(metrics.len() > 30 && metrics.contains(&"picket_gateway_requests_total".to_owned()), "{metrics:?}");
}

/// That panels stand beside each other within a width.
pub(super) fn check_places<'a>(places: impl Iterator<Item = &'a Value>, width: u64) {
    let mut taken = BTreeSet::new();
    for place in places {
        let number = |name: &str| place[name].as_u64().unwrap_or_else(|| panic!("no {name}: {place}"));
        let (x, y, w, h) = (number("x"), number("y"), number("w"), number("h"));
        assert!(w > 0 && h > 0 && x + w <= width, "{place}");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{place} is on top of another one");
        }
    }
}

#[test]
fn panels_of_the_dashboard_stand_beside_each_other_and_ask_one_source() {
    let dashboard: Value = serde_json::from_str(&text(Pack::Grafana, "dashboard.json")).unwrap();
    let panels = dashboard["panels"].as_array().unwrap();
    check_places(panels.iter().map(|panel| &panel["gridPos"]), 24);
    let ids: BTreeSet<u64> = panels.iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), panels.len());
    let variables: BTreeSet<&str> =
        dashboard["templating"]["list"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    let mut lines = 0;
    for panel in panels.iter().filter(|panel| panel["type"] != "row") {
        assert_eq!(panel["datasource"]["uid"], "${datasource}");
        for target in panel["targets"].as_array().unwrap() {
            let expr = target["expr"].as_str().unwrap();
            for name in expr
                .split('$')
                .skip(1)
                .map(|rest| rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap())
            {
                assert!(name == "__rate_interval" || variables.contains(name), "{name}");
            }
            lines += 1;
        }
    }
    assert_eq!(lines, crate::grafana::expressions().count());
}
