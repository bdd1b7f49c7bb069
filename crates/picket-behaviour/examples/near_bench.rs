//! What the hash of a prompt costs.
//!
//! `cargo xt bench near`: texts of made-up words, by their length.

use picket_behaviour::near;
use std::error::Error;
use std::hint::black_box;
use std::io::{self, Write as _};

const SYLLABLES: [&str; 16] =
    ["ka", "lo", "mi", "ren", "sto", "va", "ne", "pul", "dor", "ei", "tan", "gru", "be", "sil", "or", "chu"];
const ROUNDS: u32 = 2_000;

fn main() -> Result<(), Box<dyn Error>> {
    for kibibytes in [1_u32, 4, 16] {
        let text = text(usize::try_from(kibibytes)? * 1_024);
        let begun = busy_s()?;
        for key in 0..ROUNDS {
            black_box(near::keyed(u64::from(key), black_box(&text)));
        }
        let micros = (busy_s()? - begun) * 1e6 / f64::from(ROUNDS);
        writeln!(
            io::stdout(),
            "{kibibytes} KiB: {micros:.1} us of a core, {:.1} us a KiB",
            micros / f64::from(kibibytes)
        )?;
    }
    Ok(())
}

fn text(length: usize) -> String {
    let (mut text, mut seed) = (String::new(), 7_u64);
    while text.len() < length {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let syllable = usize::try_from(seed >> 60).ok().and_then(|at| SYLLABLES.get(at)).copied().unwrap_or_default();
        text.push_str(syllable);
        if seed >> 40 & 1 == 0 {
            text.push(' ');
        }
    }
    text
}

/// Seconds that this thread had a core.
fn busy_s() -> Result<f64, Box<dyn Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 =
        text.split(' ').next().ok_or("the kernel does not tell how long a thread was busy")?.parse()?;
    Ok(nanoseconds / 1e9)
}
