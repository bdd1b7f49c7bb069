use super::*;

const ORIGIN: &str = "picket.example/audit/t_abcdefghijklmnop";

fn signer() -> LogSigner {
    LogSigner::new(ORIGIN, &Key::new([7; 32])).unwrap()
}

#[test]
fn what_the_log_signed_verifies_and_says_what_was_signed() {
    let signer = signer();
    let note = signer.sign(306, Hash([5; 32])).unwrap();
    let head = verify_checkpoint(&note, signer.vkey()).unwrap();
    assert_eq!(head, SignedHead { origin: ORIGIN.to_owned(), size: 306, root: [5; 32] });
}

#[test]
fn no_changed_byte_of_a_checkpoint_verifies() {
    let signer = signer();
    let note = signer.sign(306, Hash([5; 32])).unwrap();
    for place in 0..note.len() {
        for bit in 0..8 {
            let mut changed = note.clone();
            changed[place] ^= 1 << bit;
            assert!(verify_checkpoint(&changed, signer.vkey()).is_err(), "byte {place} bit {bit}");
        }
    }
    for cut in 0..note.len() {
        assert!(verify_checkpoint(&note[..cut], signer.vkey()).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_signature_with_another_scalar_for_the_same_point_is_refused() {
    // The order of the curve's group, little-endian: adding it to S gives the "same" signature once more.
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let signer = signer();
    let note = String::from_utf8(signer.sign(306, Hash([5; 32])).unwrap()).unwrap();
    let (head, encoded) = note.trim_end().rsplit_once(' ').unwrap();
    let mut bytes = STANDARD.decode(encoded).unwrap();
    let mut carry = 0_u16;
    for (digit, add) in bytes[4 + 32..].iter_mut().zip(ORDER) {
        carry += u16::from(*digit) + u16::from(add);
        *digit = u8::try_from(carry & 0xff).unwrap();
        carry >>= 8;
    }
    let malleated = format!("{head} {}\n", STANDARD.encode(bytes));
    assert_eq!(verify_checkpoint(malleated.as_bytes(), signer.vkey()), Err(ProofError::NotSigned));
}

#[test]
fn a_key_of_small_order_vouches_for_nothing() {
    // The neutral element as key, and as R with S = 0, satisfies the cofactorless equation for every message.
    let mut point = [0; 32];
    point[0] = 1;
    let public = [&[ALGORITHM], point.as_slice()].concat();
    let id = key_id(ORIGIN, &public);
    let vkey = format!("{ORIGIN}+{id:08x}+{}", STANDARD.encode(public));
    let signature = [id.to_be_bytes().as_slice(), &point, &[0; 32]].concat();
    let text = String::from_utf8(Checkpoint::new(ORIGIN, 9, Hash([1; 32]), "").unwrap().to_bytes()).unwrap();
    let note = format!("{text}\n\u{2014} {ORIGIN} {}\n", STANDARD.encode(signature));
    assert_eq!(verify_checkpoint(note.as_bytes(), &vkey), Err(ProofError::NotSigned));
}

#[test]
fn another_logs_key_and_another_origin_are_refused() {
    let signer = signer();
    let other = LogSigner::new("picket.example/audit/t_other", &Key::new([7; 32])).unwrap();
    let note = signer.sign(306, Hash([5; 32])).unwrap();
    assert_eq!(verify_checkpoint(&note, other.vkey()), Err(ProofError::NotSigned));
    let mut text = Note::new(&Checkpoint::new("elsewhere", 9, Hash([1; 32]), "").unwrap().to_bytes(), &[]).unwrap();
    text.add_sigs(&[&signer.signer]).unwrap();
    assert_eq!(verify_checkpoint(&text.to_bytes(), signer.vkey()), Err(ProofError::Origin));
    for vkey in ["", "a+b+c", signer.vkey().get(1..).unwrap()] {
        assert_eq!(verify_checkpoint(&note, vkey), Err(ProofError::Malformed("verifier key")), "{vkey}");
    }
}
