//! Numbers and codes: which kind of identifier, if any.

use super::checksum::{luhn, verhoeff, weighted};
use std::ops::Range;

type Found = (&'static str, Range<usize>, f32);

/// What a run of digits and separators is. `before` is the text before it in lower case.
pub(super) fn judge(run: &str, before: &str, alone: bool) -> Vec<Found> {
    let end = run.trim_end_matches(['-', '.', '/', ' ', '(']).len();
    let text = run.get(..end).unwrap_or(run);
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|byte| byte - b'0').collect();
    let says = |words: &[&str]| words.iter().any(|word| before.contains(word));
    if !alone {
        return Vec::new();
    }
    let whole = |kind: &'static str, score: f32| vec![(kind, 0..end, score)];
    if is_card(text, &digits) {
        return whole("CREDIT_CARD", 0.95);
    }
    if is_date(text) {
        return if says(&["born", "birth", "dob", "geboren", "né le", "née le", "nacido", "nascido", "nato il"]) {
            whole("DATE_OF_BIRTH", 0.8)
        } else {
            Vec::new()
        };
    }
    if is_ssn(text, &digits) && (text.contains('-') || says(&["ssn", "social security", "social-security"])) {
        return whole("US_SSN", if text.contains('-') { 0.85 } else { 0.8 });
    }
    if let Some((kind, score)) = national(&digits, text, &says) {
        return whole(kind, score);
    }
    if is_phone(text, &digits, &says) { whole("PHONE", 0.7) } else { Vec::new() }
}

fn is_card(text: &str, digits: &[u8]) -> bool {
    let lead = |count: usize| digits.iter().take(count).fold(0_u32, |number, digit| number * 10 + u32::from(*digit));
    let issuer = matches!(lead(1), 4)
        || matches!(lead(2), 34 | 36 | 37 | 38 | 51..=55 | 62 | 65 | 67)
        || matches!(lead(3), 300..=305 | 644..=649)
        || matches!(lead(4), 2221..=2720 | 3528..=3589 | 6011 | 5018 | 5020 | 5038 | 6304);
    let separated_evenly = !text.contains(['.', '/', '(']);
    (13..=19).contains(&digits.len()) && issuer && separated_evenly && varied(digits) && luhn(digits)
}

fn is_ssn(text: &str, digits: &[u8]) -> bool {
    let groups: Vec<&str> = text.split(['-', ' ']).collect();
    let shaped = matches!(groups.as_slice(), [a, b, c] if a.len() == 3 && b.len() == 2 && c.len() == 4)
        || (groups.len() == 1 && text.len() == 9);
    let number = |range: Range<usize>| {
        digits.get(range).unwrap_or_default().iter().fold(0_u32, |number, digit| number * 10 + u32::from(*digit))
    };
    let (area, group, serial) = (number(0..3), number(3..5), number(5..9));
    let printed_in_adverts = area == 987 && group == 65 && (4320..=4329).contains(&serial);
    shaped
        && digits.len() == 9
        && area != 0
        && area != 666
        && area < 900
        && group != 0
        && serial != 0
        && !printed_in_adverts
        && varied(digits)
}

/// National identifiers: a checksum, and words that name it where the shape alone is common.
fn national(digits: &[u8], text: &str, says: &impl Fn(&[&str]) -> bool) -> Option<(&'static str, f32)> {
    let check = |weights: &[u32], modulus: u32| weighted(digits, weights) % modulus;
    let last = digits.last().copied().map(u32::from)?;
    if !varied(digits) {
        return None;
    }
    match digits.len() {
        9 if says(&["itin", "taxpayer"]) && digits.first() == Some(&9) => Some(("US_ITIN", 0.8)),
        9 if says(&["sin", "social insurance"]) && luhn(digits) => Some(("CA_SIN", 0.85)),
        9 if says(&["bsn", "burgerservice", "sofi"]) && check(&[9, 8, 7, 6, 5, 4, 3, 2], 11) == last => {
            Some(("NL_BSN", 0.85))
        }
        9 if says(&["aba", "routing"]) && check(&[3, 7, 1, 3, 7, 1, 3, 7, 1], 10) == 0 => {
            Some(("US_BANK_ROUTING", 0.8))
        }
        9 if says(&["tfn", "tax file"]) && check(&[1, 4, 3, 7, 5, 8, 6, 9, 10], 11) == 0 => Some(("AU_TFN", 0.85)),
        10 if says(&["nhs"]) && {
            let rest = 11 - check(&[10, 9, 8, 7, 6, 5, 4, 3, 2], 11);
            rest % 11 == last
        } =>
        {
            Some(("UK_NHS", 0.9))
        }
        10 if says(&["medicare"]) && check(&[1, 3, 7, 9, 1, 3, 7, 9], 10) == u32::from(digits.get(8).copied()?) => {
            Some(("AU_MEDICARE", 0.85))
        }
        10 if says(&["nip"]) && check(&[6, 5, 7, 2, 3, 4, 5, 6, 7], 11) == last => Some(("PL_NIP", 0.8)),
        11 if says(&["abn", "business number"]) && is_abn(digits) => Some(("AU_ABN", 0.85)),
        11 if is_cpf(digits) && (text.contains('.') || says(&["cpf"])) => Some(("BR_CPF", 0.9)),
        11 if says(&["pesel"]) && (10 - check(&[1, 3, 7, 9, 1, 3, 7, 9, 1, 3], 10)) % 10 == last => {
            Some(("PL_PESEL", 0.9))
        }
        11 if says(&["steuer", "tax id", "idnr", "tin"]) && is_german_tax_id(digits) => Some(("DE_TAX_ID", 0.85)),
        11 if says(&["personnummer", "fødselsnummer", "fodselsnummer"]) => Some(("NO_ID", 0.7)),
        12 if (says(&["aadhaar", "aadhar", "uidai"]) || text.contains(' '))
            && digits.first().is_some_and(|first| *first > 1)
            && verhoeff(digits) =>
        {
            Some(("IN_AADHAAR", 0.85))
        }
        14 if is_cnpj(digits) && (text.contains('/') || says(&["cnpj"])) => Some(("BR_CNPJ", 0.85)),
        15 if says(&["nir", "sécurité sociale", "securite sociale", "insee"]) && is_nir(digits) => {
            Some(("FR_NIR", 0.9))
        }
        15 if says(&["imei"]) && luhn(digits) => Some(("IMEI", 0.8)),
        6..=17 if says(&["account number", "account no", "acct", "bank account", "kontonummer", "account #"]) => {
            Some(("BANK_ACCOUNT", 0.6))
        }
        8..=9 if says(&["passport", "reisepass", "passeport", "pasaporte"]) => Some(("PASSPORT", 0.7)),
        6..=10 if says(&["driver", "licence number", "license number", "dl#"]) => Some(("DRIVER_LICENSE", 0.6)),
        _ => None,
    }
}

/// Codes of letters and digits.
pub(super) fn code(text: &str, before: &str) -> Option<(&'static str, f32)> {
    let says = |words: &[&str]| words.iter().any(|word| before.contains(word));
    let compact: String = text.chars().filter(|c| *c != ' ').collect();
    let bytes = compact.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    if let Some(kind) = spanish(&compact) {
        return Some((kind, 0.85));
    }
    match bytes.len() {
        9 if letter(0) && letter(1) && (2..8).all(digit) && matches!(bytes.last(), Some(b'A'..=b'D')) => {
            let valid = !matches!(bytes.first(), Some(b'D' | b'F' | b'I' | b'Q' | b'U' | b'V'))
                && !compact.starts_with("GB")
                && !compact.starts_with("NK")
                && !compact.starts_with("TN")
                && !compact.starts_with("ZZ");
            valid.then_some(("UK_NINO", 0.8))
        }
        10 if (0..5).all(letter) && (5..9).all(digit) && letter(9) => {
            matches!(bytes.get(3), Some(b'P' | b'C' | b'H' | b'F' | b'A' | b'T' | b'B' | b'L' | b'J' | b'G'))
                .then_some(("IN_PAN", 0.8))
        }
        16 if (0..6).all(letter) && digit(6) && digit(7) && letter(8) && letter(11) && letter(15) && italian(bytes) => {
            Some(("IT_FISCAL_CODE", 0.9))
        }
        17 if says(&["vin", "vehicle"]) && !compact.contains(['I', 'O', 'Q']) => Some(("VIN", 0.7)),
        9 if says(&["fin", "nric"]) && letter(0) && (1..8).all(digit) && letter(8) => Some(("SG_NRIC", 0.8)),
        6..=9 if says(&["passport", "reisepass", "passeport", "pasaporte", "passaporto"]) => Some(("PASSPORT", 0.75)),
        6..=13 if says(&["driver", "licence number", "license number", "driving licen"]) => {
            Some(("DRIVER_LICENSE", 0.65))
        }
        _ => None,
    }
}

fn spanish(code: &str) -> Option<&'static str> {
    const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";
    let (body, letter) = code.split_at_checked(code.len().checked_sub(1)?)?;
    let (kind, number) = match body.as_bytes().first()? {
        b'X' => ("ES_NIE", format!("0{}", body.get(1..)?)),
        b'Y' => ("ES_NIE", format!("1{}", body.get(1..)?)),
        b'Z' => ("ES_NIE", format!("2{}", body.get(1..)?)),
        _ => ("ES_DNI", body.to_owned()),
    };
    let number: usize = if number.len() == 8 { number.parse().ok()? } else { return None };
    (LETTERS.get(number % 23) == letter.as_bytes().first()).then_some(kind)
}

fn italian(code: &[u8]) -> bool {
    const ODD: [u32; 26] =
        [1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23];
    let value = |byte: u8| u32::from(if byte.is_ascii_digit() { byte - b'0' } else { byte.wrapping_sub(b'A') });
    let sum: u32 = code
        .iter()
        .take(15)
        .enumerate()
        .map(|(at, byte)| {
            let value = value(*byte);
            if at % 2 == 0 { ODD.get(usize::try_from(value).unwrap_or(0)).copied().unwrap_or(0) } else { value }
        })
        .sum();
    code.get(15).is_some_and(|last| value(*last) == sum % 26)
}

fn is_cpf(digits: &[u8]) -> bool {
    let check = |count: usize| {
        let top = u32::try_from(count).unwrap_or(0) + 1;
        let sum: u32 =
            digits.iter().take(count).zip((2..=top).rev()).map(|(digit, weight)| u32::from(*digit) * weight).sum();
        let rest = sum * 10 % 11 % 10;
        digits.get(count).is_some_and(|digit| u32::from(*digit) == rest)
    };
    digits.len() == 11 && check(9) && check(10)
}

fn is_cnpj(digits: &[u8]) -> bool {
    let check = |count: usize, weights: &[u32]| {
        let rest = weighted(digits.get(..count).unwrap_or_default(), weights) % 11;
        digits.get(count).is_some_and(|digit| u32::from(*digit) == if rest < 2 { 0 } else { 11 - rest })
    };
    check(12, &[5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]) && check(13, &[6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2])
}

/// The first digit counts one less, then the weighted sum is a multiple of 89.
fn is_abn(digits: &[u8]) -> bool {
    let sum = weighted(digits, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    digits.first() != Some(&0) && sum.wrapping_sub(10).is_multiple_of(89)
}

fn is_nir(digits: &[u8]) -> bool {
    let number = |digits: &[u8]| digits.iter().fold(0_u64, |number, digit| number * 10 + u64::from(*digit));
    let Some((body, key)) = digits.split_at_checked(13) else { return false };
    97 - number(body) % 97 == number(key)
}

fn is_german_tax_id(digits: &[u8]) -> bool {
    let mut product = 10_u32;
    for digit in digits.iter().take(10) {
        let sum = (u32::from(*digit) + product) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    let check = (11 - product) % 10;
    digits.first() != Some(&0) && digits.last().is_some_and(|last| u32::from(*last) == check)
}

fn is_date(text: &str) -> bool {
    let groups: Vec<&str> = text.split(['-', '/', '.']).map(str::trim).collect();
    let number = |text: &str| text.parse::<u32>().ok();
    let [Some(a), Some(b), Some(c)] =
        [groups.first(), groups.get(1), groups.get(2)].map(|group| group.and_then(|text| number(text)))
    else {
        return false;
    };
    let year = |y: u32| (1900..=2100).contains(&y);
    groups.len() == 3
        && ((year(a) && b <= 12 && c <= 31) || (year(c) && a <= 31 && b <= 31 && a.min(b) <= 12))
        && a > 0
        && b > 0
        && c > 0
}

fn is_phone(text: &str, digits: &[u8], says: &impl Fn(&[&str]) -> bool) -> bool {
    let spoken = says(&[
        "phone",
        "call",
        "tel",
        "mobile",
        "cell",
        "fax",
        "whatsapp",
        "text me",
        "contact",
        "number is",
        "reach me",
        "ring",
    ]);
    let groups: Vec<usize> =
        text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty()).map(str::len).collect();
    let north_american = matches!(groups.as_slice(), [3, 3, 4] | [1, 3, 3, 4])
        && digits.iter().rev().nth(9).is_some_and(|first| *first > 1);
    let dotted_version = text.matches('.').count() > 3;
    let international = text.starts_with('+') && (8..=15).contains(&digits.len());
    !dotted_version
        && varied(digits)
        && (international
            || (north_american && (spoken || text.contains(['-', '(', '.'])))
            || (spoken && (7..=14).contains(&digits.len()) && groups.len() < 7))
}

/// Whether the digits are more than one or two repeated ones, as in examples.
fn varied(digits: &[u8]) -> bool {
    let mut seen = [false; 10];
    for digit in digits {
        if let Some(slot) = seen.get_mut(usize::from(*digit)) {
            *slot = true;
        }
    }
    seen.iter().filter(|seen| **seen).count() > 2
}
