use super::*;

/// The vectors of Kafka's own tests.
#[test]
fn keys_are_hashed_as_every_client_hashes_them() {
    for (key, hash) in [
        ("21", -973_932_308),
        ("foobar", -790_332_482),
        ("a-little-bit-long-string", -985_981_536),
        ("a-little-bit-longer-string", -1_486_304_829),
        ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ("abc", 479_470_107),
    ] {
        assert_eq!(murmur2(key.as_bytes()).cast_signed(), hash, "{key}");
    }
    assert!((0..1_000_u32).all(|number| partition(&number.to_be_bytes(), 7) < 7));
}

/// The check value of the algorithm, and those of RFC 3720.
#[test]
fn checksums_are_those_of_castagnoli() {
    let rising: Vec<u8> = (0..32).collect();
    for (bytes, sum) in [
        (&b"123456789"[..], 0xe306_9283),
        (&[0; 32], 0x8a91_36aa),
        (&[0xff; 32], 0x62a8_ab43),
        (&rising, 0x46dd_794e),
        (b"", 0),
    ] {
        assert_eq!(crc32c(bytes), sum);
    }
}

#[test]
fn numbers_of_either_sign_take_few_bytes() {
    for (value, bytes) in [
        (0, &[0][..]),
        (-1, &[1]),
        (1, &[2]),
        (63, &[126]),
        (-64, &[127]),
        (64, &[0x80, 1]),
        (8_191, &[0xfe, 0x7f]),
        (i64::MIN, &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
    ] {
        let mut writer = Writer::default();
        writer.varint(value);
        assert_eq!(writer.0, bytes, "{value}");
    }
}

#[test]
fn lengths_of_answers_are_not_believed() {
    // Two thousand million of something, in four bytes.
    let count = i32::MAX.to_be_bytes();
    assert_eq!(Reader(&count).list(Reader::i64), None);
    assert_eq!(Reader(&[0x7f, 0xff, b'a']).text(), None);
    assert_eq!(Reader(&[0xff, 0xfe]).text(), None);
    assert_eq!(Reader(&[0xff, 0xff]).text(), Some(""));
    assert_eq!(Reader(&[]).i8(), None);
    assert_eq!(Reader(&(-5_i32).to_be_bytes()).list(Reader::i8), Some(Vec::new()));
}
