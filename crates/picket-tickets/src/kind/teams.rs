//! A workflow of Microsoft Teams that posts what it is sent: an adaptive card. Each act is a message of its own.

use super::{Credentials, Problem, SecretField, fitting};
use crate::exchange::{Done, Outlet, Remote, Then, as_failed, failed, json};
use crate::notice::{Act, Notice, clamp, plain};
use http::{Method, StatusCode};
use picket_event::Severity;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};

pub(super) const SECRETS: &[SecretField] = &[SecretField { name: "url", is_required: true }];
/// Bytes of a message.
const BYTES_MAX: usize = 28 * 1_024;
/// Characters of what is longest in it.
const REASON_CHARS_MAX: usize = 8_000;

/// Settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The host of the workflow's URL, such as `prod-12.westeurope.logic.azure.com`.
    pub(super) host: String,
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), Problem> {
        check_host(&self.host)
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
            .call(json(Method::POST, url, &fitting(BYTES_MAX, REASON_CHARS_MAX, |chars| message(act, notice, chars))))
            .await?;
        match answer.status {
            // A workflow may answer what its author likes, but no page.
            StatusCode::OK if answer.body.trim_ascii_start().starts_with(b"<") => {
                Err(as_failed("what answers is no workflow of Teams", &answer, Then::Settings))
            }
            StatusCode::OK | StatusCode::ACCEPTED => Ok(Remote::default()),
            StatusCode::NOT_FOUND | StatusCode::GONE => {
                Err(as_failed("the workflow of Teams is gone or turned off", &answer, Then::Settings))
            }
            _ => Err(failed("Teams", &answer)),
        }
    }
}

/// A host, perhaps with a port.
pub(super) fn check_host(host: &str) -> Result<(), Problem> {
    let is_host = (1..=253).contains(&host.len())
        && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
        && picket_egress::origin(&format!("https://{host}/")).is_some();
    if is_host { Ok(()) } else { Err(Problem("`host` is a host name, without scheme and path".to_owned())) }
}

fn message(act: Act, notice: &Notice, reason_chars: usize) -> Value {
    let title = match act {
        Act::Open => notice.headline(300),
        Act::Update | Act::Acknowledge | Act::Resolve => {
            format!("{} {}: {}", notice.noun, act.past(), notice.headline(300))
        }
    };
    let mut body = vec![
        paragraph(&[run(&title, true, color(act, notice.severity), "Medium")]),
        paragraph(&[run(&clamp(&plain(&notice.reason), reason_chars), false, "Default", "Default")]),
    ];
    for (name, value) in notice.table() {
        let (name, value) = (format!("{name}: "), clamp(&value, 256));
        body.push(paragraph(&[run(&name, true, "Default", "Default"), run(&value, false, "Default", "Default")]));
    }
    let mut card = value!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        "msteams": {"width": "full"},
    });
    if let (Some(link), Some(card)) = (&notice.link, card.as_object_mut()) {
        card.insert("actions".to_owned(), value!([{"type": "Action.OpenUrl", "title": "Open", "url": link}]));
    }
    value!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

/// Text blocks and facts are read as Markdown, with links; runs of rich text are not.
fn paragraph(runs: &[Value]) -> Value {
    value!({"type": "RichTextBlock", "inlines": runs})
}

fn run(text: &str, is_bold: bool, color: &str, size: &str) -> Value {
    // A run without text is none.
    let text = if text.is_empty() { " " } else { text };
    value!({"type": "TextRun", "text": text, "weight": if is_bold { "Bolder" } else { "Default" }, "color": color, "size": size})
}

const fn color(act: Act, severity: Severity) -> &'static str {
    match (act, severity) {
        (Act::Resolve, _) => "Good",
        (_, Severity::Critical | Severity::High) => "Attention",
        (_, Severity::Medium) => "Warning",
        (_, Severity::Low | Severity::Info) => "Default",
    }
}
