//! Check digits, on values: `0` to `9` for digits, `10` to `35` for letters.

/// The value at a place; 0 beyond the end.
pub(crate) fn at(values: &[u8], place: usize) -> u32 {
    values.get(place).copied().map_or(0, u32::from)
}

/// The values of a range; none beyond the end.
pub(crate) fn part(values: &[u8], from: usize, to: usize) -> &[u8] {
    values.get(from..to.min(values.len())).unwrap_or_default()
}

/// Digits as a number. Shapes are short, so that it fits; what does not, wraps.
pub(crate) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0_u64, |number, digit| number.wrapping_mul(10).wrapping_add(u64::from(*digit)))
}

/// The number of a range of digits.
pub(crate) fn field(values: &[u8], from: usize, to: usize) -> u64 {
    number(part(values, from, to))
}

/// The weighted sum of as many values as there are weights.
pub(crate) fn sum(values: &[u8], weights: &[u32]) -> u32 {
    values.iter().zip(weights).map(|(value, weight)| u32::from(*value) * weight).sum()
}

/// Whether the value behind the weighted ones is their sum's rest; a rest of ten counts as zero.
pub(crate) fn rest(values: &[u8], weights: &[u32], modulus: u32) -> bool {
    sum(values, weights) % modulus % 10 == at(values, weights.len())
}

/// Whether the value behind the weighted ones completes their sum to a multiple.
pub(crate) fn completes(values: &[u8], weights: &[u32], modulus: u32) -> bool {
    (modulus - sum(values, weights) % modulus) % modulus == at(values, weights.len())
}

/// As [`completes`] by eleven, where what would be ten is written as zero.
pub(crate) fn eleven(values: &[u8], weights: &[u32]) -> bool {
    (11 - sum(values, weights) % 11) % 11 % 10 == at(values, weights.len())
}

/// Luhn: payment cards, and many national numbers. Letters never pass.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let doubled = u32::from(*digit) * if place % 2 == 1 { 2 } else { 1 };
            if doubled > 9 { doubled - 9 } else { doubled }
        })
        .sum();
    !digits.is_empty() && sum.is_multiple_of(10) && digits.iter().all(|digit| *digit < 10)
}

/// Verhoeff: Aadhaar, Luxembourg.
pub(crate) fn verhoeff(digits: &[u8]) -> bool {
    const D: [[u8; 10]; 10] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
        [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
        [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
        [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
        [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
        [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
        [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
        [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
        [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
    ];
    const P: [[u8; 10]; 8] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        [1, 5, 7, 6, 2, 8, 3, 0, 9, 4],
        [5, 8, 0, 3, 7, 9, 6, 1, 4, 2],
        [8, 9, 1, 6, 0, 4, 3, 5, 2, 7],
        [9, 4, 5, 3, 1, 2, 6, 8, 7, 0],
        [4, 2, 8, 6, 5, 7, 3, 9, 0, 1],
        [2, 7, 9, 3, 8, 0, 6, 4, 1, 5],
        [7, 0, 4, 6, 9, 1, 3, 2, 5, 8],
    ];
    let step = |sum: u8, (place, digit): (usize, &u8)| {
        let permuted = P.get(place % 8).and_then(|row| row.get(usize::from(*digit))).copied().unwrap_or(0);
        D.get(usize::from(sum)).and_then(|row| row.get(usize::from(permuted))).copied().unwrap_or(0)
    };
    digits.iter().rev().enumerate().fold(0, step) == 0
}

/// ISO 7064 mod 11, 10: the last digit checks the others.
pub(crate) fn mod_11_10(digits: &[u8]) -> bool {
    let Some((check, body)) = digits.split_last() else { return false };
    let product = body.iter().fold(10, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (11 - product) % 10 == u32::from(*check)
}

/// ISO 7064 mod 97, letters as two digits: 1 for what is valid.
pub(crate) fn mod_97<'a>(values: impl Iterator<Item = &'a u8>) -> u32 {
    values.fold(0, |rest, value| {
        let value = u32::from(*value);
        if value > 9 { (rest * 100 + value) % 97 } else { (rest * 10 + value) % 97 }
    })
}

/// Seven, three, one, over and over, as in machine-readable documents; the last value checks the others.
pub(crate) fn seven_three_one(values: &[u8]) -> bool {
    let Some((check, body)) = values.split_last() else { return false };
    let sum: u32 =
        body.iter().zip([7, 3, 1].into_iter().cycle()).map(|(value, weight)| u32::from(*value) * weight).sum();
    sum % 10 == u32::from(*check)
}

/// Whether there is such a day in some year.
pub(crate) fn is_day(month: u64, day: u64) -> bool {
    let days = match month {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    day >= 1 && day <= days
}

/// Whether six digits from a place on are a day of a year, by `YYMMDD`.
pub(crate) fn is_ymd(values: &[u8], from: usize) -> bool {
    is_day(field(values, from + 2, from + 4), field(values, from + 4, from + 6))
}

/// Whether six digits from a place on are a day of a year, by `DDMMYY`.
pub(crate) fn is_dmy(values: &[u8], from: usize) -> bool {
    is_day(field(values, from + 2, from + 4), field(values, from, from + 2))
}

/// The letter of an alphabet that a number stands for, as a value.
pub(crate) fn letter(alphabet: &[u8], place: u64) -> Option<u32> {
    let letter = alphabet.get(usize::try_from(place).ok()?)?;
    char::from(*letter).to_digit(36)
}

/// Whether the values are more than one or two repeated ones, as in examples.
pub(crate) fn varied(values: &[u8]) -> bool {
    let seen = values.iter().fold(0_u64, |seen, value| seen | 1 << (value & 63));
    seen.count_ones() > 2
}
