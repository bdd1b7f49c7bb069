//! Which correlations can be used: those whose references lead to rules, and back to none of themselves.
//!
//! Rules and correlations may be many, and chains of broken ones long: each reference is looked at a bounded number of
//! times, and nothing here goes down a chain by calling itself.

use super::plan::{DEPTH_MAX, Names, Target, field};
use crate::issue::{Issue, Issues, Place, shown};
use crate::model::{Correlation, Rule};
use std::collections::{HashMap, VecDeque};

/// Correlations that are looked at for the way from one back to itself.
const LOOKED_MAX: usize = 256;
/// Of that way, names that are told.
const TOLD_MAX: usize = 8;

/// Leaves out the correlations that refer to nothing, to themselves, or over too many levels, and tells why.
pub(crate) fn keep_sound(rules: &[Rule], correlations: &mut Vec<Correlation>, issues: &mut Issues) {
    let mut graph = Graph::new(Names::new(rules, correlations));
    graph.look_for_circles();
    graph.spread();
    let Graph { problems, is_broken, .. } = graph;
    issues.errors.extend(problems.into_iter().flatten());
    let mut is_broken = is_broken.into_iter();
    correlations.retain(|_| !is_broken.next().unwrap_or(false));
}

/// Correlations that refer to correlations.
struct Graph<'a> {
    names: Names<'a>,
    /// By correlation: those that it refers to, each with the place among its rules.
    below: Vec<Vec<(usize, usize)>>,
    /// By correlation: those that refer to it.
    above: Vec<Vec<usize>>,
    problems: Vec<Vec<Issue>>,
    is_broken: Vec<bool>,
}

impl<'a> Graph<'a> {
    fn new(names: Names<'a>) -> Self {
        let count = names.correlations.len();
        let (mut below, mut above) = (vec![Vec::new(); count], vec![Vec::new(); count]);
        let mut problems = vec![Vec::new(); count];
        for (at, correlation) in names.correlations.iter().enumerate() {
            let (Some(below), Some(problems)) = (below.get_mut(at), problems.get_mut(at)) else { continue };
            for (part, reference) in correlation.rules.iter().enumerate() {
                match names.find(reference) {
                    None => problems.push(unknown(correlation, part)),
                    Some(Target::Rule(_)) => {}
                    Some(Target::Correlation(child)) => {
                        below.push((child, part));
                        above.get_mut(child).into_iter().for_each(|above: &mut Vec<usize>| above.push(at));
                        problems
                            .extend(names.correlations.get(child).and_then(|child| lacks(correlation, part, child)));
                    }
                }
            }
            if let Some(share) = correlation.kind.share_of()
                && !matches!(names.find(share), Some(Target::Rule(_)))
            {
                let name = shown(share);
                let message =
                    format!("a share is of a rule about single events, and `{name}` is none that can be used here");
                problems.push(Issue { place: place_of(correlation, usize::MAX), message });
            }
        }
        let is_broken = problems.iter().map(|problems: &Vec<Issue>| !problems.is_empty()).collect();
        Self { names, below, above, problems, is_broken }
    }

    fn tell(&mut self, at: usize, issue: Issue) {
        if let (Some(problems), Some(is_broken)) = (self.problems.get_mut(at), self.is_broken.get_mut(at))
            // What is wrong already needs no other cause.
            && !std::mem::replace(is_broken, true)
        {
            problems.push(issue);
        }
    }

    /// Finds what waits for itself, and chains that are too long.
    fn look_for_circles(&mut self) {
        let count = self.below.len();
        let mut depth = vec![1_usize; count];
        let mut waits: Vec<usize> = self.below.iter().map(Vec::len).collect();
        let mut ready: Vec<usize> = (0..count).filter(|at| waits.get(*at) == Some(&0)).collect();
        while let Some(at) = ready.pop() {
            let own = depth.get(at).copied().unwrap_or(1);
            for parent in self.above.get(at).into_iter().flatten() {
                let (Some(depth), Some(waits)) = (depth.get_mut(*parent), waits.get_mut(*parent)) else { continue };
                *depth = (*depth).max(own + 1);
                *waits -= 1;
                ready.extend((*waits == 0).then_some(*parent));
            }
        }
        for at in 0..count {
            let is_in_order = waits.get(at) == Some(&0);
            if is_in_order {
                self.look_at_depth(at, &depth);
            } else if let Some(issue) = self.circle(at, &waits) {
                self.tell(at, issue);
            }
        }
    }

    fn look_at_depth(&mut self, at: usize, depths: &[usize]) {
        let depth_of = |at: usize| depths.get(at).copied().unwrap_or(1);
        let depth = depth_of(at);
        if depth <= DEPTH_MAX {
            return;
        }
        let deepest = self.below.get(at).and_then(|below| below.iter().max_by_key(|(child, _)| depth_of(*child)));
        let part = deepest.map_or(usize::MAX, |(_, part)| *part);
        if let Some(correlation) = self.names.correlations.get(at) {
            let message = format!("correlations are chained over {depth} levels; {DEPTH_MAX} are the most");
            self.tell(at, Issue { place: place_of(correlation, part), message });
        }
    }

    /// What is wrong with a correlation that leads back to itself, by the shortest way. Those that only lead to such a one
    /// are left out with it.
    fn circle(&self, at: usize, waits: &[usize]) -> Option<Issue> {
        let correlation = self.names.correlations.get(at)?;
        // From where each was reached, and by which of the rules there.
        let mut from: HashMap<usize, (usize, usize)> = HashMap::new();
        let mut next = VecDeque::from([at]);
        let mut end = None;
        'looking: while let Some(place) = next.pop_front() {
            for (child, part) in self.below.get(place).into_iter().flatten() {
                if *child == at {
                    end = Some((place, *part));
                    break 'looking;
                }
                let is_stuck = waits.get(*child).is_some_and(|waits| *waits > 0);
                if is_stuck && from.len() < LOOKED_MAX && !from.contains_key(child) {
                    from.insert(*child, (place, *part));
                    next.push_back(*child);
                }
            }
        }
        let Some(end) = end else {
            // Where not all was looked at, it may be in a large circle, or above one.
            let (_, part) =
                self.below.get(at)?.iter().find(|(child, _)| waits.get(*child).is_some_and(|waits| *waits > 0))?;
            let message = "the correlation waits for itself, or for one that does; take the reference out".to_owned();
            return (from.len() >= LOOKED_MAX).then(|| Issue { place: place_of(correlation, *part), message });
        };
        let mut steps = vec![end];
        while let Some(step) = steps.last().and_then(|(place, _)| from.get(place)) {
            steps.push(*step);
        }
        steps.reverse();
        let name = |(place, part): &(usize, usize)| {
            let reference = self.names.correlations.get(*place).and_then(|correlation| correlation.rules.get(*part));
            reference.map(|reference| format!("`{}`", shown(reference)))
        };
        let mut names: Vec<String> = steps.iter().take(TOLD_MAX).filter_map(name).collect();
        if steps.len() > TOLD_MAX {
            names.push("…".to_owned());
        }
        let part = steps.first().map_or(usize::MAX, |(_, part)| *part);
        let message =
            format!("the correlation waits for itself, by way of {}; take one of the references out", names.join(", "));
        Some(Issue { place: place_of(correlation, part), message })
    }

    /// Whatever refers to what is left out is left out too.
    fn spread(&mut self) {
        let is_broken = |graph: &Self, at: usize| graph.is_broken.get(at).copied().unwrap_or(false);
        let mut next: Vec<usize> = (0..self.below.len()).filter(|at| is_broken(self, *at)).collect();
        while let Some(at) = next.pop() {
            for parent in self.above.get(at).cloned().unwrap_or_default() {
                if is_broken(self, parent) {
                    continue;
                }
                let part = self.below.get(parent).and_then(|below| below.iter().find(|(child, _)| *child == at));
                if let (Some((_, part)), Some(correlation)) = (part, self.names.correlations.get(parent)) {
                    self.tell(parent, unknown(correlation, *part));
                    next.push(parent);
                }
            }
        }
    }
}

/// Where one of the rules of a correlation is named.
fn place_of(correlation: &Correlation, part: usize) -> Place {
    let about = &correlation.about;
    correlation.places.get(part).or(about.refers.as_ref()).unwrap_or(&about.place).clone()
}

fn unknown(correlation: &Correlation, part: usize) -> Issue {
    let name = shown(correlation.rules.get(part).map(String::as_str).unwrap_or_default());
    let message = format!(
        "the correlation refers to `{name}`, and no rule that can be used here has that id or name; load it too, or correct it"
    );
    Issue { place: place_of(correlation, part), message }
}

/// What a correlation needs of one that it refers to, and that one does not have.
fn lacks(correlation: &Correlation, part: usize, child: &Correlation) -> Option<Issue> {
    let reference = correlation.rules.get(part)?;
    let needed = correlation.group_by.iter().chain(correlation.kind.fields());
    let missing = needed
        .map(|name| field(correlation, name, reference))
        .find(|name| !child.group_by.iter().any(|other| other == name))?;
    let message = format!(
        "`{}` is needed of the correlation `{}`, which is not grouped by it; add it to `group-by` there, or take it out here",
        shown(missing),
        shown(reference)
    );
    Some(Issue { place: place_of(correlation, part), message })
}

#[cfg(test)]
mod tests;
