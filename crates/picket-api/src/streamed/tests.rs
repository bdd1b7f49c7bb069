use super::*;
use futures_util::StreamExt as _;

#[tokio::test]
async fn pieces_arrive_in_order_and_a_cut_is_an_error() {
    let body = body(|sink| {
        assert!((0..100).all(|number| sink.send(format!("{number},"))));
        sink.cut(io::Error::other("no more"));
    });
    let mut pieces = body.await.unwrap().into_data_stream();
    let mut text = String::new();
    let cut = loop {
        match pieces.next().await.unwrap() {
            Ok(piece) => text.push_str(std::str::from_utf8(&piece).unwrap()),
            Err(error) => break error.to_string(),
        }
    };
    assert_eq!(text, (0..100).map(|number| format!("{number},")).collect::<String>());
    assert!(cut.contains("no more"));
}

#[tokio::test]
async fn a_reader_who_takes_nothing_is_given_up_and_one_who_left_is_noticed() {
    let (sender, receiver) = mpsc::channel(1);
    let sink = Sink { sender, runtime: Handle::current(), patience: Duration::from_millis(20) };
    let sent = tokio::task::spawn_blocking(move || (sink.send("a"), sink.send("b"), sink));
    let (first, second, sink) = sent.await.unwrap();
    assert!(first && !second);
    drop(receiver);
    assert!(!tokio::task::spawn_blocking(move || sink.send("c")).await.unwrap());
}
