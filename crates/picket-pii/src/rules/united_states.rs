//! The United States, and Canada.

use super::common::differs;
use crate::checksum::{at, field, luhn, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Sum},
    rule,
};

const SSN: &[&str] = &["ssn", "social security", "social-security", "ss#", "soc sec"];
const ITIN: &[&str] = &["itin", "taxpayer", "tax id", "tax identification"];
const NPI: &[&str] = &["npi", "provider"];
const ROUTING: &[&str] = &["aba", "routing", "rtn", "transit number", "bank code"];
const DEA: &[&str] = &["dea", "certificate number", "medical license", "prescriber"];

pub(crate) const RULES: &[Rule] = &[
    rule("US_SSN", "Social security numbers, with hyphens", "999-99-9999", Form(ssn), Nothing, SSN),
    rule("US_SSN", "Social security numbers, with a word", "999999999", Form(ssn), Words, SSN),
    rule("US_ITIN", "Individual taxpayer numbers, with hyphens", "999-99-9999", Form(itin), Nothing, ITIN),
    rule(
        "US_SSN",
        "Social security numbers, in groups",
        "999_99_9999|999-999999|99999-9999",
        Form(ssn),
        WordsOrAlone,
        SSN,
    ),
    rule(
        "US_ITIN",
        "Individual taxpayer numbers",
        "999999999|999 99 9999|999-999999|99999-9999",
        Form(itin),
        WordsOrAlone,
        ITIN,
    ),
    rule(
        "US_EIN",
        "Employer identification numbers",
        "99-9999999",
        Form(differs),
        Words,
        &["ein", "employer identification", "fein", "tax id"],
    ),
    rule("US_BANK_ROUTING", "Routing numbers of banks", "999999999|9999-9999-9", Sum(routing), WordsOrAlone, ROUTING),
    rule(
        "US_MBI",
        "Medicare beneficiary identifiers",
        "9AX9-AX9-AA99|9AX9AX9AA99",
        Form(mbi),
        Nothing,
        &["mbi", "medicare"],
    ),
    rule(
        "US_NPI",
        "National provider identifiers",
        "9999999999|9999-999-999|9999 999 999",
        Sum(npi),
        WordsOrAlone,
        NPI,
    ),
    rule("US_DEA", "Registrations for controlled substances", "AX9999999", Sum(dea), WordsOrAlone, DEA),
    rule(
        "CA_SIN",
        "Social insurance numbers of Canada",
        "999 999 999",
        Sum(sin),
        Words,
        &["sin", "social insurance", "nas", "assurance sociale"],
    ),
    rule(
        "CA_SIN",
        "Social insurance numbers of Canada, in groups",
        "999-999-999|999_999_999",
        Sum(sin),
        WordsOrAlone,
        &["sin", "social insurance", "nas", "assurance sociale"],
    ),
    rule(
        "CA_HEALTH_CARD",
        "Health cards of Ontario",
        "9999 999 999",
        Sum(health_card),
        Words,
        &["ohip", "health card", "carte santé"],
    ),
];

fn ssn(values: &[u8]) -> bool {
    let (area, group, serial) = (field(values, 0, 3), field(values, 3, 5), field(values, 5, 9));
    // Numbers that were printed in adverts.
    let is_printed = (area == 987 && group == 65) || matches!((area, group, serial), (78, 5, 1120) | (219, 9, 9999));
    // Ten thousand people have a number of two different digits: examples repeat one only.
    let is_example = values.iter().all(|value| Some(value) == values.first());
    area != 0 && area != 666 && area < 900 && group != 0 && serial != 0 && !is_printed && !is_example
}

fn itin(values: &[u8]) -> bool {
    at(values, 0) == 9 && matches!(field(values, 3, 5), 50..=65 | 70..=88 | 90..=92 | 94..=99)
}

fn routing(values: &[u8]) -> bool {
    matches!(field(values, 0, 2), 1..=12 | 21..=32 | 61..=72 | 80)
        && sum(values, &[3, 7, 1, 3, 7, 1, 3, 7, 1]).is_multiple_of(10)
        && varied(values)
}

/// Neither S nor L, O, I, B nor Z.
fn mbi(values: &[u8]) -> bool {
    at(values, 0) > 0 && values.iter().all(|value| !matches!(value, 28 | 21 | 24 | 18 | 11 | 35))
}

fn npi(values: &[u8]) -> bool {
    // Luhn with the prefix 80840 before.
    let prefixed: Vec<u8> = [8, 0, 8, 4, 0].iter().chain(values).copied().collect();
    matches!(at(values, 0), 1 | 2) && luhn(&prefixed) && differs(values.get(1..9).unwrap_or_default())
}

fn dea(values: &[u8]) -> bool {
    let (odd, even) = (at(values, 2) + at(values, 4) + at(values, 6), at(values, 3) + at(values, 5) + at(values, 7));
    let is_practitioner = matches!(at(values, 0), 10..=23 | 25 | 27..=30 | 33);
    let second_is_letter_or_nine = at(values, 1) >= 9;
    is_practitioner && second_is_letter_or_nine && (odd + 2 * even) % 10 == at(values, 8)
}

fn sin(values: &[u8]) -> bool {
    !matches!(at(values, 0), 0 | 8) && luhn(values) && varied(values)
}

fn health_card(values: &[u8]) -> bool {
    luhn(values) && varied(values)
}
