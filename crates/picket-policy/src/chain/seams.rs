//! What stands in two texts: an attack or a value that begins at the end of one and goes on at the beginning of the next.
//!
//! Texts that follow each other and are of the same role are read as one: parts of a message, messages in a row, results
//! of tools, choices. Each was looked at by itself; here only the places where they meet are looked at, so that the cost
//! stays a fraction of the texts.

use picket_content::{Hit, Report};
use picket_event::Role;
use picket_llm::Document;
use std::collections::BTreeMap;
use std::ops::Range;

/// So much on each side of a seam is looked at.
const SIDE_BYTES: usize = 512;
/// So much, where what was found may be longer.
const WIDE_BYTES: usize = 8 * 1_024;

/// What has no end of its own: alone, it seems to reach to the end of its text.
const OPEN_KIND: &str = "PRIVATE_KEY";

/// The texts of a document that meet.
#[derive(Debug, Default)]
pub(super) struct Seams {
    runs: Vec<Run>,
}

/// Texts in a row.
#[derive(Debug)]
struct Run {
    role: Role,
    pieces: Vec<Piece>,
}

/// One of them: its part, and its place among all bytes of the run.
#[derive(Debug)]
struct Piece {
    part: usize,
    range: Range<usize>,
}

/// A stretch of a run as one text.
#[derive(Debug)]
struct Joined {
    text: String,
    /// By part: its bytes in `text`, and where these begin in the part.
    parts: Vec<(usize, Range<usize>, usize)>,
    /// Whether words were set apart that met.
    is_spaced: bool,
}

/// What counts as found where texts meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Across {
    /// A value that stands on both sides.
    Values,
    /// What both sides say together.
    Sentences,
}

/// What a check found where texts meet.
#[derive(Debug)]
pub(super) struct Crossing {
    pub(super) score: f32,
    pub(super) kind: Option<&'static str>,
    /// By part, in bytes of its text.
    pub(super) hits: BTreeMap<usize, Vec<Hit>>,
}

/// What was found so far, by part.
pub(super) type Counted = BTreeMap<usize, Vec<Range<usize>>>;

impl Seams {
    /// The texts of a document that meet.
    pub(super) fn of(document: &Document) -> Self {
        let mut runs: Vec<Run> = Vec::new();
        for (index, part) in document.parts().iter().enumerate().filter(|(_, part)| part.flows) {
            let length = document.text(part).len();
            match runs.last_mut().filter(|run| run.role == part.role) {
                _ if length == 0 => {}
                Some(run) => run.pieces.push(Piece { part: index, range: run.length()..run.length() + length }),
                None => runs.push(Run { role: part.role, pieces: vec![Piece { part: index, range: 0..length }] }),
            }
        }
        runs.retain(|run| run.pieces.len() > 1);
        Self { runs }
    }

    /// Whether no texts meet.
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// What a check finds where texts meet, from a score on, besides what was `counted`. The part before a place that it
    /// fails on is told to `failed`.
    pub(super) fn find(
        &self,
        document: &Document,
        (across, threshold): (Across, f32),
        mut counted: Counted,
        look: &dyn Fn(&str, Role) -> Option<Report>,
        failed: &mut dyn FnMut(usize),
    ) -> Vec<Crossing> {
        let mut found = Vec::new();
        let windows: Vec<(&Run, Range<usize>)> = self
            .runs
            .iter()
            .flat_map(|run| run.windows(&counted).into_iter().map(move |window| (run, window)))
            .collect();
        for (run, window) in windows {
            for space in ["", " "] {
                let mut joined = run.join(document, &window, space);
                if joined.is_spaced == space.is_empty() {
                    continue;
                }
                let look = |joined: &Joined| look(&joined.text, run.role);
                let mut report = look(&joined);
                if across == Across::Values && report.as_ref().is_some_and(|report| joined.is_cut(report)) {
                    let (start, end) = (window.start.saturating_sub(WIDE_BYTES), window.end + WIDE_BYTES);
                    joined = run.join(document, &(start..end.min(run.length())), space);
                    report = look(&joined);
                }
                match report {
                    Some(report) if report.score >= threshold => {
                        found.extend(joined.crossing(report, across, &mut counted))
                    }
                    Some(_) => {}
                    None => failed(joined.parts.first().map_or(0, |(part, ..)| *part)),
                }
            }
        }
        found
    }
}

impl Run {
    fn length(&self) -> usize {
        self.pieces.last().map_or(0, |piece| piece.range.end)
    }

    /// The places to look at. Those that overlap are one. What reaches a seam already is looked at from its beginning.
    fn windows(&self, counted: &Counted) -> Vec<Range<usize>> {
        let mut windows: Vec<Range<usize>> = Vec::new();
        for piece in self.pieces.iter().take(self.pieces.len().saturating_sub(1)) {
            let seam = piece.range.end;
            let reaching =
                counted.get(&piece.part).into_iter().flatten().filter(|hit| piece.range.start + hit.end == seam);
            let begun = reaching.map(|hit| piece.range.start + hit.start).min().unwrap_or(seam);
            let start = seam.saturating_sub(SIDE_BYTES).min(begun.max(seam.saturating_sub(WIDE_BYTES)));
            let end = (seam + SIDE_BYTES).min(self.length());
            match windows.last_mut().filter(|last| last.end >= start) {
                Some(last) => last.end = end,
                None => windows.push(start..end),
            }
        }
        windows
    }

    /// A stretch as one text, with something between words that would become one.
    fn join(&self, document: &Document, window: &Range<usize>, space: &str) -> Joined {
        let mut joined = Joined { text: String::new(), parts: Vec::new(), is_spaced: false };
        let from = self.pieces.partition_point(|piece| piece.range.end <= window.start);
        for piece in self.pieces.get(from..).unwrap_or_default() {
            if piece.range.start >= window.end {
                break;
            }
            let text = document.parts().get(piece.part).map(|part| document.text(part)).unwrap_or_default();
            let start = text.ceil_char_boundary(window.start.saturating_sub(piece.range.start));
            let end = text.floor_char_boundary(window.end.min(piece.range.end) - piece.range.start);
            let stretch = text.get(start..end).unwrap_or_default();
            if joined.text.ends_with(char::is_alphanumeric) && stretch.starts_with(char::is_alphanumeric) {
                joined.is_spaced |= !space.is_empty();
                joined.text.push_str(space);
            }
            let at = joined.text.len();
            joined.text.push_str(stretch);
            joined.parts.push((piece.part, at..joined.text.len(), start));
        }
        joined
    }
}

impl Joined {
    /// Whether a value may be longer than what is seen of it.
    fn is_cut(&self, report: &Report) -> bool {
        let touches = |hit: &Hit| hit.start == 0 || hit.end == self.text.len();
        report.hits.iter().any(|hit| touches(hit) && self.split(hit).count() > 1)
    }

    /// A hit by part.
    fn split(&self, hit: &Hit) -> impl Iterator<Item = (usize, Hit)> {
        let hit = hit.clone();
        self.parts.iter().filter_map(move |(part, range, from)| {
            let (start, end) = (hit.start.max(range.start), hit.end.min(range.end));
            let place = |at: usize| at - range.start + from;
            (start < end).then(|| (*part, Hit { start: place(start), end: place(end), ..hit.clone() }))
        })
    }

    /// What of a report counts, if something does.
    fn crossing(&self, report: Report, across: Across, counted: &mut Counted) -> Option<Crossing> {
        let mut hits: BTreeMap<usize, Vec<Hit>> = BTreeMap::new();
        for hit in &report.hits {
            let split: Vec<(usize, Hit)> = self.split(hit).collect();
            let is_known = |(part, hit): &(usize, Hit)| {
                let known = counted.get(part).map(Vec::as_slice).unwrap_or_default();
                known.iter().any(|known| known.start < hit.end && hit.start < known.end)
            };
            // A word that only happens to follow a value does not belong to it, but what follows the head of a key does.
            let is_told = if hit.kind == OPEN_KIND { split.iter().all(is_known) } else { split.iter().any(is_known) };
            if (across == Across::Values && split.len() < 2) || is_told {
                continue;
            }
            split.into_iter().for_each(|(part, hit)| hits.entry(part).or_default().push(hit));
        }
        if hits.len() < 2 {
            return None;
        }
        for (part, hits) in &hits {
            counted.entry(*part).or_default().extend(hits.iter().map(|hit| hit.start..hit.end));
        }
        Some(Crossing { score: report.score, kind: report.kind, hits })
    }
}

#[cfg(test)]
mod tests;
