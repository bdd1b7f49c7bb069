//! How texts are seen: folded for detectors with a way back, compared with names that hold `*`, and made harmless for
//! people and spreadsheets.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_policy::Glob;
use picket_stdx::escape;
use picket_text::{Origins, fold};

fuzz_target!(|data: (&str, &str)| {
    let (pattern, text) = data;
    let (folded, origins) = (fold(text), Origins::of(text));
    let mut before = 0;
    for at in 0..=folded.len() {
        let original = origins.original(at);
        assert!(text.is_char_boundary(original), "the way back ends inside of a character");
        assert!(original >= before, "the way back turns around");
        before = original;
    }
    assert_eq!(origins.original(folded.len()), text.len());
    // What is compared is bounded: the plain way is slow.
    if pattern.len() <= 64 && text.len() <= 256 {
        let (pieces, name) = (pattern.to_lowercase(), text.to_lowercase());
        assert_eq!(
            Glob::new(pattern).matches(text),
            plainly(pieces.as_bytes(), name.as_bytes()),
            "{pattern:?} {text:?}"
        );
    }
    let shown = escape::terminal(text);
    assert!(!shown.chars().any(char::is_control), "{shown:?} acts on a terminal");
    assert_eq!(escape::terminal(&shown), shown, "what is harmless stays as it is");
    let cell = escape::csv_cell(text);
    assert!(!cell.starts_with(['=', '@', '\t', '\r']) && cell.ends_with(text), "{cell:?} is a formula");
});

/// The same as a glob, by the book: one row of a table for each byte of the pattern.
fn plainly(pattern: &[u8], name: &[u8]) -> bool {
    let mut row = vec![false; name.len() + 1];
    row[0] = true;
    for byte in pattern {
        let above = row.clone();
        for at in 0..row.len() {
            row[at] = match byte {
                b'*' => above[at] || (at > 0 && row[at - 1]),
                _ => at > 0 && above[at - 1] && name[at - 1] == *byte,
            };
        }
    }
    row[name.len()]
}
