//! OpenSearch.

use crate::{EVENTS, Failure, Place, claim, delivered, event, events, open, probe, send};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use picket_egress::{Limits, Upstream};
use picket_receivers::{ItemOutcome, Outcome};
use picket_render::Subject;
use picket_stdx::Clock;
use std::time::Duration;

const STREAM: &str = "logs-picket-conformance";

/// What the data stream takes: the members of `canonical` but for `risk_band`, by which an event becomes poison.
const TEMPLATE: &str = r#"{"index_patterns":["logs-picket-*"],"data_stream":{},"template":{"mappings":{"dynamic":"strict","properties":{
    "@timestamp":{"type":"date"},"event_id":{"type":"keyword"},"event_type":{"type":"keyword"},"workspace_id":{"type":"keyword"},
    "timestamp":{"type":"date"},"severity":{"type":"integer"},"name":{"type":"text"},"vendor":{"type":"keyword"},
    "product":{"type":"keyword"},"version":{"type":"keyword"},"enforcement":{"type":"keyword"},"category":{"type":"keyword"}}}}}"#;

async fn ask(server: &Upstream, method: Method, path: &str, body: &'static str) -> Result<u16, Failure> {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let mut answer = server.send(method, path, headers, Bytes::from_static(body.as_bytes())).await?;
    answer.body_mut().whole().await?;
    Ok(answer.status().as_u16())
}

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let url = place.get("URL")?;
    let server = Upstream::new(url, Limits::default())?;
    ask(&server, Method::DELETE, &format!("/_data_stream/{STREAM}"), "").await?;
    claim("the template is taken", ask(&server, Method::PUT, "/_index_template/picket", TEMPLATE).await? == 200)?;
    let receiver = open(&format!(r#"{{"kind":"elastic_http","url":"{url}","index":"{STREAM}"}}"#), &[])?;

    let begin = Clock::system().now().minus(Duration::from_secs(3_600));
    let some = events(EVENTS);
    delivered(&receiver, &some).await?;
    let tested = receiver.test(&Subject::new(&probe())).await;
    let stored = tested.stored.ok_or("nothing was read back")??;
    claim("a probe is read back as it was stored", stored.contains("system.test"))?;
    let end = Clock::system().now().plus(Duration::from_secs(1));
    let counted = receiver.count(begin, end).await.ok_or("nothing was counted")??;
    claim("as many are counted as were sent, without the probe", counted == EVENTS)?;

    delivered(&receiver, &some).await?;
    ask(&server, Method::POST, &format!("/{STREAM}/_refresh"), "").await?;
    let counted = receiver.count(begin, end).await.ok_or("nothing was counted")??;
    claim("what is sent twice is stored once", counted == EVENTS)?;

    let mut fresh = events(1_000);
    if let Some(bad) = fresh.get_mut(499) {
        *bad = event(bad.timestamp, 499);
        bad.risk_score = Some(0.9);
    }
    let answers = send(&receiver, &fresh).await?;
    let Some(Outcome::Items(items)) = answers.first().map(|answer| answer.outcome.clone()) else {
        return Err(format!("no outcome for each: {answers:?}").into());
    };
    let is_one = |(at, item): (usize, &ItemOutcome)| match item {
        ItemOutcome::Ack => at != 499,
        ItemOutcome::Reject { reason } => at == 499 && reason.contains("strict_dynamic_mapping_exception"),
        ItemOutcome::Retry => false,
    };
    claim(
        "of a thousand, one that does not fit the mapping is refused, in one request",
        items.iter().enumerate().all(is_one),
    )?;

    for (write, copies) in [("create", 1), ("doc", 2)] {
        let index = format!("picket-{write}");
        ask(&server, Method::DELETE, &format!("/{index}"), "").await?;
        let text = format!(r#"{{"kind":"elastic_http","url":"{url}","index":"{index}","write":"{write}"}}"#);
        let single = open(&text, &[])?;
        let few = events(10);
        for _ in 0..2 {
            delivered(&single, &few).await?;
        }
        ask(&server, Method::POST, &format!("/{index}/_refresh"), "").await?;
        let end = Clock::system().now().plus(Duration::from_secs(1));
        let counted = single.count(begin, end).await.ok_or("nothing was counted")??;
        claim(&format!("`{write}` stores {copies} of what is sent twice"), counted == 10 * copies)?;
    }
    let nowhere = open(&format!(r#"{{"kind":"elastic_http","url":"{url}/none","index":"{STREAM}"}}"#), &[])?;
    let answers = send(&nowhere, &events(1)).await?;
    let is_fault =
        answers.iter().all(|answer| answer.outcome.is_destination_fault() || answer.outcome == Outcome::Reject);
    claim("a path that is none is no delivery", is_fault)
}
