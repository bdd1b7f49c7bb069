//! The packs for Elasticsearch with Kibana, and for OpenSearch with its dashboards: the one grew out of the other, and
//! what they are told differs in few places.

mod mapping;
mod rules;
mod saved;

use crate::{File, text};
use serde_json::{Value, json};

/// Whose server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flavour {
    /// Elasticsearch and Kibana, from 8.
    Elastic,
    /// OpenSearch and its dashboards, from 2.15.
    OpenSearch,
}

/// Data streams that the templates are for.
const PATTERN: &str = "logs-picket-*";
const STREAM: &str = "logs-picket-default";
/// Behind those of others for `logs-*-*`.
const PRIORITY: u32 = 250;
/// A part of what indexes are, and the name that it has.
const SETTINGS: &str = "picket-settings";
const ECS: &str = "picket-mappings-ecs";
const OWN: &str = "picket-mappings-aisec";
const LIFE_CYCLE: &str = "picket-events";

impl Flavour {
    fn name(self) -> &'static str {
        match self {
            Self::Elastic => "Elasticsearch and Kibana",
            Self::OpenSearch => "OpenSearch and OpenSearch Dashboards",
        }
    }
}

/// Files of the pack.
pub(crate) fn files(flavour: Flavour) -> Vec<File> {
    let mut files = vec![
        File::new("README.md", readme_text(flavour)),
        File::new("destination.yaml", DESTINATION),
        File::new("install.sh", install(flavour)),
        File::new(format!("component-templates/{SETTINGS}.json"), text::json(&settings(flavour))),
        File::new(format!("component-templates/{ECS}.json"), text::json(&mapping::ecs(flavour))),
        File::new(format!("component-templates/{OWN}.json"), text::json(&mapping::own(flavour))),
        File::new("index-template.json", text::json(&index_template())),
        File::new("dashboard.ndjson", saved::objects()),
    ];
    match flavour {
        Flavour::Elastic => {
            files.push(File::new("life-cycle.json", text::json(&life_cycle())));
            files.push(File::new("detection-rules.ndjson", rules::lines()));
        }
        Flavour::OpenSearch => files.push(File::new("life-cycle.json", text::json(&state_management()))),
    }
    files
}

const DESTINATION: &str = "\
# picket destinations create elastic --settings destination.yaml --credential api_key=env:ELASTIC_API_KEY
to:
  kind: elastic_http
  url: \"https://es.example.com:9200\"
  index: logs-picket-default
  rendering: { format: ecs }
";

fn settings(flavour: Flavour) -> Value {
    let mut index = json!({
        "codec": "best_compression",
        // Members of ours are some hundred, and no event adds one.
        "mapping": {"total_fields": {"limit": 500}},
    });
    if let (Flavour::Elastic, Some(members)) = (flavour, index.as_object_mut()) {
        members.insert("lifecycle".to_owned(), json!({"name": LIFE_CYCLE}));
    }
    json!({"template": {"settings": {"index": index}}, "_meta": meta()})
}

fn meta() -> Value {
    json!({"description": "Events of Picket", "version": env!("CARGO_PKG_VERSION")})
}

fn index_template() -> Value {
    json!({
        "index_patterns": [PATTERN],
        "data_stream": {},
        "composed_of": [SETTINGS, ECS, OWN],
        "priority": PRIORITY,
        "_meta": meta(),
    })
}

fn life_cycle() -> Value {
    json!({"policy": {
        "phases": {
            "hot": {"actions": {"rollover": {"max_age": "30d", "max_primary_shard_size": "50gb"}}},
            "warm": {"min_age": "2d", "actions": {"forcemerge": {"max_num_segments": 1}}},
            "delete": {"min_age": "365d", "actions": {"delete": {}}},
        },
        "_meta": meta(),
    }})
}

fn state_management() -> Value {
    json!({"policy": {
        "description": "Events of Picket",
        "default_state": "hot",
        "states": [
            {
                "name": "hot",
                "actions": [{"rollover": {"min_index_age": "30d", "min_primary_shard_size": "50gb"}}],
                "transitions": [{"state_name": "delete", "conditions": {"min_rollover_age": "365d"}}],
            },
            {"name": "delete", "actions": [{"delete": {}}], "transitions": []},
        ],
        "ism_template": [{"index_patterns": [PATTERN], "priority": PRIORITY}],
    }})
}

/// Puts everything into the store that is kept there; what is kept in dashboards is imported there.
fn install(flavour: Flavour) -> String {
    let life_cycle = match flavour {
        Flavour::Elastic => format!("_ilm/policy/{LIFE_CYCLE}"),
        Flavour::OpenSearch => format!("_plugins/_ism/policies/{LIFE_CYCLE}"),
    };
    format!(
        "\
#!/bin/sh
# URL=https://es.example.com:9200 CURL_CONFIG=curl.conf sh install.sh
# curl.conf holds what curl needs besides, such as: header = \"Authorization: ApiKey …\"
# WITHOUT_LIFE_CYCLE=1 leaves out for how long events are kept.
set -eu
# The file's name is of the folder where this is called.
case \"${{CURL_CONFIG:-/}}\" in /*) ;; *) CURL_CONFIG=$(pwd)/$CURL_CONFIG ;; esac
cd \"$(dirname \"$0\")\"
put() {{
  curl --silent --show-error --fail-with-body --config \"${{CURL_CONFIG:-/dev/null}}\" \\
    --request PUT --header 'Content-Type: application/json' --data-binary \"@$2\" \"$URL/$1\"
  echo
}}
[ -n \"${{WITHOUT_LIFE_CYCLE:-}}\" ] || put {life_cycle} life-cycle.json
put _component_template/{SETTINGS} component-templates/{SETTINGS}.json
put _component_template/{ECS} component-templates/{ECS}.json
put _component_template/{OWN} component-templates/{OWN}.json
put _index_template/logs-picket index-template.json
"
    )
}

fn readme_text(flavour: Flavour) -> String {
    let (tried, import, more) = match flavour {
        Flavour::Elastic => (
            "The same files but for three values were taken by a running OpenSearch; Elasticsearch and Kibana were not there to try them.",
            "curl --request POST --header 'kbn-xsrf: true' --form file=@dashboard.ndjson \"$KIBANA/api/saved_objects/_import?overwrite=true\"",
            rules::readme(),
        ),
        Flavour::OpenSearch => (
            "Templates were taken by a running OpenSearch, which took events of every type afterwards with `dynamic: strict`; state management and dashboards were not there to try theirs.",
            "curl --request POST --header 'osd-xsrf: true' --form file=@dashboard.ndjson \"$DASHBOARDS/api/saved_objects/_import?overwrite=true\"",
            String::new(),
        ),
    };
    format!(
        "\
# Picket for {name}

{tried}

1. `URL=https://es.example.com:9200 CURL_CONFIG=curl.conf sh install.sh` puts templates and life cycle into the store.
2. `{import}` brings the dashboard.
3. Put your address into `destination.yaml`, and `picket destinations create elastic --settings destination.yaml --credential api_key=env:ELASTIC_API_KEY`. The key needs `auto_configure` and `create_doc` on `{PATTERN}`, and `read` so that a test can look.
4. `picket destinations test elastic`.

**Events** are documents of the Elastic Common Schema (`rendering: {{ format: ecs }}`) in the data stream `{STREAM}`; what the schema has no field for is under `aisec`. Types are those of ECS 9.4. `aisec.attributes` and `aisec.metrics`, whose keys others choose, are one field each, whatever is in them: found by `aisec.attributes.result: success`, not by ranges.
**Other members** than these are kept and not indexed (`dynamic: false`), so that a newer program is not refused by older templates; install the newer pack to search for them.
**Copies.** A document has the event's id. An id is unique in one backing index: what is sent again after a rollover may be there twice, with one `event.id`.
**How long** events are kept: a year, in `life-cycle.json`.
{more}",
        name = flavour.name(),
    )
}
