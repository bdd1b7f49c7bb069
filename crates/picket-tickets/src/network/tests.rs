use super::*;
use picket_egress::Outside;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;

#[test]
fn a_mail_server_that_never_ends_its_answer_is_left_after_a_bounded_part_of_it() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(b"220 here\r\n").unwrap();
        let asked = stream.read(&mut [0; 512]).unwrap();
        let lines = b"250-MORE\r\n".repeat(100);
        let mut said = 0;
        // Whoever hears enough hangs up.
        while stream.write_all(&lines).is_ok() {
            said += lines.len();
        }
        (asked, said)
    });
    let outside = Outside { allowed: vec!["127.0.0.1/32".parse().unwrap()], ca: None };
    let network = Network { caller: Caller::new(outside), within: Duration::from_secs(120) };
    let mail = Mail {
        host: "127.0.0.1".to_owned(),
        port,
        security: Security::None,
        envelope: lettre::address::Envelope::new(None, vec!["soc@example.com".parse().unwrap()]).unwrap(),
        bytes: b"Subject: x\r\n\r\nx\r\n".to_vec(),
        login: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let unsent = runtime.block_on(network.mail(&mail)).unwrap_err();
    assert!(unsent.why.contains("it said more than 65536 bytes or 512 lines"), "{}", unsent.why);
    drop(runtime);
    let (asked, said) = server.join().unwrap();
    assert!(asked > 0 && said >= SAID_LINES_MAX * 10, "{asked} {said}");
}
