use super::*;

/// RFC 6238, appendix B, SHA-1.
const SECRET: &[u8] = b"12345678901234567890";

#[test]
fn codes_are_those_of_the_rfc() {
    for (second, digits) in [
        (59, 94_287_082),
        (1_111_111_109, 7_081_804),
        (1_111_111_111, 14_050_471),
        (1_234_567_890, 89_005_924),
        (2_000_000_000, 69_279_037),
        (20_000_000_000, 65_353_130),
    ] {
        let step = step(Timestamp::from_millis(second * 1_000));
        assert_eq!(number(SECRET, step) % 100_000_000, digits, "{second}");
        assert_eq!(code(SECRET, step), format!("{:06}", digits % 1_000_000));
    }
    // RFC 4226, appendix D.
    let expected = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"];
    for (count, digits) in (0..).zip(expected) {
        assert_eq!(code(SECRET, count), digits);
    }
}

#[test]
fn a_code_is_taken_a_step_early_or_late_and_no_longer() {
    let made_at = Timestamp::from_millis(1_234_567_890_000);
    let made = code(SECRET, step(made_at));
    for (seconds, taken) in [(-60, false), (-30, true), (0, true), (30, true), (60, false), (31_536_000, false)] {
        let now = Timestamp::from_millis(made_at.as_millis() + seconds * 1_000);
        assert_eq!(matching(SECRET, &made, now).is_some(), taken, "{seconds}");
    }
    assert_eq!(matching(SECRET, &format!("{} {}", &made[..3], &made[3..]), made_at), Some(step(made_at)));
}

#[test]
fn what_is_no_code_matches_nothing() {
    let now = Timestamp::from_millis(1_234_567_890_000);
    let made = code(SECRET, step(now));
    for given in ["", "000000x", &made[1..], &format!("0{made}"), "\0\0\0\0\0\0", &"1".repeat(65_536)] {
        assert_eq!(matching(SECRET, given, now), None, "{given:.20}");
    }
    assert_eq!(matching(b"another secret, as long", &made, now), None);
}

#[test]
fn an_authenticator_can_read_the_secret() {
    assert_eq!(shown(SECRET), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
    let uri = uri(SECRET, "ana+x@example.com");
    assert_eq!(
        uri,
        "otpauth://totp/Picket:ana%2Bx%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Picket"
    );
    assert_ne!(*secret(), *secret());
}
