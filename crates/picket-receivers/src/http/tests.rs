use super::*;
use crate::tests::network;
use picket_testkit::receivers::http::{Fault, Reply as Said, Server};
use std::path::Path;

#[test]
fn addresses_that_hide_something_are_refused() {
    for (url, words) in [
        ("ftp://siem.example", "no address of HTTP"),
        ("siem.example", "no address of HTTP"),
        ("https://", "no address"),
        ("https://user:hunter@siem.example", "user or password"),
        ("https://siem.example@10.0.0.1", "user or password"),
        ("https://siem.example/in?token=x", "query"),
        ("https://siem.example/in#x", "fragment"),
        ("https://siem.example:0", "no port"),
        ("https://siem.example:99999", "no port"),
        ("https://siem.example/ x", "no address"),
    ] {
        let problem = check_url("url", url).unwrap_err();
        assert!(problem.message.contains(words), "{url}: {problem}");
        assert!(!problem.message.contains("hunter"), "{problem}");
    }
    for url in ["https://siem.example", "http://[::1]:8088/a", "HTTPS://siem.example:8088/services/collector"] {
        check_url("url", url).unwrap();
    }
    assert!(check_url("url", &format!("https://siem.example/{}", "a".repeat(2_048))).is_err());
}

fn post(body: &'static str) -> Post<'static> {
    let headers = headers("application/json");
    Post { method: Method::POST, path: "/in", headers, body: Bytes::from_static(body.as_bytes()), answer_bytes: 1_024 }
}

#[tokio::test]
async fn every_way_to_misbehave_becomes_one_outcome_in_bounded_time() {
    let server = Server::start(|_ask| Said::empty(200)).unwrap();
    let network = Network { timeout: TIMEOUT, ..network(Path::new("/nowhere")) };
    let chunked = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
    let mut cases: Vec<(&str, Said, Option<Outcome>)> = vec![
        ("nothing", Said::Raw(Vec::new()), Some(Outcome::Retry)),
        ("no http", Said::Raw(b"220 mail.example ESMTP\r\n".to_vec()), Some(Outcome::Retry)),
        ("half a head", Said::Raw(b"HTTP/1.1 200 OK\r\ncontent-le".to_vec()), Some(Outcome::Retry)),
        ("half a body", Said::Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc".to_vec()), Some(Outcome::Retry)),
        ("garbage in chunks", Said::Raw([&chunked[..], b"zz\r\nabc\r\n"].concat()), Some(Outcome::Retry)),
        ("never an answer", Said::Stuck(Vec::new()), Some(Outcome::Retry)),
        ("never the end", Said::Stuck([&chunked[..], b"3\r\nabc\r\n"].concat()), Some(Outcome::Retry)),
        (
            "heads without end",
            Said::Endless(b"HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n".to_vec()),
            Some(Outcome::Retry),
        ),
        ("one head without end", Said::Endless(b"x-a: b\r\n".to_vec()), Some(Outcome::Retry)),
    ];
    let endless: Vec<u8> =
        [&chunked[..], &b"400\r\n"[..], &[b'a'; 1_024], b"\r\n400\r\n", &[b'b'; 1_024], b"\r\n"].concat();
    cases.push(("a body that is too long", Said::Stuck(endless), None));
    for (name, reply, expected) in cases {
        let http = Http::open("url", &server.url(), None, &network).unwrap();
        server.fail([Fault::Instead(reply)]);
        let came = http.send(post("{}")).await;
        match (came, expected) {
            (Err(answer), Some(outcome)) => {
                assert_eq!(answer.outcome, outcome, "{name}: {answer:?}");
                assert!(!answer.excerpt.is_empty() && answer.excerpt.len() <= 256, "{name}");
            }
            (Ok(reply), None) => assert!(!reply.is_whole && reply.body.len() == 1_024, "{name}"),
            (came, _) => panic!("{name}: {came:?}"),
        }
        assert_eq!(server.faults_left(), 0, "{name}");
    }
}

const TIMEOUT: Duration = Duration::from_secs(1);

#[tokio::test]
async fn redirects_are_not_followed_and_what_is_said_cannot_forge_lines() {
    let server = Server::start(|_ask| Said::empty(200)).unwrap();
    let http = Http::open("url", &server.url(), None, &network(Path::new("/nowhere"))).unwrap();
    for status in [301, 302, 303, 307, 308] {
        server.fail([Fault::Instead(Said::empty(status).with("location", "http://169.254.169.254/latest"))]);
        let answer = http.send(post("{}")).await.unwrap().plain();
        assert_eq!((answer.outcome, answer.status), (Outcome::Config, Some(status)));
        assert!(answer.excerpt.contains("redirects"));
    }
    assert_eq!(server.asked().len(), 5);
    let said = format!("\u{1b}[2J\r\nok\u{202e}{}", "é".repeat(500));
    server.fail([Fault::Instead(Said::html(500, &said))]);
    let answer = http.send(post("{}")).await.unwrap().plain();
    assert!(answer.excerpt.len() <= 256, "{}", answer.excerpt.len());
    assert!(
        !answer.excerpt.chars().any(char::is_control) && !answer.excerpt.contains('\u{202e}'),
        "{:?}",
        answer.excerpt
    );
}

#[tokio::test]
async fn addresses_of_this_machine_are_refused_with_one_text_whatever_listens_there() {
    let server = Server::start(|_ask| Said::empty(200)).unwrap();
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    let closed = Network { allowed: [].into(), ..network(Path::new("/nowhere")) };
    let mut texts = std::collections::BTreeSet::new();
    for host in ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::1]", "10.255.255.1", "no-such-name.invalid"] {
        for scheme in ["http", "https"] {
            let http = Http::open("url", &format!("{scheme}://{host}:{port}"), None, &closed).unwrap();
            texts.insert(http.send(post("{}")).await.unwrap_err().excerpt);
        }
    }
    assert_eq!(texts.len(), 1, "{texts:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_compression_makes_longer_goes_out_as_it_is() {
    for (body, is_packed) in [("{}".to_owned(), false), ("a".repeat(1_000), true), ("b".repeat(100_000), true)] {
        let mut headers = HeaderMap::new();
        let packed = gzip(&mut headers, body.clone().into()).await;
        assert_eq!(headers.contains_key(header::CONTENT_ENCODING), is_packed);
        assert!(packed.len() <= body.len());
    }
}

#[test]
fn authorities_are_certificates_in_the_text_and_hold_no_key() {
    let of = |label: &str| format!("-----BEGIN {label}-----\nMAo=\n-----END {label}-----\n");
    let (certificate, key) = (of("CERTIFICATE"), of("RSA PRIVATE KEY"));
    assert_eq!(authorities(None).unwrap(), None);
    assert_eq!(authorities(Some(&certificate)).unwrap(), Some(certificate.as_bytes()));
    for (text, cause) in [
        (format!("{key}{certificate}"), "holds a private key"),
        (key, "holds a private key"),
        ("/etc/picket/ca.pem".to_owned(), "not its path"),
        (String::new(), "not its path"),
    ] {
        let problem = authorities(Some(&text)).unwrap_err();
        assert!(problem.to_string().contains(cause) && !problem.to_string().contains("MAo="), "{problem}");
    }
}
