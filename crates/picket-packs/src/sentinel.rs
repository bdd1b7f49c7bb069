//! The pack for Microsoft Sentinel: tables, a data collection rule and scheduled rules in one template, and each query by
//! itself.

mod kql;
mod template;

use crate::schema::{Member, Rendering, Type};
use crate::search::{Search, list};
use crate::{File, Options, readme, text};
use serde_json::{Value, json};

/// A table with the stream that fills it.
pub(crate) struct Table {
    /// Its name, with `_CL`.
    pub(crate) name: String,
    /// The name of its stream.
    pub(crate) stream: String,
    /// Columns as they are sent: name, type.
    pub(crate) sent: Vec<(String, &'static str)>,
    /// Columns as they are kept.
    pub(crate) kept: Vec<(String, &'static str)>,
    /// What makes the one of the other.
    pub(crate) transform: String,
}

/// The type of a column.
fn column_type(member: &Member) -> &'static str {
    match member.kind {
        _ if member.is_list => "dynamic",
        Type::Text | Type::Address => "string",
        Type::Time => "datetime",
        Type::Whole => "long",
        Type::Real => "real",
        Type::Flag => "boolean",
        Type::Map | Type::Object => "dynamic",
    }
}

/// The table of whole events, and that whose columns tell their types.
pub(crate) fn tables(options: &Options) -> [Table; 2] {
    let time = || ("TimeGenerated".to_owned(), "datetime");
    let members = Rendering::Fields.members();
    let sent = members.iter().map(|member| (member.name.clone(), column_type(member)));
    let kept = members.iter().map(|member| (kql::column(&member.name), column_type(member)));
    let pairs: Vec<String> =
        members.iter().map(|member| format!("{} = ['{}']", kql::column(&member.name), member.name)).collect();
    let events = Table {
        name: format!("{}_CL", options.table()),
        stream: format!("Custom-{}", options.table()),
        sent: std::iter::once(time()).chain(sent).collect(),
        kept: std::iter::once(time()).chain(kept).collect(),
        transform: format!("source | project TimeGenerated, {}", pairs.join(", ")),
    };
    let typed = |member: &Member| {
        let (suffix, kind) = match member.kind {
            Type::Whole | Type::Real => ("d", "real"),
            _ => ("s", "string"),
        };
        (format!("{}_{suffix}", member.name), kind)
    };
    // Its time is TimeGenerated alone.
    let columns: Vec<(String, &'static str)> =
        Rendering::AiSecurity.members().iter().filter(|member| member.kind != Type::Time).map(typed).collect();
    let columns: Vec<_> = std::iter::once(time()).chain(columns).collect();
    let narrow = Table {
        name: "AISecurity_CL".to_owned(),
        stream: "Custom-AISecurity".to_owned(),
        sent: columns.clone(),
        kept: columns,
        transform: "source".to_owned(),
    };
    [events, narrow]
}

/// The query that other products print for the narrow table, as it stands.
pub(crate) const PRINTED: &str = "\
AISecurity_CL
| where category_s == \"judge_flag\" and judge_score_d > 0.8
| summarize count() by user_id_s, bin(TimeGenerated, 1h)
| where count_ > 5";

/// Files of the pack.
pub(crate) fn files(options: &Options) -> Vec<File> {
    let tables = tables(options);
    let table = format!("{}_CL", options.table());
    let mut files = vec![
        File::new("README.md", readme_text(options)),
        File::new("destination.yaml", destination(&tables[0])),
        File::new("azuredeploy.json", text::json(&template::template(&tables, &table))),
        File::new("tables.json", text::json(&described(&tables))),
    ];
    for search in list::all() {
        files.push(File::new(format!("queries/{}.kql", search.name), kql::query(search, &table) + "\n"));
    }
    files.push(File::new("queries/judge-flags-as-printed.kql", format!("{PRINTED}\n")));
    files
}

/// Tables and columns for whoever makes them by other means than the template.
fn described(tables: &[Table; 2]) -> Value {
    let columns = |all: &[(String, &str)]| -> Vec<Value> {
        all.iter().map(|(name, kind)| json!({"name": name, "type": kind})).collect()
    };
    let table = |table: &Table| {
        json!({
            "table": table.name,
            "columns": columns(&table.kept),
            "stream": table.stream,
            "streamColumns": columns(&table.sent),
            "transformKql": table.transform,
        })
    };
    tables.iter().map(table).collect()
}

fn destination(table: &Table) -> String {
    format!(
        "\
# picket destinations create sentinel --settings destination.yaml --credential client_secret=env:AZURE_CLIENT_SECRET
# Endpoint and rule are outputs of the deployment: `endpoint` and `ruleId`.
to:
  kind: sentinel
  entra:
    endpoint: \"https://picket-1a2b.westeurope-1.ingest.monitor.azure.com\"
    rule: dcr-00000000000000000000000000000000
    stream: {}
    tenant: 00000000-0000-0000-0000-000000000000
    client: 00000000-0000-0000-0000-000000000000
  # Every field under its own name: what the data collection rule goes by.
  rendering: {{ mapping: {{ rest: keep }} }}
",
        table.stream
    )
}

fn readme_text(options: &Options) -> String {
    let note = |search: &Search| if search.on { "on" } else { "off until its data is there" }.to_owned();
    format!(
        "\
# Picket for Microsoft Sentinel

`azuredeploy.json` makes two tables, a data collection rule with an endpoint of its own and one scheduled rule for each search. Its queries were read by Microsoft's own language service for Kusto, with these tables; nothing of it was deployed.

1. Register an application in Entra, with a secret. Note the object id of its *service principal*, not that of the application.
2. `az deployment group create --resource-group GROUP --template-file azuredeploy.json --parameters workspaceName=WORKSPACE principalId=OBJECT_ID`
3. Put the outputs `endpoint` and `ruleId`, and tenant and client, into `destination.yaml`, and `picket destinations create sentinel --settings destination.yaml --credential client_secret=env:AZURE_CLIENT_SECRET`.
4. The role takes up to half an hour to work; until then the service answers 403. Then `picket destinations test sentinel`.

`useEndpoint=true` makes a data collection endpoint besides, which private links need. `enableRules=false` makes the rules, but leaves all of them off.

**Tables.** `{table}_CL` has every field of an event, under names in capitals (`judge_score` is `JudgeScore`; `type` is `FindingType`, since every table has a `Type`); lists and maps are dynamic. A row is the event with every field under its own name (`mapping: {{ rest: keep }}`). The destination's default, `canonical`, fits the stream badly: its `severity` is a number, and its `category` is the event's `type`. `AISecurity_CL` is that of the layout `ai_security`, whose columns tell their types: a destination with `layout: ai_security` and `stream: Custom-AISecurity` fills it.
**The retired API.** With `shared_key` the service makes tables by itself and puts a suffix of its own behind every name: `category_s` in `{table}_CL` with the default, `category_s` and `judge_score_d` in `AISecurity_CL` with `layout: ai_security`. The rules of this pack do not go by those of `{table}_CL`; the printed query does by those of `AISecurity_CL`.
**Copies.** Delivery is at least once; every query counts an event once, by `EventId`. Rules that tell of single events go by when they were ingested, so that none is told of twice or missed.
**Severity.** Sentinel knows no critical: such rules are `High`.

## Rules

{rules}
`queries/judge-flags-as-printed.kql` is the printed query as it stands, and a rule of its own (`judge-flags-as-printed`, off: it needs `AISecurity_CL`). `judge-flags-of-user` asks the same of whole events: over the last hour instead of clock hours, each event once, without answers that the judge found to be fine.
A scheduled rule looks back two weeks at most, so that *never seen before* means: not in two weeks.
",
        table = options.table(),
        rules = readme::searches(list::all(), note),
    )
}
