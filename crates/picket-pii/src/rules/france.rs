//! France, Belgium, the Netherlands and Luxembourg.

use crate::checksum::{at, field, is_day, luhn, number, part, rest, sum, varied, verhoeff};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Sum},
    rule,
};

const NIR: &[&str] = &["nir", "sécurité sociale", "securite sociale", "insee", "sécu", "numéro de sécu", "assuré"];
const FISCAL: &[&str] = &["numéro fiscal", "numero fiscal", "spi", "identifiant fiscal"];
const NATIONAL: &[&str] =
    &["rijksregisternummer", "rijksregister", "registre national", "numéro national", "nrn", "insz", "niss"];

pub(crate) const RULES: &[Rule] = &[
    rule(
        "FR_NIR",
        "Social security numbers of France",
        "999999999999999|9 99 99 99 999 999 99|9 99 99 9X 999 999 99|999999A99999999",
        Sum(nir),
        WordsOrAlone,
        NIR,
    ),
    rule("FR_SPI", "Tax numbers of France", "9999999999999|99 99 999 999 999", Sum(spi), Words, FISCAL),
    rule("FR_SIREN", "Numbers of companies of France", "999999999|999 999 999", Sum(luhn), Words, &["siren", "rcs"]),
    rule(
        "FR_SIRET",
        "Numbers of establishments of France",
        "99999999999999|999 999 999 99999",
        Sum(luhn),
        Words,
        &["siret"],
    ),
    rule(
        "FR_VAT_ID",
        "Value added tax numbers of France",
        "fr99999999999|fr 99 999999999|fr 99 999 999 999",
        Sum(vat),
        Nothing,
        &["tva"],
    ),
    rule(
        "FR_ID_CARD",
        "Identity cards of France",
        "999999999999|XXXXXXXXX",
        Form(card),
        Words,
        &["carte d'identité", "carte nationale d'identité", "cni"],
    ),
    rule(
        "BE_NRN",
        "Numbers of the national register of Belgium",
        "99.99.99-999.99|99999999999|99 99 99 999 99",
        Sum(nrn),
        WordsOrAlone,
        NATIONAL,
    ),
    rule(
        "BE_VAT_ID",
        "Numbers of companies of Belgium",
        "be0999999999|be1999999999|be 0999 999 999|be0999.999.999",
        Sum(belgian),
        Nothing,
        &["tva", "btw"],
    ),
    rule(
        "NL_BSN",
        "Citizen service numbers of the Netherlands",
        "999999999|9999.99.999|999 999 999",
        Sum(bsn),
        Words,
        &["bsn", "burgerservice", "sofi", "citizen service"],
    ),
    rule(
        "LU_NATIONAL_ID",
        "National numbers of Luxembourg",
        "9999999999999",
        Sum(luxembourg),
        Words,
        &["matricule", "numéro d'identification", "national id", "cns"],
    ),
];

/// In Corsica, letters stand for digits: `2A` counts 19, `2B` 18.
fn nir(values: &[u8]) -> bool {
    let corsica = match (at(values, 5), at(values, 6)) {
        (2, letter @ (10 | 11)) => Some(29 - u64::from(letter)),
        (_, 0..=9) if at(values, 5) < 10 => None,
        _ => return false,
    };
    let department = corsica.unwrap_or_else(|| field(values, 5, 7));
    let body = (field(values, 0, 5) * 100 + department) * 1_000_000 + field(values, 7, 13);
    let month = field(values, 3, 5);
    matches!(at(values, 0), 1..=4 | 7 | 8)
        && (matches!(month, 1..=12 | 20..=42 | 50..=99))
        && 97 - body % 97 == field(values, 13, 15)
}

fn spi(values: &[u8]) -> bool {
    at(values, 0) < 4 && varied(values) && field(values, 0, 10) % 511 == field(values, 10, 13)
}

fn vat(values: &[u8]) -> bool {
    let siren = part(values, 4, 13);
    luhn(siren) && (12 + 3 * (number(siren) % 97)) % 97 == field(values, 2, 4)
}

fn card(values: &[u8]) -> bool {
    varied(values) && values.iter().filter(|value| **value < 10).count() >= 4
}

fn nrn(values: &[u8]) -> bool {
    let (body, check) = (field(values, 0, 9), field(values, 9, 11));
    let (month, day) = (field(values, 2, 4) % 20, field(values, 4, 6));
    (is_day(month, day) || (month == 0 && day == 0))
        && (97 - body % 97 == check || 97 - (2_000_000_000 + body) % 97 == check)
}

fn belgian(values: &[u8]) -> bool {
    97 - field(values, 2, 10) % 97 == field(values, 10, 12)
}

fn bsn(values: &[u8]) -> bool {
    rest(values, &[9, 8, 7, 6, 5, 4, 3, 2], 11) && sum(values, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 < 10 && varied(values)
}

fn luxembourg(values: &[u8]) -> bool {
    let mut other: Vec<u8> = part(values, 0, 11).to_vec();
    other.extend(part(values, 12, 13));
    is_day(field(values, 4, 6), field(values, 6, 8)) && luhn(part(values, 0, 12)) && verhoeff(&other)
}
