//! An answer that is whole: read, judged, edited, sent.

use crate::exchange::{Exchange, Reply, send};
use crate::failure::{Refusal, whole};
use crate::inbound;
use crate::record::Record;
use bytes::Bytes;
use http::Response;
use http::response::Parts;
use picket_egress::{EgressError, UpstreamBody};
use picket_event::{Action, Outcome};
use picket_llm::Response as Answer;
use std::time::Instant;

pub(crate) async fn run(
    exchange: Box<Exchange>,
    mut record: Box<Record>,
    head: Parts,
    mut body: UpstreamBody,
    mut reply: Reply,
) {
    let begun = Instant::now();
    let read = tokio::select! {
        read = body.whole() => read,
        () = reply.closed() => return exchange.left(record),
    };
    record.waited_us += u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX);
    let status = head.status.as_u16();
    let answer = match read {
        // Redirects and upgrades lead somewhere else, and no client of a model expects one.
        Ok(bytes) => Answer::parse(bytes).ok().filter(|_| head.status.is_success() || status >= 400),
        Err(error) => return failed(exchange, record, &error, reply).await,
    };
    let Some(answer) = answer else {
        // A page of HTML, or half a document: it cannot be scanned, so it does not get out.
        exchange.worker.shared.metrics.upstream_failed();
        record.event.reason = Some(format!("the provider answered status {status} with something that is no answer"));
        let refusal = Refusal::failed(
            502,
            "provider_answer_invalid",
            "the provider's answer cannot be read",
            Outcome::UpstreamError,
        );
        return exchange.fail(record, refusal, reply).await;
    };
    record.usage = answer.usage.or(record.usage);
    for call in &answer.tool_calls {
        record.event.tool.get_or_insert_with(|| call.chars().take(128).collect());
    }
    let judgement = {
        let subject = record.subject();
        exchange.snapshot.policy.judge_response(&answer, &subject, &exchange.worker.shared.toolbox)
    };
    let judgement = exchange.complete(judgement).await;
    let (action, code, edits) = (judgement.action(), judgement.code, judgement.edits.clone());
    record.judgement.absorb(judgement);
    record.apply();
    if action >= Action::Escalate {
        let message = format!("the security policy withholds the answer (event {})", exchange.event_id);
        let code = if code == "review_required" { "content_blocked" } else { code };
        record.event.held = None;
        return exchange
            .refuse(record, Refusal { outcome: Outcome::Cut, ..Refusal::refused(403, code, message) }, reply)
            .await;
    }
    if !record.may_end() {
        record.apply();
        record.event.held = None;
        let message = format!("the security policy withholds the answer (event {})", exchange.event_id);
        let refusal = Refusal::refused(403, "content_blocked", message);
        return exchange.refuse(record, Refusal { outcome: Outcome::Cut, ..refusal }, reply).await;
    }
    // What the answer says is examined when nothing can hold it back any more.
    if !record.judgement.later.is_empty() {
        record.send_later();
        record.apply();
    }
    let outgoing = answer.splice(&edits);
    record.sent(&outgoing);
    let outcome = if head.status.is_success() { Outcome::Completed } else { Outcome::UpstreamError };
    finish(&exchange, record, &head, outgoing, outcome, reply).await;
}

async fn finish(exchange: &Exchange, record: Box<Record>, head: &Parts, body: Bytes, outcome: Outcome, reply: Reply) {
    let mut response = Response::new(whole(body));
    *response.status_mut() = head.status;
    *response.headers_mut() = inbound::returned_headers(&head.headers);
    let (gone, status) = (reply.is_closed(), head.status.as_u16());
    send(reply, response, &exchange.event_id, &exchange.request_id);
    // The answer leaves before its end is sealed.
    tokio::task::yield_now().await;
    record.close_soon(if gone { Outcome::ClientGone } else { outcome }, status);
}

async fn failed(exchange: Box<Exchange>, mut record: Box<Record>, error: &EgressError, reply: Reply) {
    exchange.worker.shared.metrics.upstream_failed();
    record.event.reason = Some(error.to_string());
    let refusal = match error {
        EgressError::Timeout(_) => {
            Refusal::failed(504, "provider_timeout", "the provider's answer did not arrive in time", Outcome::Timeout)
        }
        _ => Refusal::failed(502, "provider_cut", "the provider's answer ended too early", Outcome::UpstreamError),
    };
    exchange.fail(record, refusal, reply).await;
}
