//! Latin America.

use super::common::differs;
use crate::checksum::{at, completes, eleven, field, is_ymd, luhn, part, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Sum},
    rule,
};

const CPF: &[&str] = &["cpf", "cadastro de pessoa"];
const CUIT: &[&str] = &["cuit", "cuil"];
const RUT: &[&str] = &["rut", "run", "rol único"];
const CEDULA: &[&str] = &["cédula", "cedula", "c.c.", "cc", "documento de identidad"];

pub(crate) const RULES: &[Rule] = &[
    rule("BR_CPF", "Taxpayers of Brazil", "999.999.999-99", Sum(cpf), Nothing, CPF),
    rule("BR_CPF", "Taxpayers of Brazil, without signs", "99999999999", Sum(cpf), WordsOrAlone, CPF),
    rule("BR_CNPJ", "Companies of Brazil", "99.999.999/9999-99", Sum(cnpj), Nothing, &["cnpj"]),
    rule("BR_CNPJ", "Companies of Brazil, without signs", "99999999999999", Sum(cnpj), WordsOrAlone, &["cnpj"]),
    rule("BR_PIS", "Workers of Brazil", "99999999999|999.99999.99-9", Sum(pis), Words, &["pis", "pasep", "nis", "nit"]),
    rule(
        "BR_RG",
        "Identity cards of Brazil",
        "99.999.999-X|999999999",
        Form(differs),
        Words,
        &["rg", "registro geral", "identidade"],
    ),
    rule("AR_CUIT", "Taxpayers and workers of Argentina", "99-99999999-9", Sum(cuit), Nothing, CUIT),
    rule("AR_CUIT", "Taxpayers and workers of Argentina, without signs", "99999999999", Sum(cuit), WordsOrAlone, CUIT),
    rule(
        "AR_DNI",
        "National identity numbers of Argentina",
        "99.999.999|99999999",
        Form(differs),
        Words,
        &["dni", "documento nacional"],
    ),
    rule(
        "CL_RUT",
        "National identity numbers of Chile",
        "99.999.999-X|9.999.999-X|99999999-X|9999999-X",
        Sum(rut),
        WordsOrAlone,
        RUT,
    ),
    rule(
        "CO_CEDULA",
        "Citizens of Colombia",
        "99999999|9999999999|99.999.999|9.999.999.999",
        Form(differs),
        Words,
        CEDULA,
    ),
    rule("CO_NIT", "Taxpayers of Colombia", "999999999-9|999.999.999-9|9999999999", Sum(nit), Words, &["nit"]),
    rule("EC_CEDULA", "Citizens of Ecuador", "9999999999|999999999-9", Sum(ecuador), Words, CEDULA),
    rule("DO_CEDULA", "Citizens of the Dominican Republic", "999-9999999-9|99999999999", Sum(dominican), Words, CEDULA),
    rule(
        "UY_CEDULA",
        "Citizens of Uruguay",
        "9.999.999-9|9999999-9|99999999",
        Sum(uruguay),
        Words,
        &["cédula", "cedula", "ci", "c.i."],
    ),
    rule("MX_CURP", "Population registry of Mexico", "AAAA999999AAAAAAX9", Sum(curp), Nothing, &["curp"]),
    rule("MX_RFC", "Taxpayers of Mexico", "AAAA999999XXX|AAA999999XXX", Sum(rfc), Nothing, &["rfc"]),
    rule(
        "MX_NSS",
        "Social security numbers of Mexico",
        "99999999999",
        Sum(luhn),
        Words,
        &["nss", "imss", "seguro social"],
    ),
    rule("PE_RUC", "Taxpayers of Peru", "99999999999", Sum(ruc), Words, &["ruc"]),
    rule("PE_DNI", "National identity numbers of Peru", "99999999", Form(differs), Words, &["dni"]),
];

fn cpf(values: &[u8]) -> bool {
    let check = |weights: &[u32]| sum(values, weights) * 10 % 11 % 10 == at(values, weights.len());
    check(&[10, 9, 8, 7, 6, 5, 4, 3, 2]) && check(&[11, 10, 9, 8, 7, 6, 5, 4, 3, 2]) && differs(values)
}

fn cnpj(values: &[u8]) -> bool {
    eleven(values, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
        && eleven(values, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
        && varied(values)
}

fn pis(values: &[u8]) -> bool {
    eleven(values, &[3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) && varied(values)
}

fn cuit(values: &[u8]) -> bool {
    matches!(field(values, 0, 2), 20 | 23 | 24 | 25..=27 | 30 | 33 | 34)
        && completes(values, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2], 11)
}

/// K stands for ten.
fn rut(values: &[u8]) -> bool {
    let Some((check, body)) = values.split_last() else { return false };
    let total: u32 = body
        .iter()
        .rev()
        .zip([2, 3, 4, 5, 6, 7].into_iter().cycle())
        .map(|(digit, weight)| u32::from(*digit) * weight)
        .sum();
    let wanted = (11 - total % 11) % 11;
    u32::from(*check) == if wanted == 10 { 20 } else { wanted } && varied(values)
}

fn nit(values: &[u8]) -> bool {
    let Some((check, body)) = values.split_last() else { return false };
    let weights = [3, 7, 13, 17, 19, 23, 29, 37, 41, 43];
    let total: u32 = body.iter().rev().zip(weights).map(|(digit, weight)| u32::from(*digit) * weight).sum();
    let rest = total % 11;
    u32::from(*check) == if rest > 1 { 11 - rest } else { rest } && varied(values)
}

fn ecuador(values: &[u8]) -> bool {
    (1..=24).contains(&field(values, 0, 2)) && at(values, 2) < 6 && luhn(values)
}

fn dominican(values: &[u8]) -> bool {
    luhn(values) && varied(values)
}

fn uruguay(values: &[u8]) -> bool {
    completes(values, &[2, 9, 8, 7, 6, 3, 4], 10) && varied(values)
}

/// The place of a sign in an alphabet of digits and letters that has an `Ñ` behind `N`.
fn place(value: u8) -> u32 {
    u32::from(value) + u32::from(value > 23)
}

fn curp(values: &[u8]) -> bool {
    let total: u32 = values.iter().take(17).zip((2..=18).rev()).map(|(value, weight)| place(*value) * weight).sum();
    let sex = matches!(at(values, 10), 17 | 22 | 33);
    sex && is_ymd(values, 4) && (10 - total % 10) % 10 == at(values, 17)
}

fn rfc(values: &[u8]) -> bool {
    let (count, is_company) = (values.len(), values.len() == 12);
    let date = count.saturating_sub(9);
    let lead = if is_company { 37 * 13 } else { 0 };
    // In this alphabet, `Ñ` is 24, so that letters behind it count one more.
    let total: u32 = lead
        + values
            .iter()
            .take(count.saturating_sub(1))
            .zip((2..=if is_company { 12 } else { 13 }).rev())
            .map(|(value, weight)| place(*value) * weight)
            .sum::<u32>();
    let wanted = (11 - total % 11) % 11;
    let check = at(values, count.saturating_sub(1));
    is_ymd(values, date) && (check == if wanted == 10 { 10 } else { wanted })
}

fn ruc(values: &[u8]) -> bool {
    let rest = sum(values, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
    matches!(field(values, 0, 2), 10 | 15 | 17 | 20)
        && (11 - rest) % 10 == at(values, 10)
        && varied(part(values, 2, 11))
}
