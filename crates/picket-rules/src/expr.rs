//! Rules as expressions over leaves.

use crate::leaf::Leaf;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expr {
    Leaf(usize),
    Not(Box<Expr>),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    /// At least so many.
    Some(usize, Vec<Expr>),
}

impl Expr {
    /// Never true.
    pub(crate) const NEVER: Self = Self::Or(Vec::new());
    /// Always true.
    pub(crate) const ALWAYS: Self = Self::And(Vec::new());

    pub(crate) fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::And(inner) => flat.extend(inner),
                part if part == Self::NEVER => return Self::NEVER,
                part => flat.push(part),
            }
        }
        single(flat, Self::And)
    }

    pub(crate) fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut flat = Vec::new();
        for part in parts {
            match part {
                Self::Or(inner) => flat.extend(inner),
                part if part == Self::ALWAYS => return Self::ALWAYS,
                part => flat.push(part),
            }
        }
        single(flat, Self::Or)
    }

    pub(crate) fn some(count: usize, parts: Vec<Self>) -> Self {
        match count {
            0 => Self::ALWAYS,
            1 => Self::or(parts),
            count if count == parts.len() => Self::and(parts),
            count if count > parts.len() => Self::NEVER,
            count => Self::Some(count, parts),
        }
    }

    /// The opposite, with negations moved down to the leaves.
    pub(crate) fn not(self) -> Self {
        match self {
            Self::Not(inner) => *inner,
            Self::And(parts) => Self::or(parts.into_iter().map(Self::not)),
            Self::Or(parts) => Self::and(parts.into_iter().map(Self::not)),
            other => Self::Not(Box::new(other)),
        }
    }

    /// Whether it holds, with an answer for each leaf.
    pub(crate) fn holds(&self, answer: &mut impl FnMut(usize) -> bool) -> bool {
        match self {
            Self::Leaf(leaf) => answer(*leaf),
            Self::Not(inner) => !inner.holds(answer),
            Self::And(parts) => parts.iter().all(|part| part.holds(answer)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(answer)),
            Self::Some(count, parts) => {
                let mut held = 0;
                parts.iter().any(|part| {
                    held += usize::from(part.holds(answer));
                    held >= *count
                })
            }
        }
    }

    /// Leaves of which one at least is true wherever this is, and roughly how often one of them is. None if there are no
    /// such leaves: then the expression has to be looked at for every event.
    pub(crate) fn witnesses(&self, leaves: &[Leaf]) -> Option<(f64, Vec<usize>)> {
        match self {
            Self::Leaf(leaf) => Some((leaves.get(*leaf)?.check.chance()?, vec![*leaf])),
            Self::Not(_) => None,
            Self::And(parts) => parts
                .iter()
                .filter_map(|part| part.witnesses(leaves))
                .min_by(|(one, _), (other, _)| one.total_cmp(other)),
            Self::Or(parts) | Self::Some(_, parts) => {
                let mut all = (0.0, Vec::new());
                for part in parts {
                    let (chance, leaves) = part.witnesses(leaves)?;
                    all.0 += chance;
                    all.1.extend(leaves);
                }
                Some(all)
            }
        }
    }

    /// Puts what is decided quickly before what is not.
    pub(crate) fn sort(&mut self, leaves: &[Leaf]) {
        match self {
            Self::Leaf(_) => {}
            Self::Not(inner) => inner.sort(leaves),
            Self::And(parts) | Self::Or(parts) | Self::Some(_, parts) => {
                parts.iter_mut().for_each(|part| part.sort(leaves));
                parts.sort_by_key(|part| part.effort(leaves));
            }
        }
    }

    fn effort(&self, leaves: &[Leaf]) -> usize {
        match self {
            Self::Leaf(leaf) => leaves.get(*leaf).map_or(0, |leaf| leaf.check.effort()),
            Self::Not(inner) => inner.effort(leaves),
            Self::And(parts) | Self::Or(parts) | Self::Some(_, parts) => {
                parts.iter().map(|part| part.effort(leaves)).fold(1, usize::saturating_add)
            }
        }
    }
}

fn single(mut parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
    match parts.len() {
        1 => parts.remove(0),
        _ => join(parts),
    }
}
