//! Regular expressions of rules: bounded, and with the texts that have to stand where they match.

use crate::pattern::fold;
use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The longest expression that is read.
const BYTES_MAX: usize = 16 * 1024;
/// How deep it may be nested.
const NEST_MAX: u32 = 64;
/// Memory of one compiled expression.
const SIZE_MAX: usize = 4 * 1024 * 1024;
/// Texts of which one has to stand there.
const LITERALS_MAX: usize = 64;

/// Compiles an expression with the flags `i`, `m`, `s`; or says what is wrong, and what to do.
pub(crate) fn build(pattern: &str, [ignore_case, multi_line, dot_all]: [bool; 3]) -> Result<Regex, String> {
    if pattern.len() > BYTES_MAX {
        return Err(format!("the expression is longer than {} KiB; split it", BYTES_MAX / 1024));
    }
    // The flags become a part of the expression, which is then the same as another of the same text.
    let flags = [(ignore_case, 'i'), (multi_line, 'm'), (dot_all, 's')];
    let flags: String = flags.iter().filter(|(is_set, _)| *is_set).map(|(_, flag)| *flag).collect();
    let whole = if flags.is_empty() { pattern.to_owned() } else { format!("(?{flags}){pattern}") };
    let mut builder = RegexBuilder::new(&whole);
    builder.size_limit(SIZE_MAX).dfa_size_limit(SIZE_MAX).nest_limit(NEST_MAX);
    builder.build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => {
            "the expression is too large when compiled; make its repetitions smaller, such as `{1,50}` instead of `{1,50000}`".to_owned()
        }
        _ => cause(pattern),
    })
}

/// What is wrong with an expression, and where in it.
fn cause(pattern: &str) -> String {
    let parser = regex_syntax::ast::parse::ParserBuilder::new().nest_limit(NEST_MAX).build().parse(pattern);
    match parser {
        Err(error) => {
            use regex_syntax::ast::ErrorKind;
            let column = error.span().start.column;
            match error.kind() {
                ErrorKind::UnsupportedLookAround => format!(
                    "the expression looks around (character {column}), which takes more than linear time; put what must not be there into a \
                     selection of its own, and say `and not` in the condition"
                ),
                ErrorKind::UnsupportedBackreference => format!(
                    "the expression refers back to a group (character {column}), which takes more than linear time; compare fields \
                     with `fieldref`, or write the cases out"
                ),
                ErrorKind::NestLimitExceeded(_) => {
                    format!("the expression is nested deeper than {NEST_MAX}; split it")
                }
                kind => format!("the regular expression is broken at character {column}: {kind}"),
            }
        }
        Ok(_) => "the regular expression uses a class or property that does not exist; look at `\\p{…}` and ranges"
            .to_owned(),
    }
}

/// Folded texts of which at least one stands in the fold of every text that the expression matches; none if there are no
/// such texts.
pub(crate) fn required(regex: &Regex) -> Option<Vec<String>> {
    let hir = ParserBuilder::new().nest_limit(NEST_MAX).build().parse(regex.as_str()).ok()?;
    literals(&hir).filter(|texts| texts.iter().all(|text| text.len() > 1))
}

fn literals(hir: &Hir) -> Option<Vec<String>> {
    match hir.kind() {
        HirKind::Literal(_) | HirKind::Class(_) => letters(hir).map(|text| vec![text]),
        HirKind::Capture(capture) => literals(&capture.sub),
        HirKind::Repetition(repetition) if repetition.min > 0 => literals(&repetition.sub),
        HirKind::Alternation(branches) => {
            let mut all = Vec::new();
            for branch in branches {
                all.extend(literals(branch)?);
                if all.len() > LITERALS_MAX {
                    return None;
                }
            }
            Some(all)
        }
        HirKind::Concat(parts) => {
            let mut best: Option<Vec<String>> = None;
            let mut run = String::new();
            for part in parts.iter().map(Some).chain(std::iter::once(None)) {
                if let Some(text) = part.and_then(letters) {
                    run.push_str(&text);
                    continue;
                }
                let ended = Some(std::mem::take(&mut run)).filter(|run| !run.is_empty()).map(|run| vec![run]);
                for found in [ended, part.and_then(literals)].into_iter().flatten() {
                    if best.as_ref().is_none_or(|best| shortest(&found) > shortest(best)) {
                        best = Some(found);
                    }
                }
            }
            best
        }
        HirKind::Empty | HirKind::Look(_) | HirKind::Repetition(_) => None,
    }
}

fn shortest(texts: &[String]) -> usize {
    texts.iter().map(String::len).min().unwrap_or(0)
}

/// The one folded text that a part stands for, if it does.
fn letters(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) => std::str::from_utf8(&literal.0).ok().map(fold),
        HirKind::Capture(capture) => letters(&capture.sub),
        // A letter in all its cases.
        HirKind::Class(Class::Unicode(class)) => {
            let mut folded: Option<String> = None;
            let mut count = 0_u32;
            for range in class.iter() {
                count = count.saturating_add(u32::from(range.end()) - u32::from(range.start()) + 1);
                if count > 8 {
                    return None;
                }
                for character in range.start()..=range.end() {
                    let this = fold(character.encode_utf8(&mut [0; 4]));
                    if folded.get_or_insert_with(|| this.clone()) != &this {
                        return None;
                    }
                }
            }
            folded
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
