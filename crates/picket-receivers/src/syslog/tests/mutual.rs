//! Servers that ask who their clients are.

use super::*;
use crate::tests::tls::{Authority, Names, authority, client, pem, server};
use std::sync::atomic::{AtomicUsize, Ordering};

fn receiver(address: &str, authority: &Authority, identity: Option<&(String, String)>) -> Receiver {
    let ca = serde_json::to_string(&pem("CERTIFICATE", authority.der())).unwrap();
    let secrets = identity.map(|(certificate, key)| vec![("certificate", certificate.as_str()), ("key", key.as_str())]);
    try_open(address, &secrets.unwrap_or_default(), &format!(r#","ca":{ca}"#)).unwrap()
}

#[tokio::test]
async fn a_client_that_the_server_does_not_know_is_a_fault_of_the_options_and_sends_nothing() {
    let (ours, theirs) = (authority(), authority());
    let (known, stranger) = (client(&ours), client(&theirs));
    for (identity, names) in [
        (None, Names::Never),
        (Some(&stranger), Names::Never),
        // Known, but to an authority alone.
        (Some(&known), Names::Afterwards),
    ] {
        let (address, read) = server(&ours, names).await;
        let receiver = receiver(&address, &ours, identity);
        for event in events(2) {
            let (answer, _) = send(&receiver, &[event]).await.remove(0);
            assert_eq!(answer.outcome, Outcome::Config, "{answer:?}");
            assert!(answer.excerpt.contains("client's certificate"), "{answer:?}");
        }
        assert_eq!(read.load(Ordering::SeqCst), 0);
    }
}

#[tokio::test]
async fn a_client_that_the_server_knows_sends() {
    let ours = authority();
    let (address, read) = server(&ours, Names::Never).await;
    let receiver = receiver(&address, &ours, Some(&client(&ours)));
    let (answer, sent) = send(&receiver, &events(3)).await.remove(0);
    assert_eq!((answer.outcome, sent), (Outcome::Ack, 3));
    until_read(&read).await;
}

#[tokio::test]
async fn a_connection_that_ends_by_an_alert_is_a_fault_of_the_options() {
    let ours = authority();
    let (address, read) = server(&ours, Names::Later).await;
    let receiver = receiver(&address, &ours, Some(&client(&ours)));
    let (answer, _) = send(&receiver, &events(1)).await.remove(0);
    assert_eq!(answer.outcome, Outcome::Ack, "{answer:?}");
    until_read(&read).await;
    // The alert is on its way; whatever is sent before it is there is taken.
    let mut answers = Vec::new();
    while answers.last() != Some(&Outcome::Config) {
        assert!(answers.len() < 10, "{answers:?}");
        answers.push(send(&receiver, &events(1)).await.remove(0).0.outcome);
    }
}

async fn until_read(read: &AtomicUsize) {
    while read.load(Ordering::SeqCst) == 0 {
        tokio::task::yield_now().await;
    }
}
