//! Addresses of wallets, by their checksums.

use sha2::{Digest as _, Sha256};

const BASE58: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BECH32: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Bytes of an address in base 58: a version, a hash of twenty bytes, a checksum of four.
const BYTES: usize = 25;

/// Whether a word is the address of a wallet.
pub(super) fn is_address(word: &[u8]) -> bool {
    match word {
        [b'1' | b'3' | b'L' | b'M' | b'D' | b'T', ..] if (26..=35).contains(&word.len()) => is_base58(word),
        [b'b', b'c', b'1', ..] | [b'l', b't', b'c', b'1', ..] => is_bech32(word),
        [b'0', b'x', rest @ ..] => is_ether(rest),
        _ => false,
    }
}

/// Forty hexadecimal digits, with enough variety to be an address.
fn is_ether(digits: &[u8]) -> bool {
    let seen = digits.iter().fold(0_u128, |seen, digit| seen | 1 << (digit.to_ascii_lowercase() & 127));
    digits.len() == 40 && digits.iter().all(u8::is_ascii_hexdigit) && seen.count_ones() >= 8
}

/// The last four bytes are those of the hash of the hash of the others.
fn is_base58(word: &[u8]) -> bool {
    let mut bytes = [0_u8; BYTES];
    for sign in word {
        let Some(mut carry) = BASE58.iter().position(|known| known == sign) else { return false };
        for byte in bytes.iter_mut().rev() {
            carry += usize::from(*byte) * 58;
            *byte = u8::try_from(carry & 255).unwrap_or(0);
            carry >>= 8;
        }
        if carry > 0 {
            return false;
        }
    }
    let Some((body, check)) = bytes.split_at_checked(BYTES - 4) else { return false };
    let hash = Sha256::digest(Sha256::digest(body));
    hash.as_slice().starts_with(check)
}

/// BIP 173 and BIP 350.
fn is_bech32(word: &[u8]) -> bool {
    const GENERATOR: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
    let mut check = 1_u32;
    let mut step = |value: u32| {
        let top = check >> 25;
        check = (check & 0x1ff_ffff) << 5 ^ value;
        for (bit, generator) in GENERATOR.iter().enumerate() {
            check ^= if top >> bit & 1 == 1 { *generator } else { 0 };
        }
    };
    let Some(at) = word.iter().position(|byte| *byte == b'1').filter(|_| word.len() >= 14 && word.len() <= 90) else {
        return false;
    };
    let (head, data) = (word.get(..at).unwrap_or_default(), word.get(at + 1..).unwrap_or_default());
    head.iter().for_each(|byte| step(u32::from(*byte) >> 5));
    step(0);
    head.iter().for_each(|byte| step(u32::from(*byte) & 31));
    for byte in data {
        let Some(value) = BECH32.iter().position(|known| known == byte) else { return false };
        step(u32::try_from(value).unwrap_or(0));
    }
    matches!(check, 1 | 0x2bc8_30a3)
}
