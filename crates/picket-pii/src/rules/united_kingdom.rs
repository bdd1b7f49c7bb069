//! The United Kingdom and Ireland.

use super::common::differs;
use crate::checksum::{at, eleven, field, is_day, letter, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Sum},
    rule,
};

const NHS: &[&str] = &["nhs", "national health service", "health number"];
const NINO: &[&str] = &["nino", "national insurance", "ni number", "ni no"];
const PPS: &[&str] = &["pps", "ppsn", "personal public service"];

pub(crate) const RULES: &[Rule] = &[
    rule("UK_NHS", "Numbers of patients in England, Wales and Man", "9999999999", Sum(nhs), Words, NHS),
    rule("UK_NHS", "Numbers of patients, in groups", "999 999 9999", Sum(nhs), WordsOrAlone, NHS),
    rule("UK_NINO", "National insurance numbers", "AA 99 99 99 A|AA 999999A", Form(nino), Nothing, NINO),
    rule(
        "UK_UTR",
        "Taxpayer references",
        "9999999999|99999 99999",
        Sum(utr),
        Words,
        &["utr", "taxpayer reference", "self assessment"],
    ),
    rule(
        "UK_SORT_CODE",
        "Sort codes of banks",
        "99-99-99|999999",
        Form(differs),
        Words,
        &["sort code", "sort-code", "sortcode"],
    ),
    rule(
        "UK_DRIVING_LICENCE",
        "Driving licences of Great Britain",
        "AXXXX999999AXXAA|AXXXX999999AX9AA|AXXXX999999A99AA",
        Form(licence),
        Nothing,
        &["driving licence", "licence"],
    ),
    rule(
        "POSTAL_CODE",
        "Postcodes of the United Kingdom",
        "A9_9AA|A99_9AA|A9A_9AA|AA9_9AA|AA99_9AA|AA9A_9AA|gir_0aa",
        Form(postcode),
        Nothing,
        &["postcode"],
    ),
    rule(
        "POSTAL_CODE",
        "Postcodes of the United Kingdom, without a space",
        "A99AA|A999AA|A9A9AA|AA99AA|AA999AA|AA9A9AA",
        Form(postcode),
        WordsOrAlone,
        &["postcode", "post code", "address"],
    ),
    rule(
        "VEHICLE_PLATE",
        "Registration marks of the United Kingdom since 2001",
        "AA99_AAA",
        Form(mark),
        Nothing,
        &["reg"],
    ),
    rule(
        "VEHICLE_PLATE",
        "Registration marks of the United Kingdom",
        "AA99 AAA",
        Form(mark),
        WordsOrAlone,
        &["car reg", "registration", "vehicle", "plate"],
    ),
    rule(
        "VEHICLE_PLATE",
        "Registration marks of the United Kingdom before 2001",
        "A9_AAA|A99_AAA|A999_AAA|AAA_9A|AAA_99A|AAA_999A",
        Form(old_mark),
        WordsOrAlone,
        &["car reg", "registration", "vehicle", "plate"],
    ),
    rule("IE_PPS", "Personal public service numbers of Ireland", "9999999A|9999999AA", Sum(pps), WordsOrAlone, PPS),
];

fn nhs(values: &[u8]) -> bool {
    let weights = [10, 9, 8, 7, 6, 5, 4, 3, 2];
    eleven(values, &weights) && sum(values, &weights) % 11 != 1 && varied(values)
}

fn nino(values: &[u8]) -> bool {
    // Neither D nor F, I, Q, U, V in front; no O in second place; some pairs are not given out.
    let (first, second) = (at(values, 0), at(values, 1));
    !matches!(first, 13 | 15 | 18 | 26 | 30 | 31)
        && !matches!(second, 13 | 15 | 18 | 24 | 26 | 30 | 31)
        && !matches!((first, second), (11, 16) | (16 | 23, 11 | 20) | (20 | 29, 23) | (23, 29) | (35, 35))
        && matches!(at(values, 8), 10..=13)
}

fn utr(values: &[u8]) -> bool {
    let rest = sum(values.get(1..).unwrap_or_default(), &[6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11;
    letter(b"21987654321", u64::from(rest)) == Some(at(values, 0)) && varied(values)
}

/// Five letters of the name, filled with nines; then the birthday, with fifty added to the month for women.
fn licence(values: &[u8]) -> bool {
    let month = field(values, 6, 8) % 50;
    let name = values.get(..5).unwrap_or_default();
    let letters = name.iter().take_while(|value| **value > 9).count();
    letters >= 2 && name.iter().skip(letters).all(|value| *value == 9) && is_day(month, field(values, 8, 10))
}

const AREAS: &str = " AB AL B BA BB BD BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G \
    GIR GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR \
    NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC \
    WD WF WN WR WS WV YO ZE ";

fn postcode(values: &[u8]) -> bool {
    let area: String = values
        .iter()
        .take_while(|value| **value > 9)
        .filter_map(|value| char::from_digit(u32::from(*value), 36))
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    // Neither C nor I, K, M, O, V stand behind the last digit.
    let is_inward = values.iter().rev().take(2).all(|value| !matches!(value, 12 | 18 | 20 | 22 | 24 | 31));
    is_inward && AREAS.split(' ').any(|known| known == area)
}

fn mark(values: &[u8]) -> bool {
    // No I, Q, Z in the area, a year that was or will soon be, no I, Q in the end.
    let area = values.iter().take(2).all(|value| !matches!(value, 18 | 26 | 35));
    let end = values.iter().skip(4).all(|value| !matches!(value, 18 | 26));
    area && end && matches!(field(values, 2, 4), 2..=29 | 51..=79)
}

/// No I, O, Q, U, Z where the year is told.
fn old_mark(values: &[u8]) -> bool {
    let year = if at(values, 1) < 10 { values.first() } else { values.last() };
    year.is_some_and(|year| !matches!(year, 18 | 24 | 26 | 30 | 35))
}

fn pps(values: &[u8]) -> bool {
    // A letter counts its place in the alphabet, W nothing.
    let worth = |value: u32| if value == 32 || value == 0 { 0 } else { value - 9 };
    let rest = (sum(values, &[8, 7, 6, 5, 4, 3, 2]) + 9 * worth(at(values, 8))) % 23;
    rest == worth(at(values, 7)) && varied(values)
}
