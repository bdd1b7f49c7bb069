//! The way back from a folded text.

use super::{each_folded, is_space};

/// For each byte of a folded text, the byte of the original that it comes from. Made only when something was found.
#[derive(Debug)]
pub struct Origins(Way);

#[derive(Debug)]
enum Way {
    /// Of a text of ASCII, of which folding only drops some white space.
    Ascii {
        /// The bytes that are dropped.
        dropped: Vec<usize>,
        /// Bytes of the original.
        length: usize,
    },
    /// Of any other text: of each byte of the folded one, and of its end.
    Table(Vec<usize>),
}

impl Origins {
    /// The way back from the folded form of a text.
    pub fn of(original: &str) -> Self {
        if original.is_ascii() {
            let is_space = |byte: u8| is_space(char::from(byte));
            let pairs = original.bytes().zip(original.bytes().skip(1)).zip(1..);
            let dropped = pairs.filter(|((before, byte), _)| is_space(*before) && is_space(*byte)).map(|(_, at)| at);
            return Self(Way::Ascii { dropped: dropped.collect(), length: original.len() });
        }
        let mut table = Vec::with_capacity(original.len() + 1);
        each_folded(original, |character, at| table.resize(table.len() + character.len_utf8(), at));
        table.push(original.len());
        Self(Way::Table(table))
    }

    /// The byte of the original behind a byte of the folded text.
    pub fn original(&self, at: usize) -> usize {
        match &self.0 {
            Way::Ascii { dropped, length } => (at + dropped_before(dropped, at)).min(*length),
            Way::Table(table) => table.get(at).or(table.last()).copied().unwrap_or(0),
        }
    }
}

/// How many of the dropped bytes stand before a byte of the folded text: those before which no more than so many are left.
fn dropped_before(dropped: &[usize], at: usize) -> usize {
    let (mut few, mut many) = (0, dropped.len());
    while few < many {
        let middle = few.midpoint(many);
        if dropped.get(middle).is_some_and(|place| place - middle <= at) { few = middle + 1 } else { many = middle }
    }
    few
}

#[cfg(test)]
mod tests;
