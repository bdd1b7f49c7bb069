//! Compressed bodies: what is read is bounded, and what another program packed comes out as it was.

#![no_main]

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use picket_gateway::{GunzipError, gunzip};
use std::io::Write as _;

fuzz_target!(|data: &[u8]| {
    if let Ok(plain) = gunzip(data) {
        assert!(plain.len() <= data.len() * 20, "a body expands too far");
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("memory takes everything");
    let packed = encoder.finish().expect("memory takes everything");
    match gunzip(&packed) {
        Ok(plain) => assert_eq!(plain, data),
        Err(error) => assert!(error == GunzipError::TooLarge && data.len() > packed.len() * 20, "{error}"),
    }
    assert_eq!(gunzip(&packed[..packed.len() - 1]), Err(GunzipError::Malformed), "half a body passes");
});
