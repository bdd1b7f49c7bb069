//! rsyslog and syslog-ng, over TLS and TCP.

use crate::{EVENTS, Failure, Place, claim, delivered, events, occurrences, open, send};
use picket_receivers::{Outcome, Receiver};

/// By which mark an event's id is found in CEF and LEEF, and in JSON.
const FIELD: &str = "externalId=";
const MEMBER: &str = r#""event_id":""#;

pub(crate) async fn run(place: &Place) -> Result<(), Failure> {
    let (tls, tcp, lines) = (place.get("TLS")?, place.get("TCP")?, place.get("LINES")?);
    let ca = authority(place)?;
    let pin = place.get("FINGERPRINT")?;
    let by_ca = format!(r#""address":"{tls}","ca":{ca}"#);
    let leef = format!(r#""address":"{tls}","fingerprint":"{pin}","rendering":{{"format":"leef"}}"#);
    let mut ways = vec![
        ("TLS by its authority, CEF", FIELD, by_ca.clone()),
        ("TLS by its fingerprint, LEEF", FIELD, leef),
        ("TLS, JSON", MEMBER, format!(r#"{by_ca},"rendering":{{"format":"canonical"}}"#)),
        ("TCP, CEF", FIELD, format!(r#""address":"{tcp}","transport":"tcp""#)),
        ("TCP, CEF, lines", FIELD, format!(r#""address":"{lines}","transport":"tcp","framing":"lines""#)),
    ];
    // rsyslog tells the framing by the first byte, syslog-ng by the port.
    if let Ok(address) = place.get("TLS_LINES") {
        ways.push(("TLS, CEF, lines", FIELD, format!(r#""address":"{address}","ca":{ca},"framing":"lines""#)));
    }
    for (name, mark, options) in ways {
        arrives(place, name, mark, &open(&format!(r#"{{"kind":"syslog",{options}}}"#), &[])?).await?;
    }
    let strange = open(&format!(r#"{{"kind":"syslog","address":"{tls}"}}"#), &[])?;
    let pinned = format!(r#"{{"kind":"syslog","address":"{tls}","fingerprint":"{}"}}"#, "00".repeat(32));
    for receiver in [strange, open(&pinned, &[])?] {
        let answers = send(&receiver, &events(1)).await?;
        let holds = answers.iter().all(|answer| answer.outcome == Outcome::Config);
        claim("a server that nobody vouches for gets nothing, and is a fault of the options", holds)?;
    }
    mutual(place).await?;
    let text = std::fs::read_to_string(place.get("OUT")?)?;
    claim("every line is one message of ours", text.lines().all(|line| line.contains("|picket|")))?;
    claim("the standard's header was read", text.lines().all(|line| line.split('|').nth(3).is_some_and(is_name)))
}

/// What the server asks of its clients: a certificate of its authority, or that of one client.
async fn mutual(place: &Place) -> Result<(), Failure> {
    let ca = authority(place)?;
    for (asks, of) in [("MUTUAL", "a certificate of the authority"), ("NAMED", "the certificate of one client")] {
        let address = place.get(asks)?;
        let options = format!(r#"{{"kind":"syslog","address":"{address}","ca":{ca}}}"#);
        let with = |party: &str| -> Result<Receiver, Failure> {
            let path = place.get(party)?;
            let read = |end: &str| std::fs::read_to_string(format!("{path}.{end}"));
            open(&options, &[("certificate", &read("pem")?), ("key", &read("key")?)])
        };
        arrives(place, &format!("mutual TLS, {of}"), FIELD, &with("CLIENT")?).await?;
        let mut refused =
            vec![("without one", open(&options, &[])?), ("with one of another authority", with("STRANGER")?)];
        if asks == "NAMED" {
            refused.push(("with that of another client", with("OTHER")?));
        }
        for (who, receiver) in refused {
            let some = events(1_000);
            // Twice: what was once taken for delivered is sent again with what follows.
            for part in some.chunks(500) {
                for answer in send(&receiver, part).await? {
                    let told = format!("{of}, {who}: a fault of the options: {}", answer.excerpt);
                    claim(&told, answer.outcome == Outcome::Config)?;
                }
            }
            // Those of somebody whom the server knows come through afterwards; theirs would have come before.
            arrives(place, &format!("after a client {who}"), FIELD, &with("CLIENT")?).await?;
            let counts = occurrences(place.get("OUT")?, FIELD, &some, 0).await?;
            claim(&format!("{of}, {who}: nothing arrives"), counts.iter().all(|count| *count == 0))?;
        }
    }
    Ok(())
}

/// Sends, and reads what arrived.
async fn arrives(place: &Place, name: &str, mark: &str, receiver: &Receiver) -> Result<(), Failure> {
    let some = events(EVENTS);
    delivered(receiver, &some).await?;
    let counts = occurrences(place.get("OUT")?, mark, &some, 1).await?;
    claim(&format!("every event arrives, and once: {name}"), counts.iter().all(|count| *count == 1))
}

fn authority(place: &Place) -> Result<String, Failure> {
    Ok(serde_json::to_string(&std::fs::read_to_string(place.get("CA")?)?)?)
}

fn is_name(text: &str) -> bool {
    matches!(text, "request" | "decision.rejected" | "decision.auto_approved")
}
