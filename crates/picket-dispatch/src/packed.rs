//! Positions as bytes: runs of them, each as the gap before it and its length, in numbers of seven bits a byte.

use std::collections::BTreeSet;

/// Packs positions.
pub(crate) fn pack(positions: &BTreeSet<u64>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut end = 0;
    let mut rest = positions.iter().copied().peekable();
    while let Some(begin) = rest.next() {
        let mut length = 1;
        while rest.next_if(|next| begin.checked_add(length) == Some(*next)).is_some() {
            length += 1;
        }
        number(begin - end, &mut bytes);
        number(length, &mut bytes);
        end = begin.saturating_add(length);
    }
    bytes
}

/// Reads packed positions; none when they are damaged, or more than `most`.
pub(crate) fn unpack(mut bytes: &[u8], most: usize) -> Option<BTreeSet<u64>> {
    let mut positions = BTreeSet::new();
    let mut end: u64 = 0;
    while !bytes.is_empty() {
        let begin = end.checked_add(read(&mut bytes)?)?;
        let length = read(&mut bytes)?;
        end = begin.checked_add(length)?;
        if length == 0 || usize::try_from(length).ok()?.checked_add(positions.len())? > most {
            return None;
        }
        positions.extend(begin..end);
    }
    Some(positions)
}

fn number(mut value: u64, bytes: &mut Vec<u8>) {
    while value >= 0x80 {
        bytes.push(low(value) | 0x80);
        value >>= 7;
    }
    bytes.push(low(value));
}

fn low(value: u64) -> u8 {
    value.to_le_bytes()[0] & 0x7f
}

fn read(bytes: &mut &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let (first, rest) = bytes.split_first()?;
        *bytes = rest;
        let part = u64::from(first & 0x7f);
        if part.leading_zeros() < shift {
            return None;
        }
        value |= part << shift;
        if first & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests;
