//! ServiceNow, Table API: a record for each thing, found again by its `correlation_id`.
//!
//! A query that an instance does not understand brings rows of others, so that whatever comes back is looked at.

use super::{Credentials, Problem, SecretField, check_base};
use crate::exchange::{
    Done, Failed, Look, Outlet, Remote, Then, as_failed, authorize, bare, document, failed, json, secret, text,
};
use crate::notice::{Act, Notice, clamp};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderName, Method, StatusCode};
use picket_egress::Called;
use picket_event::Severity;
use picket_store::tickets::State;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json as value};
use std::collections::BTreeMap;

pub(super) const SECRETS: &[SecretField] = &[
    SecretField { name: "password", is_required: false },
    SecretField { name: "token", is_required: false },
    SecretField { name: "api_key", is_required: false },
];
/// Where records go; security incidents have a table of their own where that product is installed.
const USUAL: &str = "incident";
const SECURITY: &str = "sn_si_incident";
/// Characters of a short description, of a description and of a note.
const SHORT_CHARS_MAX: usize = 160;
const TEXT_CHARS_MAX: usize = 4_000;
/// Fields of the operator's own.
const FIELDS_MAX: usize = 20;
const FIELDS: &str = "sys_id,number,state,active,correlation_id";

/// Settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The instance, such as `https://example.service-now.com`.
    pub(super) url: String,
    /// Who signs in, with a `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// The table; `sn_si_incident` falls back to `incident` where it is not there.
    #[serde(default = "usual_table")]
    table: String,
    /// Further fields of a new record: their values differ from instance to instance.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, String>,
    /// The state of a record that somebody works on; 2 without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acknowledged_state: Option<String>,
    /// The state of one that is done; 6 without, which is "resolved" of incidents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolved_state: Option<String>,
    /// The close code of one that is done.
    #[serde(default = "usual_code")]
    close_code: String,
}

fn usual_table() -> String {
    USUAL.to_owned()
}

fn usual_code() -> String {
    "Solution provided".to_owned()
}

struct Record {
    table: String,
    sys_id: String,
    number: String,
    state: Option<String>,
    /// Whether it is still worked on, of tables of tasks.
    is_active: Option<bool>,
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), Problem> {
        check_base("url", &self.url)?;
        let is_name = |text: &str| {
            (1..=80).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        if !is_name(&self.table) || !self.fields.keys().all(|name| is_name(name)) {
            return Err(Problem("tables and fields are named by a-z, 0-9 and _".to_owned()));
        }
        let values = self.fields.values().chain(&self.acknowledged_state).chain(&self.resolved_state);
        if self.fields.len() > FIELDS_MAX || !values.chain([&self.close_code]).all(|value| super::is_word(value, 255)) {
            return Err(Problem(format!("`fields` are at most {FIELDS_MAX}, and values have 1 to 255 characters")));
        }
        let user = self.user.as_ref();
        if user.is_some_and(|user| !super::is_word(user, 100) || user.contains(':')) {
            return Err(Problem("`user` has 1 to 100 characters, and no colon".to_owned()));
        }
        Ok(())
    }

    pub(super) fn check_credentials(&self, credentials: &Credentials) -> Result<(), Problem> {
        let given = credentials.iter().count();
        if given != 1 {
            return Err(Problem("give one of the credentials `password` (with `user`), `token`, `api_key`".to_owned()));
        }
        if credentials.get("password").is_some() != self.user.is_some() {
            return Err(Problem("`user` and the credential `password` go together".to_owned()));
        }
        Ok(())
    }

    pub(super) async fn carry_out(
        &self,
        credentials: &Credentials,
        act: Act,
        notice: &Notice,
        outlet: &impl Outlet,
    ) -> Done {
        let session = Session { settings: self, credentials, outlet };
        let (found, table) = session.find(&notice.key()).await?;
        let record = match (act, found) {
            (Act::Open, Some(record)) => return Ok(session.remote(record)),
            (Act::Open, None) => return session.create(&table, notice).await,
            (_, Some(record)) => record,
            (_, None) => {
                return Err(Failed::new(
                    Then::Refused,
                    "there is no record with this correlation id in ServiceNow any more",
                ));
            }
        };
        let note = inert(&notice.said(act), TEXT_CHARS_MAX);
        let mut change = value!({ "work_notes": note });
        let state = match act {
            Act::Open | Act::Update => None,
            Act::Acknowledge => self.acknowledged(&record.table),
            Act::Resolve => self.resolved(&record.table),
        };
        if let (Some(state), Some(change)) = (state, change.as_object_mut()) {
            if act == Act::Resolve {
                change.insert("close_code".to_owned(), self.close_code.as_str().into());
                change.insert("close_notes".to_owned(), note.into());
            }
            change.insert("state".to_owned(), state.into());
        }
        session.change(record, &change).await
    }

    pub(super) async fn look(
        &self,
        credentials: &Credentials,
        key: &str,
        outlet: &impl Outlet,
    ) -> Result<Look, Failed> {
        let session = Session { settings: self, credentials, outlet };
        let (found, _) = session.find(key).await?;
        Ok(found.map_or(Look::Gone, |record| Look::There(session.remote(record))))
    }

    /// The state of a record that somebody works on, where that is known.
    fn acknowledged(&self, table: &str) -> Option<&str> {
        self.acknowledged_state.as_deref().or_else(|| (table == USUAL).then_some("2"))
    }

    /// The state of one that is done.
    fn resolved(&self, table: &str) -> Option<&str> {
        self.resolved_state.as_deref().or_else(|| (table == USUAL).then_some("6"))
    }

    /// What the state of a record means: what is no longer active is done, whatever that state is called. Incidents are
    /// resolved, closed and cancelled by 6 to 8, whichever of them is ours.
    fn stage(&self, record: &Record) -> Option<State> {
        let state = record.state.as_deref()?;
        match record.is_active {
            Some(false) => Some(State::Resolved),
            _ if self.resolved(&record.table) == Some(state) => Some(State::Resolved),
            _ if record.table == USUAL && matches!(state, "6" | "7" | "8") => Some(State::Resolved),
            _ if self.acknowledged(&record.table) == Some(state) => Some(State::Acknowledged),
            // New incidents are 1; whoever holds one on works on it.
            _ if record.table == USUAL && state != "1" => Some(State::Acknowledged),
            _ => Some(State::Open),
        }
    }

    fn record(&self, notice: &Notice) -> Value {
        let (impact, urgency) = match notice.severity {
            Severity::Critical => ("1", "1"),
            Severity::High => ("2", "1"),
            Severity::Medium => ("2", "2"),
            Severity::Low | Severity::Info => ("3", "3"),
        };
        let mut fields: Map<String, Value> =
            self.fields.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let ours = [
            ("short_description", inert(&notice.headline(SHORT_CHARS_MAX), SHORT_CHARS_MAX)),
            ("description", inert(&notice.text(TEXT_CHARS_MAX), TEXT_CHARS_MAX)),
            ("impact", impact.to_owned()),
            ("urgency", urgency.to_owned()),
            ("correlation_id", notice.key()),
            ("correlation_display", "Picket".to_owned()),
        ];
        fields.extend(ours.map(|(name, value)| (name.to_owned(), value.into())));
        Value::Object(fields)
    }
}

struct Session<'a, O> {
    settings: &'a Settings,
    credentials: &'a Credentials,
    outlet: &'a O,
}

impl<O: Outlet> Session<'_, O> {
    fn url(&self, path: &str) -> String {
        format!("{}/api/now/table/{path}", self.settings.url.trim_end_matches('/'))
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Called, Failed> {
        let url = self.url(path);
        let mut call = match body {
            Some(body) => json(method, url, body),
            None => bare(method, url),
        };
        let of = |name| self.credentials.get(name);
        if let (Some(user), Some(password)) = (&self.settings.user, of("password")) {
            authorize(&mut call, &format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))))?;
        } else if let Some(token) = of("token") {
            authorize(&mut call, &format!("Bearer {token}"))?;
        } else {
            secret(&mut call, HeaderName::from_static("x-sn-apikey"), of("api_key").unwrap_or_default())?;
        }
        Ok(self.outlet.call(call).await?)
    }

    fn remote(&self, record: Record) -> Remote {
        let stage = self.settings.stage(&record);
        let Record { table, sys_id, number, state, .. } = record;
        let url = format!("{}/{table}.do?sys_id={sys_id}", self.settings.url.trim_end_matches('/'));
        Remote { id: Some(format!("{table}/{sys_id}")), key: Some(number), url: Some(url), state, stage }
    }

    /// The record of a key, and the table that it is in or belongs into.
    async fn find(&self, key: &str) -> Result<(Option<Record>, String), Failed> {
        let mut table = self.settings.table.clone();
        loop {
            let query = format!(
                "{table}?sysparm_query=correlation_id%3D{key}%5EORDERBYsys_created_on&sysparm_fields={FIELDS}&sysparm_limit=10&sysparm_exclude_reference_link=true"
            );
            let answer = self.ask(Method::GET, &query, None).await?;
            // An unknown table is 400 or 404, by the version of the instance; no row is 200 with none, or 404.
            let is_unknown = matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST);
            if is_unknown && table == SECURITY {
                USUAL.clone_into(&mut table);
                continue;
            }
            let is_no_row = text(&document(&answer), "/error/message").as_deref() == Some("No Record found");
            if answer.status == StatusCode::NOT_FOUND && is_no_row {
                return Ok((None, table));
            }
            if answer.status != StatusCode::OK {
                return Err(settings_or(failed("ServiceNow did not look the record up", &answer)));
            }
            let found = document(&answer);
            let rows = found.get("result").and_then(Value::as_array);
            let rows = rows.ok_or_else(|| as_failed("ServiceNow's answer holds no rows", &answer, Then::Settings))?;
            let row = rows.iter().find(|row| text(row, "/correlation_id").as_deref() == Some(key));
            return Ok((row.and_then(|row| record(&table, row)), table));
        }
    }

    async fn create(&self, table: &str, notice: &Notice) -> Done {
        let path = format!("{table}?sysparm_fields={FIELDS}");
        let answer = self.ask(Method::POST, &path, Some(&self.settings.record(notice))).await?;
        if answer.status != StatusCode::CREATED {
            return Err(settings_or(failed("ServiceNow did not make the record", &answer)));
        }
        let made = document(&answer);
        let made = made.get("result").and_then(|row| record(table, row));
        made.map(|record| self.remote(record))
            .ok_or_else(|| as_failed("ServiceNow named no record", &answer, Then::Retry))
    }

    async fn change(&self, record: Record, change: &Value) -> Done {
        let path = format!("{}/{}?sysparm_fields={FIELDS}", record.table, record.sys_id);
        let answer = self.ask(Method::PATCH, &path, Some(change)).await?;
        if answer.status != StatusCode::OK {
            return Err(settings_or(failed("ServiceNow did not change the record", &answer)));
        }
        let changed = document(&answer);
        let state = text(&changed, "/result/state");
        let is_active = changed.get("result").and_then(is_active);
        Ok(self.remote(Record { state, is_active, ..record }))
    }
}

fn record(table: &str, row: &Value) -> Option<Record> {
    let is_id = |id: &String| (1..=64).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    Some(Record {
        table: table.to_owned(),
        sys_id: text(row, "/sys_id").filter(is_id)?,
        number: text(row, "/number").filter(|number| super::is_word(number, 64))?,
        state: text(row, "/state"),
        is_active: is_active(row),
    })
}

fn is_active(row: &Value) -> Option<bool> {
    text(row, "/active").and_then(|word| word.parse().ok())
}

/// Text that stays text: between `[code]` marks an instance would read HTML.
fn inert(text: &str, chars_max: usize) -> String {
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('[') {
        let (before, after) = rest.split_at(at);
        safe.push_str(before);
        let mark = after.get(1..).unwrap_or_default().trim_start_matches('/');
        let is_mark = mark.get(..4).is_some_and(|word| word.eq_ignore_ascii_case("code"));
        safe.push_str(if is_mark { "[ " } else { "[" });
        rest = after.get(1..).unwrap_or_default();
    }
    safe.push_str(rest);
    clamp(&safe, chars_max)
}

/// What an instance finds wrong in a request is what settings say: the table, a field, or a value of one.
fn settings_or(failed: Failed) -> Failed {
    let then = if failed.status == Some(400) { Then::Settings } else { failed.then };
    Failed { then, ..failed }
}
