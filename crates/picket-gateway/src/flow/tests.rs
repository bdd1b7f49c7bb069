use super::*;
use http_body_util::StreamBody;
use tokio::sync::mpsc;

const PATIENCE: Duration = Duration::from_secs(60);

/// A body that is fed by hand.
fn fed() -> (mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = mpsc::channel(64);
    let frames = futures_util::stream::unfold(receiver, |mut receiver: mpsc::Receiver<Bytes>| async move {
        let bytes = receiver.recv().await?;
        Some((Ok(Frame::data(bytes)), receiver))
    });
    (sender, StreamBody::new(frames).boxed_unsync())
}

async fn next(body: &mut Body) -> Option<io::Result<usize>> {
    let frame = body.frame().await?;
    Some(frame.map(|frame| frame.data_ref().map_or(0, Bytes::len)))
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_takes_nothing_loses_what_waits_for_him() {
    let (sender, body) = fed();
    let mut body = bounded(body, PATIENCE);
    sender.send(Bytes::from(vec![0; 3 * PIECE_BYTES])).await.unwrap();
    assert_eq!(next(&mut body).await.unwrap().unwrap(), PIECE_BYTES, "a piece at a time");
    tokio::time::advance(PATIENCE / 2).await;
    assert_eq!(next(&mut body).await.unwrap().unwrap(), PIECE_BYTES);
    assert!(!sender.is_closed());
    // The clock of the test goes on by itself while everybody waits.
    tokio::time::timeout(PATIENCE * 2, sender.closed()).await.unwrap();
    assert_eq!(next(&mut body).await.unwrap().unwrap_err().kind(), io::ErrorKind::TimedOut);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_never_makes_room_loses_everything_and_one_who_waits_for_the_answer_nothing() {
    let (never, body) = fed();
    let kept = bounded(body, PATIENCE);
    tokio::time::timeout(PATIENCE * 2, never.closed()).await.unwrap();
    drop(kept);
    let (slow, body) = fed();
    let mut body = bounded(body, PATIENCE);
    let waiting = tokio::spawn(async move { (next(&mut body).await, next(&mut body).await) });
    tokio::task::yield_now().await;
    tokio::time::advance(PATIENCE * 10).await;
    slow.send(Bytes::from_static(b"late")).await.unwrap();
    drop(slow);
    let (piece, end) = waiting.await.unwrap();
    assert_eq!(piece.unwrap().unwrap(), 4);
    assert!(end.is_none());
}

#[tokio::test(start_paused = true)]
async fn an_answer_comes_whole_with_its_length() {
    for length in [0, 1, PIECE_BYTES, PIECE_BYTES + 1, 5 * PIECE_BYTES + 7] {
        let mut body = bounded(crate::failure::whole(Bytes::from(vec![7; length])), PATIENCE);
        assert_eq!(body.size_hint().exact(), u64::try_from(length).ok());
        let mut got = 0;
        while let Some(piece) = next(&mut body).await {
            got += piece.unwrap();
            assert_eq!(body.size_hint().exact(), u64::try_from(length - got).ok());
            assert_eq!(body.is_end_stream(), got == length);
        }
        assert_eq!(got, length);
    }
}
