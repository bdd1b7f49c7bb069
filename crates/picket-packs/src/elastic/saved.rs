//! The dashboard as saved objects, one on each line: a form that both families of dashboards read, that of 7.10.

use super::PATTERN;
use crate::schema::{Names, Rendering};
use serde_json::{Value, json};

const INDEX: &str = "picket-events";
const INDEX_REFERENCE: &str = "kibanaSavedObjectMeta.searchSourceJSON.index";

/// What a chart is of. Fields have the names that events have.
struct Chart {
    id: &'static str,
    title: &'static str,
    /// `histogram`, `line`, `pie` or `table`.
    kind: &'static str,
    /// Query, beside the index.
    query: &'static str,
    /// Whether time runs along.
    is_over_time: bool,
    /// Fields whose values are apart.
    by: &'static [&'static str],
    /// A field whose different values are counted, instead of documents.
    values_of: Option<&'static str>,
    /// Place: column, row, width, height, of 48 columns.
    at: (u32, u32, u32, u32),
}

const CHARTS: &[Chart] = &[
    Chart {
        id: "picket-decisions",
        title: "Requests by decision",
        kind: "histogram",
        query: "aisec.event_type: request",
        is_over_time: true,
        by: &["decision"],
        values_of: None,
        at: (0, 0, 32, 12),
    },
    Chart {
        id: "picket-categories",
        title: "What was found",
        kind: "pie",
        query: "aisec.category: *",
        is_over_time: false,
        by: &["category"],
        values_of: None,
        at: (32, 0, 16, 12),
    },
    Chart {
        id: "picket-refused-users",
        title: "Users whose requests were refused",
        kind: "table",
        query: "aisec.event_type: request and aisec.decision: blocked and aisec.category: *",
        is_over_time: false,
        by: &["user", "type"],
        values_of: None,
        at: (0, 12, 24, 14),
    },
    Chart {
        id: "picket-attack-addresses",
        title: "Addresses of prompt attacks",
        kind: "table",
        query: "aisec.category: prompt_attack",
        is_over_time: false,
        by: &["src_ip"],
        values_of: None,
        at: (24, 12, 24, 14),
    },
    Chart {
        id: "picket-blocked-users",
        title: "Different users whose requests were refused",
        kind: "line",
        query: "aisec.event_type: request and aisec.decision: blocked",
        is_over_time: true,
        by: &[],
        values_of: Some("user"),
        at: (0, 26, 24, 12),
    },
    Chart {
        id: "picket-models",
        title: "Models",
        kind: "table",
        query: "aisec.event_type: request",
        is_over_time: false,
        by: &["provider", "model"],
        values_of: None,
        at: (24, 26, 24, 12),
    },
    Chart {
        id: "picket-judges",
        title: "Verdicts of judges",
        kind: "histogram",
        query: "aisec.judge.verdict: *",
        is_over_time: true,
        by: &["judge_verdict"],
        values_of: None,
        at: (0, 38, 24, 12),
    },
    Chart {
        id: "picket-tools",
        title: "Tools that agents may not use",
        kind: "table",
        query: "aisec.type: tool_denied",
        is_over_time: false,
        by: &["application", "agent_id"],
        values_of: None,
        at: (24, 38, 24, 12),
    },
];

/// All objects: what is referred to comes first.
pub(super) fn objects() -> String {
    let names = Names::of(Rendering::Ecs);
    let mut objects = vec![index()];
    objects.extend(CHARTS.iter().map(|chart| visualization(chart, &names)));
    objects.push(findings(&names));
    objects.push(dashboard());
    objects.iter().map(|object| format!("{object}\n")).collect()
}

fn index() -> Value {
    json!({
        "id": INDEX,
        "type": "index-pattern",
        "attributes": {"title": PATTERN, "timeFieldName": "@timestamp"},
        "references": [],
        "migrationVersion": {"index-pattern": "7.6.0"},
    })
}

fn index_reference() -> Value {
    json!({"name": INDEX_REFERENCE, "type": "index-pattern", "id": INDEX})
}

/// Where an object's documents come from: text inside of JSON.
fn source(query: &str) -> Value {
    let source = json!({
        "query": {"query": query, "language": "kuery"},
        "filter": [],
        "indexRefName": INDEX_REFERENCE,
    });
    json!({"searchSourceJSON": source.to_string()})
}

fn visualization(chart: &Chart, names: &Names) -> Value {
    let mut aggregations = vec![match chart.values_of.and_then(|field| names.get(field)) {
        Some(field) => {
            json!({"id": "1", "enabled": true, "type": "cardinality", "schema": "metric", "params": {"field": field}})
        }
        None => json!({"id": "1", "enabled": true, "type": "count", "schema": "metric", "params": {}}),
    }];
    if chart.is_over_time {
        let params = json!({"field": "@timestamp", "interval": "auto", "min_doc_count": 1, "drop_partials": false, "extended_bounds": {}});
        aggregations
            .push(json!({"id": "2", "enabled": true, "type": "date_histogram", "schema": "segment", "params": params}));
    }
    let schema = match chart.kind {
        "table" => "bucket",
        "pie" => "segment",
        _ => "group",
    };
    for (at, field) in chart.by.iter().filter_map(|field| names.get(field)).enumerate() {
        let params = json!({"field": field, "size": 20, "order": "desc", "orderBy": "1", "otherBucket": false, "missingBucket": false});
        aggregations.push(
            json!({"id": (at + 3).to_string(), "enabled": true, "type": "terms", "schema": schema, "params": params}),
        );
    }
    let state = json!({"title": chart.title, "type": chart.kind, "params": params(chart), "aggs": aggregations});
    json!({
        "id": chart.id,
        "type": "visualization",
        "attributes": {
            "title": chart.title,
            "description": "",
            "version": 1,
            "uiStateJSON": "{}",
            "visState": state.to_string(),
            "kibanaSavedObjectMeta": source(chart.query),
        },
        "references": [index_reference()],
        "migrationVersion": {"visualization": "7.10.0"},
    })
}

/// How a chart of a kind looks.
fn params(chart: &Chart) -> Value {
    match chart.kind {
        "table" => {
            json!({"perPage": 10, "showPartialRows": false, "showMetricsAtAllLevels": false, "showTotal": false, "totalFunc": "sum"})
        }
        "pie" => {
            json!({"type": "pie", "addTooltip": true, "addLegend": true, "legendPosition": "right", "isDonut": true, "labels": {"show": false, "values": true, "last_level": true, "truncate": 100}})
        }
        kind => json!({
            "type": kind,
            "grid": {"categoryLines": false},
            "categoryAxes": [{"id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": true, "style": {}, "scale": {"type": "linear"}, "labels": {"show": true, "filter": true, "truncate": 100}, "title": {}}],
            "valueAxes": [{"id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left", "show": true, "style": {}, "scale": {"type": "linear", "mode": "normal"}, "labels": {"show": true, "rotate": 0, "filter": false, "truncate": 100}, "title": {"text": ""}}],
            "seriesParams": [{"show": true, "type": kind, "mode": if kind == "histogram" { "stacked" } else { "normal" }, "data": {"label": "", "id": "1"}, "valueAxis": "ValueAxis-1", "drawLinesBetweenPoints": true, "showCircles": true}],
            "addTooltip": true, "addLegend": true, "legendPosition": "right", "times": [], "addTimeMarker": false,
        }),
    }
}

fn findings(names: &Names) -> Value {
    let columns: Vec<&str> =
        ["category", "user", "reason", "count", "rule_id"].iter().filter_map(|field| names.get(field)).collect();
    let columns: Vec<&str> = std::iter::once("event.severity").chain(columns).collect();
    json!({
        "id": "picket-findings",
        "type": "search",
        "attributes": {
            "title": "Findings",
            "description": "",
            "version": 1,
            "hits": 0,
            "columns": columns,
            "sort": [["@timestamp", "desc"]],
            "kibanaSavedObjectMeta": source("aisec.event_type: finding.created"),
        },
        "references": [index_reference()],
        "migrationVersion": {"search": "7.9.3"},
    })
}

/// An object on the dashboard: id, type, and place.
type Panel = (&'static str, &'static str, (u32, u32, u32, u32));

fn dashboard() -> Value {
    let findings: Panel = ("picket-findings", "search", (0, 50, 48, 16));
    let panels: Vec<Panel> =
        CHARTS.iter().map(|chart| (chart.id, "visualization", chart.at)).chain(std::iter::once(findings)).collect();
    let panel = |(at, (_, _, (x, y, w, h))): (usize, &Panel)| {
        json!({
            "version": "7.10.0",
            "panelIndex": at.to_string(),
            "gridData": {"x": x, "y": y, "w": w, "h": h, "i": at.to_string()},
            "embeddableConfig": {},
            "panelRefName": format!("panel_{at}"),
        })
    };
    let shown: Vec<Value> = panels.iter().enumerate().map(panel).collect();
    let references: Vec<Value> = panels
        .iter()
        .enumerate()
        .map(|(at, (id, kind, _))| json!({"name": format!("panel_{at}"), "type": kind, "id": id}))
        .collect();
    let everything = json!({"query": {"query": "", "language": "kuery"}, "filter": []});
    json!({
        "id": "picket-overview",
        "type": "dashboard",
        "attributes": {
            "title": "Picket",
            "description": "What passes between people, agents and models, and what was found in it.",
            "version": 1,
            "hits": 0,
            "timeRestore": false,
            "optionsJSON": json!({"useMargins": true, "hidePanelTitles": false}).to_string(),
            "panelsJSON": Value::from(shown).to_string(),
            "kibanaSavedObjectMeta": {"searchSourceJSON": everything.to_string()},
        },
        "references": references,
        "migrationVersion": {"dashboard": "7.9.3"},
    })
}
