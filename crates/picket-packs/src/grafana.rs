//! The pack for Grafana: a dashboard of the program's own metrics, fetched by Prometheus.

use crate::prometheus::SCRAPE;
use crate::{File, text};
use serde_json::{Value, json};

/// Columns of a dashboard.
const WIDTH: u32 = 24;

/// A line of a chart: expression, and what it is called.
type Line = (&'static str, &'static str);

/// A panel.
struct Panel {
    title: &'static str,
    about: &'static str,
    /// `timeseries` or `stat`.
    kind: &'static str,
    unit: &'static str,
    lines: &'static [Line],
    /// From what value on it is red, where there is one.
    limit: Option<f64>,
}

const fn panel(title: &'static str, unit: &'static str, lines: &'static [Line]) -> Panel {
    Panel { title, about: "", kind: "timeseries", unit, lines, limit: None }
}

const fn number(title: &'static str, unit: &'static str, limit: f64, lines: &'static [Line]) -> Panel {
    Panel { title, about: "", kind: "stat", unit, lines, limit: Some(limit) }
}

/// Rows: a title, and panels that share its width.
const ROWS: &[(&str, u32, &[Panel])] = &[
    (
        "The desk",
        5,
        &[
            number(
                "Share refused, 15 min",
                "percentunit",
                0.5,
                &[(
                    "sum(rate(picket_gateway_requests_total{decision=\"blocked\",instance=~\"$instance\"}[15m])) / sum(rate(picket_gateway_requests_total{instance=~\"$instance\"}[15m]))",
                    "refused",
                )],
            ),
            number(
                "Escalations that wait",
                "none",
                11.0,
                &[("sum(picket_escalations_pending{instance=~\"$instance\"})", "pending")],
            ),
            number(
                "Oldest escalation",
                "s",
                1_800.0,
                &[("max(picket_escalations_oldest_seconds{instance=~\"$instance\"})", "oldest")],
            ),
            number(
                "Past their due time",
                "none",
                1.0,
                &[("sum(picket_escalations_breached{instance=~\"$instance\"})", "breached")],
            ),
            number(
                "From event to finding",
                "s",
                300.0,
                &[(
                    "sum(rate(picket_detection_time_to_detect_seconds_sum{instance=~\"$instance\"}[1h])) / sum(rate(picket_detection_time_to_detect_seconds_count{instance=~\"$instance\"}[1h]))",
                    "mean",
                )],
            ),
            number(
                "False findings, 30 days",
                "percentunit",
                0.2,
                &[(
                    "sum(picket_detection_verdicts{verdict=\"false_positive\",instance=~\"$instance\"}) / sum(picket_detection_verdicts{verdict=~\"true_positive|false_positive|benign\",instance=~\"$instance\"})",
                    "false",
                )],
            ),
        ],
    ),
    (
        "Requests",
        8,
        &[
            panel(
                "Requests by decision",
                "reqps",
                &[(
                    "sum by (decision) (rate(picket_gateway_requests_total{instance=~\"$instance\"}[$__rate_interval]))",
                    "{{decision}}",
                )],
            ),
            panel(
                "Failures",
                "reqps",
                &[
                    (
                        "sum(rate(picket_gateway_upstream_errors_total{instance=~\"$instance\"}[$__rate_interval]))",
                        "of providers",
                    ),
                    (
                        "sum(rate(picket_gateway_provider_keys_refused_total{instance=~\"$instance\"}[$__rate_interval]))",
                        "keys that providers refuse",
                    ),
                    (
                        "sum(rate(picket_gateway_auth_failures_total{instance=~\"$instance\"}[$__rate_interval]))",
                        "credentials that were refused",
                    ),
                ],
            ),
            panel(
                "Requests that run",
                "none",
                &[
                    ("sum(picket_gateway_requests_in_flight{instance=~\"$instance\"})", "running"),
                    ("sum(picket_containments_active{instance=~\"$instance\"})", "containments"),
                ],
            ),
        ],
    ),
    (
        "Detection",
        8,
        &[
            panel(
                "Findings by rule, an hour",
                "none",
                &[(
                    "topk(10, sum by (rule) (increase(picket_detection_findings_total{instance=~\"$instance\"}[1h])))",
                    "{{rule}}",
                )],
            ),
            panel(
                "Findings by severity, an hour",
                "none",
                &[(
                    "sum by (severity) (increase(picket_detection_findings_total{instance=~\"$instance\"}[1h]))",
                    "{{severity}}",
                )],
            ),
            panel(
                "Responses, an hour",
                "none",
                &[(
                    "sum by (outcome) (increase(picket_detection_responses_total{instance=~\"$instance\"}[1h]))",
                    "{{outcome}}",
                )],
            ),
            panel(
                "Checks beside requests",
                "ops",
                &[(
                    "sum by (outcome) (rate(picket_late_examinations_total{instance=~\"$instance\"}[$__rate_interval]))",
                    "{{outcome}}",
                )],
            ),
        ],
    ),
    (
        "Destinations",
        8,
        &[
            panel(
                "Delivered",
                "ops",
                &[(
                    "sum by (destination) (rate(picket_destination_delivered_total{instance=~\"$instance\"}[$__rate_interval]))",
                    "{{destination}}",
                )],
            ),
            panel(
                "Waiting and given up",
                "none",
                &[
                    (
                        "sum by (destination) (picket_destination_pending{instance=~\"$instance\"})",
                        "{{destination}} waiting",
                    ),
                    (
                        "sum by (destination) (picket_destination_dead_lettered{instance=~\"$instance\"})",
                        "{{destination}} given up",
                    ),
                ],
            ),
            panel(
                "Entries of the log not looked at",
                "none",
                &[(
                    "max by (destination) (picket_destination_lag_entries{instance=~\"$instance\"})",
                    "{{destination}}",
                )],
            ),
            number(
                "Sums that do not add up",
                "none",
                1.0,
                &[("count(picket_destination_balanced{instance=~\"$instance\"} == 0) or vector(0)", "unbalanced")],
            ),
        ],
    ),
    (
        "The program",
        8,
        &[
            panel(
                "Log",
                "ops",
                &[("sum(deriv(picket_log_entries{instance=~\"$instance\"}[$__rate_interval]))", "entries a second")],
            ),
            panel(
                "Consumers behind",
                "none",
                &[("max by (consumer) (picket_consumer_lag_entries{instance=~\"$instance\"})", "{{consumer}}")],
            ),
            panel(
                "Disk",
                "bytes",
                &[
                    ("min(picket_disk_free_bytes{instance=~\"$instance\"})", "free"),
                    ("sum(picket_database_bytes{instance=~\"$instance\"})", "database"),
                ],
            ),
            panel(
                "Second tier",
                "ops",
                &[(
                    "sum by (outcome) (rate(picket_second_tier_inquiries_total{instance=~\"$instance\"}[$__rate_interval]))",
                    "{{outcome}}",
                )],
            ),
        ],
    ),
    (
        "The machine",
        8,
        &[
            panel(
                "Processor",
                "percentunit",
                &[("max by (instance) (picket_host_cpu_ratio{instance=~\"$instance\"})", "{{instance}}")],
            ),
            panel(
                "Memory",
                "bytes",
                &[
                    ("sum by (kind) (picket_host_memory_bytes{instance=~\"$instance\"})", "{{kind}}"),
                    ("sum(process_resident_memory_bytes{job=\"picket\",instance=~\"$instance\"})", "this process"),
                ],
            ),
            panel(
                "Network",
                "Bps",
                &[
                    (
                        "sum(rate(picket_host_network_receive_bytes_total{instance=~\"$instance\"}[$__rate_interval]))",
                        "received",
                    ),
                    (
                        "sum(rate(picket_host_network_transmit_bytes_total{instance=~\"$instance\"}[$__rate_interval]))",
                        "sent",
                    ),
                ],
            ),
            panel(
                "GPUs",
                "percentunit",
                &[("max by (instance, gpu) (picket_host_gpu_ratio{instance=~\"$instance\"})", "{{instance}} {{gpu}}")],
            ),
        ],
    ),
];

/// Files of the pack.
pub(crate) fn files() -> Vec<File> {
    vec![
        File::new("README.md", readme_text()),
        File::new("dashboard.json", text::json(&dashboard())),
        File::new("scrape.yml", SCRAPE),
    ]
}

fn source() -> Value {
    json!({"type": "prometheus", "uid": "${datasource}"})
}

fn dashboard() -> Value {
    let (mut panels, mut id, mut y) = (Vec::new(), 0_u32, 0_u32);
    for (title, height, row) in ROWS {
        id += 1;
        panels.push(json!({
            "id": id, "type": "row", "title": title, "collapsed": false, "panels": [],
            "gridPos": {"x": 0, "y": y, "w": WIDTH, "h": 1},
        }));
        y += 1;
        let width = WIDTH / u32::try_from(row.len()).unwrap_or(1).max(1);
        let mut x = 0;
        for panel in *row {
            id += 1;
            panels.push(shown(panel, id, &json!({"x": x, "y": y, "w": width, "h": height})));
            x += width;
        }
        y += height;
    }
    json!({
        "uid": "picket-overview",
        "title": "Picket",
        "description": "The gateway's own metrics: what the desk watches, requests, detection, destinations, the program.",
        "tags": ["picket", "ai", "security"],
        "timezone": "browser",
        "editable": true,
        "graphTooltip": 1,
        "schemaVersion": 39,
        "version": 1,
        "refresh": "30s",
        "time": {"from": "now-24h", "to": "now"},
        "templating": {"list": [
            {"name": "datasource", "label": "Prometheus", "type": "datasource", "query": "prometheus", "current": {}, "hide": 0},
            {
                "name": "instance", "label": "Gateway", "type": "query", "datasource": source(),
                "query": {"query": "label_values(picket_log_entries, instance)", "refId": "instance"},
                "definition": "label_values(picket_log_entries, instance)",
                "includeAll": true, "multi": true, "allValue": ".*", "current": {}, "refresh": 2, "sort": 1, "hide": 0,
            },
        ]},
        "annotations": {"list": []},
        "links": [],
        "panels": panels,
    })
}

fn shown(panel: &Panel, id: u32, place: &Value) -> Value {
    let refs = ["A", "B", "C", "D"];
    let targets: Vec<Value> = panel
        .lines
        .iter()
        .zip(refs)
        .map(|((expr, legend), id)| json!({"refId": id, "expr": expr, "legendFormat": legend, "datasource": source()}))
        .collect();
    let mut steps = vec![json!({"color": "green", "value": null})];
    steps.extend(panel.limit.map(|limit| json!({"color": "red", "value": limit})));
    json!({
        "id": id,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.about,
        "datasource": source(),
        "gridPos": place,
        "targets": targets,
        "fieldConfig": {
            "defaults": {"unit": panel.unit, "min": 0, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "options": if panel.kind == "stat" {
            json!({"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": false}, "colorMode": "value", "graphMode": "area"})
        } else {
            json!({"legend": {"displayMode": "list", "placement": "bottom", "showLegend": true}, "tooltip": {"mode": "multi"}})
        },
    })
}

fn readme_text() -> String {
    "\
# Picket for Grafana

A dashboard of the metrics that the program shows of itself, for a Prometheus that fetches them (`scrape.yml`; the pack `prometheus` has the alerts). Its expressions were read by `promtool`; no Grafana was there to show it.

*Dashboards, New, Import*, and choose `dashboard.json`; or put the file where Grafana's provisioning looks for dashboards. Both ask for nothing: the data source and the gateways are variables at its top.

Thresholds are those that security desks print: more than ten escalations that wait, half an hour until somebody decides, five minutes from event to finding, a fifth of findings that are false. Events themselves are not metrics: look at them where they are sent to.
"
    .to_owned()
}

/// The expressions of the dashboard.
pub(crate) fn expressions() -> impl Iterator<Item = &'static str> {
    ROWS.iter().flat_map(|(_, _, row)| row.iter()).flat_map(|panel| panel.lines.iter()).map(|(expr, _)| *expr)
}
