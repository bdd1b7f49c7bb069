//! A streamed answer: each event is read, guarded and sent at once.

use crate::exchange::{Exchange, Reply, closed, send};
use crate::inbound;
use crate::late::Late;
use crate::record::{Record, subject};
use crate::serve::Body;
use bytes::Bytes;
use http::Response;
use http::response::Parts;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame as BodyFrame;
use picket_content::Hit;
use picket_content::stream::{Guard, Step};
use picket_egress::{EgressError, UpstreamBody};
use picket_event::{Action, Outcome};
use picket_llm::{ApiError, ChannelId, Endpoint, Fragment, SseDecoder, StreamEvent, StreamReader, error_event};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use tokio::sync::mpsc;

/// Events that may wait for a slow caller.
const WAITING_EVENTS: usize = 64;

pub(crate) async fn run(
    exchange: Box<Exchange>,
    endpoint: Endpoint,
    record: Box<Record>,
    head: Parts,
    body: UpstreamBody,
    reply: Reply,
) {
    let (sender, receiver) = mpsc::channel(WAITING_EVENTS);
    let mut response = Response::new(channel_body(receiver));
    *response.status_mut() = head.status;
    *response.headers_mut() = inbound::returned_headers(&head.headers);
    send(reply, response, &exchange.event_id, &exchange.request_id);
    let subject = subject(&record.event);
    let patterns = exchange.snapshot.policy.stream_patterns(&subject);
    let late = exchange.snapshot.policy.judges_channels(&subject).then(Late::default);
    let guarded = Guarded {
        reader: StreamReader::new(endpoint),
        guard: Guard::new(patterns),
        late,
        fragments: HashMap::new(),
        ended: HashSet::new(),
        endpoint,
        exchange,
        record,
        sender,
        terminal: false,
        failed: false,
    };
    guarded.run(body).await;
}

/// A stream that runs.
struct Guarded {
    exchange: Box<Exchange>,
    endpoint: Endpoint,
    record: Box<Record>,
    reader: StreamReader,
    guard: Guard,
    /// Only if the policy has a check for it.
    late: Option<Late>,
    fragments: HashMap<ChannelId, Fragment>,
    ended: HashSet<ChannelId>,
    sender: mpsc::Sender<Bytes>,
    terminal: bool,
    failed: bool,
}

/// Why a stream ends before its last event.
enum Stop {
    Blocked(&'static str),
    ClientGone,
    Upstream(String, Outcome),
}

impl Guarded {
    async fn run(mut self, mut body: UpstreamBody) {
        let mut decoder = SseDecoder::default();
        let stop = loop {
            let piece = tokio::select! {
                piece = body.piece() => piece,
                () = self.sender.closed() => break Some(Stop::ClientGone),
            };
            let result = match piece {
                Ok(Some(bytes)) => self.take(&mut decoder, &bytes).await,
                Ok(None) => break self.end(&mut decoder).err(),
                Err(EgressError::Timeout(what)) => {
                    Err(Stop::Upstream(format!("no answer in time ({what})"), Outcome::Timeout))
                }
                Err(error) => Err(Stop::Upstream(error.to_string(), Outcome::UpstreamError)),
            };
            if let Err(stop) = result {
                break Some(stop);
            }
        };
        drop(body);
        self.finish(stop).await;
    }

    async fn take(&mut self, decoder: &mut SseDecoder, bytes: &[u8]) -> Result<(), Stop> {
        let broken = |cause: String| Stop::Upstream(cause, Outcome::UpstreamError);
        decoder.push(bytes).map_err(|error| broken(error.to_string()))?;
        while let Some(frame) = decoder.next_frame() {
            let event =
                self.reader.read(frame).map_err(|error| broken(format!("an event of the provider is {error}")))?;
            self.event(event).await?;
        }
        Ok(())
    }

    async fn event(&mut self, event: StreamEvent) -> Result<(), Stop> {
        self.record.usage = event.usage.or(self.record.usage);
        self.terminal |= event.terminal;
        self.failed |= event.failed;
        self.calls(&event)?;
        self.goes_on(&event)?;
        let mut texts = Vec::with_capacity(event.deltas.len());
        let mut end = false;
        for delta in &event.deltas {
            let step = if delta.is_json {
                let plain = self.fragments.entry(delta.channel).or_default().decode(&delta.text);
                end |= self.hear(delta.channel, &plain);
                let step = self.guard.push(delta.channel, &plain);
                Step { release: Fragment::encode(&step.release).into(), hits: step.hits, end: step.end }
            } else {
                end |= self.hear(delta.channel, &delta.text);
                self.guard.push(delta.channel, &delta.text)
            };
            self.note(&step.hits, delta.channel);
            end |= step.end;
            texts.push(step.release);
        }
        for channel in &event.ended {
            let said = self.late.as_mut().and_then(|late| late.end(*channel));
            end |= said.is_some_and(|said| self.judge(*channel, &said));
            self.ended.insert(*channel);
            let (rest, ends) = self.rest(*channel);
            end |= ends;
            // What was held comes after the piece that this very event carries.
            let carrying =
                event.deltas.iter().position(|delta| delta.channel == *channel).and_then(|at| texts.get_mut(at));
            match carrying {
                Some(text) => text.to_mut().push_str(&rest),
                None => self.flush(*channel, &rest).await?,
            }
        }
        if event.terminal {
            let rest = self.late.as_mut().map(Late::rest).unwrap_or_default();
            end |= rest.iter().fold(false, |end, (channel, said)| end | self.judge(*channel, said));
        }
        let edits = self.wholes(&event)?;
        if !end || texts.iter().any(|text| !text.is_empty()) {
            let texts: Vec<String> = texts.into_iter().map(Cow::into_owned).collect();
            let bytes = event.rewrite(&texts, &edits);
            self.send(bytes).await?;
        }
        if end { Err(Stop::Blocked("content_blocked")) } else { Ok(()) }
    }

    /// What a channel held back went out when it ended. Were there more of it, the caller would join what was judged
    /// apart.
    fn goes_on(&self, event: &StreamEvent) -> Result<(), Stop> {
        let ended = |delta: &picket_llm::Delta| !delta.text.is_empty() && self.ended.contains(&delta.channel);
        if event.deltas.iter().any(ended) {
            let cause = "the provider goes on with a text that it had ended";
            return Err(Stop::Upstream(cause.to_owned(), Outcome::UpstreamError));
        }
        Ok(())
    }

    /// Tools that the answer calls.
    fn calls(&mut self, event: &StreamEvent) -> Result<(), Stop> {
        if event.tool_calls.is_empty() {
            return Ok(());
        }
        let name: Option<String> = event.tool_calls.first().map(|name| name.chars().take(128).collect());
        if self.record.event.tool.is_none() {
            self.record.event.tool = name;
        }
        let mut judgement = picket_policy::Judgement { code: "allowed", ..picket_policy::Judgement::default() };
        self.exchange.snapshot.policy.judge_calls(&event.tool_calls, &subject(&self.record.event), &mut judgement);
        let (action, code) = (judgement.action(), judgement.code);
        self.record.judgement.absorb(judgement);
        if action >= Action::Escalate { Err(Stop::Blocked(code)) } else { Ok(()) }
    }

    /// Every text of an event that is not a piece of a channel is judged whole.
    fn wholes(&mut self, event: &StreamEvent) -> Result<Vec<picket_llm::Edit>, Stop> {
        let Some(wholes) = &event.wholes else { return Ok(Vec::new()) };
        let mut judgement = self.exchange.snapshot.policy.judge_document(
            wholes,
            &subject(&self.record.event),
            &self.exchange.worker.shared.toolbox,
        );
        let (action, code) = (judgement.action(), judgement.code);
        if action == Action::Allow {
            return Ok(Vec::new());
        }
        let edits = std::mem::take(&mut judgement.edits);
        self.record.judgement.absorb(judgement);
        let code = if code == "review_required" { "content_blocked" } else { code };
        if action >= Action::Escalate { Err(Stop::Blocked(code)) } else { Ok(edits) }
    }

    /// What a channel held back until its end, and whether the stream must end.
    fn rest(&mut self, channel: ChannelId) -> (String, bool) {
        let is_json = self.fragments.contains_key(&channel);
        let cut = self.fragments.remove(&channel).map(|mut fragment| fragment.finish()).unwrap_or_default();
        let step = self.guard.finish(channel);
        self.note(&step.hits, channel);
        let rest = if is_json { Fragment::encode(&step.release) + &cut } else { step.release.into_owned() };
        (rest, step.end)
    }

    /// Sends what a channel held back, before the event that ends it.
    async fn flush(&mut self, channel: ChannelId, rest: &str) -> Result<(), Stop> {
        match self.reader.synthesize(channel, rest).filter(|_| !rest.is_empty()) {
            Some(bytes) => self.send(bytes).await,
            None => Ok(()),
        }
    }

    /// Takes what a channel says; whether the stream must end for it.
    fn hear(&mut self, channel: ChannelId, text: &str) -> bool {
        let said = self.late.as_mut().and_then(|late| late.take(channel, text));
        said.is_some_and(|said| self.judge(channel, &said))
    }

    /// Judges what a channel said; whether the stream must end for it.
    fn judge(&mut self, channel: ChannelId, said: &str) -> bool {
        let (policy, tools) = (&self.exchange.snapshot.policy, &self.exchange.worker.shared.toolbox);
        let name = format!("channel:{channel}");
        let judgement = policy.judge_channel(said, &name, &subject(&self.record.event), tools);
        let ends = judgement.action() >= Action::Escalate;
        self.record.judgement.absorb(judgement);
        ends
    }

    fn note(&mut self, hits: &[Hit], channel: ChannelId) {
        for hit in hits {
            let name = format!("channel:{channel}");
            let judgement = self.exchange.snapshot.policy.judge_hit(hit, &name, &subject(&self.record.event));
            self.record.judgement.absorb(judgement);
        }
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Stop> {
        self.record.sent(&bytes);
        self.sender.send(bytes).await.map_err(|_gone| Stop::ClientGone)
    }

    /// The provider closed the stream.
    fn end(&mut self, decoder: &mut SseDecoder) -> Result<(), Stop> {
        let broken = |cause: &str| Stop::Upstream(cause.to_owned(), Outcome::UpstreamError);
        if decoder.finish().is_err() || !self.terminal {
            return Err(broken("the provider's stream ended too early"));
        }
        if self.failed {
            self.record.event.reason = Some("the provider reported an error inside the stream".to_owned());
            self.exchange.worker.shared.metrics.upstream_failed();
        }
        Ok(())
    }

    async fn finish(mut self, stop: Option<Stop>) {
        let outcome = match stop {
            None if self.failed => Outcome::UpstreamError,
            None => Outcome::Completed,
            Some(Stop::ClientGone) => {
                self.record.event.reason = Some("the caller left during the answer".to_owned());
                Outcome::ClientGone
            }
            Some(Stop::Blocked(code)) => {
                let message = format!("the security policy ends the answer (event {})", self.exchange.event_id);
                self.abort(403, code, &message).await;
                Outcome::Cut
            }
            Some(Stop::Upstream(cause, outcome)) => {
                self.exchange.worker.shared.metrics.upstream_failed();
                self.record.event.reason = Some(cause);
                self.abort(502, "provider_cut", "the provider's answer ended too early").await;
                outcome
            }
        };
        let failed = !matches!(outcome, Outcome::Completed | Outcome::Cut | Outcome::ClientGone);
        if self.record.judgement.scanned.is_none() {
            self.record.judgement.scanned = Some(picket_event::Scanned::Full);
        }
        let reason = self.record.event.reason.take();
        self.record.apply();
        self.record.event.held = None;
        if self.record.event.reason.is_none() {
            self.record.event.reason = reason;
        }
        if failed {
            self.record.event.decision = picket_event::Decision::Error;
        }
        let record = self.record;
        drop(self.sender);
        closed(record, outcome, 200);
    }

    /// Ends the stream with the dialect's error event.
    async fn abort(&mut self, status: u16, code: &str, message: &str) {
        let error = ApiError { status, code, message, request_id: &self.exchange.request_id };
        let bytes = error_event(self.endpoint, &error);
        self.record.sent(&bytes);
        // A caller who left needs no explanation.
        self.sender.send(bytes).await.unwrap_or_default();
    }
}

fn channel_body(receiver: mpsc::Receiver<Bytes>) -> Body {
    let stream = futures_stream(receiver);
    StreamBody::new(stream).boxed_unsync()
}

/// The receiver as a stream of body frames.
fn futures_stream(receiver: mpsc::Receiver<Bytes>) -> Frames {
    Frames(receiver)
}

struct Frames(mpsc::Receiver<Bytes>);

impl futures_util::Stream for Frames {
    type Item = Result<BodyFrame<Bytes>, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(BodyFrame::data(bytes))))
    }
}
