//! What an identifier looks like, and what else must hold for it.
//!
//! A shape is written as it is read: `9` a digit, `A` a letter, `X` either, a space a separator that may be missing (a
//! space, `-` or `.`, the same throughout), `_` a space that must be there; small letters and other signs stand for themselves. Several shapes are
//! parted by `|`; digits below nine stand for themselves too.

/// The longest identifier without its separators.
pub(crate) const VALUES_MAX: usize = 34;

/// What must stand around a shape for it to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Nothing: shape and check are rare enough.
    Nothing,
    /// A word that names it, or the whole text is nothing else.
    WordsOrAlone,
    /// A word that names it.
    Words,
}

/// What is asked of the values of a shape.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Test {
    /// Nothing more.
    Shape,
    /// Ranges, dates or known prefixes.
    Form(fn(&[u8]) -> bool),
    /// A checksum, and whatever else holds.
    Sum(fn(&[u8]) -> bool),
}

/// How one kind of identifier is recognised; a kind may have several rules.
#[derive(Debug)]
pub(crate) struct Rule {
    pub(crate) kind: &'static str,
    /// What it is, for people.
    pub(crate) about: &'static str,
    pub(crate) shapes: &'static str,
    pub(crate) test: Test,
    pub(crate) need: Need,
    /// Words that name it, in small letters.
    pub(crate) words: &'static [&'static str],
}

/// A rule, in a line.
pub(crate) const fn rule(
    kind: &'static str,
    about: &'static str,
    shapes: &'static str,
    test: Test,
    need: Need,
    words: &'static [&'static str],
) -> Rule {
    Rule { kind, about, shapes, test, need, words }
}

impl Rule {
    /// Whether values pass, and are no example of repeated digits.
    pub(crate) fn passes(&self, values: &[u8]) -> bool {
        match self.test {
            Test::Shape => true,
            Test::Form(test) | Test::Sum(test) => test(values),
        }
    }

    /// Whether a wrong digit is noticed.
    pub(crate) const fn has_sum(&self) -> bool {
        matches!(self.test, Test::Sum(_))
    }
}

/// An identifier in a text, without its separators.
#[derive(Debug)]
pub(crate) struct Values {
    values: [u8; VALUES_MAX],
    count: usize,
    /// One past its last byte, counted from its first.
    pub(crate) end: usize,
    /// Whether spaces stand inside.
    pub(crate) is_spaced: bool,
}

impl Values {
    pub(crate) fn as_slice(&self) -> &[u8] {
        self.values.get(..self.count).unwrap_or_default()
    }

    fn push(&mut self, value: u8) -> Option<()> {
        *self.values.get_mut(self.count)? = value;
        self.count += 1;
        Some(())
    }
}

/// The values at the beginning of a text if it has the shape there, in capitals or small letters.
pub(crate) fn fit(shape: &[u8], text: &[u8]) -> Option<Values> {
    let mut found = Values { values: [0; VALUES_MAX], count: 0, end: 0, is_spaced: false };
    let mut separator = None;
    for sign in shape {
        let byte = text.get(found.end).map(u8::to_ascii_uppercase);
        match sign {
            b'9' => found.push(byte.filter(u8::is_ascii_digit)? - b'0')?,
            b'A' => found.push(byte.filter(u8::is_ascii_uppercase)? - b'A' + 10)?,
            b'X' => {
                let byte = byte.filter(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase())?;
                found.push(if byte.is_ascii_digit() { byte - b'0' } else { byte - b'A' + 10 })?;
            }
            b'0'..=b'8' => found.push(byte.filter(|byte| byte == sign)? - b'0')?,
            b'a'..=b'z' => {
                found.push(byte.filter(|byte| byte.to_ascii_lowercase() == *sign)?.to_ascii_lowercase() - b'a' + 10)?
            }
            b' ' => {
                let here = byte.filter(|byte| matches!(byte, b' ' | b'-' | b'.'));
                if separator.is_some_and(|separator| separator != here) {
                    return None;
                }
                separator = Some(here);
                found.is_spaced |= here == Some(b' ');
                found.end += usize::from(here.is_some());
                continue;
            }
            b'_' => {
                byte.filter(|byte| *byte == b' ')?;
                found.is_spaced = true;
            }
            other => {
                byte.filter(|byte| byte == other)?;
            }
        }
        found.end += 1;
    }
    Some(found)
}

/// How many values a shape has.
pub(crate) fn length(shape: &str) -> usize {
    shape.bytes().filter(u8::is_ascii_alphanumeric).count()
}
