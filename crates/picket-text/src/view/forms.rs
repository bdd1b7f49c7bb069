//! What characters become when a text is folded, found out once for those of most scripts.
//!
//! To ask the tables of Unicode about each character takes longer than all else that is done to a text. Most characters
//! become one, so that a short list holds what they become; stretches of ASCII, which nearly all texts have, need none.

use super::{each_form, has_one_form, is_space};
use crate::block::{BLOCK, bits, each_block, places};
use std::sync::LazyLock;

/// Characters below this one are listed: all alphabets of Europe and of the Near East to South East Asia, and punctuation.
const END: u32 = 0x3100;
/// The least byte with which a character of several bytes begins.
const FIRST_OF_MANY: u8 = 0xc0;

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
        let mut folded = Folded { text: String::with_capacity(original.len()), after_space: false };
        // Up to where the text is folded, and whether a space ends the block before.
        let (mut done, mut before) = (0, 0);
        each_block(original.as_bytes(), |at, block| {
            let spaces = bits(block, |byte| byte == b' ');
            let signs = bits(block, |byte| byte < b' ' || byte == 0x7f || byte >= FIRST_OF_MANY);
            // A space alone stays as it is.
            let stops = signs | spaces & (spaces << 1 | before);
            before = spaces >> (BLOCK - 1);
            for stop in places(stops).map(|place| at + place) {
                let Some(character) = original.get(stop..).and_then(|rest| rest.chars().next()) else { break };
                folded.plain(original.get(done..stop).unwrap_or_default());
                done = stop + character.len_utf8();
                match if character.is_ascii() { Some(' ') } else { self.of(character) } {
                    Some(form) => folded.push(form),
                    None => each_form(character, |form| folded.push(if is_space(form) { ' ' } else { form })),
                }
            }
        });
        folded.plain(original.get(done..).unwrap_or_default());
        // What is not of ASCII has been made small already.
        folded.text.make_ascii_lowercase();
        folded.text
    }
}

/// A folded text as it grows, but for capitals of ASCII.
struct Folded {
    text: String,
    after_space: bool,
}

impl Folded {
    /// Adds a text in which nothing is to be folded but capitals.
    fn plain(&mut self, text: &str) {
        let text = text.strip_prefix(' ').filter(|_| self.after_space).unwrap_or(text);
        if let Some(last) = text.as_bytes().last() {
            self.text.push_str(text);
            self.after_space = *last == b' ';
        }
    }

    /// Adds a character as folding leaves it.
    fn push(&mut self, character: char) {
        let is_space = character == ' ';
        if !(is_space && self.after_space) {
            self.text.push(character);
        }
        self.after_space = is_space;
    }
}
