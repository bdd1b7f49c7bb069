//! Conditions: `selection and not 1 of filter_*`.

use crate::model::{Condition, Them};

/// The longest condition that is read.
const BYTES_MAX: usize = 16 * 1024;
/// How deep a condition may be nested.
const DEPTH_MAX: usize = 32;

/// What is wrong with a condition.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Byte in the condition.
    pub(super) at: usize,
    pub(super) message: String,
}

/// Reads a condition. Names are not looked up.
pub(super) fn parse(text: &str) -> Result<Condition, Wrong> {
    if text.len() > BYTES_MAX {
        let message = format!("the condition is longer than {} KiB; split the rule", BYTES_MAX / 1024);
        return Err(Wrong { at: 0, message });
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, end: text.len() };
    let condition = parser.alternatives(0)?;
    match parser.peek() {
        None => Ok(condition),
        Some(_) => Err(parser.wrong("`and`, `or` or the end")),
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Token {
    at: usize,
    text: String,
}

fn is_name(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '-' | '*' | '.')
}

fn tokens(text: &str) -> Result<Vec<Token>, Wrong> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let at = text.len() - rest.len();
        let length = if is_name(character) {
            rest.find(|c: char| !is_name(c)).unwrap_or(rest.len())
        } else if character.is_whitespace() || matches!(character, '(' | ')') {
            character.len_utf8()
        } else if character == '|' {
            let message = "counting after `|` is no part of Sigma 2; write a correlation rule that refers to this one";
            return Err(Wrong { at, message: message.to_owned() });
        } else {
            let message = format!(
                "`{}` has no meaning in a condition; join selections by `and`, `or`, `not`",
                character.escape_default()
            );
            return Err(Wrong { at, message });
        };
        let (token, tail) = rest.split_at(length);
        if !character.is_whitespace() {
            tokens.push(Token { at, text: token.to_owned() });
        }
        rest = tail;
    }
    Ok(tokens)
}

/// How many of several.
enum Quantifier {
    All,
    Some(usize),
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&str> {
        self.tokens.get(self.at).map(|token| token.text.as_str())
    }

    /// Words of the language are read in any case.
    fn is_next(&self, word: &str) -> bool {
        self.peek().is_some_and(|token| token.eq_ignore_ascii_case(word))
    }

    fn takes(&mut self, word: &str) -> bool {
        let takes = self.is_next(word);
        self.at += usize::from(takes);
        takes
    }

    fn wrong(&self, expected: &str) -> Wrong {
        match self.tokens.get(self.at) {
            Some(token) => {
                let found: String = token.text.chars().take(40).collect();
                Wrong { at: token.at, message: format!("expected {expected}, not `{found}`") }
            }
            None => Wrong { at: self.end, message: format!("the condition ends where {expected} is expected") },
        }
    }

    fn alternatives(&mut self, depth: usize) -> Result<Condition, Wrong> {
        let mut parts = vec![self.conjunction(depth)?];
        while self.takes("or") {
            parts.push(self.conjunction(depth)?);
        }
        Ok(joined(parts, Condition::Or))
    }

    fn conjunction(&mut self, depth: usize) -> Result<Condition, Wrong> {
        let mut parts = vec![self.term(depth)?];
        while self.takes("and") {
            parts.push(self.term(depth)?);
        }
        Ok(joined(parts, Condition::And))
    }

    fn term(&mut self, depth: usize) -> Result<Condition, Wrong> {
        if depth > DEPTH_MAX {
            let at = self.tokens.get(self.at).map_or(self.end, |token| token.at);
            return Err(Wrong { at, message: format!("the condition is nested deeper than {DEPTH_MAX}; split it") });
        }
        if self.takes("not") {
            return Ok(Condition::Not(Box::new(self.term(depth + 1)?)));
        }
        if self.takes("(") {
            let inner = self.alternatives(depth + 1)?;
            return if self.takes(")") { Ok(inner) } else { Err(self.wrong("`)`")) };
        }
        if let Some(quantifier) = self.quantifier() {
            self.at += 2;
            return self.them(quantifier);
        }
        let Some(name) = self.peek().filter(|name| is_selection(name)).map(str::to_owned) else {
            return Err(self.wrong("a selection, `not`, `1 of …`, `all of …` or `(`"));
        };
        if name.contains('*') {
            let message = format!("say `1 of {name}` or `all of {name}`");
            return Err(Wrong { at: self.tokens.get(self.at).map_or(0, |token| token.at), message });
        }
        self.at += 1;
        Ok(Condition::Name(name))
    }

    /// How many of several, when `of` follows.
    fn quantifier(&self) -> Option<Quantifier> {
        let of = self.tokens.get(self.at + 1).is_some_and(|token| token.text.eq_ignore_ascii_case("of"));
        let word = self.peek().filter(|_| of)?;
        if word.eq_ignore_ascii_case("all") {
            return Some(Quantifier::All);
        }
        if word.eq_ignore_ascii_case("any") {
            return Some(Quantifier::Some(1));
        }
        word.parse().ok().filter(|count| *count > 0).map(Quantifier::Some)
    }

    fn them(&mut self, quantifier: Quantifier) -> Result<Condition, Wrong> {
        let Some(name) = self.peek().filter(|name| is_selection(name) || name.eq_ignore_ascii_case("them")) else {
            return Err(self.wrong("`them` or a name with `*`"));
        };
        let them = if name.eq_ignore_ascii_case("them") { Them::All } else { Them::Named(name.to_owned()) };
        self.at += 1;
        let count = if let Quantifier::Some(count) = quantifier { Some(count) } else { None };
        Ok(Condition::Of(count, them))
    }
}

fn is_selection(name: &str) -> bool {
    let reserved = ["and", "or", "not", "of", "them", "(", ")"];
    !reserved.iter().any(|word| name.eq_ignore_ascii_case(word))
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}

#[cfg(test)]
mod tests;
