//! What somebody shows who signs in, and what a provider answers: sessions, cookies, documents and codes.

#![no_main]

use http::{HeaderMap, HeaderValue, header};
use libfuzzer_sys::fuzz_target;
use picket_api::fuzzing;
use picket_identity::{is_session, names};

fuzz_target!(|data: (&str, Vec<&[u8]>, &[u8])| {
    let (text, cookies, answer) = data;
    if is_session(text) {
        assert!(text.starts_with("picket_ses_") && text.is_ascii());
        for at in 0..text.len() {
            let mut other = text.as_bytes().to_vec();
            other[at] = if other[at] == b'0' { b'1' } else { b'0' };
            assert!(!is_session(&String::from_utf8(other).expect("still ASCII")), "one character off");
        }
    }
    let values = cookies.iter().filter_map(|value| HeaderValue::from_bytes(value).ok());
    let headers: HeaderMap = values.map(|value| (header::COOKIE, value)).collect();
    if let Some(session) = fuzzing::cookie(&headers) {
        assert!(!session.contains(';'), "{session}");
    }
    picket_identity::fuzzing::answers(answer, text);
    if names::check_login(text).is_ok() || names::check_team(text).is_ok() {
        assert!(text.is_ascii() && !text.contains(char::is_control));
    }
    if names::check_full(text).is_ok() {
        assert_eq!(picket_stdx::escape::terminal(text), text);
    }
});
