//! rsyslog, over TLS and TCP.

use crate::{EVENTS, Failure, Place, claim, delivered, events, occurrences, open, send};
use picket_receivers::Outcome;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let (tls, tcp, out) = (place.get("TLS")?, place.get("TCP")?, place.get("OUT")?);
    let ca = serde_json::to_string(&std::fs::read_to_string(place.get("CA")?)?)?;
    let pin = place.get("FINGERPRINT")?;
    let by_ca = format!(r#""address":"{tls}","ca":{ca}"#);
    let leef = format!(r#""address":"{tls}","fingerprint":"{pin}","rendering":{{"format":"leef"}}"#);
    for (name, mark, options) in [
        ("TLS by its authority, CEF", "externalId=", by_ca.clone()),
        ("TLS by its fingerprint, LEEF", "externalId=", leef),
        ("TLS, JSON", r#""event_id":""#, format!(r#"{by_ca},"rendering":{{"format":"canonical"}}"#)),
        ("TCP, CEF", "externalId=", format!(r#""address":"{tcp}","transport":"tcp""#)),
        ("TCP, CEF, lines", "externalId=", format!(r#""address":"{tcp}","transport":"tcp","framing":"lines""#)),
    ] {
        let receiver = open(&format!(r#"{{"kind":"syslog",{options}}}"#), &[])?;
        let some = events(EVENTS);
        delivered(&receiver, &some).await?;
        let counts = occurrences(out, mark, &some, 1).await?;
        claim(&format!("every event arrives, and once: {name}"), counts.iter().all(|count| *count == 1))?;
    }
    let text = std::fs::read_to_string(out)?;
    claim("every line is one message of ours", text.lines().all(|line| line.contains("|picket|")))?;
    claim("the standard's header was read", text.lines().all(|line| line.split('|').nth(3).is_some_and(is_name)))?;
    let strange = open(&format!(r#"{{"kind":"syslog","address":"{tls}"}}"#), &[])?;
    let pinned = format!(r#"{{"kind":"syslog","address":"{tls}","fingerprint":"{}"}}"#, "00".repeat(32));
    for receiver in [strange, open(&pinned, &[])?] {
        let answers = send(&receiver, &events(1)).await?;
        let holds = answers.iter().all(|answer| answer.outcome == Outcome::Config);
        claim("a server that nobody vouches for gets nothing, and is a fault of the options", holds)?;
    }
    Ok(())
}

fn is_name(text: &str) -> bool {
    matches!(text, "request" | "decision.rejected" | "decision.auto_approved")
}
