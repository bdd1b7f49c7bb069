//! Which of the named places in texts a detector found, and which it made up.

use crate::question::Kinds;
use crate::roc::share;
use crate::rows::{Entity, Row};
use crate::verdicts::Verdicts;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Counts of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Places that the corpus names.
    pub(crate) named: usize,
    /// Of them, found as this kind.
    pub(crate) found: usize,
    /// Of them, found as whatever kind.
    pub(crate) touched: usize,
    /// Places that the detector named, and the corpus does not.
    pub(crate) made_up: usize,
}

impl Tally {
    pub(crate) fn precision(&self) -> f64 {
        share(self.found, self.found + self.made_up)
    }

    pub(crate) fn recall(&self) -> f64 {
        share(self.found, self.named)
    }

    pub(crate) fn f1(&self) -> f64 {
        share(2 * self.found, self.found + self.made_up + self.named)
    }

    fn add(&mut self, other: &Self) {
        self.named += other.named;
        self.found += other.found;
        self.touched += other.touched;
        self.made_up += other.made_up;
    }
}

/// Names that mean the same kind; what is not listed is its own kind.
const SAME: &[(&str, &str)] = &[
    ("ABA_ROUTING", "US_BANK_ROUTING"),
    ("ABA_ROUTING_NUMBER", "US_BANK_ROUTING"),
    ("STREET_ADDRESS", "ADDRESS"),
    ("CRYPTO", "CRYPTO_WALLET"),
    ("DATE", "DATE_TIME"),
    ("DOMAIN_NAME", "URL"),
    ("EMAIL_ADDRESS", "EMAIL"),
    ("ES_NIF", "ES_DNI"),
    ("GPE", "LOCATION"),
    ("IBAN_CODE", "IBAN"),
    ("IP", "IP_ADDRESS"),
    ("MAC", "MAC_ADDRESS"),
    ("POSTCODE", "ZIP_CODE"),
    ("SSN", "US_SSN"),
    ("UK_POSTCODE", "ZIP_CODE"),
    ("POSTAL_CODE", "ZIP_CODE"),
    ("POSTAL_ADDRESS", "ADDRESS"),
    ("PERSONAL_URL", "URL"),
    ("US_BANK", "BANK_ACCOUNT"),
    ("US_BANK_NUMBER", "BANK_ACCOUNT"),
    ("VEHICLE_PLATE", "VEHICLE_REGISTRATION"),
];

/// Endings that mean a kind, of whatever country.
const ENDINGS: &[(&str, &str)] = &[
    ("DRIVER_LICENSE", "DRIVER_LICENSE"),
    ("DRIVING_LICENCE", "DRIVER_LICENSE"),
    ("LICENSE_PLATE", "VEHICLE_REGISTRATION"),
    ("MOBILE_NUMBER", "PHONE"),
    ("PASSPORT", "PASSPORT"),
    ("PHONE_NUMBER", "PHONE"),
    ("VEHICLE_REGISTRATION", "VEHICLE_REGISTRATION"),
];

/// Kinds without a format: no pattern finds them, only what knows names and language.
const WITHOUT_FORMAT: &[&str] =
    &["ADDRESS", "AGE", "DATE_TIME", "LOCATION", "NRP", "ORGANIZATION", "PERSON", "PREFIX", "TITLE"];

/// Kinds that are part of another one: the first, found at a place of the second, is no mistake, but does not find it.
const PARTS: &[(&str, &str)] = &[("DATE_OF_BIRTH", "DATE_TIME")];

/// Whether a pattern could find this kind.
pub(crate) fn has_format(kind: &str) -> bool {
    !WITHOUT_FORMAT.contains(&canonical(kind).as_str())
}

/// A kind by the name that is used here, whoever named it.
pub(crate) fn canonical(kind: &str) -> String {
    let name = kind.to_ascii_uppercase().replace(['-', ' '], "_");
    let same = SAME.iter().find(|(other, _)| *other == name).map(|(_, kind)| *kind);
    let ending = || ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, kind)| *kind);
    same.or_else(ending).map_or_else(|| name.clone(), str::to_owned)
}

/// Counts by kind over all texts whose source names places. Texts that hold something but do not say where count
/// nowhere.
pub(crate) fn tally(rows: &[Row], verdicts: &Verdicts, kinds: Kinds, positive: &str) -> BTreeMap<String, Tally> {
    let told: BTreeSet<&str> = rows
        .iter()
        .filter(|row| row.label == positive && row.entities.as_ref().is_some_and(|entities| !entities.is_empty()))
        .map(|row| row.source.as_str())
        .collect();
    // Harmless texts that were made as twins of the others, under another name, tell what is made up.
    let family = |source: &str| told.iter().any(|told| source.split('(').next() == told.split('(').next());
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (row, verdict) in rows.iter().zip(&verdicts.list) {
        let Some(verdict) = verdict.as_ref().filter(|_| family(&row.source)) else { continue };
        let named: &[Entity] = match (&row.entities, row.label.as_str()) {
            (Some(entities), label) if label == positive && !entities.is_empty() => entities,
            (_, "benign") => &[],
            _ => continue,
        };
        for (kind, tally) in compare(named, &verdict.entities, kinds) {
            tallies.entry(kind).or_default().add(&tally);
        }
    }
    tallies
}

/// Compares the places of one text.
pub(crate) fn compare(named: &[Entity], found: &[Entity], kinds: Kinds) -> BTreeMap<String, Tally> {
    let kind_of = |entity: &Entity| match kinds {
        Kinds::Any => "SECRET".to_owned(),
        Kinds::Compared | Kinds::Ignored => canonical(&entity.kind),
    };
    let mut open: Vec<(String, &Range<usize>)> = Vec::new();
    let mut longest_first: Vec<&Entity> = found.iter().collect();
    longest_first.sort_by_key(|entity| std::cmp::Reverse(entity.span.len()));
    for entity in longest_first {
        // Several rules may find the same thing.
        let kind = kind_of(entity);
        if !open.iter().any(|(other, span)| *other == kind && shared(span, &entity.span) > 0) {
            open.push((kind, &entity.span));
        }
    }
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for entity in named {
        let kind = kind_of(entity);
        let tally = tallies.entry(kind.clone()).or_default();
        tally.named += 1;
        tally.touched +=
            usize::from(found.iter().any(|other| 2 * shared(&other.span, &entity.span) >= entity.span.len()));
        let place = open.iter().position(|(other, span)| *other == kind && is_same(span, &entity.span));
        if let Some(place) = place {
            open.swap_remove(place);
            tally.found += 1;
        }
    }
    let is_part = |kind: &str, span: &Range<usize>| {
        let wholes = PARTS.iter().filter(|(part, _)| *part == kind);
        wholes
            .map(|(_, whole)| whole)
            .any(|whole| named.iter().any(|entity| canonical(&entity.kind) == *whole && shared(&entity.span, span) > 0))
    };
    for (kind, _) in open.into_iter().filter(|(kind, span)| !is_part(kind, span)) {
        tallies.entry(kind).or_default().made_up += 1;
    }
    tallies
}

/// Two places are the same when what they share is at least half of what they cover together.
fn is_same(a: &Range<usize>, b: &Range<usize>) -> bool {
    let shared = shared(a, b);
    shared > 0 && 2 * shared >= a.len() + b.len() - shared
}

fn shared(a: &Range<usize>, b: &Range<usize>) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

/// The sum over kinds.
pub(crate) fn micro<'a>(tallies: impl IntoIterator<Item = &'a Tally>) -> Tally {
    tallies.into_iter().fold(Tally::default(), |mut sum, tally| {
        sum.add(tally);
        sum
    })
}

#[cfg(test)]
mod tests;
