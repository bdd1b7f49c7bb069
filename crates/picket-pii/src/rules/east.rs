//! Central and eastern Europe.

use super::common::differs;
use crate::checksum::{at, field, is_day, is_dmy, mod_11_10, number, part, rest, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::Sum,
    rule,
};

const CZECH: &[&str] = &["rodné číslo", "rodne cislo", "rodné čislo", "r.č", "rč", "birth number"];
const JMBG: &[&str] = &["jmbg", "jmb", "emšo", "emso", "matični broj", "maticni broj", "матични број"];

pub(crate) const RULES: &[Rule] = &[
    rule("PL_PESEL", "Personal numbers of Poland", "99999999999", Sum(pesel), WordsOrAlone, &["pesel"]),
    rule(
        "PL_NIP",
        "Tax numbers of Poland",
        "9999999999|999-999-99-99|999-99-99-999",
        Sum(nip),
        Words,
        &["nip", "tax id"],
    ),
    rule("PL_REGON", "Statistical numbers of companies of Poland", "999999999", Sum(regon), Words, &["regon"]),
    rule(
        "PL_ID_CARD",
        "Identity cards of Poland",
        "AAA999999|AAA 999999",
        Sum(polish_card),
        WordsOrAlone,
        &["dowód", "dowodu", "dowod", "id card"],
    ),
    rule("CZ_BIRTH_NUMBER", "Birth numbers of Czechia and Slovakia", "999999/9999", Sum(czech), Nothing, CZECH),
    rule("CZ_BIRTH_NUMBER", "Birth numbers, without a slash", "9999999999", Sum(czech), Words, CZECH),
    rule(
        "HU_TAJ",
        "Social insurance numbers of Hungary",
        "999 999 999",
        Sum(taj),
        Words,
        &["taj", "taj szám", "tajszám"],
    ),
    rule(
        "HU_TAX_ID",
        "Tax numbers of Hungary",
        "8999999999",
        Sum(hungarian),
        Words,
        &["adóazonosító", "adóazonosító jel", "tax id"],
    ),
    rule(
        "RO_CNP",
        "Personal codes of Romania",
        "9999999999999",
        Sum(cnp),
        WordsOrAlone,
        &["cnp", "cod numeric personal"],
    ),
    rule(
        "BG_EGN",
        "Civil numbers of Bulgaria",
        "9999999999",
        Sum(egn),
        Words,
        &["егн", "egn", "единен граждански номер"],
    ),
    rule("HR_OIB", "Personal numbers of Croatia", "99999999999", Sum(oib), Words, &["oib", "osobni identifikacijski"]),
    rule(
        "RS_JMBG",
        "Citizens' numbers of the countries of former Yugoslavia",
        "9999999999999",
        Sum(jmbg),
        WordsOrAlone,
        JMBG,
    ),
    rule("SI_TAX_ID", "Tax numbers of Slovenia", "99999999", Sum(slovenian), Words, &["davčna", "davcna"]),
    rule(
        "UA_RNOKPP",
        "Tax numbers of Ukraine",
        "9999999999",
        Sum(ukrainian),
        Words,
        &["рнокпп", "іпн", "ипн", "ідентифікаційний", "ipn"],
    ),
    rule("RU_INN", "Tax numbers of Russia", "9999999999|999999999999", Sum(inn), Words, &["инн", "inn"]),
    rule(
        "RU_SNILS",
        "Insurance numbers of Russia",
        "999-999-999_99|999-999-999-99|99999999999",
        Sum(snils),
        WordsOrAlone,
        &["снилс", "snils"],
    ),
    rule("KZ_IIN", "Identity numbers of Kazakhstan", "999999999999", Sum(iin), Words, &["иин", "жсн", "iin"]),
];

/// Twenty more in the month for every century but the twentieth.
fn pesel(values: &[u8]) -> bool {
    let total = sum(values, &[1, 3, 7, 9, 1, 3, 7, 9, 1, 3]);
    is_day(field(values, 2, 4) % 20, field(values, 4, 6)) && (10 - total % 10) % 10 == at(values, 10)
}

fn nip(values: &[u8]) -> bool {
    let rest = sum(values, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11;
    rest == at(values, 9) && at(values, 0) > 0 && varied(values)
}

fn regon(values: &[u8]) -> bool {
    rest(values, &[8, 9, 2, 3, 4, 5, 6, 7], 11) && varied(values)
}

fn polish_card(values: &[u8]) -> bool {
    sum(values, &[7, 3, 1, 9, 7, 3, 1, 7, 3]).is_multiple_of(10) && differs(part(values, 3, 9))
}

/// Fifty more in the month for women, twenty more where numbers of a day ran out.
fn czech(values: &[u8]) -> bool {
    let month = field(values, 2, 4) % 50;
    let month = if month > 20 { month - 20 } else { month };
    is_day(month, field(values, 4, 6)) && number(values).is_multiple_of(11) && varied(values)
}

fn taj(values: &[u8]) -> bool {
    sum(values, &[3, 7, 3, 7, 3, 7, 3, 7]) % 10 == at(values, 8) && varied(values)
}

fn hungarian(values: &[u8]) -> bool {
    sum(values, &[1, 2, 3, 4, 5, 6, 7, 8, 9]) % 11 == at(values, 9)
}

fn cnp(values: &[u8]) -> bool {
    let rest = sum(values, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
    at(values, 0) > 0
        && is_day(field(values, 3, 5), field(values, 5, 7))
        && matches!(field(values, 7, 9), 1..=52 | 70)
        && (if rest == 10 { 1 } else { rest }) == at(values, 12)
}

/// Twenty more in the month before 1900, forty from 2000 on.
fn egn(values: &[u8]) -> bool {
    let month = field(values, 2, 4) % 20;
    is_day(month, field(values, 4, 6)) && rest(values, &[2, 4, 8, 5, 10, 9, 7, 3, 6], 11)
}

fn oib(values: &[u8]) -> bool {
    mod_11_10(values) && varied(values)
}

fn jmbg(values: &[u8]) -> bool {
    let rest = sum(values, &[7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    is_dmy(values, 0) && matches!(at(values, 4), 9 | 0) && rest != 1 && (11 - rest) % 11 == at(values, 12)
}

fn slovenian(values: &[u8]) -> bool {
    let rest = sum(values, &[8, 7, 6, 5, 4, 3, 2]) % 11;
    at(values, 0) > 0 && (11 - rest) % 11 % 10 == at(values, 7) && varied(values)
}

fn ukrainian(values: &[u8]) -> bool {
    // The first weight is -1.
    let total = sum(values, &[10, 5, 7, 9, 4, 6, 10, 5, 7]);
    total % 11 % 10 == at(values, 9) && varied(values)
}

fn inn(values: &[u8]) -> bool {
    const LONG: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let check = |weights: &[u32]| rest(values, weights, 11);
    let is_valid = if values.len() == 10 {
        check(LONG.get(2..).unwrap_or_default())
    } else {
        check(LONG.get(1..).unwrap_or_default()) && check(&LONG)
    };
    is_valid && varied(values)
}

fn snils(values: &[u8]) -> bool {
    let rest = sum(values, &[9, 8, 7, 6, 5, 4, 3, 2, 1]) % 101 % 100;
    u64::from(rest) == field(values, 9, 11) && varied(values)
}

fn iin(values: &[u8]) -> bool {
    let first = sum(values, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]) % 11;
    let second = sum(values, &[3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2]) % 11;
    let check = if first == 10 { second } else { first };
    is_day(field(values, 2, 4), field(values, 4, 6)) && check == at(values, 11)
}
