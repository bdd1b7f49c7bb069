//! From the regular expressions of JavaScript, in which the package is tried by its authors, to ours.
//!
//! Both read most of it alike. Apart are: classes, in which `[` and `&&` mean something to us alone; digits and letters
//! of `\d` and `\w`, which are those of ASCII there; escapes of characters; braces and brackets that stand for
//! themselves; and case, which never counts there.
//!
//! Folding the case of a class takes long that has nearly every character, so such classes are written without case.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// Any character.
pub(super) const ANY: &str = "(?s:.)";

/// The pattern in our dialect, or what it has that ours lacks.
pub(super) fn translated(pattern: &str) -> Result<String, String> {
    let (flags, rest) = flags(pattern);
    let out = format!("(?{flags})");
    let mut writer = Writer { rest: rest.chars().peekable(), out, class: None, begun: 0, is_wide: false };
    while let Some(next) = writer.rest.next() {
        writer.take(next)?;
    }
    Ok(writer.out)
}

/// A translated pattern as a group of a larger one.
pub(super) fn group(pattern: &str) -> String {
    match pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')')) {
        Some((flags, rest)) => format!("(?{flags}:{rest})"),
        None => format!("(?:{pattern})"),
    }
}

/// The flags that a pattern begins with, and the rest. Those that change nothing here are dropped.
fn flags(pattern: &str) -> (String, &str) {
    let known = |flag: char| matches!(flag, 'i' | 'm' | 's');
    let written = pattern.strip_prefix("(?").and_then(|rest| rest.split_once(')'));
    match written.filter(|(flags, _)| !flags.is_empty() && flags.chars().all(known)) {
        Some((flags, rest)) => {
            let others: String = ['m', 's'].into_iter().filter(|flag| flags.contains(*flag)).collect();
            (format!("i{others}"), rest)
        }
        None => ("i".to_owned(), pattern),
    }
}

struct Writer<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    /// Inside a class: the character before.
    class: Option<char>,
    /// Where the class began in `out`, and whether it has the opposite of some class.
    begun: usize,
    is_wide: bool,
}

impl Writer<'_> {
    fn take(&mut self, next: char) -> Result<(), String> {
        match (next, self.class) {
            ('\\', _) => {
                self.escape()?;
                self.class = self.class.map(|_| '\\');
                return Ok(());
            }
            ('[', None) => return self.open_class(),
            (']', Some(_)) => {
                self.close_class();
                return Ok(());
            }
            // Signs that do something with two classes where they stand twice.
            ('[' | '&' | '~', Some(_)) => self.escaped(next),
            ('-', Some('-')) => self.escaped('-'),
            ('{', None) if !self.is_count() => self.escaped('{'),
            ('{', None) => {
                self.out.push('{');
                for next in self.rest.by_ref() {
                    self.out.push(next);
                    if next == '}' {
                        break;
                    }
                }
            }
            ('}' | ']', None) => self.escaped(next),
            _ => self.literal(next),
        }
        self.class = self.class.map(|_| next);
        Ok(())
    }

    fn open_class(&mut self) -> Result<(), String> {
        (self.begun, self.is_wide) = (self.out.len(), false);
        self.out.push('[');
        self.class = Some('[');
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        if is_negated {
            self.out.push('^');
        }
        if self.rest.next_if_eq(&']').is_none() {
            return Ok(());
        }
        if !is_negated {
            return Err("has a class of no character, which matches nothing".to_owned());
        }
        self.out.truncate(self.begun);
        self.out.push_str(ANY);
        self.class = None;
        Ok(())
    }

    fn close_class(&mut self) {
        self.class = None;
        self.out.push(']');
        let class = self.out.split_off(self.begun);
        let letters = class.replace(r"\s", "").replace(r"\S", "").replace(r"[^A-Za-z0-9_]", "").replace(r"[^0-9]", "");
        if matches!(class.as_str(), r"[\s\S]" | r"[\S\s]" | r"[0-9[^0-9]]" | r"[A-Za-z0-9_[^A-Za-z0-9_]]") {
            self.out.push_str(ANY);
        } else if self.is_wide && !letters.contains(|letter: char| letter.is_alphabetic()) {
            self.out.extend(["(?-i:", &class, ")"]);
        } else {
            self.out.push_str(&class);
        }
    }

    /// Whether what follows a `{` says how often.
    fn is_count(&self) -> bool {
        let inside: String = self.rest.clone().take_while(|next| *next != '}').take(12).collect();
        let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        !least.is_empty() && are_digits(least) && are_digits(most)
    }

    fn escaped(&mut self, next: char) {
        self.out.extend(['\\', next]);
    }

    /// A character for itself. What cannot be seen is written as its number.
    fn literal(&mut self, next: char) {
        if next == ' ' || next.is_ascii_graphic() || next.is_alphanumeric() {
            self.out.push(next);
        } else {
            self.number(u32::from(next));
        }
    }

    fn number(&mut self, number: u32) {
        // Nothing is written to a string in vain.
        write!(self.out, "\\x{{{number:x}}}").unwrap_or_default();
    }

    fn escape(&mut self) -> Result<(), String> {
        let Some(next) = self.rest.next() else { return Err("ends in a backslash".to_owned()) };
        let is_class = self.class.is_some();
        self.is_wide |= matches!(next, 'S' | 'D' | 'W');
        match next {
            'd' if is_class => self.out.push_str("0-9"),
            'w' if is_class => self.out.push_str("A-Za-z0-9_"),
            'd' => self.out.push_str("[0-9]"),
            'w' => self.out.push_str("[A-Za-z0-9_]"),
            'D' => self.out.push_str("[^0-9]"),
            'W' => self.out.push_str("[^A-Za-z0-9_]"),
            'b' if is_class => self.number(8),
            's' | 'S' | 'b' | 'B' | 'n' | 'r' | 't' | 'f' | 'v' => self.escaped(next),
            'p' | 'P' => self.escaped(next),
            '0' => self.number(0),
            '1'..='9' if !is_class => return Err("refers back to what a group matched".to_owned()),
            'k' if self.rest.peek() == Some(&'<') => return Err("refers back to what a group matched".to_owned()),
            'x' => match self.hex(2) {
                Some(number) => self.number(number),
                None => self.literal('x'),
            },
            'u' => self.unicode()?,
            other if other.is_ascii_punctuation() && !matches!(other, '<' | '>') => self.escaped(other),
            other => self.literal(other),
        }
        Ok(())
    }

    /// What follows `\u`.
    fn unicode(&mut self) -> Result<(), String> {
        if self.rest.peek() == Some(&'{') {
            self.rest.next();
            let digits: String = self.rest.by_ref().take_while(|next| *next != '}').collect();
            let number = u32::from_str_radix(&digits, 16).map_err(|_| "has a character without a number".to_owned())?;
            self.number(number);
            return Ok(());
        }
        let Some(number) = self.hex(4) else {
            self.literal('u');
            return Ok(());
        };
        if !(0xd800..0xe000).contains(&number) {
            self.number(number);
            return Ok(());
        }
        let low = if self.rest.next_if_eq(&'\\').is_some() && self.rest.next_if_eq(&'u').is_some() {
            self.hex(4).filter(|low| (0xdc00..0xe000).contains(low) && number < 0xdc00)
        } else {
            None
        };
        let low = low.ok_or("looks for one half of a character, which is none in UTF-8")?;
        self.number(0x1_0000 + ((number - 0xd800) << 10) + (low - 0xdc00));
        Ok(())
    }

    /// So many hexadecimal digits, if they are next.
    fn hex(&mut self, digits: usize) -> Option<u32> {
        let next: String = self.rest.clone().take(digits).collect();
        let number = u32::from_str_radix(&next, 16).ok().filter(|_| next.len() == digits)?;
        self.rest.by_ref().take(digits).for_each(drop);
        Some(number)
    }
}

#[cfg(test)]
mod tests;
