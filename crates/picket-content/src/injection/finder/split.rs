//! Rules taken apart at their gaps.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

/// Shorter gaps stay in their piece.
const GAP_MIN: u32 = 8;
/// A rule that would fall into more branches stays whole.
const BRANCHES_MAX: usize = 32;

/// One way through a rule: its first piece, and what follows behind gaps.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Branch {
    pub(super) head: Hir,
    pub(super) rest: Vec<(Gap, Hir)>,
}

/// Up to so many characters, none of which is excluded; as few as will do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    excluded: Vec<char>,
    most: usize,
}

impl Gap {
    /// The byte up to which a gap at the beginning of a text can go.
    pub(super) fn reach(&self, text: &str) -> usize {
        let mut characters = text.char_indices();
        let end = characters.by_ref().take(self.most).find(|(_, character)| self.excluded.contains(character));
        end.or_else(|| characters.next()).map_or(text.len(), |(at, _)| at)
    }

    /// The gap that a part of a pattern is.
    fn of(hir: &Hir) -> Option<Self> {
        let HirKind::Repetition(Repetition { min: 0, max: Some(most), greedy: false, sub }) = hir.kind() else {
            return None;
        };
        let HirKind::Class(Class::Unicode(class)) = sub.kind() else { return None };
        let mut excluded = class.clone();
        excluded.negate();
        let excluded: Vec<char> =
            excluded.ranges().iter().flat_map(|range| range.start()..=range.end()).take(9).collect();
        (*most >= GAP_MIN && excluded.len() <= 8).then(|| Self { excluded, most: usize::try_from(*most).unwrap_or(0) })
    }
}

/// A part of a branch.
#[derive(Debug, Clone)]
enum Part {
    Piece(Hir),
    Gap(Gap),
}

/// The branches of a pattern; together they find what it finds.
pub(super) fn branches(pattern: &Hir) -> Vec<Branch> {
    let ways = ways(pattern);
    let ways = if ways.len() > BRANCHES_MAX { vec![vec![Part::Piece(pattern.clone())]] } else { ways };
    ways.into_iter().map(branch).collect()
}

/// Joins what stands side by side.
fn branch(parts: Vec<Part>) -> Branch {
    let (mut pieces, mut gaps): (Vec<Vec<Hir>>, Vec<Gap>) = (vec![Vec::new()], Vec::new());
    for part in parts {
        match part {
            Part::Piece(hir) => pieces.last_mut().map_or((), |piece| piece.push(hir)),
            Part::Gap(gap) => {
                gaps.push(gap);
                pieces.push(Vec::new());
            }
        }
    }
    let mut pieces = pieces.into_iter().map(Hir::concat);
    let head = pieces.next().unwrap_or_else(Hir::empty);
    Branch { head, rest: gaps.into_iter().zip(pieces).collect() }
}

/// The ways through a part of a pattern, each as parts in a row.
fn ways(hir: &Hir) -> Vec<Vec<Part>> {
    if let Some(gap) = Gap::of(hir) {
        return vec![vec![Part::Gap(gap)]];
    }
    let whole = || vec![vec![Part::Piece(hir.clone())]];
    if !has_gap(hir) {
        return whole();
    }
    match hir.kind() {
        HirKind::Alternation(all) => all.iter().flat_map(ways).collect(),
        HirKind::Concat(all) => all.iter().fold(vec![Vec::new()], |before, part| {
            let after = ways(part);
            let joined = before.iter().flat_map(|before| after.iter().map(|after| [before.as_slice(), after].concat()));
            joined.take(BRANCHES_MAX + 1).collect()
        }),
        HirKind::Capture(capture) => ways(&capture.sub),
        HirKind::Repetition(Repetition { min: 0, max: Some(1), greedy, sub }) => {
            let (mut with, without) = (ways(sub), Vec::new());
            with.insert(if *greedy { with.len() } else { 0 }, without);
            with
        }
        _ => whole(),
    }
}

fn has_gap(hir: &Hir) -> bool {
    if Gap::of(hir).is_some() {
        return true;
    }
    match hir.kind() {
        HirKind::Alternation(all) | HirKind::Concat(all) => all.iter().any(has_gap),
        HirKind::Capture(capture) => has_gap(&capture.sub),
        HirKind::Repetition(repetition) => has_gap(&repetition.sub),
        _ => false,
    }
}
