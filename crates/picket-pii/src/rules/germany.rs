//! Germany, Austria and Switzerland.

use super::common::differs;
use crate::checksum::{at, completes, field, is_day, mod_11_10, part, seven_three_one, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Shape, Sum},
    rule,
};

const TAX: &[&str] = &[
    "steuer-id",
    "steuerid",
    "steueridentifikationsnummer",
    "steuerliche identifikationsnummer",
    "identifikationsnummer",
    "idnr",
    "tax id",
    "tin",
    "steuer",
];
const ID_CARD: &[&str] = &["personalausweis", "ausweis", "ausweisnummer", "id card", "identity card"];
const PASS: &[&str] = &["reisepass", "pass-nr", "passnummer", "pass nr"];
const HEALTH: &[&str] =
    &["kvnr", "krankenversicherung", "krankenversichertennummer", "versichertennummer", "egk", "krankenkasse"];
const SOCIAL: &[&str] = &["rvnr", "rentenversicherung", "sozialversicherung", "versicherungsnummer", "svnr"];
const TAX_NUMBER: &[&str] = &["steuernummer", "steuer-nr", "st.-nr", "stnr", "st-nr", "finanzamt"];
const VAT: &[&str] = &["ust-id", "ustid", "umsatzsteuer", "vat"];

pub(crate) const RULES: &[Rule] = &[
    rule(
        "DE_TAX_ID",
        "Tax identification numbers of Germany",
        "99999999999|99 999 999 999",
        Sum(tax_id),
        WordsOrAlone,
        TAX,
    ),
    rule(
        "DE_TAX_NUMBER",
        "Tax numbers of Germany",
        "99/999/99999|999/999/99999|999/9999/9999|99/9999/9999|99/999/9999|999/99999|9999999999|99999999999|9999999999999",
        Form(differs),
        Words,
        TAX_NUMBER,
    ),
    rule(
        "DE_TAX_NUMBER",
        "Tax numbers of Germany, with slashes",
        "999/999/99999|999/9999/9999|99/9999/9999|99/999/9999",
        Form(differs),
        WordsOrAlone,
        TAX_NUMBER,
    ),
    rule(
        "DE_VAT_ID",
        "Value added tax numbers of Germany",
        "de999999999|de 999 999 999|de 999999999",
        Sum(vat),
        Nothing,
        VAT,
    ),
    rule("DE_ID_CARD", "Identity cards of Germany", "XXXXXXXXX", Sum(id_card), WordsOrAlone, ID_CARD),
    rule("DE_ID_CARD", "Old identity cards of Germany", "t99999999", Shape, Words, ID_CARD),
    rule("DE_PASSPORT", "Passports of Germany", "XXXXXXXXX", Sum(id_card), Words, PASS),
    rule("DE_HEALTH_INSURANCE", "Health insurance numbers of Germany", "A999999999", Sum(health), WordsOrAlone, HEALTH),
    rule(
        "DE_SOCIAL_SECURITY",
        "Pension insurance numbers of Germany",
        "99999999A999|99 999999 A 999",
        Sum(social),
        WordsOrAlone,
        SOCIAL,
    ),
    rule("DE_LANR", "Numbers of physicians", "999999999", Sum(lanr), Words, &["lanr", "arztnummer", "arzt-nr"]),
    rule("DE_BSNR", "Numbers of medical practices", "999999999", Form(differs), Words, &["bsnr", "betriebsstätten"]),
    rule(
        "DE_HANDELSREGISTER",
        "Numbers in the commercial register",
        "hrb 9|hrb 99|hrb 999|hrb 9999|hrb 99999|hrb 999999|hra 999|hra 9999|hra 99999|hra 999999",
        Shape,
        Nothing,
        &["handelsregister", "amtsgericht"],
    ),
    rule(
        "AT_SVNR",
        "Social insurance numbers of Austria",
        "9999 999999",
        Sum(svnr),
        Words,
        &["svnr", "sv-nummer", "sv-nr", "sozialversicherungsnummer", "versicherungsnummer"],
    ),
    rule("AT_VAT_ID", "Value added tax numbers of Austria", "atu99999999", Sum(austrian_vat), Nothing, &["uid"]),
    rule(
        "CH_AHV",
        "Social insurance numbers of Switzerland",
        "756.9999.9999.99|756 9999 9999 99|7569999999999",
        Sum(ahv),
        WordsOrAlone,
        &["ahv", "avs", "ahv-nummer", "versichertennummer", "sozialversicherungsnummer"],
    ),
    rule(
        "CH_UID",
        "Numbers of companies of Switzerland",
        "che-999.999.999|che999999999",
        Sum(swiss_uid),
        Nothing,
        &["uid"],
    ),
];

/// Of the first ten digits, one stands twice or thrice.
fn tax_id(values: &[u8]) -> bool {
    let body = part(values, 0, 10);
    let times = |digit: u8| body.iter().map(|value| usize::from(*value == digit)).sum::<usize>();
    let repeated: Vec<usize> = (0..10).map(times).filter(|times| *times > 1).collect();
    let is_spread = matches!(repeated.as_slice(), [] | [2 | 3]);
    at(values, 0) != 0 && is_spread && mod_11_10(values)
}

fn vat(values: &[u8]) -> bool {
    mod_11_10(part(values, 2, 11)) && at(values, 2) != 0
}

/// The alphabet of documents has no vowels.
fn id_card(values: &[u8]) -> bool {
    let letters = values.iter().all(|value| !matches!(value, 10 | 11 | 13 | 14 | 18 | 24 | 26 | 28 | 30));
    matches!(at(values, 0), 12 | 15..=17 | 19..=25 | 27 | 29 | 31..=35)
        && letters
        && at(values, 8) < 10
        && seven_three_one(values)
}

/// The letter counts as two digits.
fn health(values: &[u8]) -> bool {
    let letter = at(values, 0).saturating_sub(9);
    let digits = [letter / 10, letter % 10].into_iter().chain(part(values, 1, 9).iter().map(|digit| u32::from(*digit)));
    let total: u32 = digits.zip([1, 2].into_iter().cycle()).map(|(digit, weight)| cross(digit * weight)).sum();
    total % 10 == at(values, 9)
}

fn social(values: &[u8]) -> bool {
    let letter = at(values, 8).saturating_sub(9);
    let digits = part(values, 0, 8).iter().map(|digit| u32::from(*digit)).chain([
        letter / 10,
        letter % 10,
        at(values, 9),
        at(values, 10),
    ]);
    let total: u32 =
        digits.zip([2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1]).map(|(digit, weight)| cross(digit * weight)).sum();
    // Of the day, 50 more are counted where two were born alike.
    let day = field(values, 2, 4) % 50;
    is_day(field(values, 4, 6), day) && total % 10 == at(values, 11)
}

fn cross(number: u32) -> u32 {
    number / 10 + number % 10
}

fn lanr(values: &[u8]) -> bool {
    completes(values, &[4, 9, 4, 9, 4, 9], 10) && field(values, 0, 6) > 0
}

fn svnr(values: &[u8]) -> bool {
    let total = sum(values, &[3, 7, 9, 0, 5, 8, 4, 2, 1, 6]);
    at(values, 0) != 0 && total % 11 == at(values, 3) && field(values, 6, 8) <= 13 && field(values, 4, 6) <= 31
}

fn austrian_vat(values: &[u8]) -> bool {
    let digits = part(values, 3, 11);
    let total: u32 =
        digits.iter().take(7).zip([1, 2, 1, 2, 1, 2, 1]).map(|(digit, weight)| cross(u32::from(*digit) * weight)).sum();
    (106 - total) % 10 == at(digits, 7)
}

fn ahv(values: &[u8]) -> bool {
    completes(values, &[1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3], 10) && varied(part(values, 3, 12))
}

fn swiss_uid(values: &[u8]) -> bool {
    let digits = part(values, 3, 12);
    completes(digits, &[5, 4, 3, 2, 7, 6, 5, 4], 11)
}
