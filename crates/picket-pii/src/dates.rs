//! Dates of birth: dates behind words that say so.

use super::checksum::is_day;
use super::codes::{Found, Place, Topic, ends};

/// Words that make a date a birthday.
pub(super) const BIRTH: &[&str] = &[
    "born",
    "birth",
    "date of birth",
    "birthday",
    "birthdate",
    "dob",
    "d.o.b",
    "geboren",
    "geburtsdatum",
    "geb",
    "né le",
    "née le",
    "naissance",
    "nacido",
    "nacida",
    "nacimiento",
    "nascido",
    "nascida",
    "nascimento",
    "nato il",
    "nata il",
    "nascita",
    "geboortedatum",
    "urodzony",
    "urodzona",
    "urodzenia",
    "födelsedatum",
    "født",
    "syntymäaika",
    "doğum",
    "родился",
    "родилась",
    "дата рождения",
    "出生",
    "生年月日",
    "생년월일",
    "تاريخ الميلاد",
];

/// How months begin, in some languages.
const MONTHS: &[&str] = &[
    "jan", "feb", "mar", "apr", "may", "mai", "jun", "jul", "aug", "sep", "oct", "okt", "nov", "dec", "dez", "mär",
    "janv", "fév", "avr", "juin", "juil", "aoû", "déc", "ene", "abr", "ago", "dic", "gen", "mag", "giu", "lug", "set",
    "ott", "out", "fev",
];
/// How far before a date the word may stand.
const REACH: usize = 32;
/// The longest name of a month, in bytes.
pub(crate) const MONTH_BYTES: usize = 12;

/// A date of birth that begins at a place.
pub(super) fn judge(place: &Place<'_>, add: &mut impl FnMut(Found)) {
    let bytes = place.text.as_bytes().get(place.start..).unwrap_or_default();
    let Some(length) = numeric(bytes).or_else(|| named(place.text.get(place.start..)?)) else { return };
    let end = place.start + length;
    if ends(place.text.as_bytes(), end) && place.near(Topic::Birth).is_some_and(|near| near <= REACH) {
        add(("DATE_OF_BIRTH", place.start, end, 0.85));
    }
}

/// The digits at the start of a text: how many, and their number.
fn digits(bytes: &[u8], most: usize) -> Option<(usize, u64)> {
    let count = bytes.iter().take(most + 1).take_while(|byte| byte.is_ascii_digit()).count();
    let number = bytes.iter().take(count).fold(0, |number, digit| number * 10 + u64::from(*digit - b'0'));
    (1..=most).contains(&count).then_some((count, number))
}

fn is_year(year: u64) -> bool {
    (1900..=2100).contains(&year)
}

/// Length of a date of three numbers at the start of a text, whatever their order.
pub(super) fn numeric(bytes: &[u8]) -> Option<usize> {
    let (first, a) = digits(bytes, 4)?;
    let separator = bytes.get(first).copied().filter(|byte| matches!(byte, b'-' | b'/' | b'.'))?;
    let (second, b) = digits(bytes.get(first + 1..)?, 2)?;
    let at = first + 1 + second;
    bytes.get(at).filter(|byte| **byte == separator)?;
    let (third, c) = digits(bytes.get(at + 1..)?, 4)?;
    let is_short = third == 2 && first <= 2;
    let fits = (first == 4 && is_year(a) && is_day(b, c))
        || (first <= 2 && (is_year(c) || is_short) && (is_day(a, b) || is_day(b, a)));
    fits.then_some(at + 1 + third)
}

/// Length of a date such as `12 March 1985`, or of what stands behind the month in `March 12, 1985`.
fn named(text: &str) -> Option<usize> {
    let (first, day) = digits(text.as_bytes(), 2)?;
    // Most numbers are followed by something else, and end here.
    let rest = text.get(first..).filter(|rest| rest.starts_with([' ', '.', ',']))?;
    let month = rest.trim_start_matches(['.', ' ']).split([' ', ',']).next().unwrap_or_default();
    let has_month = (3..=MONTH_BYTES).contains(&month.len()) && begins_month(month);
    let after = if has_month { rest.find(month)? + month.len() } else { 0 };
    let gap = rest.get(after..)?.len() - rest.get(after..)?.trim_start_matches([',', ' ']).len();
    let (fourth, year) = digits(rest.as_bytes().get(after + gap..)?, 4)?;
    let fits = (1..=31).contains(&day) && gap > 0 && gap <= 2 && fourth == 4 && is_year(year);
    (fits && (has_month || rest.starts_with(','))).then_some(first + after + gap + fourth)
}

/// Whether a word begins as a month does.
fn begins_month(word: &str) -> bool {
    if !word.is_ascii() {
        let small = word.to_lowercase();
        return MONTHS.iter().any(|known| small.starts_with(known));
    }
    MONTHS.iter().any(|known| word.get(..known.len()).is_some_and(|head| head.eq_ignore_ascii_case(known)))
}

/// Whether letters may be the beginning of a month's name.
pub(crate) fn may_be_month(letters: &str) -> bool {
    if letters.is_ascii() {
        // Most words are no month by their first letter.
        let first = letters.bytes().next().map(|first| first.to_ascii_lowercase());
        let begins = |month: &&str| {
            let count = month.len().min(letters.len());
            month.bytes().next() == first
                && letters.as_bytes().get(..count).is_some_and(|head| {
                    month.as_bytes().get(..count).is_some_and(|known| known.eq_ignore_ascii_case(head))
                })
        };
        return letters.is_empty() || (letters.len() <= MONTH_BYTES && MONTHS.iter().any(begins));
    }
    let small = letters.to_lowercase();
    small.len() <= MONTH_BYTES && MONTHS.iter().any(|month| small.starts_with(month) || month.starts_with(&small))
}
