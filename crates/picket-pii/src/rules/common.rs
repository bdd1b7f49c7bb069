//! Identifiers of no one country.

use crate::checksum::{at, field, letter, luhn, sum, varied};
use crate::rule::{
    Need::{Nothing, Words, WordsOrAlone},
    Rule,
    Test::{Form, Shape, Sum},
    rule,
};

const ACCOUNT: &[&str] = &[
    "account number",
    "account no",
    "account #",
    "acct",
    "a/c",
    "bank account",
    "kontonummer",
    "kontonr",
    "número de cuenta",
    "numero de cuenta",
    "cuenta bancaria",
    "numéro de compte",
    "conto corrente",
    "número da conta",
    "conta bancária",
    "rekeningnummer",
    "rachunek",
    "hesap no",
    "account",
    "口座番号",
    "계좌번호",
    "银行账号",
    "账号",
];
const PASSPORT: &[&str] = &[
    "passport",
    "travel document",
    "passeport",
    "pasaporte",
    "passaporte",
    "passaporto",
    "paspoort",
    "paszport",
    "pasaport",
    "passi",
    "pas nr",
    "паспорт",
    "护照",
    "護照",
    "旅券",
    "パスポート",
    "여권",
];
const DRIVER: &[&str] = &[
    "driver's license",
    "drivers license",
    "driver license",
    "driver’s license",
    "driver's licence",
    "driving licence",
    "driving license",
    "driver licence",
    "license number",
    "licence number",
    "licence no",
    "license no",
    "dl number",
    "dl no",
    "dl#",
    "dl:",
    "führerschein",
    "fahrerlaubnis",
    "permis de conduire",
    "patente",
    "licencia de conducir",
    "carnet de conducir",
    "carta de condução",
    "cnh",
    "rijbewijs",
    "prawo jazdy",
    "körkort",
    "водительское",
];
const PLATE: &[&str] = &[
    "license plate",
    "licence plate",
    "number plate",
    "plate number",
    "plate",
    "plates",
    "plaka",
    "kennzeichen",
    "vehicle registration",
    "registration number",
    "car reg",
    "reg no",
    "vehicle",
    "vehicles",
    "immatriculation",
    "matrícula",
    "matricula",
    "targa",
    "kenteken",
    "tablica",
    "rejestracyjny",
];
const CARD_CODE: &[&str] =
    &["cvv", "cvc", "cvv2", "cvc2", "security code", "card verification", "prüfziffer der karte", "cryptogramme"];
const EXPIRY: &[&str] = &[
    "exp",
    "expiry",
    "expires",
    "expiration",
    "exp date",
    "valid thru",
    "valid until",
    "gültig bis",
    "caduca",
    "scadenza",
];
const CARD: &[&str] = &[
    "card",
    "credit card",
    "debit card",
    "cc",
    "visa",
    "mastercard",
    "maestro",
    "amex",
    "kreditkarte",
    "kartennummer",
    "carte",
    "tarjeta",
    "carta",
    "cartão",
    "kart",
    "karta",
    "карта",
    "карты",
    "卡号",
    "カード番号",
    "카드번호",
];
const POSTAL: &[&str] = &[
    "zip",
    "zip code",
    "zipcode",
    "postal code",
    "postcode",
    "post code",
    "plz",
    "postleitzahl",
    "code postal",
    "código postal",
    "codigo postal",
    "cep",
    "cap",
    "kod pocztowy",
    "postnummer",
    "postinumero",
    "posta kodu",
    "почтовый индекс",
    "邮编",
    "郵便番号",
    "우편번호",
];
const MEMBER: &[&str] = &[
    "member id",
    "member number",
    "policy number",
    "policy no",
    "insurance number",
    "insurance id",
    "health insurance",
    "subscriber id",
    "group number",
    "versichertennummer",
    "numéro d'assuré",
    "número de póliza",
];
const RECORD: &[&str] =
    &["mrn", "medical record", "patient id", "patient number", "patient no", "chart number", "health record"];
const STAFF: &[&str] = &[
    "employee id",
    "employee number",
    "employee no",
    "staff id",
    "staff number",
    "personalnummer",
    "matricule",
    "badge number",
];
const STUDENT: &[&str] =
    &["student id", "student number", "student no", "matrikelnummer", "numéro étudiant", "enrollment number"];

pub(crate) const RULES: &[Rule] = &[
    rule(
        "BANK_ACCOUNT",
        "Account numbers of banks",
        "999999|9999999|99999999|999999999|9999999999|99999999999|999999999999|9999999999999|99999999999999|999999999999999|9999999999999999|99999999999999999|9999 9999 9999|9999 9999 99|999-999999-9|999 999 999 999",
        Form(differs),
        Words,
        ACCOUNT,
    ),
    rule(
        "PASSPORT",
        "Passport numbers",
        "99999999|999999999|A9999999|A99999999|AA999999|AA9999999|AAA999999|A999A9999|AX9999999|99AA99999|9999 999999|99 99 999999|A99 99999",
        Form(differs),
        Words,
        PASSPORT,
    ),
    rule("PASSPORT", "Passport numbers of Korea", "A999A9999", Form(korean_passport), WordsOrAlone, PASSPORT),
    rule(
        "DRIVER_LICENSE",
        "Driving licences",
        "999999|9999999|99999999|999999999|9999999999|99999999999|999999999999|A9999999|A99999999|A999999999|A999999999999|A99999999999999|A9999999999999|A99999999999|A999999|AA9999999|AA99999999|AA999999A|AA9999999A|AA99999999A|AAA999999|9999-99-9999|A999-9999-9999|A999-999-99-999-9|99AA9999999|AX99999999X|999-99-9999|A9A999A99A",
        Form(differs),
        Words,
        DRIVER,
    ),
    rule(
        "VEHICLE_PLATE",
        "Registration marks of vehicles, with a word",
        "AA99 AAA|A999 AAA|AAA 999|AAA 9999|AAA 999A|A9 AAA|AAA-999AA|AAA999AA|AA-999-AA|AA 999 AA|A AA 999|A AA 9999|AA AA 999|AA AA 9999|AAA AA 999|AAA AA 99|AA A 9999|AAA A 9999|99 A 9999|99 AA 999|99 AA 9999|99 AAA 99|99 AAA 999|99 AAA 9999|9999 AAA|A-AA-999|9AAA999|999 AAA|AA 99999|AAA9999|AA99AA9999|AA99A9999|AA9AAA9999|AA9A9999|A AA 99A|AA A 99A",
        Form(differs),
        Words,
        PLATE,
    ),
    rule(
        "POSTAL_CODE",
        "Postal codes, with a word",
        "99999|9999|999|999999|99999-9999|99999-999|9999 AA|99-999|999 99|9999-999|A9A 9A9|999-9999|9999999",
        Shape,
        Words,
        POSTAL,
    ),
    rule("CARD_CVV", "Security codes of cards", "999|9999", Shape, Words, CARD_CODE),
    rule("CARD_EXPIRY", "Expiry dates of cards", "99/99|99/9999|99-99", Form(expiry), Words, EXPIRY),
    rule(
        "HEALTH_INSURANCE",
        "Numbers of members of health insurers",
        "A99999999|AA99999999|AAA999999999|AAA99999999|AAA999999|99999999|999999999|9999999999|99999999999|999999999999|A999999999",
        Form(differs),
        Words,
        MEMBER,
    ),
    rule(
        "MEDICAL_RECORD",
        "Numbers of patients' records",
        "999999|9999999|99999999|999999999|9999999999|A999999|A9999999|AA999999|99-99-99|999-99-99",
        Form(differs),
        Words,
        RECORD,
    ),
    rule(
        "EMPLOYEE_ID",
        "Staff numbers",
        "99999|999999|9999999|99999999|A99999|A999999|AA99999|AA999999|A9999|AA9999|AAA9999|AAA99999|emp-99999|emp-9999|emp-999999",
        Shape,
        Words,
        STAFF,
    ),
    rule(
        "STUDENT_ID",
        "Matriculation numbers",
        "999999|9999999|99999999|999999999|A9999999|A99999999|AA999999|99-99999",
        Shape,
        Words,
        STUDENT,
    ),
    rule(
        "CREDIT_CARD",
        "Payment cards",
        "9999999999999|99999999999999|999999999999999|9999999999999999|9999999999999999999|9999 9999 9999 9999|9999 999999 99999|9999 999999 9999|9999 9999 9999 9999 999",
        Sum(card),
        Nothing,
        CARD,
    ),
    rule(
        "CREDIT_CARD",
        "Payment cards of any issuer, with a word",
        "999999999999|9999999999999|99999999999999|999999999999999|9999999999999999|99999999999999999|999999999999999999|9999999999999999999|9999 9999 9999|9999 9999 9999 9999",
        Sum(any_card),
        Words,
        CARD,
    ),
    rule(
        "IMEI",
        "Identities of mobile devices",
        "999999999999999|99 999999 999999 9",
        Sum(luhn),
        Words,
        &["imei", "device id", "handset"],
    ),
    rule(
        "ICCID",
        "Identities of SIM cards",
        "8999999999999999999|89999999999999999999",
        Sum(luhn),
        Words,
        &["iccid", "sim", "sim card"],
    ),
    rule(
        "VIN",
        "Identification numbers of vehicles",
        "XXXXXXXXXXXXXXXXX",
        Sum(vin),
        Nothing,
        &["vin", "vehicle", "chassis", "fahrgestellnummer", "fin"],
    ),
    rule(
        "VIN",
        "Identification numbers of vehicles, with a word",
        "XXXXXXXXXXXXXXXXX",
        Form(vin_letters),
        Words,
        &["vin", "chassis", "fahrgestellnummer", "fin"],
    ),
    rule("ORCID", "Identities of researchers", "9999-9999-9999-999X", Sum(orcid), Nothing, &["orcid"]),
];

/// More than one digit over and over.
pub(super) fn differs(values: &[u8]) -> bool {
    values.iter().any(|value| values.first() != Some(value))
}

fn card(values: &[u8]) -> bool {
    let lead = |count: usize| field(values, 0, count);
    let issuer = match values.len() {
        13 => lead(1) == 4,
        14 => matches!(lead(3), 300..=305 | 309) || matches!(lead(2), 36 | 38 | 39),
        15 => matches!(lead(2), 34 | 37) || matches!(lead(4), 1800 | 2131),
        19 => matches!(lead(1), 4 | 6),
        _ => {
            matches!(lead(1), 4)
                || matches!(lead(2), 51..=55 | 60 | 62 | 65 | 67)
                || matches!(lead(3), 644..=649)
                || matches!(lead(4), 2200..=2204 | 2221..=2720 | 3528..=3589 | 5018..=5020 | 5038 | 5893 | 6304)
        }
    };
    issuer && varied(values) && luhn(values)
}

fn any_card(values: &[u8]) -> bool {
    varied(values) && luhn(values)
}

fn korean_passport(values: &[u8]) -> bool {
    // M, S, R, O, D and G.
    matches!(at(values, 0), 22 | 28 | 27 | 24 | 13 | 16)
}

fn expiry(values: &[u8]) -> bool {
    (1..=12).contains(&field(values, 0, 2)) && field(values, values.len().saturating_sub(2), values.len()) >= 15
}

fn vin_letters(values: &[u8]) -> bool {
    // Neither I nor O nor Q; a serial number at the end.
    values.iter().all(|value| !matches!(value, 18 | 24 | 26))
        && values.iter().filter(|value| **value > 9).count() >= 3
        && values.iter().filter(|value| **value < 10).count() >= 4
        && values.iter().rev().take(4).all(|value| *value < 10)
}

fn vin(values: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    const LETTERS: &[u8; 26] = b"12345678012345070923456789";
    let worth = |value: u8| match value {
        0..10 => u32::from(value),
        _ => letter(LETTERS, u64::from(value - 10)).unwrap_or(0),
    };
    let total: u32 = values.iter().zip(WEIGHTS).map(|(value, weight)| worth(*value) * weight).sum();
    // `X`, which is 33, stands for ten.
    let check = if total % 11 == 10 { 33 } else { total % 11 };
    vin_letters(values) && at(values, 8) == check
}

fn orcid(values: &[u8]) -> bool {
    let (body, check) = (values.get(..15).unwrap_or_default(), at(values, 15));
    let total = body.iter().fold(0_u32, |total, digit| (total + u32::from(*digit)) * 2 % 11);
    let wanted = (12 - total % 11) % 11;
    sum(body, &[1; 15]) > 0 && check == if wanted == 10 { 33 } else { wanted }
}
