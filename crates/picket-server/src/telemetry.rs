//! The program's own log, on standard error.

use std::io::IsTerminal as _;
use tracing_subscriber::EnvFilter;

/// Begins logging. `PICKET_LOG` sets the level, such as `info` or `picket_gateway=debug`.
pub fn init() {
    let filter = EnvFilter::try_from_env("PICKET_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A second start in one process keeps the first's subscriber.
    subscriber.try_init().unwrap_or_default();
}
