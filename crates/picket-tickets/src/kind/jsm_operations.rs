//! Operations of Jira Service Management, in the shape of Opsgenie: alerts by alias. It takes what it is sent and works
//! on it later, so that an answer only says that it was taken.

use super::{Credentials, Problem, SecretField, check_base, listed};
use crate::exchange::{
    Done, Failed, Look, Outlet, Remote, Then, as_failed, authorize, bare, document, failed, json, text,
};
use crate::notice::{Act, Notice, clamp, plain};
use http::{Method, StatusCode};
use picket_event::Severity;
use picket_store::tickets::State;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json as value};

pub(super) const SECRETS: &[SecretField] = &[SecretField { name: "api_key", is_required: true }];
/// Where alerts go unless settings say otherwise; Opsgenie's is `https://api.opsgenie.com/v2`.
const USUAL: &str = "https://api.atlassian.com/jsm/ops/integration/v2";
/// Characters of the message, the description and a note.
const MESSAGE_CHARS_MAX: usize = 130;
const DESCRIPTION_CHARS_MAX: usize = 15_000;
const NOTE_CHARS_MAX: usize = 25_000;
/// Tags, and characters of one.
const TAGS_MAX: usize = 20;
const TAG_CHARS_MAX: usize = 50;

/// Settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where alerts go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// Tags that each alert gets: a list, or a text with commas between them.
    #[serde(default, deserialize_with = "tags", skip_serializing_if = "Vec::is_empty")]
    tags: Vec<String>,
}

fn tags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    listed::read(deserializer, "`tags` as a list or a text with commas between them", listed::between_commas)
}

impl Settings {
    pub(super) fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(USUAL)
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.tags.len() >= TAGS_MAX || !self.tags.iter().all(|tag| super::is_word(tag, TAG_CHARS_MAX)) {
            return Err(Problem(format!("`tags` are less than {TAGS_MAX}, each of 1 to {TAG_CHARS_MAX} characters")));
        }
        check_base("url", self.url())
    }

    pub(super) async fn carry_out(
        &self,
        credentials: &Credentials,
        act: Act,
        notice: &Notice,
        outlet: &impl Outlet,
    ) -> Done {
        let (base, key) = (self.url().trim_end_matches('/'), notice.key());
        let of_alias = |verb: &str| format!("{base}/alerts/{key}/{verb}?identifierType=alias");
        let note = value!({"source": "Picket", "note": clamp(&notice.said(act), NOTE_CHARS_MAX)});
        let mut call = match act {
            Act::Open => json(Method::POST, format!("{base}/alerts"), &self.alert(notice)),
            Act::Update => json(Method::POST, of_alias("notes"), &note),
            Act::Acknowledge => json(Method::POST, of_alias("acknowledge"), &note),
            Act::Resolve => json(Method::POST, of_alias("close"), &note),
        };
        authorize(&mut call, &format!("GenieKey {}", credentials.required("api_key")))?;
        let answer = outlet.call(call).await?;
        if !answer.status.is_success() {
            return Err(failed("the alert was not taken", &answer));
        }
        // Whatever else answers well is not the system that was meant.
        let Some(id) = text(&document(&answer), "/requestId") else {
            return Err(as_failed("what answers does not take alerts", &answer, Then::Settings));
        };
        Ok(Remote { id: Some(id), key: Some(key), ..Remote::default() })
    }

    /// The integrations of Jira Service Management are only told; Opsgenie also tells.
    pub(super) fn tells(&self) -> bool {
        !self.url().contains("/jsm/ops/")
    }

    /// Asks where an alert stands, of a system that tells.
    pub(super) async fn look(
        &self,
        credentials: &Credentials,
        key: &str,
        outlet: &impl Outlet,
    ) -> Result<Look, Failed> {
        let url = format!("{}/alerts/{key}?identifierType=alias", self.url().trim_end_matches('/'));
        let mut call = bare(Method::GET, url);
        authorize(&mut call, &format!("GenieKey {}", credentials.required("api_key")))?;
        let answer = outlet.call(call).await?;
        if answer.status == StatusCode::NOT_FOUND {
            return Ok(Look::Gone);
        }
        if !answer.status.is_success() {
            return Err(failed("the alert was not told", &answer));
        }
        let alert = document(&answer);
        let status = text(&alert, "/data/status");
        let is_acknowledged = alert.pointer("/data/acknowledged").and_then(Value::as_bool) == Some(true);
        let (state, stage) = match status.as_deref() {
            Some("open") if is_acknowledged => (Some("acknowledged".to_owned()), Some(State::Acknowledged)),
            Some("open") => (status, Some(State::Open)),
            Some("closed") => (status, Some(State::Resolved)),
            _ => (status, None),
        };
        Ok(Look::There(Remote { key: Some(key.to_owned()), state, stage, ..Remote::default() }))
    }

    fn alert(&self, notice: &Notice) -> Value {
        let details: Map<String, Value> =
            notice.table().into_iter().map(|(name, value)| (name.to_lowercase(), value.into())).collect();
        let mut tags = self.tags.clone();
        tags.extend(notice.category.map(|category| category.as_str().to_owned()));
        let mut alert = value!({
            "message": notice.headline(MESSAGE_CHARS_MAX),
            "alias": notice.key(),
            "description": notice.text(DESCRIPTION_CHARS_MAX),
            "priority": priority(notice.severity),
            "source": clamp(&format!("Picket {}", notice.workspace), 100),
            "tags": tags,
            "details": details,
        });
        let entity = notice.facts.iter().find(|(name, _)| *name == "Entity");
        if let (Some((_, entity)), Some(alert)) = (entity, alert.as_object_mut()) {
            alert.insert("entity".to_owned(), clamp(&plain(entity), 512).into());
        }
        alert
    }
}

const fn priority(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "P1",
        Severity::High => "P2",
        Severity::Medium => "P3",
        Severity::Low => "P4",
        Severity::Info => "P5",
    }
}
