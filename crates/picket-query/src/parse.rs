//! The parser: recursive descent over characters, within limits.

use crate::error::QueryError;
use crate::expr::{Expr, Term, Test};
use crate::field::Field;
use crate::reading::{self, Item, Op};
use crate::{DEPTH_MAX, TERMS_MAX, TEXT_BYTES_MAX};

/// What ends an unquoted value.
const SPECIAL: &str = "(),*\"";

pub(crate) fn parse(text: &str) -> Result<Expr, QueryError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(QueryError::new(0, 1, format!("a filter has at most {TEXT_BYTES_MAX} bytes")));
    }
    let mut parser = Parser { characters: text.chars().collect(), at: 0, terms: 0 };
    parser.space();
    if parser.peek().is_none() {
        return Ok(Expr::All);
    }
    let expr = parser.any(0)?;
    match parser.peek() {
        None => Ok(expr),
        Some(c) => Err(parser.refuse(parser.at, format!("unexpected `{c}`; is a parenthesis missing?"))),
    }
}

/// A value in the spelling that parses back to it.
pub(crate) fn quoted(value: &str) -> String {
    let reserved = ["OR", "AND", "NOT", "or", "and", "not", "now"].contains(&value);
    let plain = !value.is_empty()
        && !reserved
        && !value.contains("..")
        && !value.starts_with(['-', '.'])
        && !value.ends_with('.')
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "_-.@/+".contains(c));
    if plain { value.to_owned() } else { format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")) }
}

struct Parser {
    characters: Vec<char>,
    at: usize,
    terms: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// An error about what stands from `from` to here.
    fn refuse(&self, from: usize, message: impl Into<String>) -> QueryError {
        QueryError::new(from, self.at.saturating_sub(from), message)
    }

    /// Takes `text` if it comes next.
    fn take(&mut self, text: &str) -> bool {
        let end = self.at + text.chars().count();
        let found = self.characters.get(self.at..end).is_some_and(|found| found.iter().copied().eq(text.chars()));
        if found {
            self.at = end;
        }
        found
    }

    /// Takes an operator if it comes next and stands alone.
    fn keyword(&mut self, word: &str) -> bool {
        let start = self.at;
        if self.take(word) && self.peek().is_none_or(|c| c.is_whitespace() || "()\"".contains(c)) {
            self.space();
            return true;
        }
        self.at = start;
        false
    }

    fn any(&mut self, depth: usize) -> Result<Expr, QueryError> {
        if depth > DEPTH_MAX {
            return Err(self.refuse(self.at, format!("a filter nests at most {DEPTH_MAX} levels")));
        }
        let mut parts = vec![self.all(depth)?];
        while self.keyword("OR") {
            parts.push(self.all(depth)?);
        }
        Ok(Expr::any_of(parts))
    }

    fn all(&mut self, depth: usize) -> Result<Expr, QueryError> {
        let mut parts = Vec::new();
        loop {
            self.space();
            let start = self.at;
            if self.peek().is_none_or(|c| c == ')') || self.keyword("OR") {
                self.at = start;
                break;
            }
            if !parts.is_empty() {
                // Terms side by side must all hold anyway.
                self.keyword("AND");
            }
            parts.push(self.one(depth)?);
        }
        if parts.is_empty() {
            return Err(self.refuse(self.at, "expected a term such as action:blocked"));
        }
        Ok(Expr::all_of(parts))
    }

    fn one(&mut self, depth: usize) -> Result<Expr, QueryError> {
        if depth > DEPTH_MAX {
            return Err(self.refuse(self.at, format!("a filter nests at most {DEPTH_MAX} levels")));
        }
        if self.take("-") || self.keyword("NOT") {
            return self.one(depth + 1).map(Expr::negated);
        }
        if !self.take("(") {
            return self.term();
        }
        let open = self.at - 1;
        let inner = self.any(depth + 1)?;
        if self.take(")") { Ok(inner) } else { Err(QueryError::new(open, 1, "this parenthesis is not closed")) }
    }

    fn term(&mut self) -> Result<Expr, QueryError> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(self.refuse(self.at, format!("a filter has at most {TERMS_MAX} terms")));
        }
        let from = self.at;
        if self.peek() == Some('"') {
            let phrase = self.phrase()?;
            return reading::word(&phrase).map(Expr::Word).ok_or_else(|| self.refuse(from, "the phrase is empty"));
        }
        let name = self.run(|c| c != ':' && !c.is_whitespace() && !SPECIAL.contains(c));
        if self.take(":") {
            return self.field_term(from, &name);
        }
        match (name.as_str(), self.peek()) {
            (_, Some('*')) => Err(QueryError::new(self.at, 1, "a prefix needs a field, such as type:prompt*")),
            ("" | "OR" | "AND", _) => {
                self.at += usize::from(name.is_empty());
                Err(self.refuse(from, "expected a term such as action:blocked"))
            }
            ("or" | "and" | "not", _) => Err(self
                .refuse(from, format!("operators are written in capitals: {}", name.to_uppercase()))
                .suggesting(Some(name.to_uppercase()))),
            _ => reading::word(&name).map(Expr::Word).ok_or_else(|| self.refuse(from, "the word is empty")),
        }
    }

    /// What follows `name:`.
    fn field_term(&mut self, from: usize, name: &str) -> Result<Expr, QueryError> {
        let field = Field::find(name).map_err(|near| {
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let shown: String = name.chars().take(40).collect();
            QueryError::new(from, name.chars().count(), format!("there is no field `{shown}`{hint}"))
                .suggesting(near.map(str::to_owned))
        })?;
        let test = self.test(field)?;
        Ok(Expr::Term(Term { field, test }))
    }

    fn test(&mut self, field: Field) -> Result<Test, QueryError> {
        for (sign, op) in [(">=", Op::AtLeast), ("<=", Op::AtMost), (">", Op::Above), ("<", Op::Below)] {
            if self.take(sign) {
                let from = self.at;
                let Some(value) = self.value()? else { return Err(self.refuse(from, "a value is missing")) };
                return reading::comparison(field, op, &self.since(from, value, None));
            }
        }
        if self.take("*") {
            return Ok(Test::Exists);
        }
        let first = self.item()?;
        if self.take("*") {
            let item = Item { length: first.length + 1, ..first };
            if self.peek().is_some_and(|c| !c.is_whitespace() && c != ')') {
                return Err(self.refuse(self.at - 1, "`*` stands alone or ends a value"));
            }
            return reading::prefix(field, &item);
        }
        let mut items = vec![first];
        while self.take(",") {
            items.push(self.item()?);
        }
        reading::items(field, &items)
    }

    /// A value or a range.
    fn item(&mut self) -> Result<Item, QueryError> {
        let from = self.at;
        let first = self.value()?;
        if !self.take("..") {
            return match first {
                Some(value) => Ok(self.since(from, value, None)),
                None => Err(self.refuse(from, "a value is missing")),
            };
        }
        let last = self.value()?;
        if first.is_none() && last.is_none() {
            return Err(self.refuse(from, "a range needs an end, such as 1..5, 1.. or ..5"));
        }
        Ok(self.since(from, first.unwrap_or_default(), Some(last.unwrap_or_default())))
    }

    fn since(&self, at: usize, first: String, last: Option<String>) -> Item {
        Item { at, length: self.at - at, first, last }
    }

    /// A value, if one comes next.
    fn value(&mut self) -> Result<Option<String>, QueryError> {
        if self.peek() == Some('"') {
            let from = self.at;
            let text = self.phrase()?;
            return if text.is_empty() { Err(self.refuse(from, "the value is empty")) } else { Ok(Some(text)) };
        }
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !c.is_whitespace() && !SPECIAL.contains(*c)) {
            if c == '.' && self.characters.get(self.at + 1) == Some(&'.') {
                break;
            }
            text.push(c);
            self.at += 1;
        }
        Ok((!text.is_empty()).then_some(text))
    }

    /// A quoted text; `\` takes the next character as it is.
    fn phrase(&mut self) -> Result<String, QueryError> {
        let from = self.at;
        self.at += 1;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            match c {
                '"' => return Ok(text),
                '\\' => {
                    text.extend(self.peek());
                    self.at += 1;
                }
                other => text.push(other),
            }
        }
        Err(QueryError::new(from, 1, "this quote is not closed"))
    }

    fn run(&mut self, fits: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| fits(*c)) {
            text.push(c);
            self.at += 1;
        }
        text
    }
}
