//! What characters become when a text is folded, found out once for those of most scripts.
//!
//! To ask the tables of Unicode about each character takes longer than all else that is done to a text. Most characters
//! become one, so that a short list holds what they become; stretches of ASCII, which nearly all texts have, need none.

use super::{each_form, has_one_form, is_space};
use crate::eight::{HIGH, ONES, equal, first_eight, least};
use std::sync::LazyLock;

/// Characters below this one are listed: all alphabets of Europe and of the Near East to South East Asia, and punctuation.
const END: u32 = 0x3100;

/// What each character becomes.
#[derive(Debug)]
pub(super) struct Forms {
    /// By its code; a space where it is white space, and zero where it becomes no character, or several.
    one: Box<[u16]>,
}

static FORMS: LazyLock<Forms> = LazyLock::new(|| {
    let one = (0..END).map(|code| {
        let mut forms = Vec::new();
        char::from_u32(code).into_iter().for_each(|character| each_form(character, |form| forms.push(form)));
        match forms.as_slice() {
            [form] if is_space(*form) => u16::from(b' '),
            [form] => u16::try_from(u32::from(*form)).unwrap_or(0),
            _ => 0,
        }
    });
    Forms { one: one.collect() }
});

impl Forms {
    pub(super) fn get() -> &'static Self {
        &FORMS
    }

    fn of(&self, character: char) -> Option<char> {
        if has_one_form(character) {
            return Some(character);
        }
        let one = self.one.get(u32::from(character) as usize).filter(|one| **one != 0)?;
        char::from_u32((*one).into())
    }

    /// A text that is folded.
    pub(super) fn fold(&self, original: &str) -> String {
        let mut folded = Folded { text: Vec::with_capacity(original.len() + 8), after_space: false };
        let mut rest = original;
        while !rest.is_empty() {
            let (ascii, others) = rest.split_at(ascii_bytes(rest.as_bytes()));
            folded.ascii(ascii.as_bytes());
            let mut characters = others.chars();
            while let Some(character) = characters.clone().next().filter(|character| !character.is_ascii()) {
                characters.next();
                match self.of(character) {
                    Some(form) => folded.push(form),
                    None => each_form(character, |form| folded.push(if is_space(form) { ' ' } else { form })),
                }
            }
            rest = characters.as_str();
        }
        String::from_utf8(folded.text).unwrap_or_default()
    }
}

/// How many bytes of ASCII a text begins with.
fn ascii_bytes(text: &[u8]) -> usize {
    let (chunks, rest) = text.as_chunks::<8>();
    let others = |chunk: &[u8; 8]| u64::from_le_bytes(*chunk) & HIGH;
    match chunks.iter().position(|chunk| others(chunk) != 0) {
        Some(at) => at * 8 + chunks.get(at).map_or(0, |chunk| others(chunk).trailing_zeros() as usize / 8),
        None => text.len() - rest.len() + rest.iter().take_while(|byte| byte.is_ascii()).count(),
    }
}

/// A folded text as it grows.
struct Folded {
    text: Vec<u8>,
    after_space: bool,
}

impl Folded {
    /// Adds a character as folding leaves it.
    fn push(&mut self, character: char) {
        let is_space = character == ' ';
        if !(is_space && self.after_space) {
            self.text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        }
        self.after_space = is_space;
    }

    /// Adds a text of ASCII, eight bytes at a time where no two of them are white space in a row.
    fn ascii(&mut self, text: &[u8]) {
        let (chunks, rest) = text.as_chunks::<8>();
        for chunk in chunks {
            let bytes = first_eight(chunk);
            let spaces = (!least(bytes, b'!') & HIGH) | equal(bytes, 0x7f);
            if spaces & (spaces << 8 | u64::from(self.after_space) << 7) != 0 {
                chunk.iter().for_each(|byte| self.byte(*byte));
                continue;
            }
            let capitals = least(bytes, b'A') & !least(bytes, b'Z' + 1);
            let white = (spaces >> 7) * 0xff;
            let small = (bytes | capitals >> 2) & !white | (ONES * u64::from(b' ')) & white;
            self.text.extend_from_slice(&small.to_le_bytes());
            self.after_space = spaces >> 63 != 0;
        }
        rest.iter().for_each(|byte| self.byte(*byte));
    }

    fn byte(&mut self, byte: u8) {
        let is_space = byte <= b' ' || byte == 0x7f;
        if !(is_space && self.after_space) {
            self.text.push(if is_space { b' ' } else { byte.to_ascii_lowercase() });
        }
        self.after_space = is_space;
    }
}
