//! What the indexer has reported. It says of each number once that it is indexed, and never again; so one question is
//! asked for all who wait, and what it brings is kept for them.

use super::{ACK_PATH, Said, ack_headers, told};
use crate::answer::{Answer, Outcome, Warning};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post, Reply};
use ::http::{HeaderMap, Method};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Time between two questions: at first, and at most.
const PAUSE: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// Numbers of one question.
const ASKED_MAX: usize = 1_000;

/// Those who wait for the indexer on one channel.
#[derive(Debug)]
pub(super) struct Acks {
    path: String,
    waiting: Mutex<Waiting>,
    /// Held by who asks.
    asking: tokio::sync::Mutex<Option<Instant>>,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Not reported yet.
    open: BTreeSet<u64>,
    /// Reported, and not seen yet by who waits.
    done: BTreeSet<u64>,
}

#[derive(Debug, Deserialize)]
struct Reported {
    acks: BTreeMap<String, bool>,
}

/// Forgets a number when nobody waits for it any more.
struct Place<'a>(&'a Acks, u64);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.open.remove(&self.1);
        waiting.done.remove(&self.1);
    }
}

impl Acks {
    pub(super) fn new(channel: &str) -> Self {
        let path = format!("{ACK_PATH}?channel={channel}");
        Self { path, waiting: Mutex::default(), asking: tokio::sync::Mutex::default() }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a number is reported. `answer` is what the collector said when it queued the events.
    pub(super) async fn reported(
        &self,
        id: u64,
        within: Duration,
        answer: Answer,
        http: &Http,
        headers: &HeaderMap,
    ) -> Answer {
        self.lock().open.insert(id);
        let place = Place(self, id);
        let end = Instant::now() + within;
        let mut pause = PAUSE;
        while Instant::now() < end {
            match tokio::time::timeout_at(end, self.ask(&place, pause, http, headers)).await {
                Err(_elapsed) => break,
                Ok(Ok(true)) => return answer,
                Ok(Ok(false)) => pause = (pause * 2).min(PAUSE_MAX),
                Ok(Err(Refused::Off)) => return answer.warned(Warning::AcknowledgementOff),
                // A question that failed is asked again until the time is over.
                Ok(Err(Refused::Answer(refused))) if refused.outcome == Outcome::Retry => {
                    pause = (pause * 2).min(PAUSE_MAX);
                }
                Ok(Err(Refused::Answer(refused))) => return refused,
            }
        }
        let said = format!("queued, and not reported as indexed within {} s", within.as_secs());
        Answer { outcome: Outcome::Retry, excerpt: said, ..answer }
    }

    /// Asks for all who wait, unless somebody did a moment ago; whether this one is reported.
    async fn ask(&self, place: &Place<'_>, pause: Duration, http: &Http, headers: &HeaderMap) -> Result<bool, Refused> {
        let mut asked = self.asking.lock().await;
        if self.lock().done.contains(&place.1) {
            return Ok(true);
        }
        if let Some(last) = *asked {
            tokio::time::sleep_until(last + pause).await;
        }
        *asked = Some(Instant::now());
        let ids: Vec<u64> = self.lock().open.iter().copied().take(ASKED_MAX).collect();
        let body = serde_json::json!({ "acks": ids }).to_string().into();
        let headers = ack_headers(headers);
        let post = Post { method: Method::POST, path: &self.path, headers, body, answer_bytes: ANSWER_BYTES_MAX };
        let reply = http.send(post).await.map_err(Refused::Answer)?;
        let reported = reply.json::<Reported>().filter(|_acks| reply.status == 200).ok_or_else(|| refused(&reply))?;
        let mut waiting = self.lock();
        for (id, _) in reported.acks.into_iter().filter(|(_, is_indexed)| *is_indexed) {
            let Ok(id) = id.parse() else { continue };
            if waiting.open.remove(&id) {
                waiting.done.insert(id);
            }
        }
        Ok(waiting.done.contains(&place.1))
    }
}

enum Refused {
    /// The token does not acknowledge any more.
    Off,
    Answer(Answer),
}

fn refused(reply: &Reply) -> Refused {
    let Some(said) = reply.json::<Said>() else {
        // A page in place of an answer, under whatever status, is no report.
        let outcome = if reply.status < 300 { Outcome::Config } else { http::outcome(reply.status) };
        return Refused::Answer(reply.answer(outcome));
    };
    if said.code == 14 {
        return Refused::Off;
    }
    let outcome = super::outcome(&said, reply.status, 1);
    let outcome = if outcome == Outcome::Ack { Outcome::Config } else { outcome };
    Refused::Answer(reply.saying(outcome, told(&said).as_bytes()))
}
