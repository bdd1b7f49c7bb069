//! The template of Azure Resource Manager.

use super::{PRINTED, Table, kql};
use crate::search::{Body, Search, attack, list};
use crate::text::stable_id;
use picket_event::{Category, Severity};
use serde_json::{Value, json};

const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
const TABLES_API: &str = "2022-10-01";
const INSIGHTS_API: &str = "2023-03-11";
const RULES_API: &str = "2023-02-01";
const ROLES_API: &str = "2022-04-01";
/// The role that may send to a data collection rule: Monitoring Metrics Publisher.
const PUBLISHER: &str = "3913510d-42f4-4e42-8a64-420c390055eb";
const WORKSPACE: &str = "[resourceId('Microsoft.OperationalInsights/workspaces', parameters('workspaceName'))]";
const RULE_ID: &str = "resourceId('Microsoft.Insights/dataCollectionRules', parameters('ruleName'))";
const ENDPOINT_ID: &str = "resourceId('Microsoft.Insights/dataCollectionEndpoints', parameters('endpointName'))";

/// The whole of it.
pub(super) fn template(tables: &[Table; 2], events: &str) -> Value {
    let mut resources: Vec<Value> = tables.iter().map(table).collect();
    resources.extend([endpoint(), collection(tables), role()]);
    resources.extend(list::all().map(|search| rule(search, events)));
    resources.push(printed());
    json!({
        "$schema": SCHEMA,
        "contentVersion": "1.0.0.0",
        "metadata": { "description": "Tables, data collection rule and scheduled rules for the events of Picket." },
        "parameters": parameters(),
        "resources": resources,
        "outputs": outputs(),
    })
}

fn parameters() -> Value {
    let text = |about: &str, default: Option<&str>| {
        let mut parameter = json!({"type": "string", "metadata": {"description": about}});
        if let (Some(default), Some(members)) = (default, parameter.as_object_mut()) {
            members.insert("defaultValue".to_owned(), default.into());
        }
        parameter
    };
    let flag = |about: &str, default: bool| json!({"type": "bool", "defaultValue": default, "metadata": {"description": about}});
    json!({
        "workspaceName": text("The Log Analytics workspace that Sentinel is on.", None),
        "location": text("Where; the place of the workspace.", Some("[resourceGroup().location]")),
        "ruleName": text("Name of the data collection rule.", Some("picket")),
        "endpointName": text("Name of the data collection endpoint, if there is one.", Some("picket")),
        "useEndpoint": flag("Whether a data collection endpoint is made besides; private links need one.", false),
        "principalId": text("Object id of the service principal that may send; nobody without it.", Some("")),
        "enableRules": flag("Whether rules are on whose data is there.", true),
        "retentionInDays": {
            "type": "int", "defaultValue": 90, "minValue": 4, "maxValue": 730,
            "metadata": {"description": "How long events are kept for queries."},
        },
    })
}

fn outputs() -> Value {
    let rule = format!("reference({RULE_ID}, '{INSIGHTS_API}')");
    let own = format!("{rule}.endpoints.logsIngestion");
    let other = format!("reference({ENDPOINT_ID}, '{INSIGHTS_API}').logsIngestion.endpoint");
    json!({
        "ruleId": {"type": "string", "value": format!("[{rule}.immutableId]")},
        "endpoint": {"type": "string", "value": format!("[if(parameters('useEndpoint'), {other}, {own})]")},
    })
}

fn columns(all: &[(String, &'static str)]) -> Value {
    all.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect()
}

fn table(table: &Table) -> Value {
    json!({
        "type": "Microsoft.OperationalInsights/workspaces/tables",
        "apiVersion": TABLES_API,
        "name": format!("[format('{{0}}/{}', parameters('workspaceName'))]", table.name),
        "properties": {
            "plan": "Analytics",
            "retentionInDays": "[parameters('retentionInDays')]",
            "schema": {"name": table.name, "columns": columns(&table.kept)},
        },
    })
}

fn endpoint() -> Value {
    json!({
        "condition": "[parameters('useEndpoint')]",
        "type": "Microsoft.Insights/dataCollectionEndpoints",
        "apiVersion": INSIGHTS_API,
        "name": "[parameters('endpointName')]",
        "location": "[parameters('location')]",
        "properties": {},
    })
}

fn collection(tables: &[Table; 2]) -> Value {
    let streams: serde_json::Map<String, Value> =
        tables.iter().map(|table| (table.stream.clone(), json!({"columns": columns(&table.sent)}))).collect();
    let flow = |table: &Table| {
        json!({
            "streams": [table.stream],
            "destinations": ["workspace"],
            "transformKql": table.transform,
            "outputStream": format!("Custom-{}", table.name),
        })
    };
    let flows: Vec<Value> = tables.iter().map(flow).collect();
    let made = |table: &Table| {
        format!(
            "[resourceId('Microsoft.OperationalInsights/workspaces/tables', parameters('workspaceName'), '{}')]",
            table.name
        )
    };
    let mut after: Vec<String> = tables.iter().map(made).collect();
    after.push(format!("[{ENDPOINT_ID}]"));
    json!({
        "type": "Microsoft.Insights/dataCollectionRules",
        "apiVersion": INSIGHTS_API,
        "name": "[parameters('ruleName')]",
        "location": "[parameters('location')]",
        // A rule of this kind has an endpoint of its own.
        "kind": "Direct",
        "dependsOn": after,
        "properties": {
            "dataCollectionEndpointId": format!("[if(parameters('useEndpoint'), {ENDPOINT_ID}, null())]"),
            "streamDeclarations": streams,
            "destinations": {"logAnalytics": [{"name": "workspace", "workspaceResourceId": WORKSPACE}]},
            "dataFlows": flows,
        },
    })
}

fn role() -> Value {
    json!({
        "condition": "[not(empty(parameters('principalId')))]",
        "type": "Microsoft.Authorization/roleAssignments",
        "apiVersion": ROLES_API,
        "name": format!("[guid({RULE_ID}, parameters('principalId'), '{PUBLISHER}')]"),
        "scope": format!("[{RULE_ID}]"),
        "dependsOn": [format!("[{RULE_ID}]")],
        "properties": {
            "roleDefinitionId": format!("[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '{PUBLISHER}')]"),
            "principalId": "[parameters('principalId')]",
            "principalType": "ServicePrincipal",
        },
    })
}

/// Minutes as ISO 8601 has them.
fn duration(minutes: u32) -> String {
    match minutes {
        _ if minutes.is_multiple_of(1_440) => format!("P{}D", minutes / 1_440),
        _ if minutes.is_multiple_of(60) => format!("PT{}H", minutes / 60),
        _ => format!("PT{minutes}M"),
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "Informational",
        Severity::Low => "Low",
        Severity::Medium => "Medium",
        Severity::High | Severity::Critical => "High",
    }
}

/// What an alert is about: columns of the result that are accounts and addresses.
fn entities(fields: &[&str]) -> Vec<Value> {
    let kinds = [("user", "Account", "FullName"), ("src_ip", "IP", "Address")];
    let entity = |(field, kind, identifier): &(&str, &str, &str)| {
        let mapping = json!([{"identifier": identifier, "columnName": kql::column(field)}]);
        fields.contains(field).then(|| json!({"entityType": kind, "fieldMappings": mapping}))
    };
    kinds.iter().filter_map(entity).collect()
}

fn rule(search: &Search, events: &str) -> Value {
    let on = if search.on { Value::from("[parameters('enableRules')]") } else { Value::from(false) };
    let kind = if matches!(search.body, Body::Each(_)) { "AlertPerResult" } else { "SingleAlert" };
    let mut properties = json!({
        "displayName": format!("Picket: {}", search.title),
        "description": format!("{} {}", search.about, if search.answers.is_empty() { "" } else { "See the README of the pack for what it answers to." }).trim_end(),
        "severity": severity(search.severity),
        "enabled": on,
        "query": kql::query(search, events),
        "queryFrequency": duration(search.every),
        "queryPeriod": duration(search.window),
        "triggerOperator": "GreaterThan",
        "triggerThreshold": 0,
        "suppressionDuration": "PT5H",
        "suppressionEnabled": false,
        "eventGroupingSettings": {"aggregationKind": kind},
    });
    if let Some(members) = properties.as_object_mut() {
        let techniques = attack(search.category);
        if !techniques.is_empty() {
            let mut tactics: Vec<&str> = techniques.iter().map(|technique| technique.tactic).collect();
            tactics.dedup();
            let ids: Vec<&str> = techniques.iter().map(|technique| technique.id).collect();
            members.insert("tactics".to_owned(), tactics.into());
            members.insert("techniques".to_owned(), ids.into());
        }
        let entities = entities(search.by());
        if !entities.is_empty() {
            members.insert("entityMappings".to_owned(), entities.into());
        }
    }
    scheduled(search.name, properties)
}

/// The printed query on the narrow table.
fn printed() -> Value {
    let techniques = attack(Some(Category::JudgeFlag));
    let tactics: Vec<&str> = techniques.iter().map(|technique| technique.tactic).collect();
    let techniques: Vec<&str> = techniques.iter().map(|technique| technique.id).collect();
    scheduled(
        "judge-flags-as-printed",
        json!({
            "displayName": "Picket: more than five flags of a judge that is sure, by the narrow table",
            "description": "For destinations with the layout `ai_security`; the rule `judge-flags-of-user` is that for whole events.",
            "severity": "High",
            "enabled": false,
            "query": PRINTED,
            "queryFrequency": "PT1H",
            "queryPeriod": "PT2H",
            "triggerOperator": "GreaterThan",
            "triggerThreshold": 0,
            "suppressionDuration": "PT5H",
            "suppressionEnabled": false,
            "tactics": tactics,
            "techniques": techniques,
            "entityMappings": [{"entityType": "Account", "fieldMappings": [{"identifier": "FullName", "columnName": "user_id_s"}]}],
            "eventGroupingSettings": {"aggregationKind": "SingleAlert"},
        }),
    )
}

/// A rule by a name that stays the same, so that a second deployment changes it and makes no other.
fn scheduled(name: &str, properties: Value) -> Value {
    json!({
        "type": "Microsoft.OperationalInsights/workspaces/providers/alertRules",
        "apiVersion": RULES_API,
        "name": format!("[format('{{0}}/Microsoft.SecurityInsights/{}', parameters('workspaceName'))]", stable_id(name)),
        "kind": "Scheduled",
        "dependsOn": [format!("[{RULE_ID}]")],
        "properties": properties,
    })
}
