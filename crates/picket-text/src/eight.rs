//! Eight bytes at a time: which of them are letters, as the highest bit of each byte of a number whose lowest byte comes
//! first in the text.

/// The highest bit of each byte.
pub const HIGH: u64 = 0x8080_8080_8080_8080;
/// One in each byte.
pub const ONES: u64 = 0x0101_0101_0101_0101;

/// The first eight bytes of a text; what a shorter one lacks is zero.
#[inline]
pub fn first_eight(text: &[u8]) -> u64 {
    let filled = || {
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(text).for_each(|(to, from)| *to = *from);
        bytes
    };
    u64::from_le_bytes(text.first_chunk().copied().unwrap_or_else(filled))
}

/// The bytes that are letters or digits of ASCII.
#[inline]
pub const fn alphanumeric(chunk: u64) -> u64 {
    let low = chunk & !HIGH;
    let small = low | (ONES * 0x20);
    let letters = least(small, b'a') & !least(small, b'z' + 1);
    let digits = least(low, b'0') & !least(low, b'9' + 1);
    (letters | digits) & !chunk
}

/// The bytes that are this one of ASCII.
#[inline]
pub const fn equal(chunk: u64, byte: u8) -> u64 {
    let differs = chunk ^ (ONES * byte as u64);
    !(((differs & !HIGH) + !HIGH) | differs) & HIGH
}

/// Of bytes of ASCII, those that are not below another.
#[inline]
const fn least(values: u64, byte: u8) -> u64 {
    (values + ONES * (0x80 - byte) as u64) & HIGH
}

#[cfg(test)]
mod tests;
