//! Exfiltration: what would carry data out of an answer, or run in whoever shows it.
//!
//! Four things are looked for. *Carriers*: images, links, forms, frames and styles whose address has data in it; what
//! loads by itself needs less of it than a link that somebody must follow. *Active content*: scripts, handlers, frames,
//! escapes of terminals. *Blobs*: long runs of base64 or hex that are no picture. *Bulk*: rows of tables and dumps, and
//! personal data, in numbers. Code that is shown as code is not rendered, and carries nothing.

mod address;
mod blob;
mod code;
mod markup;
mod rows;
mod stream;

pub(crate) use blob::unhex;
pub use stream::Stream;

use crate::Reading;
use picket_text::{Check, Context, Hit, Hits, Report, disjoint};
use std::collections::HashSet;

/// What an operator says about exfiltration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Hosts that may be loaded from with whatever address; their subdomains too.
    pub allow_hosts: Vec<String>,
    /// Rows of data that one text may have.
    pub max_rows: usize,
    /// Different values of personal data that one text may have.
    pub max_entities: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { allow_hosts: Vec::new(), max_rows: 100, max_entities: 20 }
    }
}

impl Limits {
    /// Whether a host, or one above it, is allowed.
    fn allows(&self, host: &str) -> bool {
        self.allow_hosts.iter().any(|allowed| {
            let allowed = allowed.trim_start_matches("*.");
            let (host, allowed) = (host.as_bytes(), allowed.as_bytes());
            let tail = host.len().checked_sub(allowed.len()).and_then(|from| host.get(from..));
            tail.is_some_and(|tail| tail.eq_ignore_ascii_case(allowed))
                && (host.len() == allowed.len() || host.get(host.len() - allowed.len() - 1) == Some(&b'.'))
        })
    }
}

/// Kinds of personal data that stand for somebody; addresses of machines do not.
const NOBODY: &[&str] = &["IP_ADDRESS", "MAC_ADDRESS", "VIN", "IMEI", "DATE_OF_BIRTH"];

/// What a kind of hit is in the vocabulary of events.
pub fn finding(kind: &str) -> &'static str {
    match kind {
        "BULK_ROWS" | "BULK_ENTITIES" => "bulk_data",
        "ACTIVE_CONTENT" | "TERMINAL_ESCAPE" => "active_content",
        "ENCODED_BLOB" => "encoded_data",
        _ => "markdown_exfil",
    }
}

/// All of it.
pub(crate) fn scan(reading: &Reading<'_>, limits: &Limits, _context: Context) -> Report {
    let (text, mut hits) = (reading.text(), Hits::default());
    markup::scan(text, limits, &mut hits);
    rows::scan(text, limits.max_rows, &mut hits);
    late(reading, limits, &mut hits);
    report(hits)
}

/// What a [`Stream`] does not look for, in a text that is out already: blobs, and personal data in numbers.
pub fn scan_late(text: &str, limits: &Limits) -> Report {
    let mut hits = Hits::default();
    late(&Reading::of(text), limits, &mut hits);
    report(hits)
}

fn late(reading: &Reading<'_>, limits: &Limits, hits: &mut Hits) {
    blob::scan(reading.text(), hits);
    entities(reading, limits.max_entities, hits);
}

fn report(hits: Hits) -> Report {
    let hits = disjoint(hits.into_vec());
    let surest = hits.iter().max_by(|a, b| a.score.total_cmp(&b.score));
    let (score, kind) = surest.map_or((0.0, None), |hit| (hit.score, Some(finding(hit.kind))));
    Report { score, kind, hits }
}

fn hit(kind: &'static str, (start, end): (usize, usize), score: f32, detector: &'static str) -> Hit {
    Hit { check: Check::Exfiltration, kind, start, end, score, detector }
}

/// Personal data in numbers: one address is an answer, fifty are a list.
fn entities(reading: &Reading<'_>, max: usize, hits: &mut Hits) {
    let text = reading.text();
    let bytes = text.as_bytes();
    // Each value has an at sign or several digits, and takes room.
    let marks = || memchr::memchr_iter(b'@', bytes).count();
    if text.len() < max * 6 || !(has_digits(bytes, max * 5) || marks() > max) {
        return;
    }
    let values: Vec<&Hit> = reading.personal().iter().filter(|hit| !NOBODY.contains(&hit.kind)).collect();
    let different: HashSet<&str> = values.iter().filter_map(|hit| text.get(hit.start..hit.end)).collect();
    if let (true, Some(first), Some(last)) = (different.len() > max, values.first(), values.last()) {
        hits.add(hit("BULK_ENTITIES", (first.start, last.end), 0.8, "personal data in numbers"));
    }
}

/// Whether there are so many digits. They are counted many at a time.
fn has_digits(bytes: &[u8], least: usize) -> bool {
    let (chunks, rest) = bytes.as_chunks::<64>();
    let mut count = rest.iter().filter(|byte| byte.is_ascii_digit()).count();
    let mut more = chunks.iter().map(|chunk| chunk.iter().map(|byte| u8::from(byte.is_ascii_digit())).sum::<u8>());
    while count < least {
        let Some(digits) = more.next() else { return false };
        count += usize::from(digits);
    }
    true
}

#[cfg(test)]
mod tests;
