//! The parser: recursive descent over characters, with limits.

use crate::field::{Field, FieldKind};
use crate::{Expr, Op, Test};
use picket_event::vocabulary::{Decision, Severity, fold};

const TEXT_BYTES_MAX: usize = 4_096;
const TERMS_MAX: usize = 64;
const DEPTH_MAX: usize = 16;

/// A filter cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}: {message}")]
pub struct QueryError {
    /// First code point of the offending place, from 1.
    pub column: usize,
    /// Code points of it.
    pub length: usize,
    /// What is wrong, and what to do.
    pub message: String,
    /// The name that was probably meant.
    pub suggestion: Option<String>,
}

impl QueryError {
    /// The filter with a line of carets below the offending place.
    pub fn caret(&self, text: &str) -> String {
        format!("{text}\n{}{}", " ".repeat(self.column.saturating_sub(1)), "^".repeat(self.length.max(1)))
    }
}

pub(crate) fn parse(text: &str) -> Result<Expr, QueryError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(QueryError {
            column: 1,
            length: 1,
            message: format!("a filter has at most {TEXT_BYTES_MAX} bytes"),
            suggestion: None,
        });
    }
    let mut parser = Parser { characters: text.chars().collect(), at: 0, terms: 0 };
    let expr = parser.any(0)?;
    parser.space();
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.refuse(parser.at, "unexpected here; is a parenthesis missing?")),
    }
}

/// A value in the spelling that parses back to it.
pub(crate) fn quoted(value: &str) -> String {
    let plain = !value.is_empty()
        && value != "OR"
        && value != "AND"
        && value != "NOT"
        && !value.contains("..")
        && value.chars().all(|c| c.is_alphanumeric() || "_-.@/+".contains(c))
        && !value.starts_with('-');
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

    fn refuse(&self, from: usize, message: impl Into<String>) -> QueryError {
        QueryError {
            column: from + 1,
            length: self.at.saturating_sub(from).max(1),
            message: message.into(),
            suggestion: None,
        }
    }

    fn keyword(&mut self, word: &str) -> bool {
        self.space();
        let end = self.at + word.len();
        let found = self.characters.get(self.at..end).is_some_and(|found| found.iter().copied().eq(word.chars()));
        let alone = self.characters.get(end).is_none_or(|c| c.is_whitespace() || *c == '(' || *c == ')');
        if found && alone {
            self.at = end;
        }
        found && alone
    }

    fn any(&mut self, depth: usize) -> Result<Expr, QueryError> {
        if depth > DEPTH_MAX {
            return Err(self.refuse(self.at, "nested too deeply"));
        }
        let mut any = vec![self.all(depth)?];
        while self.keyword("OR") {
            any.push(self.all(depth)?);
        }
        Ok(if any.len() == 1 { any.remove(0) } else { Expr::Or(any) })
    }

    fn all(&mut self, depth: usize) -> Result<Expr, QueryError> {
        let mut all = Vec::new();
        loop {
            self.space();
            let checkpoint = self.at;
            if self.peek().is_none_or(|c| c == ')') || self.keyword("OR") {
                self.at = checkpoint;
                break;
            }
            if self.keyword("AND") {
                continue;
            }
            all.push(self.one(depth)?);
        }
        Ok(match all.len() {
            0 if depth == 0 && self.characters.iter().all(|c| c.is_whitespace()) => Expr::All,
            0 => return Err(self.refuse(self.at, "expected a term such as action:blocked")),
            1 => all.remove(0),
            _ => Expr::And(all),
        })
    }

    fn one(&mut self, depth: usize) -> Result<Expr, QueryError> {
        if depth > DEPTH_MAX {
            return Err(self.refuse(self.at, "nested too deeply"));
        }
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return Err(self.refuse(self.at, format!("a filter has at most {TERMS_MAX} terms")));
        }
        if self.peek() == Some('-') {
            self.at += 1;
            return Ok(negated(self.one(depth + 1)?));
        }
        if self.keyword("NOT") {
            self.space();
            return Ok(negated(self.one(depth + 1)?));
        }
        if self.peek() == Some('(') {
            self.at += 1;
            let inner = self.any(depth + 1)?;
            self.space();
            if self.peek() != Some(')') {
                return Err(self.refuse(self.at, "a parenthesis is not closed"));
            }
            self.at += 1;
            return Ok(inner);
        }
        self.term()
    }

    fn term(&mut self) -> Result<Expr, QueryError> {
        let from = self.at;
        if self.peek() == Some('"') {
            return Ok(Expr::Word(self.quoted()?));
        }
        let name = self.run(|c| c.is_alphanumeric() || c == '_' || c == '-' || c == '.');
        if self.peek() != Some(':') {
            if name.is_empty() {
                self.at += 1;
                return Err(self.refuse(from, "expected a word or a term such as action:blocked"));
            }
            return Ok(Expr::Word(name));
        }
        let field = Field::find(&name).map_err(|suggestion| {
            let hint = suggestion.map_or_else(String::new, |known| format!("; did you mean `{known}`?"));
            let error = self.refuse(from, format!("no field `{}`{hint}", name.chars().take(40).collect::<String>()));
            QueryError { suggestion: suggestion.map(str::to_owned), ..error }
        })?;
        self.at += 1;
        let begin = self.at;
        let test = self.test(field)?;
        check(field, &test).map_err(|message| self.refuse(begin, message))?;
        Ok(Expr::Term(field, test))
    }

    fn test(&mut self, field: Field) -> Result<Test, QueryError> {
        let begin = self.at;
        for (sign, op) in [(">=", Op::GreaterOrEqual), ("<=", Op::LessOrEqual), (">", Op::Greater), ("<", Op::Less)] {
            let end = self.at + sign.len();
            if self.characters.get(self.at..end).is_some_and(|found| found.iter().copied().eq(sign.chars())) {
                self.at = end;
                return Ok(Test::Compare(op, normal(field, &self.value()?)));
            }
        }
        if self.peek() == Some('*') {
            self.at += 1;
            return Ok(Test::Exists);
        }
        let first = self.value()?;
        if self.characters.get(self.at..self.at + 2) == Some(&['.', '.']) {
            self.at += 2;
            return Ok(Test::Range(normal(field, &first), normal(field, &self.value()?)));
        }
        if self.peek() == Some('*') {
            self.at += 1;
            return Ok(Test::Prefix(normal_prefix(field, &first)));
        }
        let mut values = vec![normal(field, &first)];
        while self.peek() == Some(',') {
            self.at += 1;
            values.push(normal(field, &self.value()?));
        }
        if values.iter().any(String::is_empty) {
            return Err(self.refuse(begin, "a value is missing"));
        }
        Ok(Test::Equals(values))
    }

    fn value(&mut self) -> Result<String, QueryError> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let from = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek().filter(|c| !c.is_whitespace() && !"(),*\"".contains(*c)) {
            if c == '.' && self.characters.get(self.at + 1) == Some(&'.') {
                break;
            }
            text.push(c);
            self.at += 1;
        }
        if text.is_empty() { Err(self.refuse(from, "a value is missing")) } else { Ok(text) }
    }

    fn quoted(&mut self) -> Result<String, QueryError> {
        let from = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.refuse(from, "a quote is not closed")) };
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

fn negated(inner: Expr) -> Expr {
    match inner {
        Expr::Not(inner) => *inner,
        other => Expr::Not(Box::new(other)),
    }
}

/// A value as it stands in events: words folded, verbs of decisions translated. Policies keep their dashes.
fn normal(field: Field, value: &str) -> String {
    match (field, field.kind()) {
        (Field::Decision, _) => {
            value.parse::<Decision>().map_or_else(|_| fold(value), |decision| decision.as_str().to_owned())
        }
        (Field::EventId | Field::Escalation | Field::Key | Field::Endpoint | Field::Gateway, _) => value.to_owned(),
        (_, FieldKind::Word | FieldKind::Ordered) => fold(value),
        _ => value.to_owned(),
    }
}

fn normal_prefix(field: Field, value: &str) -> String {
    if field == Field::Decision { fold(value) } else { normal(field, value) }
}

/// Whether a test fits the field.
fn check(field: Field, test: &Test) -> Result<(), String> {
    let is_severity = |text: &String| text.parse::<Severity>().map(drop).map_err(|error| error.to_string());
    let is_number = |text: &String| {
        text.parse::<f64>()
            .ok()
            .filter(|n| n.is_finite())
            .map(drop)
            .ok_or_else(|| format!("{} takes a number", field.as_str()))
    };
    let name = field.as_str();
    match (field.kind(), test) {
        (FieldKind::Ordered, Test::Equals(values)) => values.iter().try_for_each(is_severity),
        (FieldKind::Ordered, Test::Compare(_, value)) => is_severity(value),
        (FieldKind::Ordered, Test::Range(from, to)) => is_severity(from).and_then(|()| is_severity(to)),
        (FieldKind::Number, Test::Equals(values)) => values.iter().try_for_each(is_number),
        (FieldKind::Number, Test::Compare(_, value)) => is_number(value),
        (FieldKind::Number, Test::Range(from, to)) => is_number(from).and_then(|()| is_number(to)),
        (FieldKind::Number, Test::Prefix(_)) => Err(format!("{name} takes a number, not a prefix")),
        (FieldKind::Address, Test::Equals(values)) => values.iter().try_for_each(|value| {
            let valid = value.parse::<std::net::IpAddr>().is_ok() || value.parse::<ipnet::IpNet>().is_ok();
            if valid { Ok(()) } else { Err(format!("{name} takes an address or a network such as 10.0.0.0/8")) }
        }),
        (
            FieldKind::Word | FieldKind::Name | FieldKind::Hashed | FieldKind::Address,
            Test::Compare(..) | Test::Range(..),
        ) => Err(format!("{name} has no order; write {name}:value")),
        (FieldKind::Hashed | FieldKind::Address, Test::Prefix(_)) => Err(format!("{name} takes whole values")),
        _ if field == Field::Decision => decisions(test),
        _ => Ok(()),
    }
}

fn decisions(test: &Test) -> Result<(), String> {
    match test {
        Test::Equals(values) => {
            values.iter().try_for_each(|value| value.parse::<Decision>().map(drop).map_err(|error| error.to_string()))
        }
        _ => Ok(()),
    }
}
