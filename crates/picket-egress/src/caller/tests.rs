use super::*;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

const WITHIN: Duration = Duration::from_secs(30);

fn here() -> Outside {
    Outside { allowed: vec!["127.0.0.1/32".parse().unwrap()], ca: None }
}

/// A server that gives the same answer to everybody, and then closes.
async fn server(answer: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/path?secret=x", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let answer = answer.clone();
            tokio::spawn(async move {
                let mut buffer = [0; 4_096];
                stream.read(&mut buffer).await.unwrap_or_default();
                stream.write_all(&answer).await.unwrap_or_default();
                stream.shutdown().await.unwrap_or_default();
            });
        }
    });
    url
}

fn to(url: &str) -> Call {
    Call { method: Method::POST, url: url.to_owned(), headers: HeaderMap::new(), body: Bytes::from_static(b"{}") }
}

#[tokio::test]
async fn only_what_the_operator_allows_is_reached_of_private_networks() {
    let url = server(b"HTTP/1.1 204 No Content\r\n\r\n".to_vec()).await;
    let refused = Caller::new(Outside::default()).call(to(&url), WITHIN).await;
    assert!(matches!(refused, Err(EgressError::Connect(_))), "{refused:?}");
    assert_eq!(Caller::new(here()).call(to(&url), WITHIN).await.unwrap().status, 204);
    let refused = Caller::new(Outside::default()).dial("localhost", 9, WITHIN).await;
    assert!(matches!(refused, Err(EgressError::Connect(_))), "{refused:?}");
}

#[tokio::test]
async fn redirects_are_answers_and_long_bodies_are_cut() {
    let moved = server(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n".to_vec());
    assert_eq!(Caller::new(here()).call(to(&moved.await), WITHIN).await.unwrap().status, 302);
    let mut long = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 1 << 24).into_bytes();
    long.resize(1 << 24, b'x');
    let answer = Caller::new(here()).call(to(&server(long).await), WITHIN).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.body.len()), (200, ANSWER_BYTES_MAX));
}

#[tokio::test]
async fn an_exchange_ends_with_its_time_and_no_url_is_shown() {
    let url = server(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1".to_vec()).await;
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dripping = Caller::new(here()).call(to(&url), WITHIN).await;
    assert!(matches!(dripping, Err(EgressError::Broken(_))), "{dripping:?}");
    let url = format!("http://{}/T0/B0/very-secret", silent.local_addr().unwrap());
    let unanswered = Caller::new(here()).call(to(&url), Duration::from_millis(50)).await;
    assert!(matches!(unanswered, Err(EgressError::Timeout(_))), "{unanswered:?}");
    for shown in [format!("{:?}", to(&url)), format!("{:?}", Caller::new(here()))] {
        assert!(!shown.contains("secret"), "{shown}");
    }
}

#[tokio::test]
async fn what_is_no_url_of_http_is_refused() {
    for url in ["", "ftp://127.0.0.1/", "http://user:word@127.0.0.1/", "http://", "/path", "file:///etc/passwd"] {
        let refused = Caller::new(here()).call(to(url), WITHIN).await;
        assert!(matches!(refused, Err(EgressError::NoServer)), "{url}: {refused:?}");
    }
}
