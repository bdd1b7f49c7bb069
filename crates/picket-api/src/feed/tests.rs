use super::*;
use axum::response::IntoResponse as _;
use futures_util::StreamExt as _;
use http::{StatusCode, header};
use std::sync::atomic::{AtomicUsize, Ordering};

const PATIENCE: Duration = Duration::from_secs(30);

/// A source without an end, and how many pieces were read of it.
fn endless() -> (Arc<AtomicUsize>, impl FnMut() -> Option<io::Result<Bytes>> + Send + 'static) {
    let read = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&read);
    let next = move || {
        count.fetch_add(1, Ordering::SeqCst);
        Some(Ok(Bytes::from_static(b"piece")))
    };
    (read, next)
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_stops_reading_is_cut_off_and_gives_his_place_back() {
    let feeds = Feeds::new(1, PATIENCE);
    let (read, next) = endless();
    let mut body = feeds.body(Some(feeds.place().unwrap()), next).into_data_stream();
    assert_eq!(body.next().await.unwrap().unwrap(), "piece");
    let refused = feeds.place().unwrap_err().into_response();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.headers().contains_key(header::RETRY_AFTER));
    // The clock of the test goes on by itself while everybody waits.
    drop(tokio::time::timeout(PATIENCE * 2, feeds.places.acquire()).await.unwrap().unwrap());
    assert!(read.load(Ordering::SeqCst) <= AHEAD + 3, "nothing is read ahead of the reader");
    assert!(body.next().await.unwrap().is_err(), "the answer breaks off, with nothing kept for later");
    assert!(body.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_slow_reader_who_goes_on_reading_gets_everything() {
    let feeds = Feeds::new(1, PATIENCE);
    let mut numbers = 0..20_u8;
    let mut body = feeds.body(None, move || numbers.next().map(|number| Ok(vec![number].into()))).into_data_stream();
    let mut got = Vec::new();
    while let Some(piece) = body.next().await {
        got.extend_from_slice(&piece.unwrap());
        tokio::time::advance(PATIENCE / 2).await;
    }
    assert_eq!(got, (0..20).collect::<Vec<u8>>());
}

#[tokio::test(start_paused = true)]
async fn a_reader_who_leaves_gives_his_place_back_at_once() {
    let feeds = Feeds::new(1, Duration::from_secs(86_400));
    let (_read, next) = endless();
    let mut body = feeds.body(Some(feeds.place().unwrap()), next).into_data_stream();
    body.next().await.unwrap().unwrap();
    drop(body);
    drop(tokio::time::timeout(Duration::from_secs(60), feeds.places.acquire()).await.unwrap().unwrap());
}

#[tokio::test]
async fn what_cannot_be_read_breaks_the_answer_off() {
    for panics in [false, true] {
        let mut at = 0;
        let next = move || {
            at += 1;
            match at {
                1 => Some(Ok(Bytes::from_static(b"first"))),
                _ if panics => panic!("a reader that fails"),
                _ => Some(Err(io::Error::other("gone"))),
            }
        };
        let mut body = Feeds::new(1, PATIENCE).body(None, next).into_data_stream();
        assert_eq!(body.next().await.unwrap().unwrap(), "first");
        assert!(body.next().await.unwrap().is_err(), "panics: {panics}");
        assert!(body.next().await.is_none());
    }
}
