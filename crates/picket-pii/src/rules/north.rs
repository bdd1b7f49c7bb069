//! The Nordic and Baltic countries.

use crate::checksum::{at, field, is_dmy, is_ymd, letter, luhn, part, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Sum},
    rule,
};

const SWEDISH: &[&str] = &["personnummer", "pnr", "personal identity", "samordningsnummer", "swedish id"];
const COMPANY: &[&str] = &["organisationsnummer", "orgnummer", "org.nr", "org nr", "orgnr", "company identity"];
const NORWEGIAN: &[&str] = &["fødselsnummer", "fodselsnummer", "personnummer", "fnr", "d-nummer", "national id"];
const DANISH: &[&str] = &["cpr", "personnummer", "cpr-nummer", "cpr-nr"];
const FINNISH: &[&str] = &["henkilötunnus", "hetu", "personal identity code", "personbeteckning"];

pub(crate) const RULES: &[Rule] = &[
    rule(
        "SE_PERSONNUMMER",
        "Personal identity numbers of Sweden",
        "999999-9999|999999+9999|99999999-9999",
        Sum(swedish),
        WordsOrAlone,
        SWEDISH,
    ),
    rule(
        "SE_PERSONNUMMER",
        "Personal identity numbers of Sweden, without a sign",
        "9999999999|999999999999",
        Sum(swedish),
        WordsOrAlone,
        SWEDISH,
    ),
    rule(
        "SE_ORGANISATIONSNUMMER",
        "Numbers of companies of Sweden",
        "999999-9999",
        Sum(company),
        WordsOrAlone,
        COMPANY,
    ),
    rule(
        "SE_ORGANISATIONSNUMMER",
        "Numbers of companies of Sweden, without a sign",
        "9999999999",
        Sum(company),
        Words,
        COMPANY,
    ),
    rule("NO_ID", "Birth numbers of Norway", "99999999999|999999 99999", Sum(norwegian), WordsOrAlone, NORWEGIAN),
    rule("DK_CPR", "Personal numbers of Denmark", "999999-9999|9999999999", Form(danish), Words, DANISH),
    rule(
        "FI_PERSONAL_IDENTITY_CODE",
        "Personal identity codes of Finland",
        "999999A999X|999999-999X|999999+999X",
        Sum(finnish),
        Nothing,
        FINNISH,
    ),
    rule(
        "FI_BUSINESS_ID",
        "Numbers of companies of Finland",
        "9999999-9",
        Sum(business),
        Words,
        &["y-tunnus", "business id", "fo-nummer"],
    ),
    rule(
        "IS_KENNITALA",
        "Identity numbers of Iceland",
        "999999-9999|9999999999",
        Sum(kennitala),
        Words,
        &["kennitala", "kt"],
    ),
    rule(
        "EE_ISIKUKOOD",
        "Personal codes of Estonia",
        "99999999999",
        Sum(baltic),
        WordsOrAlone,
        &["isikukood", "personal code", "ik"],
    ),
    rule(
        "LT_ASMENS_KODAS",
        "Personal codes of Lithuania",
        "99999999999",
        Sum(baltic),
        Words,
        &["asmens kodas", "asmens kodo"],
    ),
    rule(
        "LV_PERSONAS_KODS",
        "Personal codes of Latvia",
        "999999-99999|99999999999",
        Sum(latvian),
        Words,
        &["personas kods", "personas koda"],
    ),
];

/// Of coordination numbers, the day counts 60 more.
fn swedish(values: &[u8]) -> bool {
    let short = part(values, values.len().saturating_sub(10), values.len());
    let day = field(short, 4, 6);
    let mut dated = short.to_vec();
    if let Some(tens) = dated.get_mut(4).filter(|_| day > 60) {
        *tens -= 6;
    }
    let century = values.len() == 10 || matches!(field(values, 0, 2), 18..=20);
    century && is_ymd(&dated, 0) && luhn(short)
}

fn company(values: &[u8]) -> bool {
    at(values, 2) >= 2 && at(values, 0) > 0 && luhn(values) && varied(values)
}

fn norwegian(values: &[u8]) -> bool {
    let check = |weights: &[u32]| {
        let wanted = (11 - sum(values, weights) % 11) % 11;
        wanted == at(values, weights.len())
    };
    // Temporary numbers count 4 more in the first digit, or in the third.
    let mut dated = part(values, 0, 6).to_vec();
    for place in [0, 2] {
        if let Some(digit) = dated.get_mut(place).filter(|digit| **digit > 3) {
            *digit -= 4;
        }
    }
    is_dmy(&dated, 0) && check(&[3, 7, 6, 1, 8, 9, 4, 5, 2]) && check(&[5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
}

fn danish(values: &[u8]) -> bool {
    is_dmy(values, 0) && varied(values)
}

/// A sign for the century may stand between, as a letter.
fn finnish(values: &[u8]) -> bool {
    let has_letter = values.len() == 11;
    let individual = if has_letter { field(values, 7, 10) } else { field(values, 6, 9) };
    let body = field(values, 0, 6) * 1_000 + individual;
    let century = !has_letter || matches!(at(values, 6), 10..=15 | 30..=34);
    let check = at(values, values.len().saturating_sub(1));
    century
        && is_dmy(values, 0)
        && individual >= 2
        && letter(b"0123456789ABCDEFHJKLMNPRSTUVWXY", body % 31) == Some(check)
}

fn business(values: &[u8]) -> bool {
    let rest = sum(values, &[7, 9, 10, 5, 8, 4, 2]) % 11;
    rest != 1 && (11 - rest) % 11 == at(values, 7) && varied(values)
}

fn kennitala(values: &[u8]) -> bool {
    let rest = sum(values, &[3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    is_dmy(values, 0) && (11 - rest) % 11 == at(values, 8) && matches!(at(values, 9), 8 | 9 | 0)
}

/// Estonia's and Lithuania's are alike: a digit for sex and century, the birthday, and two rows of weights.
fn baltic(values: &[u8]) -> bool {
    let first = sum(values, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1]) % 11;
    let second = sum(values, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3]) % 11;
    let check = if first < 10 { first } else { second % 10 };
    matches!(at(values, 0), 1..=8) && is_ymd(values, 1) && check == at(values, 10)
}

fn latvian(values: &[u8]) -> bool {
    let is_new = field(values, 0, 2) == 32;
    let total = sum(values, &[1, 6, 3, 7, 9, 10, 5, 8, 4, 2]);
    (is_new && varied(values)) || (is_dmy(values, 0) && (1101 - total) % 11 == at(values, 10))
}
