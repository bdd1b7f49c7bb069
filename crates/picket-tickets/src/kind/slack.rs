//! An incoming webhook of Slack. It takes messages and changes none, so that each act is a message of its own.

use super::{Credentials, Problem, SecretField, fitting};
use crate::exchange::{Done, Outlet, Remote, Then, as_failed, failed, json};
use crate::notice::{Act, Notice, clamp};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};

pub(super) const SECRETS: &[SecretField] = &[SecretField { name: "url", is_required: true }];
const USUAL: &str = "hooks.slack.com";
/// Characters of a header, a section's text, a section's field, the text of a notification.
const HEADER_CHARS_MAX: usize = 150;
const SECTION_CHARS_MAX: usize = 3_000;
/// Bytes of a message: what is longer than some 13,000 is refused, whatever its parts are.
const BYTES_MAX: usize = 12_000;
const FIELD_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 300;
/// Fields of a section.
const FIELDS_MAX: usize = 10;
/// The longest URL of a button.
const URL_CHARS_MAX: usize = 3_000;

/// Settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The host of the webhook, where it is another than Slack's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    host: Option<String>,
}

impl Settings {
    pub(super) fn host(&self) -> &str {
        self.host.as_deref().unwrap_or(USUAL)
    }

    pub(super) fn check(&self) -> Result<(), Problem> {
        super::teams::check_host(self.host())
    }

    pub(super) async fn carry_out(
        &self,
        credentials: &Credentials,
        act: Act,
        notice: &Notice,
        outlet: &impl Outlet,
    ) -> Done {
        let url = credentials.required("url").to_owned();
        let answer = outlet
            .call(json(Method::POST, url, &fitting(BYTES_MAX, SECTION_CHARS_MAX, |chars| message(act, notice, chars))))
            .await?;
        match answer.status {
            StatusCode::OK if is_taken(&answer.body) => Ok(Remote::default()),
            StatusCode::OK => Err(as_failed("what answers is no webhook of Slack", &answer, Then::Settings)),
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Err(as_failed("the webhook of Slack or its channel is gone", &answer, Then::Settings))
            }
            _ => Err(failed("Slack", &answer)),
        }
    }
}

/// Slack says `ok`, alone or as a member; a portal or a wrong address says something else.
fn is_taken(body: &[u8]) -> bool {
    let is_member =
        || serde_json::from_slice::<Value>(body).is_ok_and(|said| said.get("ok") == Some(&Value::Bool(true)));
    body.trim_ascii() == b"ok" || is_member()
}

fn message(act: Act, notice: &Notice, reason_chars: usize) -> Value {
    let headline = headline(act, notice);
    let mut blocks = vec![
        value!({"type": "header", "text": shown(&headline, HEADER_CHARS_MAX)}),
        value!({"type": "section", "text": shown(&crate::notice::plain(&notice.reason), reason_chars)}),
    ];
    let rows = notice.table();
    let fields: Vec<Value> =
        rows.iter().take(FIELDS_MAX).map(|(name, value)| shown(&format!("{name}: {value}"), FIELD_CHARS_MAX)).collect();
    blocks.push(value!({"type": "section", "fields": fields}));
    if let Some(link) = notice.link.as_ref().filter(|link| link.chars().count() <= URL_CHARS_MAX) {
        let button = value!({"type": "button", "text": shown("Open", 75), "url": link});
        blocks.push(value!({"type": "actions", "elements": [button]}));
    }
    // What notifications show is read as markup unless somebody says that it is none.
    value!({"text": escaped(&clamp(&headline, TEXT_CHARS_MAX)), "mrkdwn": false, "blocks": blocks})
}

fn headline(act: Act, notice: &Notice) -> String {
    match act {
        Act::Open => notice.headline(HEADER_CHARS_MAX),
        Act::Update | Act::Acknowledge | Act::Resolve => {
            format!("{} {}: {}", notice.noun, act.past(), notice.headline(HEADER_CHARS_MAX))
        }
    }
}

/// Text that is text: no markup, no mention and no emoji is made of it.
fn shown(text: &str, chars_max: usize) -> Value {
    // Text may not be empty.
    let text = if text.is_empty() { "-" } else { text };
    value!({"type": "plain_text", "text": clamp(text, chars_max), "emoji": false})
}

/// What would begin a mention or a link.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
