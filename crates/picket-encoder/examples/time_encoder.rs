//! How long the encoder takes, and how much memory: `cargo run --release -p picket-encoder --example time_encoder FILE`.

use picket_encoder::Encoder;
use std::error::Error;
use std::io::Write as _;
use std::time::Instant;

const RUNS: usize = 40;

fn main() -> Result<(), Box<dyn Error>> {
    let file = std::env::args().nth(1).ok_or("name an encoder.bin")?;
    let mut out = std::io::stdout();
    let begun = Instant::now();
    let encoder = Encoder::load(&std::fs::read(&file)?)?;
    writeln!(out, "load: {} ms", begun.elapsed().as_millis())?;
    for pieces in [32, 64, 128, 256] {
        // One piece a word, and the marks at the ends.
        let text = "the ".repeat(pieces - 2);
        let mut times: Vec<u128> = (0..RUNS)
            .map(|_| {
                let begun = Instant::now();
                encoder.score(&text);
                begun.elapsed().as_micros()
            })
            .collect();
        times.sort_unstable();
        let least = times.first().copied().unwrap_or_default();
        let middle = times.get(RUNS / 2).copied().unwrap_or_default();
        writeln!(out, "{pieces} pieces: least {least} us, median {middle} us")?;
    }
    let status = std::fs::read_to_string("/proc/self/status")?;
    for line in status.lines().filter(|line| line.starts_with("VmRSS") || line.starts_with("VmHWM")) {
        writeln!(out, "{line}")?;
    }
    Ok(())
}
