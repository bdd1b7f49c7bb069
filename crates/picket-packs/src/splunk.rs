//! The pack for Splunk: an app of configuration alone, with nothing in it that runs.

mod dashboard;
mod spl;

use crate::search::{Search, list};
use crate::{File, Options, readme};
use picket_event::Severity;
use std::fmt::Write as _;

/// Folder and id of the app.
pub(crate) const APP: &str = "picket_ai_security";
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Names of the Common Information Model for fields of events: field, name.
const ALIASES: &[(&str, &str)] = &[
    ("application", "app"),
    ("endpoint", "uri_path"),
    ("gateway_id", "dvc"),
    ("provider", "dest"),
    ("request_bytes", "bytes_in"),
    ("response_bytes", "bytes_out"),
    ("rule_id", "signature_id"),
    ("src_ip", "src"),
    ("status_code", "status"),
    ("type", "signature"),
    ("user_agent", "http_user_agent"),
];

/// Fields that are computed: name, expression.
const COMPUTED: &[(&str, &str)] = &[
    (
        "action",
        "case(decision==\"blocked\" OR (decision==\"escalated\" AND held==\"true\"), \"blocked\", decision==\"error\", \"failure\", isnotnull(decision), \"allowed\")",
    ),
    ("duration", "latency_ms/1000"),
    // It is an indexed field and a member of the event: one value is enough.
    ("event_id", "mvindex(event_id, 0)"),
    (
        "severity_id",
        "case(severity==\"info\", 1, severity==\"low\", 2, severity==\"medium\", 3, severity==\"high\", 4, severity==\"critical\", 5)",
    ),
    // Searches that group by `user_id` find those too whom no directory knows.
    ("user_id", "coalesce(user_id, user)"),
];

/// Event types: name, search behind the macro, tags.
const EVENT_TYPES: &[(&str, &str, &[&str])] = &[
    ("picket_event", "", &[]),
    ("picket_request", "event_type=\"request\"", &[]),
    ("picket_finding", "event_type=\"finding.created\"", &["alert"]),
    ("picket_attack", "event_type IN (\"request\", \"verdict.late\") category=\"prompt_attack\"", &["ids", "attack"]),
    (
        "picket_exfiltration",
        "event_type IN (\"request\", \"verdict.late\") category=\"data_exfiltration\"",
        &["dlp", "incident"],
    ),
    ("picket_escalation", "event_type=\"escalation.*\"", &[]),
    ("picket_authentication", "event_type IN (\"auth.login\", \"auth.failed\")", &["authentication"]),
    (
        "picket_change",
        "event_type IN (\"admin.*\", \"policy.*\", \"key.*\", \"user.*\", \"team.*\", \"destination.*\")",
        &["change", "audit"],
    ),
];

/// Files in the folder of the app.
pub(crate) fn files(options: &Options) -> Vec<File> {
    let app = |path: &str, text: String| File::new(format!("{APP}/{path}"), text);
    vec![
        File::new("README.md", readme_text(options)),
        File::new("destination.yaml", destination(options)),
        app("README.txt", "Aliases, event types, alerts and a dashboard for the events of Picket. How to install it, and what each search answers to, stands in the pack that this app came in: picket packs write splunk --into FOLDER.\n".to_owned()),
        app("default/app.conf", app_conf()),
        app("default/eventtypes.conf", event_types()),
        app("default/macros.conf", macros(options)),
        app("default/props.conf", props(options)),
        app("default/savedsearches.conf", saved_searches()),
        app("default/tags.conf", tags()),
        app("default/transforms.conf", transforms()),
        app("default/data/ui/nav/default.xml", dashboard::navigation()),
        app("default/data/ui/views/picket_overview.xml", dashboard::overview()),
        app("lookups/picket_bad_addresses.csv", "src_ip,known_by\nnone,nobody yet\n".to_owned()),
        app("lookups/picket_compromised_users.csv", "user,reported_by\nnone,nobody yet\n".to_owned()),
        app("metadata/default.meta", META.to_owned()),
    ]
}

const META: &str = "\
[]
access = read : [ * ], write : [ admin, sc_admin ]
export = none

[props]
export = system

[eventtypes]
export = system

[tags]
export = system

[transforms]
export = system

[lookups]
export = system

[macros]
export = system
";

fn app_conf() -> String {
    format!(
        "\
[install]
is_configured = 0
build = 1

[ui]
is_visible = 1
label = Picket: security of AI traffic

[launcher]
author = Picket
description = Aliases, event types, alerts and a dashboard for the events of Picket.
version = {VERSION}

[package]
id = {APP}
check_for_updates = 0

[id]
name = {APP}
version = {VERSION}
"
    )
}

fn macros(options: &Options) -> String {
    format!(
        "\
# Where the events are.
[picket_events]
definition = index={} sourcetype={}*
iseval = 0

# Logins from outside, with the fields _time and user; for exfiltration-after-vpn-login.
[picket_vpn_logins]
definition = tag=authentication action=success app=*vpn* user=*
iseval = 0
",
        options.index,
        options.prefix()
    )
}

/// Settings of the events' source, and of the type that whoever reads them from files gives them.
fn props(options: &Options) -> String {
    let mut text = String::new();
    for stanza in [format!("source::{}", options.vendor), options.prefix()] {
        write!(
            text,
            "\
[{stanza}]
KV_MODE = json
AUTO_KV_JSON = false
SHOULD_LINEMERGE = false
LINE_BREAKER = ([\\r\\n]+)
TRUNCATE = 1000000
TIME_PREFIX = \"timestamp\"\\s*:\\s*\"
TIME_FORMAT = %Y-%m-%dT%H:%M:%S.%3NZ
MAX_TIMESTAMP_LOOKAHEAD = 30
TZ = UTC
"
        )
        .unwrap_or_default();
        for (field, name) in ALIASES {
            writeln!(text, "FIELDALIAS-picket_{name} = {field} AS {name}").unwrap_or_default();
        }
        writeln!(text, "EVAL-vendor_product = \"{}\"", options.vendor).unwrap_or_default();
        for (name, expression) in COMPUTED {
            writeln!(text, "EVAL-{name} = {expression}").unwrap_or_default();
        }
        text.push('\n');
    }
    text
}

fn event_types() -> String {
    let mut text = String::new();
    for (name, search, _) in EVENT_TYPES {
        let search = format!("`picket_events` {search}");
        write!(text, "[{name}]\nsearch = {}\n\n", search.trim_end()).unwrap_or_default();
    }
    text
}

fn tags() -> String {
    let mut text = String::new();
    for (name, _, tags) in EVENT_TYPES.iter().filter(|(_, _, tags)| !tags.is_empty()) {
        writeln!(text, "[eventtype={name}]").unwrap_or_default();
        tags.iter().for_each(|tag| writeln!(text, "{tag} = enabled").unwrap_or_default());
        text.push('\n');
    }
    text
}

fn transforms() -> String {
    let mut text = String::new();
    for name in ["picket_bad_addresses", "picket_compromised_users"] {
        write!(text, "[{name}]\nfilename = {name}.csv\ncase_sensitive_match = false\n\n").unwrap_or_default();
    }
    text
}

fn saved_searches() -> String {
    let mut text = String::new();
    for search in list::all() {
        text.push_str(&saved_search(search));
    }
    text
}

fn saved_search(search: &Search) -> String {
    let by = if search.by().is_empty() { "search_name".to_owned() } else { search.by().join(",") };
    // A line break of a value is escaped.
    let spl = spl::search(search).replace('\n', " \\\n");
    format!(
        "\
[Picket: {}]
description = {} {}
search = {spl}
disabled = {}
enableSched = 1
cron_schedule = {}
dispatch.earliest_time = -{}m@m
dispatch.latest_time = now
counttype = number of events
relation = greater than
quantity = 0
alert.track = 1
alert.severity = {}
alert.digest_mode = 0
alert.suppress = 1
alert.suppress.fields = {by}
alert.suppress.period = {}m

",
        search.name,
        search.title.to_owned() + ".",
        search.about,
        u8::from(!search.on),
        cron(search.every),
        search.window,
        level(search.severity),
        search.window.clamp(60, 1_440),
    )
}

/// When a search runs that runs every so many minutes.
fn cron(minutes: u32) -> String {
    match minutes {
        0..=59 => format!("*/{} * * * *", minutes.max(1)),
        60 => "7 * * * *".to_owned(),
        _ => format!("7 */{} * * *", minutes / 60),
    }
}

/// A severity as Splunk's alerts have it.
fn level(severity: Severity) -> u8 {
    match severity {
        Severity::Info => 1,
        Severity::Low => 2,
        Severity::Medium => 3,
        Severity::High => 5,
        Severity::Critical => 6,
    }
}

fn destination(options: &Options) -> String {
    format!(
        "\
# picket destinations create splunk --settings destination.yaml --credential token=env:SPLUNK_TOKEN
to:
  kind: splunk_hec
  url: \"https://splunk.example.com:8088\"
  index: {}
  # Every field under its own name: what this app's searches go by.
  rendering: {{ mapping: {{ rest: keep }} }}
",
        options.index
    )
}

fn readme_text(options: &Options) -> String {
    let note = |search: &Search| if search.on { "on" } else { "off until its data is there" }.to_owned();
    let index = &options.index;
    format!(
        "\
# Picket for Splunk

An app of configuration alone: aliases of fields, event types, alerts and a dashboard. It was checked with readers of its formats and by Splunk's own AppInspect, and was not tried in a running Splunk.

1. `tar -czf {APP}.spl {APP}`, and install the file: *Apps, Manage apps, Install app from file*.
2. Make the index `{index}`, and a token of the HTTP Event Collector that may write to it.
3. Put your address into `destination.yaml`, and `picket destinations create splunk --settings destination.yaml --credential token=env:SPLUNK_TOKEN`.
4. `picket destinations test splunk`, then open the dashboard *Picket*.

Another index, or another vendor in `destinations.vendor`: write the pack anew with `--index` and `--vendor`, or change the macro `picket_events` and the first line of `props.conf`.

**Events** come with every field under its own name (`mapping: {{ rest: keep }}`), sourcetype `{prefix}:<name>` and source `{vendor}`. The destination's default, `canonical`, has twelve members only, among them a `category` that is the event's `type` and a `severity` that is a number: these searches find nothing in it.
**Copies.** Delivery is at least once. No alert counts an event twice: they go by `event_id`, which is an indexed field too. Charts of the dashboard may.
**Words.** `severity` is as it was sent (`info` to `critical`); the Common Information Model says `informational` for `info`. `severity_id` is its number.

## Searches

{table}
Those that are off need data that is not ours: `picket_vpn_logins` (a macro), `picket_bad_addresses` and `picket_compromised_users` (lookups, with one line each as an example), badge readers and approvals that Picket takes as signals.

What differs from what the searches answer to: `| alert severity=high` is no command of Splunk; severity and schedule are settings of the alert. `index=ai_security category=\"prompt_attack\" | stats count by user_id, src_ip | where count > 3` runs here as it stands, for the whole time that is chosen; the alert looks at a day, counts an event once, and groups by `user`, since `user_id` is absent where no directory knows the name (the app fills it with the name then). Means of triage are shown for each escalation, not as one number.
",
        table = readme::searches(list::all(), note),
        prefix = options.prefix(),
        vendor = options.vendor,
    )
}

/// The searches of the dashboard.
#[cfg(test)]
pub(crate) fn dashboard_searches() -> impl Iterator<Item = &'static str> {
    dashboard::searches()
}
