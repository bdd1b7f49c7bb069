//! Shapes of credentials, written as short texts: `ghp_{w36}` is `ghp_` and 36 letters and digits.
//!
//! In braces stand a class and a length or a range of lengths:
//! `d` digits, `h` small hexadecimal, `x` hexadecimal, `u` capitals and digits, `l` small letters and digits,
//! `w` letters and digits, `t` those, `-` and `_`, `s` those, `.` and `~`, `b` base64, `e` base64 of addresses with its padding,
//! `g` those, `.` and `~`, `z` whatever addresses may hold, `a` anything visible.

/// A class of bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Class(pub(super) u8);

impl Class {
    /// Whether a byte is of it.
    pub(super) fn has(self, byte: u8) -> bool {
        match self.0 {
            b'd' => byte.is_ascii_digit(),
            b'h' => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            b'x' => byte.is_ascii_hexdigit(),
            b'u' => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            b'l' => byte.is_ascii_lowercase() || byte.is_ascii_digit(),
            b'w' => byte.is_ascii_alphanumeric(),
            b't' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
            b's' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~'),
            b'b' => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            b'e' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'='),
            b'g' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'.' | b'~'),
            b'z' => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b'.' | b'%' | b'+' | b'/'),
            _ => byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\'' | b'`' | b',' | b';' | b'<' | b'>' | b'\\'),
        }
    }
}

/// A piece of a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Text(&'static str),
    /// So many bytes of a class.
    Run(Class, usize, usize),
}

/// A shape, ready to be matched.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) parts: Vec<Part>,
}

impl Shape {
    /// Reads a shape.
    pub(super) fn of(text: &'static str) -> Self {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            if !before.is_empty() {
                parts.push(Part::Text(before));
            }
            let (run, after) = after.split_once('}').unwrap_or((after, ""));
            let (class, lengths) = run.split_at_checked(1).unwrap_or(("w", "1"));
            let (min, max) = lengths.split_once('-').unwrap_or((lengths, lengths));
            let class = Class(class.bytes().next().unwrap_or(b'w'));
            parts.push(Part::Run(class, min.parse().unwrap_or(1), max.parse().unwrap_or(1)));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest));
        }
        Self { parts }
    }

    /// With letters beyond `f` where hexadecimal digits stand: what is told by a beginning or by a service near it needs no
    /// such narrow class, and some services changed theirs.
    pub(super) fn widened(mut self) -> Self {
        for part in &mut self.parts {
            if let Part::Run(class, _, _) = part {
                class.0 = match class.0 {
                    b'h' => b'l',
                    b'x' => b'w',
                    other => other,
                };
            }
        }
        self
    }

    /// The text that it is looked for by, if it has one at its beginning or behind its first run.
    pub(super) fn anchor(&self) -> Option<&'static str> {
        self.parts.iter().take(2).find_map(|part| if let Part::Text(text) = part { Some(*text) } else { None })
    }

    /// Bytes of the shortest text of this shape.
    #[cfg(test)]
    pub(super) fn bytes_min(&self) -> usize {
        self.parts.iter().map(|part| if let Part::Run(_, min, _) = part { *min } else { part_len(part) }).sum()
    }

    /// Where what fits begins, given where the anchor stands.
    pub(super) fn start(&self, bytes: &[u8], anchor: usize) -> Option<usize> {
        let Some(Part::Run(class, min, max)) = self.parts.first() else { return Some(anchor) };
        let before = bytes.get(..anchor)?.iter().rev().take(max + 1).take_while(|byte| class.has(**byte)).count();
        (*min..=*max).contains(&before).then(|| anchor - before)
    }

    /// Where what fits ends, given where the anchor stands.
    pub(super) fn end_from(&self, bytes: &[u8], anchor: usize) -> Option<usize> {
        let leads = usize::from(matches!(self.parts.first(), Some(Part::Run(..))));
        Self::end_of(self.parts.get(leads..)?, bytes, anchor)
    }

    /// Where what fits ends that begins at `start`.
    pub(super) fn end(&self, bytes: &[u8], start: usize) -> Option<usize> {
        Self::end_of(&self.parts, bytes, start)
    }

    fn end_of(parts: &[Part], bytes: &[u8], start: usize) -> Option<usize> {
        let mut at = start;
        for part in parts {
            let rest = bytes.get(at..)?;
            at += match part {
                Part::Text(text) => rest.starts_with(text.as_bytes()).then_some(text.len())?,
                Part::Run(class, min, max) => {
                    let length = rest.iter().take(*max).take_while(|byte| class.has(**byte)).count();
                    (length >= *min).then_some(length)?
                }
            };
        }
        Some(at)
    }

    /// Whether the last run may take this byte, so that what goes on with it is longer than the shape.
    pub(super) fn goes_on_with(&self, byte: u8) -> bool {
        matches!(self.parts.last(), Some(Part::Run(class, _, _)) if class.has(byte) && byte != b'=')
    }
}

#[cfg(test)]
fn part_len(part: &Part) -> usize {
    match part {
        Part::Text(text) => text.len(),
        Part::Run(_, _, max) => *max,
    }
}
