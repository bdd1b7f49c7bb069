//! PagerDuty, Events API v2: one request for each act, and the same key for all about one thing.

use super::{Credentials, Problem, SecretField, check_base};
use crate::exchange::{Done, Failed, Outlet, Remote, Then, as_failed, document, failed, json, text};
use crate::notice::{Act, Notice};
use http::{Method, StatusCode};
use picket_event::Severity;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json as value};
use std::time::Duration;

pub(super) const SECRETS: &[SecretField] = &[SecretField { name: "routing_key", is_required: true }];
/// Where events go unless settings say otherwise; the European region is `https://events.eu.pagerduty.com`.
const USUAL: &str = "https://events.pagerduty.com";
/// Characters of a routing key.
const KEY_CHARS: usize = 32;
/// Characters of a summary.
const SUMMARY_CHARS_MAX: usize = 1_024;
/// How long to wait where a limit was passed and nothing is said: limits count by the minute.
const PASSED: Duration = Duration::from_secs(60);

/// Settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where events go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    /// What is shown as the source of events; the workspace without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

impl Settings {
    pub(super) fn url(&self) -> &str {
        self.url.as_deref().unwrap_or(USUAL)
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        if self.source.as_ref().is_some_and(|source| !super::is_word(source, 255)) {
            return Err(Problem("`source` is 1 to 255 characters".to_owned()));
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
        let key = notice.key();
        let action = match act {
            Act::Open | Act::Update => "trigger",
            Act::Acknowledge => "acknowledge",
            Act::Resolve => "resolve",
        };
        let mut event = value!({
            "routing_key": credentials.required("routing_key"),
            "event_action": action,
            "dedup_key": key,
        });
        if action == "trigger"
            && let Some(event) = event.as_object_mut()
        {
            event.extend(self.described(notice));
        }
        let url = format!("{}/v2/enqueue", self.url().trim_end_matches('/'));
        let answer = outlet.call(json(Method::POST, url, &event)).await?;
        match answer.status {
            StatusCode::ACCEPTED | StatusCode::OK
                if text(&document(&answer), "/status").as_deref() == Some("success") =>
            {
                Ok(Remote { id: Some(key.clone()), key: Some(key), ..Remote::default() })
            }
            // What it finds wrong is the event, or the key, which is entered anew.
            StatusCode::BAD_REQUEST => Err(as_failed("PagerDuty refused the event", &answer, Then::Refused)),
            StatusCode::TOO_MANY_REQUESTS => {
                let failed = failed("PagerDuty", &answer);
                Err(Failed { after: Some(failed.after.unwrap_or(PASSED).max(PASSED)), ..failed })
            }
            _ => Err(failed("PagerDuty", &answer)),
        }
    }

    fn described(&self, notice: &Notice) -> Map<String, Value> {
        let details: Map<String, Value> =
            notice.table().into_iter().map(|(name, value)| (name.to_lowercase(), value.into())).collect();
        let class = notice.category.map_or("alert", picket_event::Category::as_str);
        let mut event = Map::new();
        event.insert(
            "payload".to_owned(),
            value!({
                "summary": notice.headline(SUMMARY_CHARS_MAX),
                "source": self.source.as_deref().unwrap_or(&notice.workspace),
                "severity": severity(notice.severity),
                "timestamp": notice.at.to_string(),
                "component": "picket",
                "group": notice.owners.first(),
                "class": class,
                "custom_details": details,
            }),
        );
        event.insert("client".to_owned(), "Picket".into());
        if let Some(link) = &notice.link {
            event.insert("client_url".to_owned(), link.as_str().into());
            event.insert(
                "links".to_owned(),
                value!([{"href": link, "text": format!("Open the {}", notice.noun.to_lowercase())}]),
            );
        }
        event
    }
}

/// A routing key that cannot be one is refused before it is needed at night.
pub(super) fn check_credentials(credentials: &Credentials) -> Result<(), Problem> {
    if credentials.required("routing_key").chars().count() == KEY_CHARS {
        return Ok(());
    }
    Err(Problem(format!("a `routing_key` has {KEY_CHARS} characters; it is the integration key of a service")))
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "info",
    }
}
