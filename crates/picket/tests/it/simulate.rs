//! Simulated campaigns, and what the shipped rules make of them.

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Output};

fn simulate(arguments: &[&str]) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_picket")).arg("simulate").args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// Campaigns that a few people and days are enough for.
const CAMPAIGNS: &[&str] =
    &["extraction", "identical-prompts", "forbidden-tools", "account-takeover", "credential-stuffing"];

#[test]
fn the_rules_of_the_program_find_campaigns_in_time_and_responses_stop_them() {
    let mut arguments =
        vec!["--seed", "11", "--users", "25", "--days", "10", "--report", "--respond", "all", "--format", "json"];
    arguments.extend(CAMPAIGNS.iter().flat_map(|campaign| ["--campaign", campaign]));
    let output = simulate(&arguments);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(rows.len(), CAMPAIGNS.len());
    for row in &rows {
        assert_eq!((&row["detected"], &row["within"]), (&Value::Bool(true), &Value::Bool(true)), "{row}");
    }
    let extraction = &rows[0];
    assert!(extraction["refused_after_minute"].as_f64().unwrap() >= 0.999, "{extraction}");
    // What nobody lets respond stops nobody.
    let output = simulate(&[
        "--seed",
        "11",
        "--users",
        "25",
        "--days",
        "10",
        "--report",
        "--respond",
        "none",
        "--campaign",
        "extraction",
        "--format",
        "json",
    ]);
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&rows[0]["detected"], rows[0]["refused_after_minute"].as_f64()), (&Value::Bool(true), Some(0.0)));
}

#[test]
fn events_go_to_the_file_that_was_named_which_is_not_replaced_unasked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let file = path.to_str().unwrap();
    let plan = ["--users", "3", "--days", "1"];
    let printed = simulate(&plan);
    let written = simulate(&[&plan[..], &["-o", file]].concat());
    assert!(written.stdout.is_empty() && !printed.stdout.is_empty());
    assert_eq!(std::fs::read(&path).unwrap(), printed.stdout);
    for (more, code) in [(&["-o", file][..], 2), (&["--format", "csv"], 2), (&["--labels", "/nowhere/labels"], 2)] {
        let refused =
            Command::new(env!("CARGO_BIN_EXE_picket")).arg("simulate").args(plan).args(more).output().unwrap();
        assert_eq!(refused.status.code(), Some(code), "{more:?}: {}", String::from_utf8_lossy(&refused.stderr));
    }
}

#[test]
fn each_campaign_names_rules_that_are_there() {
    let (set, errors) = picket_detect::RuleSet::load(&picket_detect::Sources::default().read());
    assert_eq!(errors, Vec::<String>::new());
    for campaign in picket_simulate::Campaign::ALL {
        assert!(!campaign.rules().is_empty(), "{campaign:?}");
        let lost: Vec<&&str> = campaign.rules().iter().filter(|name| set.find(name).is_none()).collect();
        assert!(lost.is_empty(), "{campaign:?}: {lost:?}");
    }
}

#[test]
fn events_are_written_with_labels_beside_them_and_the_same_for_the_same_seed() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().join("labels.ndjson");
    let arguments = [
        "--seed",
        "3",
        "--users",
        "10",
        "--days",
        "10",
        "--campaign",
        "forbidden-tools",
        "--force",
        "--labels",
        labels.to_str().unwrap(),
    ];
    let (one, other) = (simulate(&arguments).stdout, simulate(&arguments).stdout);
    assert!(one == other, "the same seed gives the same bytes");
    let labelled = std::fs::read_to_string(&labels).unwrap();
    let labelled: Vec<Value> = labelled.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(labelled.len(), 6);
    let ids: BTreeSet<String> = labelled.iter().map(|label| label["event_id"].as_str().unwrap().to_owned()).collect();
    let text = String::from_utf8(one).unwrap();
    let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let denied = |event: &&Value| event["type"] == "tool_denied";
    let of_tools: BTreeSet<String> =
        events.iter().filter(denied).map(|event| event["event_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(of_tools, ids);
    assert!(!text.contains("forbidden-tools"), "no event tells what it belongs to");
    let refused =
        Command::new(env!("CARGO_BIN_EXE_picket")).args(["simulate", "--campaign", "nothing"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("slow-exfiltration"), "{refused:?}");
}
