//! The few shapes of Protocol Buffers that OTLP's logs are made of, appended to a buffer. A generated model of them
//! would be built anew for each event, with a copy of every text.

/// Appends a number of seven bits a byte.
pub(crate) fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(low(number) | 0x80);
        number >>= 7;
    }
    out.push(low(number));
}

fn low(number: u64) -> u8 {
    u8::try_from(number & 0x7f).unwrap_or(0)
}

/// How many bytes a number takes.
pub(crate) fn varint_size(number: usize) -> usize {
    let bits = usize::BITS - number.leading_zeros();
    usize::try_from(bits.div_ceil(7)).unwrap_or(1).max(1)
}

/// Appends a field that is a varint.
pub(crate) fn number(out: &mut Vec<u8>, field: u8, value: u64) {
    out.push(field << 3);
    varint(out, value);
}

/// Appends a field of eight bytes.
pub(crate) fn fixed64(out: &mut Vec<u8>, field: u8, value: [u8; 8]) {
    out.push(field << 3 | 1);
    out.extend_from_slice(&value);
}

/// Appends a field of bytes.
pub(crate) fn bytes(out: &mut Vec<u8>, field: u8, value: &[u8]) {
    out.push(field << 3 | 2);
    varint(out, u64::try_from(value.len()).unwrap_or(u64::MAX));
    out.extend_from_slice(value);
}

/// Appends a field that is a message, which `fill` writes.
pub(crate) fn message(out: &mut Vec<u8>, field: u8, fill: impl FnOnce(&mut Vec<u8>)) {
    out.push(field << 3 | 2);
    let at = out.len();
    // Most messages here are shorter than 128 bytes.
    out.push(0);
    fill(out);
    let length = out.len() - at - 1;
    match (u8::try_from(length), out.get_mut(at)) {
        (Ok(short), Some(place)) if short < 0x80 => *place = short,
        _ => {
            let (mut number, mut prefix, mut used) = (length, [0_u8; 10], 0);
            for place in &mut prefix {
                let more = number >= 0x80;
                *place = u8::try_from(number & 0x7f).unwrap_or(0) | if more { 0x80 } else { 0 };
                number >>= 7;
                used += 1;
                if !more {
                    break;
                }
            }
            out.splice(at..=at, prefix.into_iter().take(used));
        }
    }
}
