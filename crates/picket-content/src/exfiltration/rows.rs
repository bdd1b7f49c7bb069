//! Rows of data: tables, separated values, lines of JSON, dumps of databases.

use super::hit;
use picket_text::Hits;

/// Rows with other separators are told apart by how many each has; one sentence has as many commas as another by chance.
const RUN_MIN: usize = 5;
/// A row of values is no longer.
const ROW_BYTES_MAX: usize = 2_048;

/// What a line is a row of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    /// A table between bars.
    Table,
    /// An object of JSON.
    Json,
    /// Values of a statement.
    Sql,
    /// Values between a sign, so many times.
    Values(u8, usize),
}

/// Counts rows, line by line.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Rows of one kind that follow each other: which, where they begin, how many.
    run: Option<(Row, usize, usize)>,
    total: usize,
    first: Option<usize>,
    last: usize,
}

impl Rows {
    /// Takes a line that begins at `at`.
    pub(super) fn line(&mut self, line: &str, at: usize) {
        let row = row_of(line.trim());
        match (&mut self.run, row) {
            (Some((kind, _, length)), Some(row)) if *kind == row => *length += 1,
            _ => {
                self.close(at);
                self.run = row.map(|row| (row, at, 1));
            }
        }
    }

    fn close(&mut self, end: usize) {
        if let Some((_, begin, length)) = self.run.take().filter(|run| is_run(*run)) {
            self.total += length;
            self.first.get_or_insert(begin);
            self.last = end;
        }
    }

    /// Rows so far.
    pub(super) fn total(&self) -> usize {
        self.total + self.run.filter(|run| is_run(*run)).map_or(0, |(_, _, length)| length)
    }
}

/// A line that could be a row by chance is one only among others.
fn is_run((row, _, length): (Row, usize, usize)) -> bool {
    length >= RUN_MIN || !matches!(row, Row::Values(..))
}

/// Looks for more rows than `max`, over the whole text.
pub(super) fn scan(text: &str, max: usize, hits: &mut Hits) {
    // So many rows are so many lines.
    if memchr::memchr_iter(b'\n', text.as_bytes()).take(max).count() < max {
        return;
    }
    let (mut rows, mut at) = (Rows::default(), 0);
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).map(|end| end + 1);
    for end in ends.chain([text.len()]) {
        if let Some(line) = text.get(at..end).filter(|line| !line.is_empty()) {
            rows.line(line, at);
        }
        at = end;
    }
    rows.close(at);
    if let Some(first) = rows.first.filter(|_| rows.total > max) {
        let end = text.get(..rows.last).map_or(rows.last, |rows| rows.trim_end().len());
        hits.add(hit("BULK_ROWS", (first, end.max(first + 1)), 0.85, "rows of data"));
    }
}

/// How many separators of any kind a row has. Without branches, so that many bytes are looked at at once.
fn separators(row: &[u8]) -> usize {
    let one =
        |byte: u8| u8::from(byte == b'\t') + u8::from(byte == b';') + u8::from(byte == b'|') + u8::from(byte == b',');
    let (chunks, rest) = row.as_chunks::<16>();
    let whole: usize = chunks.iter().map(|chunk| usize::from(chunk.iter().map(|byte| one(*byte)).sum::<u8>())).sum();
    whole + rest.iter().map(|byte| usize::from(one(*byte))).sum::<usize>()
}

fn row_of(line: &str) -> Option<Row> {
    let bytes = line.as_bytes();
    if bytes.len() < 3 || bytes.len() > ROW_BYTES_MAX {
        return None;
    }
    let ends = |sign: u8| {
        bytes.last() == Some(&sign)
            || line.strip_suffix([',', ';']).is_some_and(|line| line.ends_with(char::from(sign)))
    };
    match bytes.first() {
        Some(b'|') if ends(b'|') => return (!line.contains("---")).then_some(Row::Table),
        Some(b'{') if ends(b'}') && bytes.contains(&b':') => return Some(Row::Json),
        Some(b'(') if ends(b')') && bytes.contains(&b',') => return Some(Row::Sql),
        Some(b'I' | b'i') if line.get(..12).is_some_and(|head| head.eq_ignore_ascii_case("insert into ")) => {
            return Some(Row::Sql);
        }
        _ => {}
    }
    // Most lines of prose have few signs of all kinds.
    if separators(bytes) < 2 {
        return None;
    }
    let count = |sign: u8| memchr::memchr_iter(sign, bytes).count();
    for sign in [b'\t', b';', b'|', b','] {
        let separators = count(sign);
        // Prose has a space behind its commas, and few of them.
        if separators >= 2 && !(sign == b',' && line.matches(", ").count() * 2 > separators) {
            return Some(Row::Values(sign, separators));
        }
    }
    None
}
