//! A streamed answer: each event is read, guarded and sent at once.

use crate::exchange::{Exchange, Reply, send};
use crate::inbound;
use crate::lane::{Answering, Ending};
use crate::late::Late;
use crate::record::Record;
use crate::remote::Harmless;
use bytes::Bytes;
use http::Response;
use http::response::Parts;
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame as BodyFrame;
use picket_content::Hit;
use picket_content::stream::{Guard, Step};
use picket_egress::{EgressError, UpstreamBody};
use picket_event::{Action, Outcome, PolicyResult, Scanned};
use picket_llm::{ApiError, ChannelId, Endpoint, Fragment, SseDecoder, StreamEvent, StreamReader, error_event};
use picket_policy::{Judgement, Watch};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::mpsc;

/// Events that may wait for a slow caller.
const WAITING_EVENTS: usize = 64;
/// Places that a result lists, and places that were not scanned.
const PLACES_MAX: usize = 64;

pub(crate) async fn run(
    exchange: Box<Exchange>,
    endpoint: Endpoint,
    mut record: Box<Record>,
    head: Parts,
    body: UpstreamBody,
    reply: Reply,
) {
    let (sender, receiver) = mpsc::channel(WAITING_EVENTS);
    let cut = Arc::new(AtomicBool::new(false));
    let mut response = Response::new(StreamBody::new(Frames(receiver, Arc::clone(&cut))).boxed_unsync());
    *response.status_mut() = head.status;
    *response.headers_mut() = inbound::returned_headers(&head.headers);
    send(reply, response, &exchange.event_id, &exchange.request_id);
    let subject = record.subject();
    let patterns = exchange.snapshot.policy.stream_patterns(&subject);
    let covered = exchange.snapshot.policy.judge_nothing(&subject);
    let late = exchange.snapshot.policy.judges_channels(&subject).then(Late::default);
    let watch = exchange.snapshot.policy.watch(&subject);
    record.judgement.absorb(covered);
    let guarded = Guarded {
        reader: StreamReader::new(endpoint),
        guard: Guard::new(patterns),
        late,
        watch,
        harmless: Harmless::default(),
        fragments: BTreeMap::new(),
        ended: BTreeSet::new(),
        endpoint,
        exchange,
        record,
        sender,
        cut,
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
    /// The same for what is judged before it leaves.
    watch: Option<Watch>,
    /// Texts that services were asked about already: some dialects say everything several times.
    harmless: Harmless,
    /// Texts that are pieces of JSON.
    fragments: BTreeMap<ChannelId, Fragment>,
    ended: BTreeSet<ChannelId>,
    sender: mpsc::Sender<Bytes>,
    /// Whether the answer breaks off instead of ending.
    cut: Arc<AtomicBool>,
    terminal: bool,
    failed: bool,
}

/// Why a stream ends before its last event.
enum Stop {
    Blocked(&'static str),
    ClientGone,
    ClientStalled,
    Upstream(String, Outcome),
}

impl Guarded {
    async fn run(mut self, mut body: UpstreamBody) {
        let mut decoder = SseDecoder::default();
        let ending = self.record.answering.as_ref().map(Answering::ending);
        let stop = loop {
            let piece = tokio::select! {
                piece = body.piece() => piece,
                () = self.sender.closed() => break Some(Stop::ClientGone),
                () = asked_to_end(ending.as_deref()) => break self.end_by_verdict().err(),
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
        self.unscanned(&event)?;
        let mut texts = Vec::with_capacity(event.deltas.len());
        let mut end = false;
        for delta in &event.deltas {
            let step = if delta.is_json {
                let plain = self.fragments.entry(delta.channel).or_default().decode(&delta.text);
                self.hear(delta.channel, &plain).await?;
                let step = self.guard.push(delta.channel, &plain);
                Step { release: Fragment::encode(&step.release).into(), hits: step.hits, end: step.end }
            } else {
                self.hear(delta.channel, &delta.text).await?;
                self.guard.push(delta.channel, &delta.text)
            };
            self.note(&step.hits, delta.channel);
            end |= step.end;
            texts.push(step.release);
        }
        self.judge_ended(&event.ended).await?;
        for channel in &event.ended {
            self.ended.insert(*channel);
            let (rest, ends) = self.rest(*channel);
            end |= ends;
            // What was held comes after the piece that this very event carries.
            let carrying =
                event.deltas.iter().position(|delta| delta.channel == *channel).and_then(|at| texts.get_mut(at));
            match carrying {
                _ if rest.is_empty() => {}
                Some(text) => text.to_mut().push_str(&rest),
                None => self.flush(*channel, &rest).await?,
            }
        }
        if event.terminal {
            self.judge_rest().await?;
            self.end_by_verdict()?;
        }
        let edits = self.wholes(&event).await?;
        if !end || texts.iter().any(|text| !text.is_empty()) {
            let texts: Vec<String> = texts.into_iter().map(Cow::into_owned).collect();
            let bytes = event.rewrite(&texts, &edits);
            self.send(bytes).await?;
        }
        if end { Err(Stop::Blocked("content_blocked")) } else { Ok(()) }
    }

    /// Takes note of what nobody can look into; each place is told once.
    fn unscanned(&mut self, event: &StreamEvent) -> Result<(), Stop> {
        let known = &self.record.judgement.unscanned;
        let fresh: Vec<String> = event.unscanned.iter().filter(|place| !known.contains(place)).cloned().collect();
        if fresh.is_empty() || known.len() >= PLACES_MAX {
            return Ok(());
        }
        let judgement = self.exchange.snapshot.policy.judge_unscanned(&fresh, &self.record.subject());
        let (action, code) = (judgement.action(), judgement.code);
        gather(&mut self.record.judgement, judgement);
        if action == Action::Block { Err(Stop::Blocked(code)) } else { Ok(()) }
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
        let mut judgement = Judgement { code: "allowed", ..Judgement::default() };
        self.exchange.snapshot.policy.judge_calls(&event.tool_calls, &self.record.subject(), &mut judgement);
        let (action, code) = (judgement.action(), judgement.code);
        self.record.judgement.absorb(judgement);
        if action >= Action::Escalate { Err(Stop::Blocked(code)) } else { Ok(()) }
    }

    /// Every text of an event that is not a piece of a channel is judged whole.
    async fn wholes(&mut self, event: &StreamEvent) -> Result<Vec<picket_llm::Edit>, Stop> {
        let Some(wholes) = &event.wholes else { return Ok(Vec::new()) };
        let judgement = self.exchange.snapshot.policy.judge_document(
            wholes,
            &self.record.subject(),
            &self.exchange.worker.shared.toolbox,
        );
        let mut judgement = self.harmless.complete(&self.exchange, judgement).await;
        let (action, code) = (judgement.action(), judgement.code);
        self.record.judgement.later.append(&mut judgement.later);
        self.record.send_later();
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
        match self.reader.synthesize(channel, rest) {
            Some(bytes) => self.send(bytes).await,
            None => Ok(()),
        }
    }

    /// Takes what a channel says, and judges it when there is enough.
    async fn hear(&mut self, channel: ChannelId, text: &str) -> Result<(), Stop> {
        if let Some(watch) = &mut self.watch {
            let policy = &self.exchange.snapshot.policy;
            let judgement = policy.judge_piece(watch, (channel, text), &self.record.subject());
            self.heed(judgement)?;
        }
        match self.late.as_mut().and_then(|late| late.take(channel, text)) {
            Some(said) => self.judge(vec![(channel, said)]).await,
            None => Ok(()),
        }
    }

    /// Judges what channels said, all together. Nothing of the event that ends it leaves if the stream must end.
    async fn judge(&mut self, said: Vec<(ChannelId, String)>) -> Result<(), Stop> {
        if said.is_empty() {
            return Ok(());
        }
        let (policy, tools) = (&self.exchange.snapshot.policy, &self.exchange.worker.shared.toolbox);
        let mut all = Judgement { code: "allowed", ..Judgement::default() };
        for (channel, said) in said {
            let name = format!("channel:{channel}");
            gather(&mut all, policy.judge_channel(&said, &name, &self.record.subject(), tools));
        }
        let all = self.harmless.complete(&self.exchange, all).await;
        self.heed(all)
    }

    /// Judges what channels said that end.
    async fn judge_ended(&mut self, ended: &[ChannelId]) -> Result<(), Stop> {
        for channel in ended {
            self.over(*channel)?;
        }
        let late = self.late.as_mut();
        let said = late.map(|late| ended.iter().filter_map(|channel| Some((*channel, late.end(*channel)?))).collect());
        self.judge(said.unwrap_or_default()).await
    }

    /// Takes a judgement of what a channel said.
    fn heed(&mut self, judgement: Judgement) -> Result<(), Stop> {
        let ends = judgement.action() >= Action::Escalate;
        gather(&mut self.record.judgement, judgement);
        self.record.send_later();
        if ends { Err(Stop::Blocked("content_blocked")) } else { Ok(()) }
    }

    /// Ends the stream if a late verdict asked for that; from then on none can.
    fn end_by_verdict(&mut self) -> Result<(), Stop> {
        if self.record.may_end() { Ok(()) } else { Err(Stop::Blocked("content_blocked")) }
    }

    /// Judges what the end of a channel completes.
    fn over(&mut self, channel: ChannelId) -> Result<(), Stop> {
        let Some(watch) = &mut self.watch else { return Ok(()) };
        let judgement = self.exchange.snapshot.policy.judge_end(watch, channel, &self.record.subject());
        self.heed(judgement)
    }

    /// Judges what all channels said that did not end.
    async fn judge_rest(&mut self) -> Result<(), Stop> {
        let rest = self.late.as_mut().map(Late::rest).unwrap_or_default();
        let judged = self.judge(rest).await;
        let open = self.watch.as_ref().map(Watch::open).unwrap_or_default();
        let over: Vec<_> = open.into_iter().map(|channel| self.over(channel)).collect();
        over.into_iter().fold(judged, Result::and)
    }

    fn note(&mut self, hits: &[Hit], channel: ChannelId) {
        if hits.is_empty() {
            return;
        }
        let name = format!("channel:{channel}");
        for hit in hits {
            let judgement = self.exchange.snapshot.policy.judge_hit(hit, &name, &self.record.subject());
            gather(&mut self.record.judgement, judgement);
        }
    }

    async fn send(&mut self, bytes: Bytes) -> Result<(), Stop> {
        self.record.sent(&bytes);
        let patience = self.exchange.snapshot.patience.send;
        match tokio::time::timeout(patience, self.sender.send(bytes)).await {
            Ok(sent) => sent.map_err(|_gone| Stop::ClientGone),
            Err(_elapsed) => {
                self.cut.store(true, Ordering::Relaxed);
                Err(Stop::ClientStalled)
            }
        }
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
        if matches!(stop, Some(Stop::ClientGone | Stop::ClientStalled | Stop::Upstream(..))) {
            self.interrupted().await;
        }
        let outcome = match stop {
            None if self.failed => Outcome::UpstreamError,
            None => Outcome::Completed,
            Some(Stop::ClientGone) => {
                self.record.event.reason = Some("the caller left during the answer".to_owned());
                Outcome::ClientGone
            }
            Some(Stop::ClientStalled) => {
                self.record.event.reason = Some("the caller stopped reading the answer".to_owned());
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
        // Whoever asks now comes too late; who asked before is in the record.
        self.record.may_end();
        let failed = !matches!(outcome, Outcome::Completed | Outcome::Cut | Outcome::ClientGone);
        if self.record.judgement.scanned.is_none() {
            self.record.judgement.scanned = Some(Scanned::Full);
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
        record.close_soon(outcome, 200);
    }

    /// Judges what came until a stream broke off, for the record.
    async fn interrupted(&mut self) {
        for (channel, hits) in self.guard.abandon() {
            self.note(&hits, channel);
        }
        // The stream has its end already.
        self.judge_rest().await.unwrap_or_default();
    }

    /// Ends the stream with the dialect's error event.
    async fn abort(&mut self, status: u16, code: &str, message: &str) {
        let error = ApiError { status, code, message, request_id: &self.exchange.request_id };
        // A caller who left needs no explanation.
        drop(self.send(error_event(self.endpoint, &error)).await);
    }
}

/// Resolves when a late verdict ends the answer.
async fn asked_to_end(ending: Option<&Ending>) {
    match ending {
        Some(ending) => ending.asked().await,
        None => std::future::pending().await,
    }
}

/// Takes a judgement of a piece. What a check finds again and again on a stream is one result with many places.
fn gather(all: &mut Judgement, mut judgement: Judgement) {
    judgement.results.retain(|result| match all.results.iter_mut().find(|known| is_same(known, result)) {
        Some(known) => {
            let room = PLACES_MAX.saturating_sub(known.spans.len());
            known.spans.extend(result.spans.iter().take(room).cloned());
            known.score = match (known.score, result.score) {
                (Some(a), Some(b)) => Some(a.max(b)),
                (a, b) => a.or(b),
            };
            known.us = known.us.zip(result.us).map(|(a, b)| a + b).or(known.us).or(result.us);
            false
        }
        None => true,
    });
    all.absorb(judgement);
}

fn is_same(known: &PolicyResult, result: &PolicyResult) -> bool {
    known.policy == result.policy
        && known.phase == result.phase
        && known.verdict == result.verdict
        && known.finding_type == result.finding_type
        && known.monitored == result.monitored
        && known.exception == result.exception
}

/// What is sent as a stream of body frames, and whether it breaks off at its end.
struct Frames(mpsc::Receiver<Bytes>, Arc<AtomicBool>);

impl futures_util::Stream for Frames {
    type Item = Result<BodyFrame<Bytes>, std::io::Error>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(context).map(|bytes| match bytes {
            Some(bytes) => Some(Ok(BodyFrame::data(bytes))),
            // Once only, so that whoever asks again hears of the end.
            None => self.1.swap(false, Ordering::Relaxed).then(|| Err(std::io::Error::other("the answer was cut"))),
        })
    }
}
