use super::*;
use proptest::prelude::*;

#[test]
fn base32_follows_rfc_4648_in_lower_case_without_padding() {
    assert_eq!(base32(b"foobar"), "mzxw6ytboi");
    assert_eq!(base32(b"f"), "my");
    assert_eq!(base62_number(61 + 62, 6), "00001z");
}

#[test]
fn hex_is_of_digits_only() {
    assert_eq!(unhex("0aFf"), Some(vec![10, 255]));
    for wrong in ["0", "0g", "+f", "-1", "0x", " f", "é"] {
        assert_eq!(unhex(wrong), None, "{wrong}");
    }
}

proptest! {
    #[test]
    fn hex_round_trips(bytes: Vec<u8>) {
        prop_assert_eq!(unhex(&hex(&bytes)), Some(bytes));
    }

    #[test]
    fn random_base62_has_the_asked_length(length in 0_usize..100) {
        prop_assert_eq!(random_base62(length).len(), length);
    }
}
