//! Randomness of the operating system.

/// `N` random bytes.
///
/// # Panics
/// When the operating system has no randomness to give: nothing that this program does is safe then.
#[expect(clippy::expect_used, reason = "without randomness no key, salt or id is safe; there is no way on")]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system provides randomness");
    bytes
}

/// A random number, uniform over all of `u64`.
pub fn number() -> u64 {
    u64::from_le_bytes(bytes())
}
