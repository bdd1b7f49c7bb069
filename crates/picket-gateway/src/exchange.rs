//! The path of one request.

use crate::failure::Refusal;
use crate::held;
use crate::identify::{self, Caller};
use crate::inbound::{self, text};
use crate::record::{Record, cause, receives};
use crate::serve::{Body, Worker};
use crate::snapshot::{Audit, Provider, Snapshot};
use crate::stream;
use crate::{answer, contained};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Response};
use hyper::body::Incoming;
use picket_db::Ticket;
use picket_egress::{EgressError, UpstreamBody};
use picket_event::{Event, EventType, Outcome};
use picket_llm::{Dialect, Endpoint, Request, Usage};
use picket_log::{AppendError, Appended};
use picket_policy::{Glob, Judgement};
use std::net::IpAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// Where the answer goes; closed when the caller left.
pub(crate) type Reply = oneshot::Sender<Response<Body>>;

/// Handles one request to its end, whether or not the caller stays.
pub(crate) async fn run(worker: Arc<Worker>, head: Parts, incoming: &mut Incoming, peer: IpAddr, reply: Reply) {
    let is_anthropic = head.headers.contains_key("anthropic-version") || head.headers.contains_key("x-api-key");
    let endpoint = Endpoint::of(head.method.as_str(), head.uri.path(), is_anthropic);
    let dialect = endpoint.map_or_else(|unsupported| unsupported.dialect, Endpoint::dialect);
    let (exchange, record) = match Exchange::begin(worker, head, peer, dialect).await {
        Ok(begun) => begun,
        // Those who have no key make no event of their own, so that none is named.
        Err((refusal, request_id)) => return send(reply, refusal.response(dialect, &request_id), "", &request_id),
    };
    if let Err(refusal) = inbound::bounded(&exchange.head.headers) {
        return exchange.refuse(record, refusal, reply).await;
    }
    match endpoint {
        Ok(Endpoint::Models(_)) => exchange.models(record, reply).await,
        Ok(endpoint) => exchange.ask(endpoint, record, incoming, reply).await,
        Err(_) => {
            let refusal =
                Refusal::refused(404, "unsupported_endpoint", "this gateway does not serve that path or method");
            exchange.refuse(record, refusal, reply).await;
        }
    }
}

/// What stays the same while a request runs.
pub(crate) struct Exchange {
    pub(crate) worker: Arc<Worker>,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) caller: Caller,
    pub(crate) head: Parts,
    pub(crate) peer: IpAddr,
    pub(crate) dialect: Dialect,
    pub(crate) request_id: String,
    pub(crate) event_id: String,
}

impl Exchange {
    /// Begins a request: who asks, under which snapshot, and the event that will tell of it.
    pub(crate) async fn begin(
        worker: Arc<Worker>,
        head: Parts,
        peer: IpAddr,
        dialect: Dialect,
    ) -> Result<(Box<Self>, Box<Record>), (Refusal, String)> {
        let snapshot = worker.shared.snapshot.load_full();
        let event = begin_event(&worker, &snapshot, &head);
        let request_id = event.request_id.clone().unwrap_or_default();
        let event_id = event.event_id.to_string();
        let address = identify::address(&snapshot.trusted_proxies, &head.headers, peer);
        let caller = identify::caller(&worker.shared, &snapshot, &head.headers, address).await;
        let caller = caller.map_err(|refusal| (refusal, request_id.clone()))?;
        let mut record = Box::new(Record {
            shared: Arc::clone(&worker.shared),
            snapshot: Arc::clone(&snapshot),
            event,
            judgement: Judgement::default(),
            key: caller.key.clone(),
            begun: Instant::now(),
            waited_us: 0,
            request: None,
            confidence: None,
            plan: None,
            messages: Vec::new(),
            received: None,
            runs: None,
            answering: None,
            draw: None,
            excepted: None,
            usage: Usage::default(),
            response: Vec::new(),
            response_bytes: 0,
        });
        name_caller(&mut record.event, &caller);
        worker.shared.metrics.begin();
        Ok((Box::new(Self { worker, snapshot, caller, head, peer, dialect, request_id, event_id }), record))
    }

    async fn ask(self: Box<Self>, endpoint: Endpoint, record: Box<Record>, incoming: &mut Incoming, reply: Reply) {
        let body = match inbound::body(&self.head.headers, incoming, self.snapshot.patience).await {
            Ok(body) => body,
            Err(refusal) => return self.refuse(record, refusal, reply).await,
        };
        let wait = inbound::check_names(&self.head.headers).and_then(|()| held::wait(&self.head.headers));
        let wait = match wait {
            Ok(wait) => wait,
            Err(refusal) => return self.refuse(record, refusal, reply).await,
        };
        self.consider(endpoint, record, body, wait, reply).await;
    }

    /// Judges a request, and sends it or refuses it; one that is held waits for a person as long as the caller wants.
    pub(crate) async fn consider(
        self: Box<Self>,
        endpoint: Endpoint,
        mut record: Box<Record>,
        body: Bytes,
        wait: Option<Duration>,
        reply: Reply,
    ) {
        record.event.request_bytes = u64::try_from(body.len()).ok();
        let request = match Request::parse(endpoint, body.clone()) {
            Ok(request) => request,
            Err(error) => {
                record.request = Some(body);
                return self.refuse(record, Refusal::refused(400, "invalid_json", error.to_string()), reply).await;
            }
        };
        self.describe(&mut record.event, &request);
        let admitted = match self.contained(&mut record.event) {
            Ok(contained) => self.admit(&request).map(|provider| (Arc::clone(provider), contained)),
            Err(refusal) => Err(refusal),
        };
        let (provider, contained) = match admitted {
            Ok(admitted) => admitted,
            Err(refusal) => {
                record.request = Some(body);
                return self.refuse(record, refusal, reply).await;
            }
        };
        record.event.provider = Some(provider.name.clone());
        self.judge(&mut record, &request).await;
        contained::apply(&mut record, &contained);
        let refused = match self.refusal(&record) {
            None => self.escalate(&mut record, &request).await,
            refused => refused,
        };
        if let Some(refusal) = refused {
            record.request = Some(body.clone());
            return match wait.filter(|_| record.judgement.held && refusal.code == "review_required") {
                Some(wait) => self.wait(endpoint, record, (&request, body), (refusal, wait), reply).await,
                None => self.refuse(record, refusal, reply).await,
            };
        }
        if !record.judgement.later.is_empty() {
            record.send_later();
            record.apply();
        }
        let outgoing = request.splice(&record.judgement.edits);
        record.judgement.edits.clear();
        self.call(endpoint, &provider, record, &request, outgoing, reply).await;
    }

    /// What the body says about the request.
    fn describe(&self, event: &mut Event, request: &Request) {
        let cut = |text: &String| text.chars().take(128).collect::<String>();
        event.model = request.model.as_ref().map(cut);
        event.stream = Some(request.stream);
        event.tools = request.tools.iter().map(cut).collect();
        if event.user.is_none()
            && let Some(claim) = &request.user_claim
        {
            event.user = Some(cut(claim));
            event.identity = Some(picket_event::Identity::Claimed);
        }
    }

    /// Key, budget and route: what is checked before any scan.
    fn admit(&self, request: &Request) -> Result<&Arc<Provider>, Refusal> {
        let model = request
            .model
            .as_deref()
            .ok_or_else(|| Refusal::refused(400, "model_missing", "the body names no model"))?;
        let allowed = self.caller.models(&self.snapshot);
        if !allowed.is_empty() && !allowed.iter().any(|pattern| Glob::new(pattern).matches(model)) {
            return Err(Refusal::refused(403, "model_not_allowed", "this key may not use that model"));
        }
        let key = self.caller.key.as_ref();
        if key.is_some_and(|key| key.details.budget_micro.is_some_and(|budget| key.spent_micro() >= budget)) {
            return Err(Refusal::refused(403, "budget_exceeded", "the budget of this key is used up"));
        }
        self.snapshot.route(model, self.dialect).ok_or_else(|| {
            Refusal::refused(404, "model_not_found", "no provider is configured for that model in this dialect")
        })
    }

    /// Records that the request goes upstream, and sends it.
    async fn call(
        self: Box<Self>,
        endpoint: Endpoint,
        provider: &Arc<Provider>,
        mut record: Box<Record>,
        request: &Request,
        outgoing: Bytes,
        mut reply: Reply,
    ) {
        if let Some(cause) = self.worker.shared.blocked() {
            // The provider would be asked, and paid, for an answer that cannot leave. The refusal's own record is what
            // notices that there is room again.
            record.request = Some(request.bytes().clone());
            return self.refuse(record, Refusal::unrecorded(cause), reply).await;
        }
        if !receives(self.snapshot.audit) {
            record.request = Some(request.bytes().clone());
            if !self.worker.shared.has_room().await {
                return self.refuse(record, Refusal::unrecorded("queue full"), reply).await;
            }
        }
        let mut received = None;
        if self.snapshot.audit == Audit::Ahead {
            received = Some(record.receive(request));
            if let Err(refusal) = self.durable(&mut received, &mut record).await {
                return self.fail(record, refusal, reply).await;
            }
        }
        let mut headers = self.upstream_headers();
        identify::authorise(&mut headers, provider.dialect, &self.caller, provider.api_key.as_ref());
        let asked = Instant::now();
        let upstream = match self.worker.upstream(provider) {
            Ok(upstream) => upstream,
            Err(error) => return self.upstream_failed(record, received, &error, reply).await,
        };
        let mut sending = Box::pin(upstream.send(Method::POST, endpoint.upstream_path(), headers, outgoing));
        let mut early = None;
        if self.snapshot.audit == Audit::Strict {
            // The request leaves first, and is sealed while the provider works on it.
            early = match futures_util::poll!(&mut sending) {
                Poll::Ready(sent) => Some(sent),
                Poll::Pending => None,
            };
            tokio::task::yield_now().await;
            received = Some(record.receive(request));
        }
        let sent = match early {
            Some(sent) => Some(sent),
            None => tokio::select! {
                sent = sending => Some(sent),
                () = reply.closed() => None,
            },
        };
        record.waited_us = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        // No byte of an answer, nor of an error, before the request is written down.
        let recorded = self.durable(&mut received, &mut record).await;
        match (sent, recorded) {
            (_, Err(refusal)) => self.fail(record, refusal, reply).await,
            (None, Ok(())) => self.left(record),
            (Some(Err(error)), Ok(())) => self.upstream_failed(record, None, &error, reply).await,
            (Some(Ok(answer)), Ok(())) => self.answered(endpoint, record, answer, reply).await,
        }
    }

    /// The headers of a request to a provider, with the id that joins it to the caller's.
    pub(crate) fn upstream_headers(&self) -> HeaderMap {
        let mut headers = inbound::upstream_headers(&self.head.headers);
        if let Ok(id) = HeaderValue::from_str(&self.request_id) {
            headers.insert("x-request-id", id);
        }
        headers
    }

    async fn answered(
        self: Box<Self>,
        endpoint: Endpoint,
        mut record: Box<Record>,
        answer: Response<UpstreamBody>,
        reply: Reply,
    ) {
        let (head, body) = answer.into_parts();
        record.event.provider_request_id =
            text(&head.headers, "x-request-id").or_else(|| text(&head.headers, "request-id"));
        record.event.ttft_ms = Some(u64::try_from(record.begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        let media =
            head.headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let provider = record.event.provider.clone().unwrap_or_default();
        if let Some(refusal) = self.key_refused(&provider, head.status) {
            self.worker.shared.metrics.upstream_failed();
            record.event.reason = Some(refusal.message.clone());
            return self.fail(record, refusal, reply).await;
        }
        if head.status.is_success() && media.starts_with("text/event-stream") {
            stream::run(self, endpoint, record, head, body, reply).await;
        } else {
            answer::run(self, record, head, body, reply).await;
        }
    }

    async fn upstream_failed(
        self: Box<Self>,
        record: Box<Record>,
        received: Option<Ticket<Appended, AppendError>>,
        error: &EgressError,
        reply: Reply,
    ) {
        let mut record = record;
        let mut received = received;
        if let Err(refusal) = self.durable(&mut received, &mut record).await {
            return self.fail(record, refusal, reply).await;
        }
        self.worker.shared.metrics.upstream_failed();
        let refusal = Refusal::unreachable(error);
        record.event.reason = Some(error.to_string());
        self.fail(record, refusal, reply).await;
    }

    /// The caller left before the answer began.
    pub(crate) fn left(self: Box<Self>, mut record: Box<Record>) {
        record.event.reason = Some("the caller left before the answer".to_owned());
        record.close_soon(Outcome::ClientGone, 499);
    }

    /// Ends a request that was recorded, with an error.
    pub(crate) async fn fail(self: Box<Self>, mut record: Box<Record>, refusal: Refusal, reply: Reply) {
        record.event.decision = refusal.decision;
        self.refuse(record, refusal, reply).await;
    }

    /// Waits until `request.received` is durable.
    async fn durable(
        &self,
        received: &mut Option<Ticket<Appended, AppendError>>,
        record: &mut Record,
    ) -> Result<(), Refusal> {
        let Some(mut ticket) = received.take() else { return Ok(()) };
        let appended = match (&mut ticket).now_or_never() {
            Some(appended) => appended,
            None => {
                self.worker.shared.hurry();
                ticket.await
            }
        };
        record.received_at(appended.map_err(|error| Refusal::unrecorded(cause(&error)))?.position);
        Ok(())
    }

    /// Writes a refusal down, then lets it out.
    pub(crate) async fn refuse(self: Box<Self>, record: Box<Record>, refusal: Refusal, reply: Reply) {
        let refusal = record.refuse(&refusal).await.err().unwrap_or(refusal);
        send(reply, refusal.response(self.dialect, &self.request_id), &self.event_id, &self.request_id);
    }
}

/// Sends an answer with the ids that join it to the log. A caller who left misses nothing.
pub(crate) fn send(reply: Reply, mut response: Response<Body>, event_id: &str, request_id: &str) {
    for (name, id) in [("picket-event", event_id), ("x-request-id", request_id)] {
        if !id.is_empty()
            && let Ok(value) = HeaderValue::from_str(id)
        {
            response.headers_mut().insert(name, value);
        }
    }
    drop(reply.send(response));
}

fn begin_event(worker: &Worker, snapshot: &Snapshot, head: &Parts) -> Box<Event> {
    let now = worker.shared.log.clock().now();
    let mut event = Box::new(Event::new(EventType::REQUEST, worker.shared.workspace.as_str(), now));
    let headers = &head.headers;
    event.gateway_id = Some(snapshot.gateway_id.clone());
    event.config_version = Some(snapshot.config_version.clone());
    event.policy_version = Some(snapshot.policy_version);
    event.policy_digest = Some(snapshot.policy.digest().to_owned());
    let path = head.uri.path();
    event.endpoint = Some(path.get(..path.floor_char_boundary(200)).unwrap_or_default().to_owned());
    event.user_agent = text(headers, "user-agent");
    event.client_request_id = text(headers, "x-ms-client-request-id");
    let given = text(headers, "x-request-id").or_else(|| event.client_request_id.clone());
    event.request_id = Some(given.unwrap_or_else(|| picket_event::ids::RequestId::new(now).to_string()));
    event.session_id =
        ["x-session-id", "picket-session", "x-claude-code-session-id"].iter().find_map(|name| text(headers, name));
    let named = |name: &str| inbound::named(headers, name).ok().flatten().map(str::to_owned);
    (event.feature, event.agent_id) = (named(inbound::FEATURE_HEADER), named(inbound::AGENT_HEADER));
    if let Some((trace, span)) = text(headers, "traceparent").as_deref().and_then(inbound::trace) {
        (event.trace_id, event.span_id) = (Some(trace.to_owned()), Some(span.to_owned()));
    }
    event
}

fn name_caller(event: &mut Event, caller: &Caller) {
    event.src_ip = Some(caller.address.to_string());
    event.user.clone_from(&caller.user);
    event.identity = Some(caller.identity);
    event.key_id = caller.id().map(str::to_owned);
    event.team.clone_from(&caller.team);
    event.application = caller.application().cloned();
}
