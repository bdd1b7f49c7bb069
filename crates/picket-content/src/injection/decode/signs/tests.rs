use super::*;
use proptest::prelude::*;

/// The signs of a text, byte by byte.
fn plainly(text: &str) -> Signs {
    let (mut signs, mut run, mut letters, mut digits, mut row) = (Signs::default(), 0, 0, 0, 0);
    let bytes = text.as_bytes();
    for (at, byte) in bytes.iter().copied().chain([b' ']).enumerate() {
        if is_of_word(byte) {
            run += 1;
            digits += usize::from(is_digit(byte));
            letters += usize::from(!is_digit(byte));
            continue;
        }
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        match byte {
            b' ' => signs.spaces += 1,
            b'%' => signs.percent += usize::from(is_pair(bytes, at)),
            b'=' => signs.equals += usize::from(is_pair(bytes, at) || next == b'\r'),
            b'\\' => signs.escapes += usize::from(matches!(next, b'u' | b'x')),
            b'&' => signs.entities += usize::from(next == b'#' || next.is_ascii_alphabetic()),
            _ => {}
        }
        signs.run |= run >= RUN_BYTES;
        signs.mixed += usize::from(letters > 0 && digits > 0 && run <= MIXED_BYTES_MAX);
        row = match letters + digits {
            0 => row,
            1 => row + 1,
            _ => 0,
        };
        if letters + digits == 1 && row >= ROW {
            signs.alone += if row == ROW { ROW } else { 1 };
        }
        (letters, digits) = (0, 0);
        run = if is_of_run(byte) { run + 1 } else { 0 };
    }
    signs
}

proptest! {
    #[test]
    fn signs_are_those_that_reading_each_byte_finds(
        text in "([a-c]{1,30}|[ab1@]{1,9}|[a1_/-]{1,40}|( [a1]){1,7}|[ .%=&#ux\\\\a0\r]{1,6}|é){0,30}"
    ) {
        prop_assert_eq!(Signs::of(&text), plainly(&text));
    }
}
