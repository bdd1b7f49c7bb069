//! Services that checks ask: a question is sent, bounded in time and number, and its answer comes back to the judgement.
//!
//! A service may be slow, gone or wrong. Whatever it does, a question ends with its time-out, and what is no answer is
//! told to the policy, which decides by `on_error`.

mod breaker;
mod harmless;

use crate::outcomes::Outcomes;
use crate::pool::Pool;
use breaker::Breaker;
use bytes::Bytes;
use futures_util::future::join_all;
pub(crate) use harmless::Harmless;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use ipnet::IpNet;
use picket_egress::{EgressError, Limits, Upstream};
use picket_event::Action;
use picket_policy::{ANSWER_BYTES_MAX, Answer, Inquiry, Judgement, Policy, Unanswered};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::Semaphore;

/// How a service is reached, besides what the policy says of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// The operator's exceptions from the gate; without them every address may be reached, since the operator named it.
    pub gate: Option<Vec<IpNet>>,
    /// The authorities that vouch for it, as PEM; the public ones without.
    pub ca: Option<Vec<u8>>,
}

/// A service that a check asks, and how it has been doing. Cheap to share; every thread asks the same one.
pub struct Remote {
    name: String,
    settings: picket_policy::Remote,
    base: String,
    path: String,
    /// `Bearer …`.
    authorization: Option<HeaderValue>,
    reach: Reach,
    places: Semaphore,
    breaker: Mutex<Breaker>,
    outcomes: Outcomes,
}

/// How a service has been doing since it was set up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteCounts {
    /// Its check.
    pub name: String,
    /// Questions that were answered.
    pub answered: u64,
    /// Questions that were not, by the word of the cause.
    pub failed: Vec<(&'static str, u64)>,
    /// Questions that are open now.
    pub in_flight: u64,
    /// Microseconds that questions took that were sent.
    pub asked_us: u64,
    /// Whether it is left alone.
    pub circuit: Circuit,
}

/// What a breaker does with questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Circuit {
    /// They are sent.
    Closed,
    /// One is sent, to see how it goes.
    HalfOpen,
    /// None is sent.
    Open,
}

impl Remote {
    /// A service as a check describes it, with its credential.
    pub fn new(
        name: &str,
        settings: &picket_policy::Remote,
        token: Option<&str>,
        reach: Reach,
    ) -> Result<Self, EgressError> {
        let refuse = || EgressError::Url(format!("the url of {name}"));
        let parts = settings.url.parse::<Uri>().map_err(|_error| refuse())?.into_parts();
        let (Some(scheme), Some(authority)) = (parts.scheme, parts.authority) else { return Err(refuse()) };
        let path = parts.path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        let authorization = token.map(|token| HeaderValue::from_str(&format!("Bearer {}", token.trim()))).transpose();
        let mut authorization = authorization.map_err(|_error| EgressError::Url(format!("the token of {name}")))?;
        if let Some(value) = authorization.as_mut() {
            value.set_sensitive(true);
        }
        let remote = Self {
            name: name.to_owned(),
            base: format!("{scheme}://{authority}"),
            path: path.as_str().to_owned(),
            authorization,
            reach,
            places: Semaphore::new(settings.concurrency),
            breaker: Mutex::new(Breaker::new(settings.failures, settings.pause)),
            settings: settings.clone(),
            outcomes: Outcomes::default(),
        };
        remote.connect().map(|_upstream| remote)
    }

    /// Whether both are the same service, reached in the same way: what is known of one holds for the other.
    pub fn is_same(&self, other: &Self) -> bool {
        self.name == other.name
            && self.settings == other.settings
            && self.authorization == other.authorization
            && self.reach == other.reach
    }

    /// How it has been doing.
    pub fn counts(&self) -> RemoteCounts {
        let free = self.places.available_permits();
        RemoteCounts {
            name: self.name.clone(),
            answered: self.outcomes.answered(),
            failed: self.outcomes.failed(),
            in_flight: u64::try_from(self.settings.concurrency.saturating_sub(free)).unwrap_or(0),
            asked_us: self.outcomes.us(),
            circuit: self.breaker.lock().unwrap_or_else(PoisonError::into_inner).circuit(Instant::now()),
        }
    }

    fn connect(&self) -> Result<Upstream, EgressError> {
        let within = self.settings.timeout;
        let limits =
            Limits { connect: within, head: within, idle: within, total: within, body_bytes: ANSWER_BYTES_MAX };
        let pem = self.reach.ca.as_deref();
        match (&self.reach.gate, pem) {
            (Some(allowed), pem) => Upstream::gated(&self.base, limits, pem, allowed),
            (None, Some(pem)) => Upstream::trusting(&self.base, limits, pem),
            (None, None) => Upstream::new(&self.base, limits),
        }
    }

    /// Asks, until the time-out at the latest.
    async fn ask(self: &Arc<Self>, inquiry: &Inquiry, pool: &Remotes, request_id: &str) -> Result<Answer, Unanswered> {
        let within = self.settings.timeout;
        let (came, end) = (Instant::now(), tokio::time::Instant::now() + within);
        let asked = async {
            let place = tokio::time::timeout_at(end, self.places.acquire()).await;
            let waited = came.elapsed();
            // A tenth of its time is too little for anybody to answer in.
            let in_time = waited < within.mul_f32(0.9);
            let (Ok(Ok(_place)), true) = (place, in_time) else { return Err(Unanswered::Busy) };
            // An attempt that is dropped tells the breaker nothing.
            let attempt = breaker::attempt(&self.breaker).ok_or(Unanswered::CircuitOpen)?;
            let begun = Instant::now();
            let answer = tokio::time::timeout_at(end, self.exchange(inquiry, pool, request_id)).await;
            let answer = answer.unwrap_or(Err(Unanswered::Timeout));
            self.outcomes.took(begun.elapsed());
            // A service that was given little time did not fail.
            if answer == Err(Unanswered::Timeout) && waited > within / 2 {
                return Err(Unanswered::Busy);
            }
            if attempt.ended(answer.is_ok()) {
                self.announce();
            }
            answer
        };
        let answer = asked.await;
        self.outcomes.count(&answer);
        answer
    }

    async fn exchange(
        self: &Arc<Self>,
        inquiry: &Inquiry,
        pool: &Remotes,
        request_id: &str,
    ) -> Result<Answer, Unanswered> {
        let upstream = pool.0.get(self, Self::connect).map_err(|_error| Unanswered::Unreachable)?;
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json");
        headers.insert(header::CONTENT_TYPE, json.clone());
        headers.insert(header::ACCEPT, json);
        headers.insert(header::USER_AGENT, HeaderValue::from_static("picket"));
        headers.extend(self.authorization.clone().map(|token| (header::AUTHORIZATION, token)));
        let question = Bytes::from(inquiry.question(request_id));
        let send = || upstream.send(Method::POST, &self.path, headers.clone(), question.clone());
        let sent = match send().await {
            Err(error) if error.is_unanswered() => send().await,
            sent => sent,
        };
        let answer = sent.map_err(|error| cause(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(Unanswered::Status(answer.status().as_u16()));
        }
        let body = answer.into_body().whole().await.map_err(|error| cause(&error))?;
        inquiry.read(&body)
    }

    fn announce(&self) {
        let circuit = self.breaker.lock().unwrap_or_else(PoisonError::into_inner).circuit(Instant::now());
        match circuit {
            Circuit::Open => {
                tracing::warn!(check = %self.name, "a service failed too often and is left alone for a while")
            }
            _ => tracing::info!(check = %self.name, "a service answers again"),
        }
    }
}

/// Without the credential, and without what an address may carry in its path.
impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Remote({} at {})", self.name, self.base)
    }
}

fn cause(error: &EgressError) -> Unanswered {
    match error {
        EgressError::Timeout(_) => Unanswered::Timeout,
        EgressError::TooLong(_) => Unanswered::Invalid("it is too long"),
        EgressError::Interim(_) => Unanswered::Invalid("interim answers without end"),
        _ => Unanswered::Unreachable,
    }
}

/// One thread's connections to services.
#[derive(Debug, Default)]
pub(crate) struct Remotes(Pool<Remote>);

impl Remotes {
    /// Makes the inquiries of a judgement, all at once, and takes in what comes of them. What is refused already is not
    /// shown to anybody else.
    pub(crate) async fn complete(
        &self,
        services: &[Arc<Remote>],
        policy: &Policy,
        mut judgement: Judgement,
        request_id: &str,
    ) -> Judgement {
        let inquiries = std::mem::take(&mut judgement.inquiries);
        if inquiries.is_empty() || judgement.action() == Action::Block {
            return judgement;
        }
        for (inquiry, answer, took) in self.ask_all(services, inquiries, request_id).await {
            policy.answered(&inquiry, answer, took, &mut judgement);
        }
        judgement
    }

    /// Asks services, all at once.
    pub(crate) async fn ask_all(
        &self,
        services: &[Arc<Remote>],
        inquiries: Vec<Inquiry>,
        request_id: &str,
    ) -> Vec<(Inquiry, Result<Answer, Unanswered>, Duration)> {
        let one = async |inquiry: Inquiry| {
            let begun = Instant::now();
            let answer = match services.iter().find(|service| service.name == inquiry.policy) {
                Some(service) => service.ask(&inquiry, self, request_id).await,
                None => Err(Unanswered::Missing),
            };
            (inquiry, answer, begun.elapsed())
        };
        join_all(inquiries.into_iter().map(one)).await
    }
}

#[cfg(test)]
mod tests;
