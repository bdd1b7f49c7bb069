//! Text forms of bytes: lower-case hex, base32 and base62.

const HEX: &[u8; 16] = b"0123456789abcdef";
const BASE32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let mut text = String::with_capacity(bytes.len() * 2);
    text.extend(digits.map(|digit| symbol(HEX, u32::from(digit))));
    text
}

/// The bytes of a hexadecimal text, or `None` when it is none.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    // Numbers may have a sign, and bytes have none.
    if !text.len().is_multiple_of(2) || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Lower-case base32 (RFC 4648 alphabet), five bits a character, without padding.
pub fn base32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut buffer, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        buffer = (buffer << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(symbol(BASE32, (buffer >> bits) & 31));
        }
    }
    if bits > 0 {
        text.push(symbol(BASE32, (buffer << (5 - bits)) & 31));
    }
    text
}

/// `length` characters of base62 from random bytes, without bias.
pub fn random_base62(length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in crate::random::bytes::<32>() {
            if byte < 248 && text.len() < length {
                text.push(symbol(BASE62, u32::from(byte % 62)));
            }
        }
    }
    text
}

/// A number in base62, zero-padded on the left to `width` characters.
pub fn base62_number(mut number: u64, width: usize) -> String {
    let mut digits = Vec::with_capacity(width);
    while number > 0 || digits.len() < width {
        digits.push(symbol(BASE62, u32::try_from(number % 62).unwrap_or(0)));
        number /= 62;
    }
    digits.iter().rev().collect()
}

fn symbol(alphabet: &[u8], index: u32) -> char {
    alphabet.get(usize::try_from(index).unwrap_or(0)).copied().map_or('0', char::from)
}

#[cfg(test)]
mod tests;
