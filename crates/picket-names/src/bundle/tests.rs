//! Files that are whole, damaged, cut or of somebody else.

use super::*;
use proptest::prelude::*;

fn model() -> Bundle {
    let mut weights = Weights::empty(8);
    weights.insert(0x1234_5678_9abc_def1, [1; TAGS]);
    Bundle {
        unit: 0.05,
        chain: Chain::new([[0.5; TAGS]; TAGS]),
        calibration: [Calibration { slope: 0.9, offset: 0.1 }; Kind::ALL.len()],
        lexicon: Lexicon::new([(7, 1)], 8),
        weights,
    }
}

#[test]
fn what_is_written_is_read() {
    let bytes = model().write();
    let read = Bundle::read(&bytes).unwrap();
    assert_eq!((read.unit, &read.chain, read.calibration), (0.05, &model().chain, model().calibration));
    assert_eq!((read.lexicon.bits(7), read.weights.sum(&[0x1234_5678_9abc_def1])), (1, [1; TAGS]));
    assert_eq!(read.write(), bytes);
}

#[test]
fn what_is_not_whole_is_refused_with_the_remedy() {
    let bytes = model().write();
    let read = |bytes: &[u8]| Bundle::read(bytes).unwrap_err().to_string();
    assert!(read(b"").contains("take the names.bin of this release"));
    assert!(read(b"picket encoder 1\n").contains("another file"));
    assert!(read(&bytes[..20]).contains("20 bytes cannot be the whole file"));
    assert!(read(&bytes[..bytes.len() - 1]).contains("does not match its SHA-256"));
    // The digest fits, and the content does not.
    let signed = |rest: &[u8]| [MAGIC, &Sha256::digest(rest), rest].concat();
    assert!(read(&signed(b"short")).contains("cannot be the whole file"));
    let rest = &bytes[MAGIC.len() + DIGEST_BYTES..];
    assert!(read(&signed(&rest[..rest.len() - 1])).contains("cannot be the whole file"));
    let unreal = [&f32::NAN.to_le_bytes(), &rest[4..]].concat();
    assert!(read(&signed(&unreal)).contains("its numbers cannot be read"));
    let counts = 4 * (1 + TAGS * TAGS + 2 * Kind::ALL.len());
    let mut huge = rest.to_vec();
    huge[counts..counts + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    assert!(read(&signed(&huge)).contains("cannot be the whole file"));
}

proptest! {
    #[test]
    fn a_changed_byte_is_noticed_and_nothing_panics(at in any::<prop::sample::Index>(), by in 1_u8..) {
        let mut bytes = model().write();
        let at = at.index(bytes.len());
        bytes[at] ^= by;
        prop_assert!(Bundle::read(&bytes).is_err());
    }

    #[test]
    fn any_content_with_a_right_digest_is_read_or_refused(rest in proptest::collection::vec(any::<u8>(), 0..600)) {
        let bytes = [MAGIC, &Sha256::digest(&rest), rest.as_slice()].concat();
        prop_assert!(Bundle::read(&bytes).is_err(), "six hundred bytes are no model");
    }
}
