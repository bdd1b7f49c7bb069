//! The OpenTelemetry Collector, with its receivers of Splunk HEC and OTLP. Neither tells copies apart.

use crate::{EVENTS, Failure, Place, claim, delivered, events, occurrences, open, send, sent};
use picket_receivers::{Outcome, Receiver, Request};
use picket_render::Subject;

/// Everything arrives once; what is sent again, twice. `mark` stands before the id of an event so
/// often.
async fn arrives(receiver: &Receiver, out: &str, mark: &str, often: usize) -> Result<(), Failure> {
    let some = events(EVENTS);
    delivered(receiver, &some).await?;
    let counts = occurrences(out, mark, &some, often).await?;
    claim("every event arrives, and once", counts.iter().all(|count| *count == often))?;
    let again = some.get(..10).unwrap_or_default();
    delivered(receiver, again).await?;
    let counts = occurrences(out, mark, again, 2 * often).await?;
    claim(
        "what is sent again is there twice: the receiver tells no copies",
        counts.iter().all(|count| *count == 2 * often),
    )
}

/// A body that is none, with the outcome that it has.
async fn poison(receiver: &Receiver, body: &'static [u8]) -> Result<Outcome, Failure> {
    let event = crate::probe();
    let subject = Subject::new(&event);
    Ok(receiver.send(Request { body: bytes::Bytes::from_static(body), events: &[sent(&subject, 0)] }).await.outcome)
}

pub(crate) async fn hec(place: &Place) -> Result<(), Failure> {
    let (url, out) = (place.get("HEC")?, place.get("OUT")?);
    for options in ["", r#","compress":false"#] {
        let token = picket_stdx::encode::random_base62(36);
        let receiver = open(&format!(r#"{{"kind":"splunk_hec","url":"{url}"{options}}}"#), &[("token", &token)])?;
        arrives(&receiver, out, r#"{"key":"event_id","value":{"stringValue":""#, 2).await?;
        claim("what is no JSON is refused for good", poison(&receiver, b"{\"event\":").await? == Outcome::Reject)?;
        claim(
            "an event without `event` is refused for good",
            poison(&receiver, b"{\"time\":1}").await? == Outcome::Reject,
        )?;
    }
    Ok(())
}

pub(crate) async fn otlp(place: &Place) -> Result<(), Failure> {
    let (url, out) = (place.get("OTLP")?, place.get("OUT")?);
    for options in ["", r#","compress":false"#] {
        let receiver = open(&format!(r#"{{"kind":"otlp","url":"{url}"{options}}}"#), &[])?;
        arrives(&receiver, out, r#"{"key":"event.id","value":{"stringValue":""#, 1).await?;
        claim(
            "what is no message is refused for good",
            poison(&receiver, b"\x0a\xffgarbage").await? == Outcome::Reject,
        )?;
    }
    let wrong = open(&format!(r#"{{"kind":"otlp","url":"{url}/none"}}"#), &[])?;
    let answers = send(&wrong, &events(1)).await?;
    claim("a path that is none is no delivery", answers.iter().all(|answer| answer.outcome == Outcome::Config))
}
