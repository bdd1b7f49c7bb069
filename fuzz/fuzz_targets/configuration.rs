//! Configuration files.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_server::Config;
use std::path::Path;

fuzz_target!(|text: &str| {
    // What names other files would be read.
    if text.contains("file") || text.contains("\\") {
        return;
    }
    match Config::parse(text, "picket.yaml", Path::new("/nonexistent")) {
        Ok(config) => assert_eq!(config.version.len(), 12),
        Err(problems) => assert!(!problems.to_string().is_empty(), "a refusal without a cause"),
    }
});
