//! Apache Kafka, read back by its own consumer.

use crate::{EVENTS, Failure, Place, claim, delivered, events, open, send};
use picket_receivers::{Outcome, Receiver};
use std::collections::BTreeMap;
use std::process::Command;

/// Everything of the topic, as Kafka's consumer prints it: partition, headers, key, value.
fn consumed(place: &Place) -> Result<String, Failure> {
    let printed = Command::new("java")
        .args(["-cp", &format!("{}/*", place.get("LIBS")?), "org.apache.kafka.tools.consumer.ConsoleConsumer"])
        .args(["--bootstrap-server", place.get("BROKER")?, "--topic", place.get("TOPIC")?])
        .args(["--from-beginning", "--timeout-ms", "8000"])
        .args(["--formatter-property", "print.partition=true", "--formatter-property", "print.headers=true"])
        .args(["--formatter-property", "print.key=true"])
        .output()?;
    Ok(String::from_utf8(printed.stdout)?)
}

fn receiver(place: &Place, topic: &str) -> Result<Receiver, Failure> {
    let broker = place.get("BROKER")?;
    open(&format!(r#"{{"kind":"kafka","brokers":["{broker}"],"topic":"{topic}","transport":"tcp"}}"#), &[])
}

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let kafka = receiver(place, place.get("TOPIC")?)?;
    let some = events(EVENTS);
    delivered(&kafka, &some).await?;
    let printed = consumed(place)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for line in printed.lines() {
        let id = line.split("event_id:").nth(1).and_then(|rest| rest.split(',').next()).unwrap_or_default();
        *counts.entry(id).or_default() += 1;
    }
    let once = some.iter().all(|event| counts.get(event.event_id.to_string().as_str()) == Some(&1));
    claim("every event arrives, and once", once && counts.len() == some.len())?;
    let partitions: std::collections::BTreeSet<&str> =
        printed.lines().filter_map(|line| line.split('\t').next()).collect();
    claim("all of a workspace are on one partition", partitions.len() == 1)?;
    let order: Vec<&str> = printed.lines().filter_map(|line| line.split("\"event_id\":\"").nth(1)?.get(..30)).collect();
    let sent: Vec<String> = some.iter().map(|event| event.event_id.to_string()).collect();
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
