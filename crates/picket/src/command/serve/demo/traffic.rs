//! Teams at work, and the attacks that the guides describe.

use super::promises::{Answered, Asked, Observed, Seen};
use crate::failure::Failure;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use picket_api_types::Proof;
use picket_content::{Check, Context, Detectors};
use picket_egress::{Limits, Upstream};
use picket_event::{Phase, Role};
use picket_stdx::Timestamp;
use picket_testkit::scene::{Fate, ORDINARY, Play, ROUNDS, scene};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long the promises may take to come true after the last answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(50);
/// Events that are proven: enough to hold some of each kind.
const PROVEN: usize = 8;

/// What was sent, and what came back.
#[derive(Debug, Default)]
pub(super) struct Played {
    answers: Vec<Answered>,
}

impl Played {
    pub(super) fn sent(&self) -> usize {
        self.answers.len()
    }

    pub(super) fn describe(&self) -> String {
        let mut statuses: BTreeMap<u16, u64> = BTreeMap::new();
        for answer in &self.answers {
            *statuses.entry(answer.status).or_default() += 1;
        }
        let counts: Vec<String> = statuses.iter().map(|(status, count)| format!("{count} × {status}")).collect();
        counts.join(", ")
    }
}

/// Callers with their keys.
pub(super) struct Players {
    gateway: Upstream,
    api: Upstream,
    token: String,
    keys: Vec<String>,
}

impl Players {
    /// Makes a key for each person.
    pub(super) async fn new(gateway: &str, api: &str, token: &str) -> Result<Self, Failure> {
        let connect = |url: &str| Upstream::new(url, Limits::default()).map_err(Failure::general);
        let mut players =
            Self { gateway: connect(gateway)?, api: connect(api)?, token: token.to_owned(), keys: Vec::new() };
        for (user, team, application) in [
            ("ana", "engineering", "ide"),
            ("ben", "sales", "crm"),
            ("chloe", "support", "helpdesk"),
            ("mallory", "contractors", "chat"),
        ] {
            let (_status, created) = players
                .admin(Method::POST, "/v1/keys", &json!({"user": user, "team": team, "application": application}))
                .await?;
            let key =
                created.get("token").and_then(Value::as_str).ok_or_else(|| Failure::general("no key was made"))?;
            players.keys.push(key.to_owned());
        }
        Ok(players)
    }

    /// Plays until the limit, but everything once; or for ever, and then remembers nothing.
    pub(super) async fn play(&self, limit: Option<Duration>) -> Result<Played, Failure> {
        let begun = Instant::now();
        let mut played = Played::default();
        let mut round = 0_usize;
        while round < ROUNDS || limit.is_none_or(|limit| begun.elapsed() < limit) {
            for (at, play) in scene(round).into_iter().enumerate() {
                let player = if at >= ORDINARY { 3 } else { (round + at) % 3 };
                let answered = self.send(player, round, &play).await?;
                if limit.is_some() {
                    played.answers.push(answered);
                }
            }
            round += 1;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(played)
    }

    async fn send(&self, player: usize, round: usize, play: &Play) -> Result<Answered, Failure> {
        let mut headers = HeaderMap::new();
        let key = self.keys.get(player).map(String::as_str).unwrap_or_default();
        if let Ok(bearer) = HeaderValue::from_str(&format!("Bearer {key}")) {
            headers.insert(header::AUTHORIZATION, bearer);
        }
        if let Ok(session) = HeaderValue::from_str(&format!("demo-{player}-{}", round / 10)) {
            headers.insert("picket-session", session);
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let answer = self
            .gateway
            .send(Method::POST, play.path, headers, Bytes::from(play.body.to_string()))
            .await
            .map_err(Failure::general)?;
        let (head, mut body) = answer.into_parts();
        let text = body.whole().await.map_err(Failure::general)?;
        let named = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
        Ok(Answered {
            path: play.path,
            fate: play.fate,
            status: head.status.as_u16(),
            event: named("picket-event"),
            escalation: named("picket-escalation"),
            leaked: leaked(play, &String::from_utf8_lossy(&text)),
        })
    }

    /// Gathers what the promises are held against, once there is what must be there, or it took too long. `since` is
    /// when the play began: a folder that was given may hold an earlier one.
    pub(super) async fn observe(&self, played: Played, since: Timestamp) -> Result<Observed, Failure> {
        let answers = played.answers;
        let held = answers.iter().filter(|answer| answer.fate == Fate::Escalated).count();
        let deadline = Instant::now() + PATIENCE;
        let (mut events, mut pending) = (Vec::new(), Vec::new());
        while Instant::now() < deadline && (events.len() < answers.len() || pending.len() < held.min(1)) {
            events = self.rows(&format!("/v1/events?since={since}&fields=event_id,decision,outcome")).await?;
            pending = self.rows("/v1/escalations?status=pending&limit=10000").await?;
            tokio::time::sleep(PAUSE).await;
        }
        let (_status, verified) = self.admin(Method::POST, "/v1/log/verify", &Value::Null).await?;
        let logs = self.rows("/v1/log").await?;
        let workspace = logs.iter().find(|log| word(log, "kind") == "workspace");
        let mut proofs = Vec::new();
        for event in answers.iter().rev().take(PROVEN).filter_map(|answer| answer.event.clone()) {
            let proof = self.proof(&event, deadline).await?;
            proofs.push(Asked { event, proof });
        }
        let seen = |row: &Value| Seen {
            id: word(row, "event_id"),
            decision: word(row, "decision"),
            outcome: word(row, "outcome"),
        };
        Ok(Observed {
            answers,
            events: events.iter().map(seen).collect(),
            pending: pending.iter().map(|row| word(row, "id")).collect(),
            verified,
            proofs,
            vkey: workspace.map(|log| word(log, "vkey")).unwrap_or_default(),
        })
    }

    /// The proof of an event, once a checkpoint covers it.
    async fn proof(&self, event: &str, deadline: Instant) -> Result<Option<Proof>, Failure> {
        loop {
            let (status, proof) = self.admin(Method::GET, &format!("/v1/events/{event}/proof"), &Value::Null).await?;
            if status.is_success() {
                return Ok(Some(serde_json::from_value(proof)?));
            }
            if Instant::now() > deadline {
                return Ok(None);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn rows(&self, path: &str) -> Result<Vec<Value>, Failure> {
        let (status, rows) = self.admin(Method::GET, path, &Value::Null).await?;
        match rows {
            Value::Array(rows) if status.is_success() => Ok(rows),
            problem => Err(Failure::general(format!("{path}: {status}: {problem}"))),
        }
    }

    async fn admin(&self, method: Method, path: &str, body: &Value) -> Result<(StatusCode, Value), Failure> {
        let mut headers = HeaderMap::new();
        if let Ok(bearer) = HeaderValue::from_str(&format!("Bearer {}", self.token)) {
            headers.insert(header::AUTHORIZATION, bearer);
        }
        let body = if body.is_null() {
            Bytes::new()
        } else {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            Bytes::from(body.to_string())
        };
        let answer = self.api.send(method, path, headers, body).await.map_err(Failure::general)?;
        let status = answer.status();
        let bytes = answer.into_body().whole().await.map_err(Failure::general)?;
        Ok((status, serde_json::from_slice(&bytes)?))
    }
}

fn word(row: &Value, name: &str) -> String {
    row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// What an answer holds and must not: the requests that are not ordinary work carry made-up secrets and numbers, or ask
/// the provider for them.
pub(super) fn leaked(play: &Play, answer: &str) -> Option<String> {
    const CONTEXT: Context = Context { role: Role::Assistant, phase: Phase::Output };
    let checks: &[Check] = if play.fate == Fate::Allowed { &[] } else { &[Check::Pii, Check::Secret] };
    let texts = [answer.to_owned(), said(answer)];
    let scan = |check: &Check| texts.iter().find_map(|text| Detectors.scan(*check, text, &CONTEXT).kind);
    checks.iter().find_map(scan).map(str::to_owned)
}

/// What the pieces of a stream say together: a value may be cut anywhere.
fn said(stream: &str) -> String {
    let mut text = String::new();
    let events = stream.lines().filter_map(|line| serde_json::from_str::<Value>(line.strip_prefix("data: ")?).ok());
    events.for_each(|event| collect(&event, &mut text));
    text
}

fn collect(value: &Value, text: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(piece) if matches!(name.as_str(), "content" | "text" | "delta") => {
                        text.push_str(piece)
                    }
                    member => collect(member, text),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, text)),
        _ => {}
    }
}
