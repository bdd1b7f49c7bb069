//! Spain, Italy, Portugal, Greece, Malta and Turkey.

use super::common::differs;
use crate::checksum::{at, eleven, field, is_dmy, letter, luhn, number, part, rest, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Shape, Sum},
    rule,
};

const DNI: &[&str] = &["dni", "nif", "documento nacional"];
const NIE: &[&str] = &["nie", "extranjero"];
const NUSS: &[&str] = &["seguridad social", "nuss", "naf", "afiliación"];
const VAT: &[&str] = &["partita iva", "p.iva", "p. iva", "piva", "vat"];
const CARD: &[&str] =
    &["carta d'identità", "carta di identità", "carta identità", "identity card", "id card", "documento"];
const TURKISH: &[&str] = &["tc kimlik", "t.c. kimlik", "tckn", "kimlik", "turkish id"];

pub(crate) const RULES: &[Rule] = &[
    rule(
        "ES_DNI",
        "National identity numbers of Spain",
        "99999999A|99999999-A|9999999-A|99.999.999-A",
        Sum(dni),
        Nothing,
        DNI,
    ),
    rule("ES_DNI", "National identity numbers of Spain, seven digits", "9999999A", Sum(dni), WordsOrAlone, DNI),
    rule("ES_NIE", "Numbers of foreigners in Spain", "A9999999A|A9999999-A|A-9999999-A", Sum(nie), Nothing, NIE),
    rule(
        "ES_CIF",
        "Tax numbers of companies of Spain",
        "A99999999|A9999999A|A-99999999",
        Sum(cif),
        Words,
        &["cif", "nif"],
    ),
    rule(
        "ES_NUSS",
        "Social security numbers of Spain",
        "999999999999|99/99999999/99|99 99999999 99",
        Sum(nuss),
        Words,
        NUSS,
    ),
    rule(
        "IT_FISCAL_CODE",
        "Tax codes of Italy",
        "AAAAAA99A99A999A|AAAAAAXXAXXAXXXA|AAA AAA 99A99 A999A",
        Sum(fiscal),
        Nothing,
        &["codice fiscale"],
    ),
    rule("IT_VAT_CODE", "Value added tax numbers of Italy", "99999999999", Sum(partita), WordsOrAlone, VAT),
    rule(
        "IT_VAT_CODE",
        "Value added tax numbers of Italy, with the country",
        "it99999999999",
        Sum(partita_it),
        Nothing,
        VAT,
    ),
    rule(
        "IT_DRIVER_LICENSE",
        "Driving licences of Italy",
        "AA9999999A|u1XXXXXXXA",
        Form(licence),
        WordsOrAlone,
        &["patente", "license", "licence", "guida"],
    ),
    rule("IT_IDENTITY_CARD", "Identity cards of Italy", "AA9999999|AA 9999999|9999999AA|AA99999AA", Shape, Words, CARD),
    rule("IT_IDENTITY_CARD", "Identity cards of Italy, electronic", "ca99999AA", Shape, WordsOrAlone, CARD),
    rule(
        "PT_NIF",
        "Tax numbers of Portugal",
        "999999999|999 999 999",
        Sum(nif),
        Words,
        &["nif", "contribuinte", "número fiscal"],
    ),
    rule(
        "PT_CITIZEN_CARD",
        "Citizen cards of Portugal",
        "99999999 9 AX9|999999999AX9",
        Sum(citizen),
        WordsOrAlone,
        &["cartão de cidadão", "citizen card", "cc"],
    ),
    rule("GR_AMKA", "Social security numbers of Greece", "99999999999", Sum(amka), WordsOrAlone, &["αμκα", "amka"]),
    rule("GR_AFM", "Tax numbers of Greece", "999999999", Sum(afm), Words, &["αφμ", "afm", "α.φ.μ"]),
    rule(
        "MT_ID",
        "Identity cards of Malta",
        "9999999A|999999A",
        Form(maltese),
        Words,
        &["identity card", "id card", "karta tal-identità"],
    ),
    rule("TR_NATIONAL_ID", "Identity numbers of Turkey", "99999999999", Sum(turkish), WordsOrAlone, TURKISH),
    rule(
        "VEHICLE_PLATE",
        "Registration marks of Turkey",
        "99_A_9999|99_A_999|99_A_99|99_AA_99|99_AA_999|99_AA_9999|99_AAA_99|99_AAA_999|99_AAA_9999|99AAA9999|99AA9999|99AAA999",
        Form(province),
        WordsOrAlone,
        &["plaka", "plate"],
    ),
];

const CONTROL: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

fn dni(values: &[u8]) -> bool {
    let Some((check, body)) = values.split_last() else { return false };
    letter(CONTROL, number(body) % 23) == Some(u32::from(*check)) && varied(values)
}

/// X, Y and Z stand for 0, 1 and 2.
fn nie(values: &[u8]) -> bool {
    let Some(first) = at(values, 0).checked_sub(33) else { return false };
    letter(CONTROL, (u64::from(first) * 10_000_000 + field(values, 1, 8)) % 23) == Some(at(values, 8))
}

fn cif(values: &[u8]) -> bool {
    let digits = part(values, 1, 8);
    let odd: u32 =
        digits.iter().step_by(2).map(|digit| u32::from(*digit) * 2).map(|twice| twice / 10 + twice % 10).sum();
    let even: u32 = digits.iter().skip(1).step_by(2).map(|digit| u32::from(*digit)).sum();
    let control = (10 - (odd + even) % 10) % 10;
    let check = at(values, 8);
    let is_known = matches!(at(values, 0), 10..=17 | 19 | 23 | 25..=28 | 30..=32);
    is_known && (check == control || letter(b"JABCDEFGHI", u64::from(control)) == Some(check))
}

fn nuss(values: &[u8]) -> bool {
    let serial = field(values, 2, 10);
    let body = if serial < 10_000_000 { field(values, 0, 2) * 10_000_000 + serial } else { field(values, 0, 10) };
    body > 0 && body % 97 == field(values, 10, 12)
}

fn fiscal(values: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let place = |value: u8| if value < 10 { value } else { value - 10 };
    let total: u32 = values
        .iter()
        .take(15)
        .enumerate()
        .map(|(at, value)| {
            let place = place(*value);
            if at % 2 == 0 { ODD.get(usize::from(place)).copied().unwrap_or(0) } else { u32::from(place) }
        })
        .sum();
    at(values, 15) == total % 26 + 10
}

fn partita(values: &[u8]) -> bool {
    let office = field(values, 7, 10);
    luhn(values) && field(values, 0, 7) > 0 && matches!(office, 1..=100 | 120 | 121 | 888 | 999) && varied(values)
}

fn partita_it(values: &[u8]) -> bool {
    partita(part(values, 2, 13))
}

/// Either two letters and seven digits, or `U1` and no vowels.
fn licence(values: &[u8]) -> bool {
    let digits = part(values, 2, 9).iter().all(|value| *value < 10);
    if at(values, 0) == 30 && at(values, 1) == 1 {
        return part(values, 2, 9).iter().all(|value| !matches!(value, 10 | 14 | 18 | 24 | 26 | 30));
    }
    at(values, 1) > 9 && digits
}

fn nif(values: &[u8]) -> bool {
    matches!(at(values, 0), 1..=3 | 5..=9) && eleven(values, &[9, 8, 7, 6, 5, 4, 3, 2]) && varied(values)
}

fn citizen(values: &[u8]) -> bool {
    let total: u32 = values
        .iter()
        .enumerate()
        .map(|(place, value)| {
            let doubled = u32::from(*value) * if place % 2 == 0 { 2 } else { 1 };
            if place % 2 == 0 && doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    total.is_multiple_of(10)
}

fn amka(values: &[u8]) -> bool {
    is_dmy(values, 0) && luhn(values) && varied(values)
}

fn afm(values: &[u8]) -> bool {
    rest(values, &[256, 128, 64, 32, 16, 8, 4, 2], 11) && varied(values)
}

fn maltese(values: &[u8]) -> bool {
    matches!(at(values, values.len().saturating_sub(1)), 22 | 16 | 10 | 25 | 21 | 17 | 11 | 35) && differs(values)
}

fn turkish(values: &[u8]) -> bool {
    let odd = at(values, 0) + at(values, 2) + at(values, 4) + at(values, 6) + at(values, 8);
    let even = at(values, 1) + at(values, 3) + at(values, 5) + at(values, 7);
    at(values, 0) > 0 && (odd * 7 + 90 - even) % 10 == at(values, 9) && sum(values, &[1; 10]) % 10 == at(values, 10)
}

fn province(values: &[u8]) -> bool {
    (1..=81).contains(&field(values, 0, 2))
}
