use super::*;
use crate::tests::{events, network, send};
use crate::{Kind, Receiver};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use picket_stdx::Timestamp;
use picket_testkit::receivers::entra::{Azure, Believed};
use picket_testkit::receivers::http::{Fault, Reply as Said};
use std::path::Path;
use std::time::Duration;

const WORKSPACE: &str = "0f000000-0000-4000-8000-000000000001";

fn start() -> (Azure, Believed) {
    let believed = Believed {
        client: "c0000000-0000-4000-8000-000000000002".to_owned(),
        secret: picket_stdx::encode::random_base62(40),
        scope: "https://monitor.azure.com/.default".to_owned(),
        workspace: (WORKSPACE.to_owned(), STANDARD.encode(picket_stdx::random::bytes::<64>())),
    };
    (Azure::start(believed.clone()).unwrap(), believed)
}

fn entra(azure: &Azure, secret: &str, clock: &Clock, options: &str) -> Receiver {
    let url = azure.server().url();
    let text = format!(
        r#"{{"kind":"sentinel","entra":{{"endpoint":"{url}","rule":"dcr-00000000000000000000000000000001","tenant":"contoso.example",
           "client":"c0000000-0000-4000-8000-000000000002","login":"{url}"}}{options}}}"#
    );
    open(&text, &[("client_secret", secret)], clock).unwrap()
}

fn open(text: &str, secrets: &[(&str, &str)], clock: &Clock) -> Result<Receiver, Problem> {
    let kind: Kind = serde_json::from_str(text).unwrap();
    let secret = |(name, value): &(&str, &str)| ((*name).to_owned(), Zeroizing::new((*value).to_owned()));
    let network = Network { clock: clock.clone(), ..network(Path::new("/nowhere")) };
    Receiver::open(&kind, &secrets.iter().map(secret).collect(), &network)
}

fn at() -> Clock {
    Clock::manual("2026-06-01T10:13:20Z".parse::<Timestamp>().unwrap())
}

#[tokio::test]
async fn rows_never_pass_a_mebibyte_and_one_token_serves_all() {
    let (azure, believed) = start();
    let receiver = entra(&azure, &believed.secret, &at(), "");
    let mut some = events(9_000);
    for (number, event) in some.iter_mut().enumerate() {
        // Of all lengths, so that requests end at every byte before the limit.
        event.finding_type = Some("x".repeat(number % 701));
    }
    let mut requests = Vec::new();
    for part in some.chunks(3_000) {
        let (receiver, part) = (receiver.clone(), part.to_vec());
        requests.push(tokio::spawn(async move { send(&receiver, &part).await }));
    }
    for request in requests {
        assert!(request.await.unwrap().iter().all(|(answer, _)| answer.outcome == Outcome::Ack));
    }
    assert_eq!(azure.rows().len(), some.len());
    assert_eq!(azure.tokens_given(), 1);
    let asked = azure.server().asked();
    assert!(asked.iter().all(|ask| ask.body.len() <= 1_048_576 && ask.packed_bytes <= 1_048_576));
    assert!(asked.iter().any(|ask| ask.body.len() > 1_040_000 && ask.packed_bytes < ask.body.len() / 2));
    let rows = azure.rows();
    let first = rows.iter().find(|row| row["event_id"] == some[0].event_id.to_string()).unwrap();
    assert_eq!(first["TimeGenerated"], "2026-06-01T10:13:20.000Z");
    assert_eq!(first["event_type"], "decision.rejected");
    let ask = asked.iter().find(|ask| ask.path.starts_with("/dataCollectionRules/")).unwrap();
    assert!(ask.path.ends_with("/streams/Custom-PicketEvents"), "{}", ask.path);
    assert!(ask.header("x-ms-client-request-id").is_some_and(|id| id.len() == 36));
}

#[tokio::test]
async fn tokens_are_fetched_five_minutes_before_their_end_and_anew_when_they_are_refused() {
    let (azure, believed) = start();
    let clock = at();
    let receiver = entra(&azure, &believed.secret, &clock, "");
    for (advance_s, tokens) in [(0, 1), (3_299, 1), (1, 2), (3_299, 2), (2, 3)] {
        clock.advance(Duration::from_secs(advance_s));
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Ack);
        assert_eq!(azure.tokens_given(), tokens, "{advance_s}");
    }
    // The clock on the wall may jump: tokens live on the steady one.
    clock.set("2036-06-01T10:13:20Z".parse().unwrap());
    assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Ack);
    assert_eq!(azure.tokens_given(), 3);
    // Ended in the middle of a batch: a new one, once.
    azure.end_tokens();
    assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Ack);
    assert_eq!(azure.tokens_given(), 4);
    let refusal = || Fault::Instead(Said::json(401, r#"{"error":{"code":"InvalidToken","message":"no"}}"#));
    azure.server().fail([
        refusal(),
        Fault::Instead(Said::json(200, r#"{"access_token":"a","expires_in":3600}"#)),
        refusal(),
    ]);
    assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Auth);
    assert_eq!(azure.server().faults_left(), 0);
    // One that says it lives for a moment is used for half of it.
    azure.end_tokens();
    azure.live(60);
    let receiver = entra(&azure, &believed.secret, &clock, "");
    let given = azure.tokens_given();
    for (advance_s, tokens) in [(0, 1), (29, 1), (1, 2)] {
        clock.advance(Duration::from_secs(advance_s));
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Ack);
        assert_eq!(azure.tokens_given(), given + tokens, "{advance_s}");
    }
}

#[tokio::test]
async fn a_wrong_secret_is_a_fault_of_credentials_and_is_not_shown_although_it_is_said_back() {
    let (azure, _believed) = start();
    let wrong = picket_stdx::encode::random_base62(40);
    let receiver = entra(&azure, &wrong, &at(), "");
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Auth);
    assert!(answer.excerpt.contains("AADSTS7000215"), "{}", answer.excerpt);
    assert!(!format!("{answer:?} {receiver:?}").contains(&wrong));
    for (reply, outcome) in [
        (Said::json(400, r#"{"error":"invalid_scope"}"#), Outcome::Config),
        (Said::json(400, r#"{"error":"unauthorized_client"}"#), Outcome::Auth),
        (Said::json(503, r#"{"error":"temporarily_unavailable"}"#), Outcome::Retry),
        (Said::empty(429), Outcome::Retry),
        (Said::html(404, "<html>"), Outcome::Config),
        (Said::html(200, "<html>"), Outcome::Config),
        (Said::json(200, r#"{"access_token":"a\nb","expires_in":3600}"#), Outcome::Config),
    ] {
        azure.server().fail([Fault::Instead(reply.clone())]);
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, outcome, "{reply:?}");
    }
}

#[tokio::test]
async fn answers_of_the_ingestion_api_have_their_classes() {
    let (azure, believed) = start();
    let receiver = entra(&azure, &believed.secret, &at(), "");
    send(&receiver, &events(1)).await;
    let said =
        |status: u16, code: &str| Said::json(status, &format!(r#"{{"error":{{"code":"{code}","message":"x"}}}}"#));
    for (reply, outcome) in [
        (said(413, "ContentLengthLimitExceeded"), Outcome::Split),
        (said(400, "ContentLengthLimitExceeded"), Outcome::Split),
        (said(400, "InvalidStream"), Outcome::Config),
        (said(400, "InvalidDcrImmutableId"), Outcome::Config),
        (said(400, "InvalidPayload"), Outcome::Reject),
        (said(403, "OperationFailed"), Outcome::Auth),
        (said(404, "NotFound"), Outcome::Config),
        (said(429, "TooManyRequests").with("retry-after", "17"), Outcome::Retry),
        (said(500, "InternalServerError"), Outcome::Retry),
        (Said::html(200, "<html>"), Outcome::Config),
    ] {
        azure.server().fail([Fault::Instead(reply.clone())]);
        assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, outcome, "{reply:?}");
    }
}

#[tokio::test]
async fn the_table_of_a_soc_for_ai_has_columns_that_tell_their_types() {
    let (azure, believed) = start();
    let receiver = entra(&azure, &believed.secret, &at(), r#","layout":"ai_security""#);
    assert_eq!(send(&receiver, &events(1)).await[0].0.outcome, Outcome::Ack);
    let row = &azure.rows()[0];
    assert_eq!((&row["user_id_s"], &row["severity_s"]), (&"ana@example.com".into(), &"high".into()));
    assert!(azure.server().asked().last().unwrap().path.ends_with("/streams/Custom-AISecurity"));
}

fn shared_key(azure: &Azure, key: &str, options: &str) -> Result<Receiver, Problem> {
    let url = azure.server().url();
    let text = format!(r#"{{"kind":"sentinel","shared_key":{{"workspace":"{WORKSPACE}","url":"{url}"}}{options}}}"#);
    open(&text, &[("shared_key", key)], &at())
}

#[tokio::test]
async fn the_older_api_is_signed_over_bytes_and_always_warned_of() {
    let (azure, believed) = start();
    let receiver = shared_key(&azure, &believed.workspace.1, "").unwrap();
    let mut some = events(3);
    some[1].finding_type = Some("überlänge 漢字".to_owned());
    let (answer, _) = send(&receiver, &some).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Ack, "{answer:?}");
    assert_eq!(answer.warning, Some(Warning::Retiring { on: "2026-09-14" }));
    assert_eq!(azure.rows().len(), 3);
    let ask = azure.server().asked().remove(0);
    assert_eq!(ask.header("log-type"), Some("PicketEvents"));
    assert_eq!(ask.header("time-generated-field"), Some("timestamp"));
    assert_eq!(ask.header("x-ms-date"), Some("Mon, 01 Jun 2026 10:13:20 GMT"));
    assert_eq!(azure.rows()[0]["timestamp"], "2026-06-01T10:13:20.000Z");

    let other = shared_key(&azure, &STANDARD.encode(picket_stdx::random::bytes::<64>()), "").unwrap();
    assert_eq!(send(&other, &some).await[0].0.outcome, Outcome::Auth);
    assert_eq!(shared_key(&azure, "no base64!", "").unwrap_err().field, "shared_key");
    let said = |code: &str| Said::json(400, &format!(r#"{{"Error":"{code}","Message":"x"}}"#));
    for (reply, count, outcome) in [
        (said("InvalidDataFormat"), 1, Outcome::Reject),
        (said("InactiveCustomer"), 1, Outcome::Config),
        (said("InvalidLogType"), 1, Outcome::Config),
        (Said::empty(404), 1, Outcome::Config),
        (Said::empty(404), 2_000, Outcome::Split),
        (Said::empty(429), 1, Outcome::Retry),
        (Said::empty(503), 1, Outcome::Retry),
        (Said::empty(204), 1, Outcome::Config),
    ] {
        azure.server().fail([Fault::Instead(reply.clone())]);
        let (answer, _) = send(&receiver, &events(count)).await.remove(0);
        assert_eq!(answer.outcome, outcome, "{reply:?}");
        assert!(answer.warning.is_some());
    }
}

#[test]
fn each_cloud_has_its_own_addresses() {
    for (cloud, login, collector) in [
        ("public", "https://login.microsoftonline.com", "https://ws.ods.opinsights.azure.com"),
        ("government", "https://login.microsoftonline.us", "https://ws.ods.opinsights.azure.us"),
        ("china", "https://login.partner.microsoftonline.cn", "https://ws.ods.opinsights.azure.cn"),
    ] {
        let text = format!(
            r#"{{"kind":"sentinel","cloud":"{cloud}","entra":{{"endpoint":"https://a.ingest.example","rule":"dcr-1","tenant":"t","client":"c"}}}}"#
        );
        let kind: Kind = serde_json::from_str(&text).unwrap();
        kind.check().unwrap();
        assert_eq!(kind.host().unwrap(), format!("{login} https://a.ingest.example"));
        let text = format!(r#"{{"kind":"sentinel","cloud":"{cloud}","shared_key":{{"workspace":"ws"}}}}"#);
        let kind: Kind = serde_json::from_str(&text).unwrap();
        kind.check().unwrap();
        assert_eq!(kind.host().unwrap(), collector);
    }
}

#[test]
fn options_that_cannot_be_used_are_named() {
    let entra = |member: &str| {
        format!(r#""entra":{{"endpoint":"https://a.example","rule":"dcr-1","tenant":"t","client":"c"{member}}}"#)
    };
    for (members, field) in [
        (String::new(), "entra"),
        (format!(r#"{},"shared_key":{{"workspace":"w"}}"#, entra("")), "entra"),
        (entra(r#","stream":"a/b""#), "entra.stream"),
        (entra("").replace("dcr-1", "dcr/../x"), "entra.rule"),
        (entra("").replace("\"t\"", "\"t/../x\""), "entra.tenant"),
        (entra("").replace("https://a.example", "https://a.example/?x"), "entra.endpoint"),
        (r#""shared_key":{"workspace":"evil.example/"}"#.to_owned(), "shared_key.workspace"),
        (r#""shared_key":{"workspace":"w","log_type":"a-b"}"#.to_owned(), "shared_key.log_type"),
        (r#""shared_key":{"workspace":"w"},"rendering":{"format":"ecs"}"#.to_owned(), "rendering.format"),
    ] {
        let text =
            format!(r#"{{"kind":"sentinel","cloud":"public"{}{members}}}"#, if members.is_empty() { "" } else { "," });
        let kind: Kind = serde_json::from_str(&text).unwrap();
        assert_eq!(kind.check().unwrap_err().field, field, "{text}");
    }
}
