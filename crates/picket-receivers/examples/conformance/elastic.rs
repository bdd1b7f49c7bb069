//! OpenSearch.

use crate::fault::{self, Fault};
use crate::{EVENTS, Failure, Place, claim, delivered, event, events, open, probe, send};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, header};
use picket_egress::{Limits, Upstream};
use picket_receivers::{ItemOutcome, Outcome};
use picket_render::Subject;
use picket_stdx::Clock;
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const STREAM: &str = "logs-picket-conformance";

/// What the data stream takes: the members of `canonical` but for `risk_band`, by which an event becomes poison.
const MAPPINGS: &str = r#""mappings":{"dynamic":"strict","properties":{
    "@timestamp":{"type":"date"},"event_id":{"type":"keyword"},"event_type":{"type":"keyword"},"workspace_id":{"type":"keyword"},
    "timestamp":{"type":"date"},"severity":{"type":"integer"},"name":{"type":"text"},"vendor":{"type":"keyword"},
    "product":{"type":"keyword"},"version":{"type":"keyword"},"enforcement":{"type":"keyword"},"category":{"type":"keyword"}}}"#;

/// Makes the data stream anew, in so many shards with so many copies each.
async fn stream(server: &Upstream, shards: usize, copies: usize) -> Result<(), Failure> {
    ask(server, Method::DELETE, &format!("/_data_stream/{STREAM}"), "").await?;
    let settings = format!(r#""settings":{{"number_of_shards":{shards},"number_of_replicas":{copies}}}"#);
    let template =
        format!(r#"{{"index_patterns":["logs-picket-*"],"data_stream":{{}},"template":{{{settings},{MAPPINGS}}}}}"#);
    claim("the template is taken", ask(server, Method::PUT, "/_index_template/picket", &template).await? == 200)
}

async fn ask(server: &Upstream, method: Method, path: &str, body: &str) -> Result<u16, Failure> {
    Ok(asked(server, method, path, body).await?.0)
}

async fn asked(server: &Upstream, method: Method, path: &str, body: &str) -> Result<(u16, Bytes), Failure> {
    let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
    let mut answer = server.send(method, path, headers, Bytes::copy_from_slice(body.as_bytes())).await?;
    let body = answer.body_mut().whole().await?;
    Ok((answer.status().as_u16(), body))
}

async fn told(server: &Upstream, path: &str) -> Result<Value, Failure> {
    Ok(serde_json::from_slice(&asked(server, Method::GET, path, "").await?.1)?)
}

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let url = place.get("URL")?;
    let server = Upstream::new(url, Limits::default())?;
    stream(&server, 1, 0).await?;
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

/// The nodes that have a shard of the stream whose documents others copy.
async fn primaries(server: &Upstream) -> Result<Vec<(String, String)>, Failure> {
    let shards = told(server, &format!("/_cat/shards/{STREAM}?format=json&h=shard,prirep,state,node")).await?;
    let shards = shards.as_array().ok_or("no shards")?.iter();
    let of = |shard: &Value, name: &str| shard.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let primaries = shards.filter(|shard| of(shard, "prirep") == "p" && of(shard, "state") == "STARTED");
    Ok(primaries.map(|shard| (of(shard, "shard"), of(shard, "node"))).collect())
}

/// Three nodes, of which one goes that has a primary shard, and is not the one that is sent to.
pub(crate) async fn cluster(place: &Place, fault: Fault) -> Result<(), Failure> {
    let url = place.get("URL")?;
    let server = Upstream::new(url, Limits::default())?;
    stream(&server, 3, 1).await?;
    ask(&server, Method::PUT, &format!("/_data_stream/{STREAM}"), "").await?;
    let health = format!("/_cluster/health/{STREAM}?wait_for_status=green&timeout=60s");
    claim("all shards and their copies are there", ask(&server, Method::GET, &health, "").await? == 200)?;
    let shards = primaries(&server).await?;
    let (shard, node) = shards.iter().find(|(_, node)| node != "n1").ok_or("no primary shard beside the first node")?;
    let pid = fault::process(place, node.trim_start_matches('n'))?;

    let receiver = open(&format!(r#"{{"kind":"elastic_http","url":"{url}","index":"{STREAM}"}}"#), &[])?;
    let begin = Clock::system().now().minus(Duration::from_secs(3_600));
    let some = events(EVENTS);
    fault::carry(&receiver, &some, fault, pid).await?;
    claim(&format!("the node of a primary shard is {}", fault.word()), fault.holds(pid))?;
    let nodes =
        told(&server, "/_cluster/health?wait_for_nodes=2&wait_for_no_initializing_shards=true&timeout=90s").await?;
    claim("two nodes are left", nodes.get("number_of_nodes").and_then(Value::as_u64) == Some(2))?;
    let now = primaries(&server).await?;
    let moved = now.iter().any(|(other, place)| other == shard && place != node);
    claim("the shard's copy took its place", now.len() == 3 && moved)?;

    claim("the stream is read", ask(&server, Method::POST, &format!("/{STREAM}/_refresh"), "").await? == 200)?;
    let end = Clock::system().now().plus(Duration::from_secs(1));
    let counted = receiver.count(begin, end).await.ok_or("nothing was counted")??;
    let found = told(&server, &format!("/{STREAM}/_search?size=10000&_source=event_id&track_total_hits=true")).await?;
    let hits = found.pointer("/hits/hits").and_then(Value::as_array).ok_or("no hits")?;
    let ids: BTreeSet<&str> = hits.iter().filter_map(|hit| hit.pointer("/_source/event_id")?.as_str()).collect();
    let is_there = some.iter().all(|event| ids.contains(event.event_id.to_string().as_str()));
    claim("every event that was taken is there", is_there)?;
    claim("and once", hits.len() == some.len() && counted == EVENTS)
}
