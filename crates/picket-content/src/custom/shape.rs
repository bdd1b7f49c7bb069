//! Patterns as trees: read, made small, and made lower case.
//!
//! Three things are simplified, so that every pattern runs as an automaton over bytes. Word boundaries ask for ASCII
//! words. A class that has a thousand ranges of letters, such as `\w`, has every character beyond ASCII instead. Where
//! case does not matter, the two characters beyond ASCII that count as `k` and `s` do not count.

use super::look;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Capture, Repetition};
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Look};

/// Groups inside each other.
const NESTED_MAX: u32 = 50;
/// A class with more ranges beyond ASCII is made simple.
const RANGES_MAX: usize = 64;
/// Most repetitions of one thing, multiplied where they are inside each other.
pub(super) const REPEATS_MAX: u32 = 1_000;

/// Repeats up to which a pattern without counting counts.
const COUNTED_MAX: u32 = 3;
/// Bytes of a state of an automaton, about.
const STATE_BYTES: usize = 32;

/// Reads a pattern. An error names what and where, and repeats nothing of it.
pub(super) fn parse(pattern: &str, is_insensitive: bool) -> Result<Hir, String> {
    with_stand_ins(pattern, is_insensitive).map(|tree| without_stand_ins(&tree))
}

/// Reads a pattern in which groups may stand for look-arounds, and keeps those.
pub(super) fn with_stand_ins(pattern: &str, is_insensitive: bool) -> Result<Hir, String> {
    let mut builder = ParserBuilder::new();
    let parsed = builder.nest_limit(NESTED_MAX).case_insensitive(is_insensitive).build().parse(pattern);
    let hir = parsed.map_err(|error| match error {
        regex_syntax::Error::Parse(error) => told(&error.kind().to_string(), error.span().start.offset),
        regex_syntax::Error::Translate(error) => told(&error.kind().to_string(), error.span().start.offset),
        _ => "not a regular expression".to_owned(),
    })?;
    let repeats = repeats(&hir);
    if repeats > REPEATS_MAX {
        return Err(format!(
            "repeats {repeats} times at most, counted through all levels; write a repeat of at most {REPEATS_MAX}"
        ));
    }
    Ok(simplified(&hir))
}

fn told(kind: &str, at: usize) -> String {
    let remedy = if kind.contains("backreferences") { "; write out what may be repeated" } else { "" };
    format!("not a regular expression: {kind}, at byte {at}{remedy}")
}

/// The highest count of repetitions on any way down. What has no highest counts by its lowest.
fn repeats(hir: &Hir) -> u32 {
    match hir.kind() {
        HirKind::Repetition(repetition) => {
            repetition.max.unwrap_or(repetition.min).max(1).saturating_mul(repeats(&repetition.sub))
        }
        HirKind::Capture(capture) => repeats(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().map(repeats).max().unwrap_or(1),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => 1,
    }
}

/// The pattern without the groups that stand for look-arounds.
pub(super) fn without_stand_ins(tree: &Hir) -> Hir {
    match tree.kind() {
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            let sub = Box::new(without_stand_ins(sub));
            Hir::repetition(Repetition { min: *min, max: *max, greedy: *greedy, sub })
        }
        HirKind::Capture(capture) => without_stand_ins(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(without_stand_ins).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(without_stand_ins).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => tree.clone(),
    }
}

/// A pattern that matches wherever this one does, and counts no further than a few.
pub(super) fn uncounted(tree: &Hir) -> Hir {
    match tree.kind() {
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            let (min, max) = (*min.min(&COUNTED_MAX), max.filter(|max| *max <= COUNTED_MAX));
            Hir::repetition(Repetition { min, max, greedy: *greedy, sub: Box::new(uncounted(sub)) })
        }
        HirKind::Capture(capture) => uncounted(&capture.sub),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(uncounted).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(uncounted).collect()),
        HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_) => tree.clone(),
    }
}

/// Bytes that a compiled pattern takes, about.
pub(super) fn bytes(tree: &Hir) -> usize {
    match tree.kind() {
        HirKind::Empty | HirKind::Look(_) => STATE_BYTES,
        HirKind::Literal(literal) => STATE_BYTES * literal.0.len(),
        HirKind::Class(Class::Bytes(class)) => STATE_BYTES + class.ranges().len() * 8,
        HirKind::Class(Class::Unicode(class)) => {
            let beyond = class.iter().filter(|range| !range.end().is_ascii()).count();
            STATE_BYTES * (1 + 8 * beyond) + class.ranges().len() * 8
        }
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let times = max.unwrap_or(min + 1).max(1) as usize;
            bytes(sub).saturating_add(STATE_BYTES).saturating_mul(times)
        }
        HirKind::Capture(capture) => bytes(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => {
            parts.iter().map(bytes).fold(STATE_BYTES, usize::saturating_add)
        }
    }
}

/// The pattern, where its end is the end of the text.
pub(super) fn at_end(tree: Hir) -> Hir {
    Hir::concat(vec![tree, Hir::look(Look::End)])
}

/// Rebuilds a tree with its leaves changed. Groups are dropped, since nobody asks for them, but for those that stand for
/// look-arounds.
fn rebuilt(hir: &Hir, leaf: &impl Fn(&HirKind) -> Hir) -> Hir {
    match hir.kind() {
        HirKind::Repetition(Repetition { min, max, greedy, sub }) => {
            Hir::repetition(Repetition { min: *min, max: *max, greedy: *greedy, sub: Box::new(rebuilt(sub, leaf)) })
        }
        HirKind::Capture(Capture { index, name, .. }) if look::is_stand_in(hir.kind()) => {
            Hir::capture(Capture { index: *index, name: name.clone(), sub: Box::new(Hir::empty()) })
        }
        HirKind::Capture(Capture { sub, .. }) => rebuilt(sub, leaf),
        HirKind::Concat(parts) => Hir::concat(parts.iter().map(|part| rebuilt(part, leaf)).collect()),
        HirKind::Alternation(parts) => Hir::alternation(parts.iter().map(|part| rebuilt(part, leaf)).collect()),
        kind @ (HirKind::Empty | HirKind::Literal(_) | HirKind::Class(_) | HirKind::Look(_)) => leaf(kind),
    }
}

fn same(kind: &HirKind) -> Hir {
    match kind {
        HirKind::Literal(literal) => Hir::literal(literal.0.clone()),
        HirKind::Class(class) => Hir::class(class.clone()),
        HirKind::Look(look) => Hir::look(*look),
        HirKind::Empty
        | HirKind::Repetition(_)
        | HirKind::Capture(_)
        | HirKind::Concat(_)
        | HirKind::Alternation(_) => Hir::empty(),
    }
}

fn simplified(hir: &Hir) -> Hir {
    rebuilt(hir, &|kind| match kind {
        HirKind::Class(Class::Unicode(class)) => Hir::class(Class::Unicode(simple_class(class))),
        HirKind::Look(look) => Hir::look(match look {
            Look::WordUnicode => Look::WordAscii,
            Look::WordUnicodeNegate => Look::WordAsciiNegate,
            Look::WordStartUnicode => Look::WordStartAscii,
            Look::WordEndUnicode => Look::WordEndAscii,
            Look::WordStartHalfUnicode => Look::WordStartHalfAscii,
            Look::WordEndHalfUnicode => Look::WordEndHalfAscii,
            other => *other,
        }),
        kind => same(kind),
    })
}

fn simple_class(class: &ClassUnicode) -> ClassUnicode {
    let has = |wanted: char| class.iter().any(|range| range.start() <= wanted && wanted <= range.end());
    let stands_alone = |range: &ClassUnicodeRange| {
        range.start() == range.end()
            && match range.start() {
                '\u{212a}' => has('k') && has('K'),
                '\u{17f}' => has('s') && has('S'),
                _ => false,
            }
    };
    let mut simple = ClassUnicode::new(class.iter().filter(|range| !stands_alone(range)).copied());
    let beyond = class.iter().filter(|range| !range.end().is_ascii()).count();
    if beyond > RANGES_MAX && ['é', 'я', '中'].into_iter().all(has) {
        simple.union(&ClassUnicode::new([ClassUnicodeRange::new('\u{80}', char::MAX)]));
    }
    simple
}

/// The pattern over a text whose ASCII letters are small.
pub(super) fn lowered(hir: &Hir) -> Hir {
    rebuilt(hir, &|kind| match kind {
        HirKind::Literal(literal) => Hir::literal(literal.0.to_ascii_lowercase()),
        HirKind::Class(Class::Unicode(class)) => {
            let capitals = ClassUnicode::new([ClassUnicodeRange::new('A', 'Z')]);
            let mut small = class.clone();
            small.intersect(&capitals);
            let lower = |letter: char| letter.to_ascii_lowercase();
            let small = small.iter().map(|range| ClassUnicodeRange::new(lower(range.start()), lower(range.end())));
            let mut all = class.clone();
            all.difference(&capitals);
            all.union(&ClassUnicode::new(small));
            Hir::class(Class::Unicode(all))
        }
        HirKind::Class(Class::Bytes(class)) => {
            let capitals = ClassBytes::new([ClassBytesRange::new(b'A', b'Z')]);
            let mut small = class.clone();
            small.intersect(&capitals);
            let lower = |letter: u8| letter.to_ascii_lowercase();
            let small = small.iter().map(|range| ClassBytesRange::new(lower(range.start()), lower(range.end())));
            let mut all = class.clone();
            all.difference(&capitals);
            all.union(&ClassBytes::new(small));
            Hir::class(Class::Bytes(all))
        }
        kind => same(kind),
    })
}

/// The parts that follow each other in a pattern.
pub(super) fn parts(hir: &Hir) -> Vec<Hir> {
    match hir.kind() {
        HirKind::Concat(parts) => parts.clone(),
        _ => vec![hir.clone()],
    }
}

/// The ways that a pattern has at its first choice; one where it has none.
pub(super) fn ways(hir: &Hir) -> Vec<Hir> {
    let parts = parts(hir);
    let choice = parts.iter().enumerate().find_map(|(at, part)| match part.kind() {
        HirKind::Alternation(ways) => Some((at, ways)),
        _ => None,
    });
    let Some((at, ways)) = choice else { return vec![hir.clone()] };
    let (before, after) = (parts.get(..at).unwrap_or_default(), parts.get(at + 1..).unwrap_or_default());
    ways.iter()
        .map(|way| Hir::concat(before.iter().chain(std::iter::once(way)).chain(after).cloned().collect()))
        .collect()
}
