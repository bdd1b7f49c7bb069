use super::*;

fn frame(kind: u8, flags: u8, stream: u8, payload: usize) -> Vec<u8> {
    let length = u32::try_from(payload).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags, 0, 0, 0, stream], &vec![HEADERS; payload]].concat()
}

/// Whether what comes is taken, however it is cut into reads.
fn taken(frames: &[Vec<u8>]) -> bool {
    let bytes = frames.concat();
    let each = [1, 2, 7, 9, 10, 64, usize::MAX].map(|size| {
        let mut heads = Heads::new(3);
        bytes.chunks(size.min(bytes.len().max(1))).all(|piece| heads.take(piece))
    });
    assert!(each.iter().all(|taken| *taken == each[0]), "the cuts make no difference: {each:?}");
    each[0]
}

#[test]
fn heads_are_counted_for_each_stream_until_it_ends() {
    let interim = |stream| frame(HEADERS, 4, stream, 30);
    for (name, frames, expected) in [
        ("nothing", vec![], true),
        (
            "interim answers and the answer",
            vec![interim(1), interim(1), interim(1), frame(DATA, END_STREAM, 1, 100)],
            true,
        ),
        ("one too many", vec![interim(1), interim(1), interim(1), interim(1)], false),
        ("of several streams", vec![interim(1), interim(3), interim(5), interim(7), interim(1), interim(3)], true),
        (
            "with other frames between",
            vec![interim(1), frame(DATA, 0, 3, 9), interim(1), frame(4, 0, 0, 6), interim(1), interim(1)],
            false,
        ),
        ("a stream that ended", vec![interim(1), interim(1), interim(1), frame(HEADERS, 5, 1, 5), interim(1)], true),
        (
            "a stream that was reset",
            vec![interim(1), interim(1), interim(1), frame(RST_STREAM, 0, 1, 4), interim(1)],
            true,
        ),
        ("payloads that look like heads", vec![frame(DATA, 0, 1, 70_000), frame(7, 1, 0, 0), interim(1)], true),
    ] {
        assert_eq!(taken(&frames), expected, "{name}");
    }
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut heads = Heads::new(3);
    for stream in 0..100_000_u32 {
        let [_, b, c, d] = stream.to_be_bytes();
        assert!(heads.take(&[0, 0, 0, HEADERS, 4, 0, b, c, d]));
    }
    assert!(heads.counts.len() <= STREAMS_MAX);
}
