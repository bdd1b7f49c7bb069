//! Answers that arrive in pieces: carriers and active content are judged as soon as they are whole, rows are counted.
//!
//! A picture loads when the bracket behind its address has come, a tag when its own has. What completes one is judged
//! before it leaves, so that nothing loads; the address without its end is out, and does nothing.

use super::rows::Rows;
use super::{Limits, code, hit, markup};
use picket_text::{Hit, Hits, disjoint};

/// Text that is kept, so that an address finds its label and code its fence.
const WINDOW_BYTES_MAX: usize = 16 * 1_024;
const WINDOW_BYTES_KEPT: usize = 4 * 1_024;
/// Longer lines are no rows.
const LINE_BYTES_MAX: usize = 4 * 1_024;
/// Hits that are remembered, so that none is told twice while it is in the window.
const TOLD_MAX: usize = 1_024;
/// Stands for the beginning of code that is out of sight.
const FENCE: &str = "```\n";

/// One text in pieces. Bounded.
#[derive(Debug, Default)]
pub struct Stream {
    window: String,
    /// Code points of the text before `window`; less than nothing where a fence was put before it.
    offset: isize,
    /// What has begun and is not over: something in round brackets, in pointed ones, a word, what may be code.
    open: [bool; 4],
    /// Where the last hits begin that were told, in code points of the text.
    told: Vec<usize>,
    rows: Rows,
    line: String,
    is_bulk: bool,
}

impl Stream {
    /// Takes a piece; what is whole now, in code points of the text.
    pub fn push(&mut self, text: &str, limits: &Limits) -> Vec<Hit> {
        let mut hits = self.count(text, limits);
        let begin = self.window.len();
        self.window.push_str(text);
        if self.closes(begin) {
            hits.extend(self.judge(limits, false));
        }
        self.trim();
        hits
    }

    /// What the end of the text completes.
    pub fn finish(&mut self, limits: &Limits) -> Vec<Hit> {
        if self.open.contains(&true) { self.judge(limits, true) } else { Vec::new() }
    }

    /// Whether something that may be found ends in what follows `begin`.
    fn closes(&mut self, begin: usize) -> bool {
        let bytes = self.window.as_bytes();
        let mut closes = false;
        for at in begin..bytes.len() {
            let before = at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b' ');
            let [round, pointed, word, code] = &mut self.open;
            let closing = match bytes.get(at).copied().unwrap_or(b' ') {
                b'(' => {
                    *round |= before == b']' || matches!(before, b'l' | b'L');
                    continue;
                }
                b'<' | b'&' | b'\\' | 0xef | b'%' => {
                    *pointed = true;
                    continue;
                }
                b'/' if before == b'/' => {
                    *word = true;
                    continue;
                }
                // An escape is over with the letter behind it; colours are not worth waiting for.
                0x1b | 0xc2 => {
                    *word = true;
                    continue;
                }
                b')' => std::mem::take(round),
                b'>' | b';' => std::mem::take(pointed),
                b' ' | b'\t' | b'"' | b'\'' | 0x07 => std::mem::take(word),
                b'`' => std::mem::take(code),
                b'\n' | b'\r' => std::mem::take(&mut self.open).contains(&true),
                _ => continue,
            };
            closes |= closing;
        }
        closes
    }

    fn judge(&mut self, limits: &Limits, last: bool) -> Vec<Hit> {
        let mut hits = Hits::default();
        markup::scan(&self.window, limits, &mut hits);
        let mut found = disjoint(hits.into_vec());
        if found.is_empty() {
            return found;
        }
        // Behind an open back quote stands code, it seems, unless the line ends without another. What loads by itself
        // does not get the benefit of that doubt.
        let code = if last { None } else { code::open_span(&self.window) };
        let is_code = |hit: &Hit| hit.kind != "REMOTE_IMAGE" && code.is_some_and(|begin| hit.start > begin);
        let [.., waits] = &mut self.open;
        *waits |= found.iter().any(is_code);
        found.retain(|hit| !is_code(hit));
        found.iter_mut().for_each(|hit| (hit.start, hit.end) = (self.points(hit.start), self.points(hit.end)));
        found.retain(|hit| !self.told.contains(&hit.start));
        self.told.extend(found.iter().map(|hit| hit.start));
        self.told.drain(..self.told.len().saturating_sub(TOLD_MAX));
        found
    }

    /// Code points of the text before a place in the window.
    fn points(&self, at: usize) -> usize {
        let inside = self.window.get(..at).map_or(0, |text| text.chars().count());
        usize::try_from(self.offset.saturating_add_unsigned(inside)).unwrap_or(0)
    }

    fn trim(&mut self) {
        if self.window.len() <= WINDOW_BYTES_MAX {
            return;
        }
        let latest = self.window.floor_char_boundary(self.window.len() - WINDOW_BYTES_KEPT);
        // At the end of a line, so that fences stay lines of their own.
        let cut = self.window.get(..latest).and_then(|text| text.rfind('\n')).map_or(latest, |at| at + 1);
        let cut = if latest - cut > WINDOW_BYTES_KEPT { latest } else { cut };
        let is_code = code::holds(&code::ranges(&self.window), cut);
        self.offset =
            self.offset.saturating_add_unsigned(self.window.get(..cut).map_or(0, |text| text.chars().count()));
        self.window.drain(..cut);
        if is_code {
            self.window.insert_str(0, FENCE);
            self.offset = self.offset.saturating_sub_unsigned(FENCE.len());
        }
    }

    /// Counts rows; the text that makes them too many is told once.
    fn count(&mut self, text: &str, limits: &Limits) -> Vec<Hit> {
        for piece in text.split_inclusive('\n') {
            let room = LINE_BYTES_MAX.saturating_sub(self.line.len());
            self.line.push_str(piece.get(..piece.floor_char_boundary(room)).unwrap_or_default());
            if piece.ends_with('\n') {
                self.rows.line(&self.line, 0);
                self.line.clear();
            }
        }
        if self.is_bulk || self.rows.total() <= limits.max_rows {
            return Vec::new();
        }
        self.is_bulk = true;
        let at = self.points(self.window.len());
        vec![hit("BULK_ROWS", (at, at + text.chars().count()), 0.85, "rows of data")]
    }
}
