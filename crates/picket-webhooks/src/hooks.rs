//! What the herald, the runner and the API share: the store, keys, the way out, and one exchange with a receiver.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use picket_db::Db;
use picket_egress::{Call, Called, Caller};
use picket_event::Workspace;
use picket_log::EventLog;
use picket_pipeline::Bell;
use picket_render::wire::WireError;
use picket_render::wire::webhook::{Secret, signature};
use picket_stdx::{Timestamp, escape};
use picket_store::sealed::{Secrets, Vault};
use picket_store::webhooks::Webhook;
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use zeroize::Zeroizing;

/// Bytes of an answer that are shown.
const EXCERPT_BYTES_MAX: usize = 256;
/// Names of what is sealed.
const URL: &str = "url";
const KEY: &str = "key";

/// Webhooks of a workspace. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hooks {
    /// Database.
    pub db: Db,
    /// The workspace's log.
    pub log: EventLog,
    /// The workspace.
    pub workspace: Workspace,
    /// URLs and keys of webhooks.
    pub vault: Vault,
    /// The way out.
    pub caller: Caller,
    /// Rings when something is to be sent.
    pub bell: Bell,
}

/// URL and keys of a webhook, the newest key first.
pub struct Sealed {
    url: Zeroizing<String>,
    keys: Vec<Secret>,
}

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sealed").field("keys", &self.keys).finish_non_exhaustive()
    }
}

/// Something does not fit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misfit(pub String);

/// One exchange with a receiver.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// What it answered, or why there is no answer.
    pub answer: Result<Called, String>,
    /// How long it took.
    pub took: Duration,
}

impl Exchange {
    /// Status of the answer.
    pub fn status(&self) -> Option<u16> {
        self.answer.as_ref().ok().map(|answer| answer.status.as_u16())
    }

    /// What went wrong, or what was said with it; harmless, and at most a few words.
    pub fn excerpt(&self) -> String {
        match &self.answer {
            Err(why) => why.clone(),
            Ok(answer) => {
                let beginning = answer.body.get(..EXCERPT_BYTES_MAX.min(answer.body.len())).unwrap_or_default();
                escape::terminal(String::from_utf8_lossy(beginning).trim()).into_owned()
            }
        }
    }
}

impl Hooks {
    /// What the vault holds of a webhook, in the form in which it takes it.
    pub fn secrets(url: &str, key: &str) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.set(URL, Zeroizing::new(url.as_bytes().to_vec()));
        secrets.set(KEY, Zeroizing::new(key.as_bytes().to_vec()));
        secrets
    }

    /// The URL of a webhook, to seal it anew with another key.
    pub fn url(&self, connection: &Connection, webhook: &Webhook) -> Result<Zeroizing<String>, Misfit> {
        self.open(connection, webhook).map(|sealed| sealed.url)
    }

    /// The newest key of a webhook, to seal it anew with another URL.
    pub fn key(&self, connection: &Connection, webhook: &Webhook) -> Result<Zeroizing<String>, Misfit> {
        let versions = self.versions(connection, webhook)?;
        let newest = versions.first().and_then(|secrets| text(secrets, KEY));
        newest.ok_or_else(|| Misfit("the webhook has no key; rotate it".to_owned()))
    }

    fn versions(&self, connection: &Connection, webhook: &Webhook) -> Result<Vec<Secrets>, Misfit> {
        let now = self.log.clock().now();
        let opened = self.vault.open(connection, &self.workspace, (&webhook.id, &webhook.host), now);
        Ok(opened.map_err(|error| Misfit(error.to_string()))?.into_iter().map(|(_, secrets)| secrets).collect())
    }

    /// URL and keys of a webhook.
    pub fn open(&self, connection: &Connection, webhook: &Webhook) -> Result<Sealed, Misfit> {
        let versions = self.versions(connection, webhook)?;
        let url = versions.first().and_then(|newest| text(newest, URL));
        let keys: Vec<Secret> =
            versions.iter().filter_map(|secrets| Secret::parse(&text(secrets, KEY)?).ok()).collect();
        match url.filter(|_url| !keys.is_empty()) {
            Some(url) => Ok(Sealed { url, keys }),
            None => Err(Misfit("URL or key of the webhook is not there; make it anew".to_owned())),
        }
    }

    /// Sends one message, once.
    pub async fn send(&self, sealed: &Sealed, (id, kind): (&str, &str), body: Vec<u8>, within: Duration) -> Exchange {
        let clock = self.log.clock();
        let begin = clock.steady();
        let answer = match headers((id, kind), clock.now(), &body, &sealed.keys) {
            Ok(headers) => {
                let call = Call { method: Method::POST, url: sealed.url.to_string(), headers, body: Bytes::from(body) };
                self.caller
                    .call(call, within)
                    .await
                    .map_err(|error| error.said("integrations").chars().take(256).collect())
            }
            Err(error) => Err(error.to_string()),
        };
        Exchange { answer, took: clock.steady().saturating_sub(begin) }
    }
}

/// The headers of a message: those of Standard Webhooks, what it tells of, and the digest of its body.
pub fn headers((id, kind): (&str, &str), at: Timestamp, body: &[u8], keys: &[Secret]) -> Result<HeaderMap, WireError> {
    let digest = format!("sha-256=:{}:", STANDARD.encode(Sha256::digest(body)));
    let values = [
        (HeaderName::from_static("webhook-id"), id.to_owned()),
        (HeaderName::from_static("webhook-timestamp"), at.as_secs().to_string()),
        (HeaderName::from_static("webhook-signature"), signature(id, at.as_secs(), body, keys)?),
        (HeaderName::from_static("content-digest"), digest),
        (HeaderName::from_static("x-picket-event"), kind.to_owned()),
        (USER_AGENT, concat!("Picket/", env!("CARGO_PKG_VERSION")).to_owned()),
        (CONTENT_TYPE, "application/json".to_owned()),
    ];
    let mut headers = HeaderMap::new();
    for (name, value) in values {
        let value = HeaderValue::from_str(&value)
            .map_err(|_invalid| WireError::Value { what: "header", remedy: "give printable ASCII" })?;
        headers.insert(name, value);
    }
    Ok(headers)
}

/// What may be shown of a URL: where it leads. Any part of a path may be a secret, as those of Slack are.
pub fn shown_url(url: &str) -> Result<(String, String), Misfit> {
    let refused = || Misfit("`url` is a URL such as https://example.com/hook, without user and fragment".to_owned());
    let origin = picket_egress::origin(url).filter(|_origin| url.len() <= 2_048 && !url.contains(['#', '\\', '@']));
    let origin = origin.ok_or_else(refused)?;
    let host = origin.split_once("://").map_or(String::new(), |(_, host)| host.to_owned());
    let rest = url.get(origin.len()..).ok_or_else(refused)?;
    Ok((if matches!(rest, "" | "/") { origin } else { format!("{origin}/…") }, host))
}

fn text(secrets: &Secrets, field: &str) -> Option<Zeroizing<String>> {
    Some(Zeroizing::new(std::str::from_utf8(secrets.get(field)?).ok()?.to_owned()))
}
