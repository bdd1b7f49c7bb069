use super::*;
use std::process::Command;

#[test]
fn an_interrupt_between_two_waits_ends_the_next_one() {
    let transport = Transport::new("http://127.0.0.1:9", None, Duration::from_secs(9), false).unwrap();
    assert!(!transport.pause(Duration::ZERO, None).unwrap(), "nothing is interrupted yet");
    // No other test of this binary waits for a server, so that the signal reaches this transport alone.
    let sent = Command::new("kill").args(["-INT", &std::process::id().to_string()]).status().unwrap();
    assert!(sent.success());
    let waited = transport.pause(Duration::from_secs(30), None);
    assert!(waited.is_err_and(|failure| failure.is_interrupted()), "while it showed something, nobody waited for it");
}
