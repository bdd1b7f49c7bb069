//! Webhooks.

use picket_stdx::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Somebody who is told of product events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Webhook {
    /// `whk_…`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where it leads, without what may be a secret.
    pub url: String,
    /// Types of product events that it is told of.
    pub events: Vec<String>,
    /// Of those, what it is told of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// How it is signed: `v1` (HMAC-SHA-256) or `v1a` (Ed25519).
    pub scheme: String,
    /// The key by which a receiver of `v1a` verifies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<String>,
    /// The time of one exchange, such as `10s`.
    pub timeout: String,
    /// `active`, `paused` or `disabled`.
    pub state: String,
    /// Why it is not sent to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Messages that wait.
    pub waiting: u64,
    /// Failures since the last success.
    pub failures: u64,
    /// The last failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When that was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub failed_at: Option<Timestamp>,
    /// The last success.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub succeeded_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Grows with each change by a person.
    pub version: u64,
}

/// A webhook that is wanted.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateWebhook {
    /// Its name.
    #[schema(example = "paging")]
    pub name: String,
    /// Where it leads.
    #[schema(example = "https://example.com/hook")]
    pub url: String,
    /// Types of product events, such as `finding.created` and `incident.*`.
    pub events: Vec<String>,
    /// Of those, what it is told of, such as `severity:>=high`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// `v1`, which is the default, or `v1a`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The time of one exchange, 1 s to 30 s; 10 s without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
}

impl fmt::Debug for CreateWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreateWebhook").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A webhook with its key, which is shown once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreatedWebhook {
    /// The webhook.
    pub webhook: Webhook,
    /// By which a receiver verifies: `whsec_…`, or for `v1a` the public `whpk_…`.
    pub key: String,
}

impl fmt::Debug for CreatedWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedWebhook").field("webhook", &self.webhook).finish_non_exhaustive()
    }
}

/// What is to be otherwise with a webhook; what is absent stays.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeWebhook {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it leads: another place on the same host. For another host, make another webhook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Types of product events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<String>>,
    /// Of those, what it is told of; an empty one is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// The time of one exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<String>,
    /// Whether what is new waits; `false` also brings back one that was disabled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// The version that was looked at; another one is a conflict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

impl fmt::Debug for ChangeWebhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangeWebhook")
            .field("name", &self.name)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A new key for a webhook.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateWebhook {
    /// So long messages are signed with the old key too, such as `24h`, which is the default; `0s` ends it at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<String>,
}

/// One try to send a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebhookAttempt {
    /// `msg_…`, the same in all tries.
    pub message: String,
    /// What it tells of.
    #[serde(rename = "type")]
    pub kind: String,
    /// Which try it was, from 1.
    pub attempt: u32,
    /// `delivered`, `retried`, `failed`, or `gone` where the event is no longer kept.
    pub outcome: String,
    /// Status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// What went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// What is sent once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplayWebhook {
    /// The message, by its id, which it keeps.
    pub message: String,
}

/// How a test went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WebhookTest {
    /// Whether it was taken.
    pub ok: bool,
    /// The message.
    pub message: String,
    /// What was sent.
    pub request: String,
    /// Status of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The beginning of the answer, or why there is none.
    pub answer: String,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}
