//! Texts, and where the names in them stand.

use picket_names::Kind;
use std::ops::Range;

/// A text and what is in it.
#[derive(Debug, Clone, Default)]
pub struct Sample {
    pub text: String,
    pub names: Vec<(Range<usize>, Kind)>,
}

/// Makes the text from a place on small, or all capitals.
pub fn recase(sample: &mut Sample, begin: usize, is_upper: bool) {
    let old = sample.text.split_off(begin);
    let mut places = vec![0; old.len() + 1];
    for (at, c) in old.char_indices() {
        if let Some(place) = places.get_mut(at) {
            *place = sample.text.len();
        }
        if is_upper { sample.text.extend(c.to_uppercase()) } else { sample.text.extend(c.to_lowercase()) }
    }
    if let Some(last) = places.last_mut() {
        *last = sample.text.len();
    }
    for (span, _) in sample.names.iter_mut().filter(|(span, _)| span.start >= begin) {
        *span = places[span.start - begin]..places[span.end - begin];
    }
}

/// Joins an address with the town, the country or the rest of the address right behind it.
pub fn merge(sample: &mut Sample) {
    let mut merged: Vec<(Range<usize>, Kind)> = Vec::new();
    sample.names.sort_by_key(|(span, _)| (span.start, span.end));
    for (span, kind) in sample.names.drain(..) {
        if let Some((last, Kind::Address)) = merged.last_mut()
            && matches!(kind, Kind::Address | Kind::Location)
            && span.start >= last.end
            && sample.text[last.end..span.start].chars().all(|c| matches!(c, ' ' | ',' | '\n'))
            && span.start - last.end <= 3
        {
            last.end = span.end;
            continue;
        }
        if merged.last().is_none_or(|(last, _)| last.end <= span.start) {
            merged.push((span, kind));
        }
    }
    sample.names = merged;
}
