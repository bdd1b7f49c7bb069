//! From the regular expressions of JavaScript, in which the package is tried by its authors, to ours.
//!
//! Both read most of it alike. Apart are: classes, in which `[` and `&&` mean something to us alone; digits and letters
//! of `\d` and `\w`, which are those of ASCII there; escapes of characters; braces and brackets that stand for
//! themselves; and case, which never counts there.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

/// The pattern in our dialect, or what it has that ours lacks.
pub(super) fn translated(pattern: &str) -> Result<String, String> {
    let (flags, rest) = flags(pattern);
    let mut writer = Writer { rest: rest.chars().peekable(), out: format!("(?{flags})"), class: None };
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
                self.class = None;
                self.out.push(']');
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
        self.out.truncate(self.out.len() - 2);
        self.out.push_str(r"[\s\S]");
        self.class = None;
        Ok(())
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
