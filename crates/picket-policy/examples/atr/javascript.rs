//! Regular expressions as JavaScript reads them, in the words of Rust's.
//!
//! The rules are written for an engine that takes no notice of case, whatever a pattern says, and whose `\w`, `\d` and
//! `\b` know ASCII alone.

/// The pattern in our words, or why there is none.
pub(crate) fn converted(pattern: &str) -> Result<String, String> {
    let body = without_flags(pattern);
    let all: Vec<char> = body.chars().collect();
    let (mut out, mut at) = ("(?i)".to_owned(), 0);
    while let Some(character) = all.get(at).copied() {
        let rest = all.get(at..).unwrap_or_default();
        at += match character {
            '\\' => {
                let (atom, taken) = escape(rest, false)?;
                out.push_str(&atom.shown());
                taken
            }
            '[' if is_anything(rest) => {
                // A class of everything is folded letter by letter, which takes milliseconds.
                out.push_str("(?s:.)");
                6
            }
            '[' => class(rest, &mut out)?,
            '{' => {
                let bounds = bounds(rest);
                match &bounds {
                    Some(bounds) => out.push_str(bounds),
                    None => out.push_str(r"\{"),
                }
                bounds.map_or(1, |bounds| bounds.len())
            }
            '}' | ']' => {
                out.extend(['\\', character]);
                1
            }
            other => {
                out.push(other);
                1
            }
        };
    }
    Ok(out)
}

fn without_flags(pattern: &str) -> &str {
    let flags = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    match flags {
        Some((flags, rest)) if !flags.is_empty() && flags.bytes().all(|flag| b"imsx".contains(&flag)) => rest,
        _ => pattern,
    }
}

/// `[\s\S]` and its kin.
fn is_anything(rest: &[char]) -> bool {
    let six: String = rest.iter().take(6).collect();
    [r"[\s\S]", r"[\S\s]", r"[\w\W]", r"[\W\w]", r"[\d\D]", r"[\D\d]"].contains(&six.as_str())
}

/// `{3}`, `{3,}` or `{3,9}`.
fn bounds(rest: &[char]) -> Option<String> {
    let end = rest.iter().position(|character| *character == '}')?;
    let inside: String = rest.get(1..end)?.iter().collect();
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_bounds = match inside.split_once(',') {
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
        None => is_number(&inside),
    };
    is_bounds.then(|| format!("{{{inside}}}"))
}

/// What an escape or a member of a class stands for.
enum Atom {
    One(char),
    /// A class of its own, as it is written outside of classes.
    Class(&'static str),
    /// An assertion.
    Assertion(&'static str),
}

impl Atom {
    fn shown(&self) -> String {
        match self {
            Self::One(character) => literal(*character),
            Self::Class(text) | Self::Assertion(text) => (*text).to_owned(),
        }
    }
}

fn literal(character: char) -> String {
    match character {
        '\n' => r"\n".to_owned(),
        '\r' => r"\r".to_owned(),
        '\t' => r"\t".to_owned(),
        '<' | '>' | '_' | '/' | '"' | '\'' | ',' | ';' | ':' | '=' | '!' | '%' | '@' | '`' => character.to_string(),
        _ if character.is_ascii_punctuation() || character == ' ' => format!("\\{character}").replace("\\ ", " "),
        _ if character.is_control() || is_invisible(character) => format!(r"\u{{{:x}}}", u32::from(character)),
        _ => character.to_string(),
    }
}

/// Written by its number, so that whoever reads the pattern sees it.
fn is_invisible(character: char) -> bool {
    matches!(u32::from(character), 0x80..=0xa0 | 0xad | 0x200b..=0x200f | 0x2028..=0x202f | 0x2060..=0x206f | 0xfeff | 0xe0000..=0xe0fff)
}

/// Reads an escape; the number of its characters.
fn escape(rest: &[char], is_in_class: bool) -> Result<(Atom, usize), String> {
    let Some(kind) = rest.get(1).copied() else { return Err("ends with a backslash".to_owned()) };
    let number = |count: usize| {
        let digits: String = rest.get(2..2 + count)?.iter().collect();
        u32::from_str_radix(&digits, 16).ok()
    };
    let class = |text| Ok((Atom::Class(text), 2));
    let one = |character| Ok((Atom::One(character), 2));
    match kind {
        'd' => class("[0-9]"),
        'D' => class("[^0-9]"),
        'w' => class("[0-9A-Za-z_]"),
        'W' => class("[^0-9A-Za-z_]"),
        's' => class(r"\s"),
        'S' => class(r"\S"),
        'b' if is_in_class => one('\u{8}'),
        'b' => Ok((Atom::Assertion(r"\b"), 2)),
        'B' => Ok((Atom::Assertion(r"\B"), 2)),
        'n' => one('\n'),
        'r' => one('\r'),
        't' => one('\t'),
        'f' => one('\u{c}'),
        'v' => one('\u{b}'),
        '0' => one('\0'),
        '1'..='9' | 'k' => Err("refers back to what a group matched".to_owned()),
        'x' => match number(2).and_then(char::from_u32) {
            Some(character) => Ok((Atom::One(character), 4)),
            None => one('x'),
        },
        'u' if rest.get(2) == Some(&'{') => {
            let end = rest.iter().position(|character| *character == '}').ok_or("a number without end")?;
            let digits: String = rest.get(3..end).unwrap_or_default().iter().collect();
            let character = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
            Ok((Atom::One(character.ok_or("a number that is no character")?), end + 1))
        }
        'u' => unit(rest, number(4)),
        other => one(other),
    }
}

/// A UTF-16 unit, or two of them that are one character.
fn unit(rest: &[char], first: Option<u32>) -> Result<(Atom, usize), String> {
    let Some(first) = first else { return Ok((Atom::One('u'), 2)) };
    if let Some(character) = char::from_u32(first) {
        return Ok((Atom::One(character), 6));
    }
    let second = rest.get(8..12).filter(|_| rest.get(6..8) == Some(&['\\', 'u']));
    let second = second.and_then(|digits| u16::from_str_radix(&digits.iter().collect::<String>(), 16).ok());
    let units = [u16::try_from(first).ok(), second].into_iter().flatten();
    match char::decode_utf16(units).next() {
        Some(Ok(character)) => Ok((Atom::One(character), 12)),
        _ => Err("asks for half a character".to_owned()),
    }
}

/// Reads a class; the number of its characters.
fn class(rest: &[char], out: &mut String) -> Result<usize, String> {
    let is_negated = rest.get(1) == Some(&'^');
    let mut at = 1 + usize::from(is_negated);
    if rest.get(at) == Some(&']') {
        if is_negated {
            out.push_str("(?s:.)");
            return Ok(at + 1);
        }
        return Err("has a class that nothing is in".to_owned());
    }
    out.push_str(if is_negated { "[^" } else { "[" });
    loop {
        match rest.get(at) {
            None => return Err("has a class without end".to_owned()),
            Some(']') => break,
            Some(_) => {}
        }
        let (atom, taken) = member(rest.get(at..).unwrap_or_default())?;
        at += taken;
        let is_range = rest.get(at) == Some(&'-') && rest.get(at + 1).is_some_and(|next| *next != ']');
        if let (Atom::One(first), true) = (&atom, is_range) {
            let (last, taken) = member(rest.get(at + 1..).unwrap_or_default())?;
            if let Atom::One(last) = last {
                out.push_str(&format!("{}-{}", in_class(*first), in_class(last)));
                at += 1 + taken;
                continue;
            }
        }
        match atom {
            Atom::One(character) => out.push_str(&in_class(character)),
            Atom::Class(text) | Atom::Assertion(text) => {
                let bare = text
                    .strip_prefix('[')
                    .filter(|text| !text.starts_with('^'))
                    .and_then(|text| text.strip_suffix(']'));
                out.push_str(bare.unwrap_or(text));
            }
        }
    }
    out.push(']');
    Ok(at + 1)
}

fn member(rest: &[char]) -> Result<(Atom, usize), String> {
    match rest.first() {
        Some('\\') => escape(rest, true),
        Some(character) => Ok((Atom::One(*character), 1)),
        None => Err("has a class without end".to_owned()),
    }
}

fn in_class(character: char) -> String {
    match character {
        '[' | ']' | '\\' | '^' | '-' | '&' | '~' => format!("\\{character}"),
        '\n' | '\r' | '\t' => literal(character),
        _ if character.is_control() || is_invisible(character) => literal(character),
        _ => character.to_string(),
    }
}
