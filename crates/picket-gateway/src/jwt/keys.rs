//! The keys of an issuer: fetched when they are needed, looked after while they are used, and kept for a while when they
//! cannot be had.

use super::{Jwt, JwtSettings};
use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderValue, Method};
use picket_egress::{EgressError, Limits, Upstream, origin};
use picket_jwt::KeySet;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as Turn, Semaphore};

/// How soon they are fetched again, whatever tokens name and whatever came of it.
pub(super) const AGAIN: Duration = Duration::from_secs(10);
/// How old they get before they are fetched again beside the requests.
const OLD: Duration = Duration::from_secs(300);
/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 512 * 1024;
/// Callers that wait for them; more are not let in.
const WAITING_MAX: usize = 256;

/// How the keys of an issuer have been doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JwtCounts {
    /// Who issues the tokens.
    pub issuer: String,
    /// How often they were fetched.
    pub fetched: u64,
    /// How often they could not be.
    pub failed: u64,
    /// How old they are; `None` when there are none.
    pub age: Option<Duration>,
    /// Whether tokens are taken.
    pub usable: bool,
    /// Why they could not be fetched the last time; none when they could.
    pub failure: Option<&'static str>,
}

/// The keys, and what is known of how to get them. One fetch runs at a time; the others take what it brings.
#[derive(Debug)]
pub(super) struct Keys {
    state: Mutex<State>,
    turn: Turn<()>,
    waiting: Semaphore,
}

impl Default for Keys {
    fn default() -> Self {
        Self { state: Mutex::default(), turn: Turn::default(), waiting: Semaphore::new(WAITING_MAX) }
    }
}

#[derive(Debug, Default)]
struct State {
    found: Option<Found>,
    tried: Option<Duration>,
    failure: Option<&'static str>,
    fetched: u64,
    failed: u64,
}

#[derive(Debug, Clone)]
struct Found {
    set: Arc<KeySet>,
    digest: [u8; 32],
    /// Counts sets that differ.
    generation: u64,
    since: Duration,
}

impl State {
    fn usable(&self, settings: &JwtSettings, now: Duration) -> Option<&Found> {
        self.found.as_ref().filter(|found| now.saturating_sub(found.since) < settings.keys_kept)
    }

    fn may_try(&self, now: Duration) -> bool {
        self.tried.is_none_or(|tried| now.saturating_sub(tried) >= AGAIN)
    }
}

impl Keys {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counts(&self, settings: &JwtSettings, now: Duration) -> JwtCounts {
        let state = self.state();
        JwtCounts {
            issuer: settings.issuer.clone(),
            fetched: state.fetched,
            failed: state.failed,
            age: state.found.as_ref().map(|found| now.saturating_sub(found.since)),
            usable: state.usable(settings, now).is_some(),
            failure: state.failure,
        }
    }

    /// Whether the keys that count now are those of a generation.
    pub(super) fn are(&self, generation: u64, settings: &JwtSettings, now: Duration) -> bool {
        self.state().usable(settings, now).is_some_and(|found| found.generation == generation)
    }

    /// The keys that count, with their generation; fetched if there are none.
    pub(super) async fn usable(&self, jwt: &Arc<Jwt>) -> Option<(Arc<KeySet>, u64)> {
        if let Some(found) = self.now(jwt) {
            self.look_after(jwt);
            return Some(found);
        }
        self.newer(jwt).await
    }

    /// The keys that count once they were asked for again, unless that was just done.
    pub(super) async fn newer(&self, jwt: &Arc<Jwt>) -> Option<(Arc<KeySet>, u64)> {
        if self.state().may_try(jwt.clock.steady()) {
            // More do not wait: whoever makes names of keys up does not fill the memory with those who wait.
            let _place = self.waiting.try_acquire().ok()?;
            self.fetch(jwt).await;
        } else if let Ok(_place) = self.waiting.try_acquire() {
            // A fetch may be under way.
            drop(self.turn.lock().await);
        }
        self.now(jwt)
    }

    fn now(&self, jwt: &Jwt) -> Option<(Arc<KeySet>, u64)> {
        let state = self.state();
        let found = state.usable(&jwt.settings, jwt.clock.steady())?;
        Some((Arc::clone(&found.set), found.generation))
    }

    /// Fetches keys that are old beside the requests.
    pub(super) fn look_after(&self, jwt: &Arc<Jwt>) {
        let now = jwt.clock.steady();
        let state = self.state();
        let is_old = state.found.as_ref().is_some_and(|found| now.saturating_sub(found.since) >= OLD);
        if is_old && state.may_try(now) && self.turn.try_lock().is_ok() {
            drop(state);
            let jwt = Arc::clone(jwt);
            tokio::spawn(async move { jwt.keys.fetch(&jwt).await });
        }
    }

    async fn fetch(&self, jwt: &Jwt) {
        let _turn = self.turn.lock().await;
        let now = jwt.clock.steady();
        {
            let mut state = self.state();
            if !state.may_try(now) {
                return;
            }
            state.tried = Some(now);
        }
        let fetched = fetch(&jwt.settings).await;
        let mut state = self.state();
        match fetched {
            Ok((set, digest)) => {
                let before = state.found.as_ref();
                let generation = before.map_or(1, |before| before.generation + u64::from(before.digest != digest));
                state.found = Some(Found { set: Arc::new(set), digest, generation, since: now });
                state.fetched += 1;
                state.failure = None;
            }
            Err(failure) => {
                state.failed += 1;
                if state.failure.replace(failure).is_none() {
                    let issuer = jwt.settings.issuer.as_str();
                    tracing::warn!(
                        issuer,
                        failure,
                        "the keys of tokens could not be fetched; those that are known count for a while"
                    );
                }
            }
        }
    }
}

/// Whether the places that the operator names can be asked at all.
pub(super) fn check(settings: &JwtSettings) -> Result<(), EgressError> {
    let at = settings.jwks_uri.as_ref().unwrap_or(&settings.issuer);
    Upstream::of_url(at, limits(), settings.ca.as_deref()).map(drop)
}

async fn fetch(settings: &JwtSettings) -> Result<(KeySet, [u8; 32]), &'static str> {
    let at = match &settings.jwks_uri {
        Some(at) => at.clone(),
        None => discovered(settings).await?,
    };
    let text = document(&at, settings).await?;
    let set = KeySet::parse(&text).map_err(|_error| "its keys cannot be read")?;
    Ok((set, Sha256::digest(&text).into()))
}

/// Where the issuer's document says that its keys are. One that names another issuer is of somebody else (Discovery, 4.3).
async fn discovered(settings: &JwtSettings) -> Result<String, &'static str> {
    let url = format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
    let document: Value =
        serde_json::from_slice(&document(&url, settings).await?).map_err(|_error| "its document is no JSON")?;
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    if text("issuer") != Some(&settings.issuer) {
        return Err("its document names another issuer");
    }
    let keys = text("jwks_uri").ok_or("its document names no keys")?;
    let theirs = origin(keys);
    let mut allowed = std::iter::once(&settings.issuer).chain(&settings.origins);
    if theirs.is_none() || !allowed.any(|allowed| origin(allowed) == theirs) {
        return Err("its keys lie at another origin; `origins` names those where they may");
    }
    Ok(keys.to_owned())
}

async fn document(url: &str, settings: &JwtSettings) -> Result<Bytes, &'static str> {
    let (there, path) = Upstream::of_url(url, limits(), settings.ca.as_deref()).map_err(|error| cause(&error))?;
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static("application/json"))]);
    let answer = there.send(Method::GET, &path, headers, Bytes::new()).await.map_err(|error| cause(&error))?;
    if !answer.status().is_success() {
        return Err("it answers with an error");
    }
    answer.into_body().whole().await.map_err(|error| cause(&error))
}

fn cause(error: &EgressError) -> &'static str {
    match error {
        EgressError::Url(_) | EgressError::NoServer => "a URL of it cannot be used",
        EgressError::Timeout(_) => "it does not answer in time",
        EgressError::TooLong(_) => "its answer is too long",
        _ => "it cannot be reached",
    }
}

fn limits() -> Limits {
    Limits {
        connect: Duration::from_secs(5),
        head: Duration::from_secs(10),
        idle: Duration::from_secs(5),
        total: Duration::from_secs(10),
        body_bytes: ANSWER_BYTES_MAX,
    }
}
