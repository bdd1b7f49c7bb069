//! Tokens: whatever is shown as one, only a form that is right passes, and one character off is wrong.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_store::TokenKind;

fuzz_target!(|text: &str| {
    let Some(kind) = TokenKind::of_token(text) else { return };
    assert!(text.starts_with(&format!("picket_{}_", kind.as_str())) && text.is_ascii() && text.len() <= 80);
    for at in 0..text.len() {
        let mut other = text.as_bytes().to_vec();
        other[at] = if other[at] == b'0' { b'1' } else { b'0' };
        let other = String::from_utf8(other).expect("still ASCII");
        assert_eq!(TokenKind::of_token(&other), None, "{other}");
    }
});
