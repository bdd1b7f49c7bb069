//! Apache Kafka, read back by its own consumer.

use crate::fault::{self, Fault};
use crate::{EVENTS, Failure, Place, claim, delivered, events, open, send};
use picket_event::Event;
use picket_receivers::{Outcome, Receiver};
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;
use std::time::Duration;

/// What one of Kafka's own tools prints about the topic.
fn tool(place: &Place, class: &str, more: &[&str]) -> Result<String, Failure> {
    let printed = Command::new("java")
        .args(["-cp", &format!("{}/*", place.get("LIBS")?), &format!("org.apache.kafka.tools.{class}")])
        .args(["--bootstrap-server", place.get("BROKERS")?, "--topic", place.get("TOPIC")?])
        .args(more)
        .output()?;
    Ok(String::from_utf8(printed.stdout)?)
}

/// Everything of the topic, or of a partition of it, as Kafka's consumer prints it: partition, headers, key, value.
fn consumed(place: &Place, of: &[&str]) -> Result<String, Failure> {
    let mut more = vec!["--timeout-ms", "20000"];
    for property in ["print.partition=true", "print.headers=true", "print.key=true"] {
        more.extend(["--formatter-property", property]);
    }
    more.extend(of);
    let printed = tool(place, "consumer.ConsoleConsumer", &more)?;
    // The consumer has hints for people between the records.
    Ok(printed.lines().filter(|line| line.starts_with("Partition:")).map(|line| format!("{line}\n")).collect())
}

/// How often each id is there.
fn counted(printed: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in printed.lines() {
        let id = line.split("event_id:").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
        *counts.entry(id).or_default() += 1;
    }
    counts
}

fn ids(events: &[Event]) -> Vec<String> {
    events.iter().map(|event| event.event_id.to_string()).collect()
}

fn receiver(place: &Place, topic: &str) -> Result<Receiver, Failure> {
    let brokers = serde_json::to_string(&place.get("BROKERS")?.split(',').collect::<Vec<_>>())?;
    open(&format!(r#"{{"kind":"kafka","brokers":{brokers},"topic":"{topic}","transport":"tcp"}}"#), &[])
}

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let kafka = receiver(place, place.get("TOPIC")?)?;
    let some = events(EVENTS);
    delivered(&kafka, &some).await?;
    let printed = consumed(place, &["--from-beginning"])?;
    let counts = counted(&printed);
    let sent = ids(&some);
    let once = sent.iter().all(|id| counts.get(id.as_str()) == Some(&1));
    claim("every event arrives, and once", once && counts.len() == some.len())?;
    let partitions: BTreeSet<&str> = printed.lines().filter_map(|line| line.split('\t').next()).collect();
    claim("all of a workspace are on one partition", partitions.len() == 1)?;
    let order: Vec<&str> = printed.lines().filter_map(|line| line.split("\"event_id\":\"").nth(1)?.get(..30)).collect();
    claim("and in their order", order == sent)?;
    let headers = "event_type:decision.";
    let holds = printed
        .lines()
        .all(|line| line.contains("schema:canonical") && line.contains("workspace_id:ws_123\tws_123\t{"));
    claim("headers, key and value are read", holds && printed.contains(headers))?;

    let answers = send(&receiver(place, "no-such-topic")?, &some).await?;
    claim(
        "a topic that is none is a fault of the options",
        answers.iter().all(|answer| answer.outcome == Outcome::Config),
    )
}

/// The partition that has records, when there is one.
fn partition(place: &Place) -> Result<String, Failure> {
    let printed = tool(place, "GetOffsetShell", &[])?;
    let used = printed.lines().filter_map(|line| line.split_once(':')?.1.split_once(':'));
    let used: Vec<&str> = used.filter(|(_, records)| *records != "0").map(|(partition, _)| partition).collect();
    match used.as_slice() {
        [partition] => Ok((*partition).to_owned()),
        _ => Err(format!("not one partition has records: {printed}").into()),
    }
}

/// The leader of a partition, and its replicas that are in sync.
fn leader(place: &Place, partition: &str) -> Result<(String, Vec<String>), Failure> {
    let printed = tool(place, "TopicCommand", &["--describe"])?;
    let mark = format!("Partition: {partition}\t");
    let line = printed.lines().find(|line| line.contains(&mark)).ok_or("the topic lacks the partition")?;
    let member = |name: &str| {
        let value = line.split(name).nth(1).and_then(|rest| rest.split('\t').next());
        value.map(|value| value.trim().to_owned()).ok_or_else(|| format!("no {name} in {line}"))
    };
    Ok((member("Leader: ")?, member("Isr: ")?.split(',').map(str::to_owned).collect()))
}

/// Three brokers, of which the leader of the partition in use goes.
pub(crate) async fn cluster(place: &Place, fault: Fault) -> Result<(), Failure> {
    let kafka = receiver(place, place.get("TOPIC")?)?;
    let before = events(100);
    delivered(&kafka, &before).await?;
    let partition = partition(place)?;
    let (old, in_sync) = leader(place, &partition)?;
    claim("three replicas are in sync", in_sync.len() == 3)?;
    let pid = fault::process(place, &old)?;

    let some = events(EVENTS);
    let carried = fault::carry(&kafka, &some, fault, pid).await?;
    claim(&format!("the leader of the partition is {}", fault.word()), fault.holds(pid))?;
    let (new, in_sync) = leader(place, &partition)?;
    claim("another one leads, and two are in sync", new != old && in_sync.len() == 2 && !in_sync.contains(&old))?;
    claim("a request waited for it", carried.longest > Duration::from_millis(200))?;

    // Groups need brokers that are no more: a partition is read without one.
    let printed = consumed(place, &["--partition", &partition, "--offset", "earliest"])?;
    let counts = counted(&printed);
    let sent = [ids(&before), ids(&some)].concat();
    claim("every event that was taken is there", sent.iter().all(|id| counts.contains_key(id.as_str())))?;
    claim("and nothing else", counts.len() == sent.len())?;
    let copies = printed.lines().count() - counts.len();
    claim(
        &format!("{copies} copies, of {} events whose requests were sent again", carried.again),
        copies <= carried.again,
    )
}
