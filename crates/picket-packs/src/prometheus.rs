//! The pack for Prometheus: alerts on the metrics of the program itself, with tests that `promtool` runs.

mod alerts;
mod tests_file;

use crate::File;
pub(crate) use alerts::{ALERTS, Alert};
use serde_json::Value;
use std::fmt::Write as _;

/// Files of the pack.
pub(crate) fn files() -> Vec<File> {
    vec![
        File::new("README.md", readme_text()),
        File::new("alerts.yml", rules()),
        File::new("alerts_test.yml", tests_file::TESTS),
        File::new("scrape.yml", SCRAPE),
    ]
}

/// A job for `prometheus.yml`.
pub(crate) const SCRAPE: &str = "\
scrape_configs:
  - job_name: picket
    metrics_path: /v1/metrics
    scheme: https
    authorization: { type: Bearer, credentials_file: /etc/prometheus/picket.token }
    static_configs:
      - targets: [\"picket.example.com:8081\"]
";

/// A text as YAML has it between double quotes, which is as JSON has it.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn rules() -> String {
    let mut text = "# Alerts on the metrics of Picket. Written by `picket packs write prometheus`.\ngroups:\n  - name: picket\n    rules:\n".to_owned();
    for Alert { name, expr, wait, severity, summary, about, .. } in ALERTS {
        write!(text, "      - alert: {name}\n        expr: |\n").unwrap_or_default();
        expr.lines().for_each(|line| writeln!(text, "          {line}").unwrap_or_default());
        if !wait.is_empty() {
            writeln!(text, "        for: {wait}").unwrap_or_default();
        }
        write!(
            text,
            "        labels: {{ severity: {severity} }}\n        annotations:\n          summary: {}\n          description: {}\n",
            quoted(summary),
            quoted(about)
        )
        .unwrap_or_default();
    }
    text
}

fn readme_text() -> String {
    let mut table = "| alert | severity | after | answers to |\n|---|---|---|---|\n".to_owned();
    for Alert { name, wait, severity, answers, .. } in ALERTS {
        let (wait, answers) =
            (if wait.is_empty() { "at once" } else { wait }, if answers.is_empty() { "" } else { answers });
        writeln!(table, "| `{name}` | {severity} | {wait} | {answers} |").unwrap_or_default();
    }
    format!(
        "\
# Picket for Prometheus

Alerts on the metrics that the program shows of itself at `/v1/metrics` of its control API. They were read and tried by `promtool` (`promtool check rules alerts.yml`, `promtool test rules alerts_test.yml`).

1. Make a token that may read health: `picket tokens create --name prometheus --role service --scopes health:read`, and put it into the file that `scrape.yml` names.
2. Put the job of `scrape.yml` into your `prometheus.yml`, and `alerts.yml` into its `rule_files`.

{table}
What differs from what alerts answer to: the oldest escalation that nobody *decided* stands for the mean time to triage, which is no metric; `picket metrics` has the mean. Different users that were refused, and models that were never seen, are not counted by metrics, whose labels would be as many as there are users: the product's own rules `blocked-users` and `new-model` find them, and the alerts tell that they did.
"
    )
}
