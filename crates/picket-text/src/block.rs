//! Sixty-four bytes at a time: which of them are of a class, as one bit for each, the first byte in the lowest.
//!
//! A class is asked of each byte without a branch, so that the compiler looks at many at once; what follows, such as where
//! words begin and end, is a few operations on numbers instead of one decision a byte.

/// Bytes of a block.
pub const BLOCK: usize = 64;

/// Calls `take` with each block of a text, the last one filled up with zeros, and with the place of its first byte.
#[inline]
pub fn each_block(text: &[u8], mut take: impl FnMut(usize, &[u8; BLOCK])) {
    let (whole, rest) = text.as_chunks::<BLOCK>();
    for (number, block) in whole.iter().enumerate() {
        take(number * BLOCK, block);
    }
    if !rest.is_empty() {
        let mut last = [0; BLOCK];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        take(whole.len() * BLOCK, &last);
    }
}

/// The bytes of a block that are of a class.
#[inline]
pub fn bits(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    let mut marks = [0_u8; BLOCK];
    marks.iter_mut().zip(block).for_each(|(mark, byte)| *mark = u8::from(is(*byte)));
    let (eights, _) = marks.as_chunks::<8>();
    // A product that moves the lowest bit of each byte to one place of the highest byte.
    let gathered = |eight: &[u8; 8]| u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    eights.iter().rev().fold(0, |bits, eight| bits << 8 | gathered(eight))
}

/// The places of the bits of a number, ascending.
pub fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let place = bits.trailing_zeros() as usize;
        bits &= bits.wrapping_sub(1);
        (place < BLOCK).then_some(place)
    })
}

#[cfg(test)]
mod tests;
