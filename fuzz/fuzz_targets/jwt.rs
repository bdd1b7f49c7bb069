//! Tokens of identity providers: no text is believed that nobody signed, no set of keys and no claim makes one panic, and
//! what is told before the signature was looked at is told after it, too.

#![no_main]

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use picket_jwt::{Algorithm, Expected, KeySet, Purpose, Refused, Shown, verify};
use picket_stdx::Timestamp;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use std::sync::OnceLock;

const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

fn coded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key made just now, and the set that names it.
fn signer() -> &'static (Ed25519KeyPair, KeySet) {
    static SIGNER: OnceLock<(Ed25519KeyPair, KeySet)> = OnceLock::new();
    SIGNER.get_or_init(|| {
        let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let pair = Ed25519KeyPair::from_pkcs8(made.as_ref()).expect("the same key");
        let x = coded(pair.public_key());
        let set = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k","x":"{x}"}}]}}"#);
        (pair, KeySet::parse(set.as_bytes()).expect("a set"))
    })
}

fuzz_target!(|data: (&str, &[u8], &[u8], &[u8])| {
    let (text, head, claims, keys) = data;
    let (pair, set) = signer();
    for purpose in [Purpose::SignIn, Purpose::Access] {
        let expected =
            Expected { issuer: "i", audience: "a", purpose, algorithms: Algorithm::ALL, nonce: None, now: NOW };
        assert!(verify(text, set, &expected).is_err(), "nobody signed it");
        let signed = format!("{}.{}", coded(head), coded(claims));
        let token = format!("{signed}.{}", coded(pair.sign(signed.as_bytes())));
        let before = Shown::read(&token, Algorithm::ALL).and_then(|shown| shown.precheck(&expected));
        match verify(&token, set, &expected) {
            Ok(found) => {
                assert_eq!(before, Ok(()));
                assert!((1..=255).contains(&found.subject().len()) && found.ends_at() > NOW);
                drop((found.text("x"), found.list("groups"), found.list("a.b.c"), found.is_true("email_verified")));
            }
            Err(Refused::UnknownKey | Refused::Signature) => {}
            Err(refused) => assert_eq!(before, Err(refused)),
        }
    }
    if let Ok(set) = KeySet::parse(keys) {
        let expected = Expected {
            issuer: "i",
            audience: "a",
            purpose: Purpose::Access,
            algorithms: Algorithm::ALL,
            nonce: None,
            now: NOW,
        };
        drop(verify(text, &set, &expected));
    }
});
