//! Africa and the Middle East.

use super::common::differs;
use crate::checksum::{at, field, is_day, is_ymd, luhn, part, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Shape, Sum},
    rule,
};

const SOUTH_AFRICAN: &[&str] =
    &["id number", "south african id", "rsa id", "sa id", "identity number", "permanent resident"];

pub(crate) const RULES: &[Rule] = &[
    rule(
        "ZA_ID_NUMBER",
        "Identity numbers of South Africa",
        "9999999999999|999999 9999 999",
        Sum(south_african),
        WordsOrAlone,
        SOUTH_AFRICAN,
    ),
    rule(
        "NG_NIN",
        "National identification numbers of Nigeria",
        "99999999999",
        Form(differs),
        Words,
        &["nin", "national identification"],
    ),
    rule(
        "NG_BVN",
        "Bank verification numbers of Nigeria",
        "22999999999",
        Form(differs),
        Words,
        &["bvn", "bank verification"],
    ),
    rule(
        "VEHICLE_PLATE",
        "Registration marks of Nigeria",
        "AAA-999AA|AAA999AA",
        Shape,
        WordsOrAlone,
        &["plate", "plates"],
    ),
    rule("GH_CARD", "Identity cards of Ghana", "gha-999999999-9", Shape, Nothing, &["ghana card"]),
    rule("KE_KRA_PIN", "Taxpayers of Kenya", "A999999999A", Form(kenyan), Words, &["kra", "pin"]),
    rule(
        "KE_ID",
        "Identity cards of Kenya",
        "99999999|9999999",
        Form(differs),
        Words,
        &["national id", "id number", "kitambulisho"],
    ),
    rule(
        "EG_NATIONAL_ID",
        "National numbers of Egypt",
        "99999999999999",
        Form(egyptian),
        Words,
        &["الرقم القومي", "national id", "رقم قومي"],
    ),
    rule(
        "IL_ID",
        "Identity numbers of Israel",
        "999999999|99999999-9",
        Sum(israeli),
        Words,
        &["תעודת זהות", "ת.ז", "teudat zehut", "israeli id"],
    ),
    rule(
        "AE_EMIRATES_ID",
        "Identity cards of the United Arab Emirates",
        "784-9999-9999999-9|784999999999999",
        Sum(luhn),
        Nothing,
        &["emirates id", "هوية"],
    ),
    rule(
        "SA_NATIONAL_ID",
        "Citizens and residents of Saudi Arabia",
        "9999999999",
        Sum(saudi),
        Words,
        &["iqama", "saudi id", "الهوية", "رقم الهوية", "الإقامة"],
    ),
    rule("KW_CIVIL_ID", "Civil numbers of Kuwait", "999999999999", Sum(kuwaiti), Words, &["civil id", "الرقم المدني"]),
    rule(
        "IR_NATIONAL_ID",
        "National codes of Iran",
        "9999999999|999-999999-9",
        Sum(iranian),
        Words,
        &["کد ملی", "کدملی", "code melli"],
    ),
];

fn south_african(values: &[u8]) -> bool {
    is_ymd(values, 0) && matches!(at(values, 10), 0..=2) && matches!(at(values, 11), 8 | 9) && luhn(values)
}

fn kenyan(values: &[u8]) -> bool {
    matches!(at(values, 0), 10 | 25)
}

fn egyptian(values: &[u8]) -> bool {
    matches!(at(values, 0), 2 | 3) && is_ymd(values, 1) && matches!(field(values, 7, 9), 1..=35 | 88)
}

fn israeli(values: &[u8]) -> bool {
    luhn(values) && varied(values)
}

fn saudi(values: &[u8]) -> bool {
    matches!(at(values, 0), 1 | 2) && luhn(values) && varied(values)
}

fn kuwaiti(values: &[u8]) -> bool {
    let wanted = 11 - sum(values, &[2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) % 11;
    matches!(at(values, 0), 1..=3) && is_day(field(values, 3, 5), field(values, 5, 7)) && wanted == at(values, 11)
}

fn iranian(values: &[u8]) -> bool {
    let rest = sum(values, &[10, 9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    let check = if rest < 2 { rest } else { 11 - rest };
    check == at(values, 9) && varied(part(values, 0, 9))
}
