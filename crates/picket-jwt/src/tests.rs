use super::*;
use picket_stdx::Timestamp;
use proptest::prelude::*;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _};
use serde_json::json;

const NOW: Timestamp = Timestamp::from_millis(1_780_000_000_000);
const ISSUER: &str = "https://idp.example/realms/one";

fn coded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Signs with a key made just now.
enum Signer {
    Ed(Ed25519KeyPair),
    Ec(EcdsaKeyPair),
}

impl Signer {
    fn ed() -> Self {
        let key = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(key.as_ref()).unwrap())
    }

    fn ec() -> Self {
        let (how, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
        let key = EcdsaKeyPair::generate_pkcs8(how, &random).unwrap();
        Self::Ec(EcdsaKeyPair::from_pkcs8(how, key.as_ref(), &random).unwrap())
    }

    fn jwk(&self, kid: &str) -> Value {
        match self {
            Self::Ed(key) => json!({"kty": "OKP", "crv": "Ed25519", "kid": kid, "x": coded(key.public_key())}),
            Self::Ec(key) => {
                let point = key.public_key().as_ref();
                json!({"kty": "EC", "crv": "P-256", "kid": kid, "x": coded(&point[1..33]), "y": coded(&point[33..])})
            }
        }
    }

    fn sign(&self, signed: &str) -> Vec<u8> {
        match self {
            Self::Ed(key) => key.sign(signed.as_bytes()).as_ref().to_vec(),
            Self::Ec(key) => key.sign(&SystemRandom::new(), signed.as_bytes()).unwrap().as_ref().to_vec(),
        }
    }

    fn token(&self, head: &Value, claims: &Value) -> String {
        let signed = format!("{}.{}", coded(head.to_string()), coded(claims.to_string()));
        let signature = coded(self.sign(&signed));
        format!("{signed}.{signature}")
    }
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn expected() -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        audience: "picket",
        purpose: Purpose::SignIn,
        algorithms: Algorithm::ALL,
        nonce: Some("n-1"),
        now: NOW,
    }
}

fn claims() -> Value {
    let now = NOW.as_secs();
    json!({"iss": ISSUER, "sub": "u1", "aud": "picket", "exp": now + 300, "iat": now, "nonce": "n-1", "groups": ["a", "b"]})
}

#[test]
fn a_token_that_is_in_order_gives_its_claims() {
    for (signer, algorithm) in [(Signer::ed(), "EdDSA"), (Signer::ec(), "ES256")] {
        let keys = set(&[signer.jwk("k1")]);
        for head in [json!({"alg": algorithm, "kid": "k1", "typ": "JWT"}), json!({ "alg": algorithm })] {
            let found = verify(&signer.token(&head, &claims()), &keys, &expected()).unwrap();
            assert_eq!((found.subject(), found.list("groups")), ("u1", vec!["a", "b"]));
        }
    }
}

#[test]
fn the_rsa_signature_of_the_rfc_is_right_and_any_other_bit_is_not() {
    // RFC 7515, A.2.
    let key = include_bytes!("../testdata/rfc7515-a2.jwk.json");
    let key: Value = serde_json::from_slice(key).unwrap();
    let token = include_str!("../testdata/rfc7515-a2.jws").trim();
    let keys = set(&[key]);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert_eq!(keys.verify(Algorithm::Rs256, None, signed.as_bytes(), &signature), Ok(()));
    for at in [0, 1, 100, 255] {
        let mut flipped = signature.clone();
        flipped[at] ^= 1;
        assert_eq!(keys.verify(Algorithm::Rs256, None, signed.as_bytes(), &flipped), Err(Refused::Signature), "{at}");
    }
    let rfc = Expected {
        issuer: "joe",
        audience: "x",
        purpose: Purpose::SignIn,
        algorithms: Algorithm::ALL,
        nonce: None,
        now: NOW,
    };
    assert_eq!(verify(token, &keys, &rfc), Err(Refused::Audience), "the signature counts, and so does the rest");
}

#[test]
fn what_a_token_says_of_its_own_algorithm_and_key_does_not_help_it() {
    let (signer, other) = (Signer::ed(), Signer::ec());
    let keys = set(&[signer.jwk("k1"), other.jwk("k2")]);
    let with = |head: Value| verify(&signer.token(&head, &claims()), &keys, &expected());
    for (head, refused) in [
        (json!({"alg": "none", "kid": "k1"}), Refused::Algorithm),
        (json!({"alg": "None", "kid": "k1"}), Refused::Algorithm),
        (json!({"alg": "HS256", "kid": "k1"}), Refused::Algorithm),
        (json!({"alg": "RS512", "kid": "k1"}), Refused::Algorithm),
        (json!({"alg": ["EdDSA"], "kid": "k1"}), Refused::Algorithm),
        (json!({"kid": "k1"}), Refused::Algorithm),
        (json!({"alg": "RS256", "kid": "k1"}), Refused::UnknownKey),
        (json!({"alg": "ES256", "kid": "k1"}), Refused::UnknownKey),
        (json!({"alg": "EdDSA", "kid": "k2"}), Refused::UnknownKey),
        (json!({"alg": "EdDSA", "kid": "k3"}), Refused::UnknownKey),
        (json!({"alg": "EdDSA", "kid": 1}), Refused::Malformed),
        (json!({"alg": "EdDSA", "kid": "k1", "crit": ["b64"], "b64": false}), Refused::Critical),
        (json!({"alg": "EdDSA", "kid": "k9", "jwk": signer.jwk("k9")}), Refused::UnknownKey),
    ] {
        assert_eq!(with(head.clone()), Err(refused), "{head}");
    }
    let narrow = Expected { algorithms: &[Algorithm::Rs256], ..expected() };
    let token = signer.token(&json!({"alg": "EdDSA", "kid": "k1"}), &claims());
    assert_eq!(verify(&token, &keys, &narrow), Err(Refused::Algorithm), "only what was agreed on");
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    assert_eq!(verify(&unsigned, &keys, &expected()), Err(Refused::Signature));
    let foreign = Signer::ed().token(&json!({"alg": "EdDSA", "kid": "k1"}), &claims());
    assert_eq!(verify(&foreign, &keys, &expected()), Err(Refused::Signature));
}

#[test]
fn a_public_key_is_no_secret_for_a_keyed_hash() {
    let token = {
        let signer = Signer::ed();
        let head = coded(json!({"alg": "HS256", "kid": "k1"}).to_string());
        let signed = format!("{head}.{}", coded(claims().to_string()));
        let Signer::Ed(key) = &signer else { unreachable!() };
        let mac = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, key.public_key().as_ref());
        let forged = format!("{signed}.{}", coded(ring::hmac::sign(&mac, signed.as_bytes())));
        verify(&forged, &set(&[signer.jwk("k1")]), &expected())
    };
    assert_eq!(token, Err(Refused::Algorithm));
}

#[test]
fn each_claim_is_checked() {
    let signer = Signer::ed();
    let keys = set(&[signer.jwk("k1")]);
    let now = NOW.as_secs();
    for (name, value, outcome) in [
        ("iss", json!("https://idp.example/realms/two"), Some(Refused::Issuer)),
        ("iss", json!("https://idp.example/realms/one/"), Some(Refused::Issuer)),
        ("iss", json!(null), Some(Refused::Issuer)),
        ("aud", json!("other"), Some(Refused::Audience)),
        ("aud", json!([]), Some(Refused::Audience)),
        ("aud", json!(["picket"]), None),
        ("aud", json!(["picket", "other"]), Some(Refused::Audience)),
        ("azp", json!("other"), Some(Refused::Audience)),
        ("azp", json!("picket"), None),
        ("azp", json!(1), Some(Refused::Audience)),
        ("exp", json!(now), None),
        ("exp", json!(now - 60), Some(Refused::Time)),
        ("exp", json!(null), Some(Refused::Time)),
        ("exp", json!("never"), Some(Refused::Time)),
        ("exp", json!(1e300), None),
        ("nbf", json!(now + 60), None),
        ("nbf", json!(now + 61), Some(Refused::Time)),
        ("iat", json!(now + 61), Some(Refused::Time)),
        ("nonce", json!("n-2"), Some(Refused::Nonce)),
        ("nonce", json!(null), Some(Refused::Nonce)),
        ("sub", json!(""), Some(Refused::Subject)),
        ("sub", json!(1), Some(Refused::Subject)),
        ("sub", json!("x".repeat(256)), Some(Refused::Subject)),
        ("sub", json!("X"), None),
    ] {
        let mut changed = claims();
        changed[name] = value.clone();
        if value.is_null() {
            changed.as_object_mut().unwrap().remove(name);
        }
        let found = verify(&signer.token(&json!({"alg": "EdDSA", "kid": "k1"}), &changed), &keys, &expected());
        assert_eq!(found.err(), outcome, "{name}: {value}");
    }
    let mut several = claims();
    (several["aud"], several["azp"]) = (json!(["picket", "other"]), json!("picket"));
    assert!(verify(&signer.token(&json!({"alg": "EdDSA"}), &several), &keys, &expected()).is_ok());
}

#[test]
fn keys_for_other_uses_and_damaged_ones_are_passed_over() {
    let signer = Signer::ec();
    let mut key = signer.jwk("k1");
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("alg", json!("RS256")),
        ("crv", json!("P-384")),
        ("kty", json!("oct")),
        ("x", json!("AA")),
        ("y", json!("*")),
    ] {
        let kept = key[name].take();
        key[name] = value;
        let parsed = KeySet::parse(json!({ "keys": [key] }).to_string().as_bytes());
        assert_eq!(parsed.err(), Some(KeySetError::Useless), "{name}");
        key[name] = kept;
        if key[name].is_null() {
            key.as_object_mut().unwrap().remove(name);
        }
    }
    assert!(KeySet::parse(json!({ "keys": [key, 1, {}] }).to_string().as_bytes()).is_ok());
    for text in ["", "[]", "{}", "{\"keys\": 1}"] {
        assert_eq!(KeySet::parse(text.as_bytes()).err(), Some(KeySetError::Malformed), "{text}");
    }
    let many = vec![signer.jwk("k"); 65];
    assert_eq!(KeySet::parse(json!({ "keys": many }).to_string().as_bytes()).err(), Some(KeySetError::TooMany));
}

#[test]
fn a_claim_may_lead_inside() {
    let signer = Signer::ed();
    let mut changed = claims();
    changed["realm_access"] = json!({"roles": ["x", 1, "y"]});
    changed["one"] = json!("alone");
    changed["https://example.com/groups"] = json!(["z"]);
    let found =
        verify(&signer.token(&json!({"alg": "EdDSA"}), &changed), &set(&[signer.jwk("k1")]), &expected()).unwrap();
    for (name, list) in [
        ("realm_access.roles", vec!["x", "y"]),
        ("one", vec!["alone"]),
        ("https://example.com/groups", vec!["z"]),
        ("realm_access.roles.x", vec![]),
        ("nothing", vec![]),
        ("", vec![]),
    ] {
        assert_eq!(found.list(name), list, "{name}");
    }
}

#[test]
fn a_token_to_be_let_in_with_is_for_whoever_its_audience_names_whichever_client_asked_for_it() {
    let signer = Signer::ed();
    let keys = set(&[signer.jwk("k1")]);
    let access = Expected { purpose: Purpose::Access, nonce: None, ..expected() };
    for (audience, outcome) in [
        (json!("picket"), None),
        (json!(["account", "picket"]), None),
        (json!(["account"]), Some(Refused::Audience)),
        (json!("Picket"), Some(Refused::Audience)),
        (json!(null), Some(Refused::Audience)),
    ] {
        let mut changed = claims();
        (changed["aud"], changed["azp"]) = (audience.clone(), json!("an-application"));
        let token = signer.token(&json!({"alg": "EdDSA", "kid": "k1", "typ": "application/AT+JWT"}), &changed);
        let shown = Shown::read(&token, Algorithm::ALL).unwrap();
        assert_eq!(shown.kind().as_deref(), Some("at+jwt"));
        assert_eq!(shown.precheck(&access).err(), outcome, "{audience}");
        assert_eq!(shown.verify(&keys, &access).err(), outcome, "{audience}");
    }
}

#[test]
fn what_is_wrong_whoever_signed_is_told_without_a_key_and_what_is_right_is_believed_only_with_one() {
    let (signer, other) = (Signer::ed(), Signer::ed());
    let now = NOW.as_secs();
    let mut late = claims();
    late["exp"] = json!(now - 61);
    let shown = |claims: &Value| signer.token(&json!({"alg": "EdDSA", "kid": "k1"}), claims);
    let token = shown(&late);
    assert_eq!(Shown::read(&token, Algorithm::ALL).unwrap().precheck(&expected()), Err(Refused::Time));
    let token = shown(&claims());
    assert_eq!(Shown::read(&token, &[Algorithm::Rs256]).err(), Some(Refused::Algorithm));
    let read = || Shown::read(&token, Algorithm::ALL).unwrap();
    assert_eq!(read().precheck(&expected()), Ok(()));
    assert_eq!(read().verify(&set(&[other.jwk("k1")]), &expected()).err(), Some(Refused::Signature));
    let found = read().verify(&set(&[signer.jwk("k1")]), &expected()).unwrap();
    assert_eq!(found.ends_at().as_secs(), now + 360);
    let narrow = Expected { algorithms: &[Algorithm::Es256], ..expected() };
    assert_eq!(read().verify(&set(&[signer.jwk("k1")]), &narrow).err(), Some(Refused::Algorithm));
}

proptest! {
    #[test]
    fn no_text_is_a_token_or_makes_one_panic(text in ".{0,100}", head in "[A-Za-z0-9_.-]{0,100}") {
        let keys = set(&[Signer::ed().jwk("k1")]);
        prop_assert!(verify(&text, &keys, &expected()).is_err());
        prop_assert!(verify(&head, &keys, &expected()).is_err());
    }

    #[test]
    fn one_character_off_is_no_token(at in any::<prop::sample::Index>(), to in "[A-Za-z0-9_.-]") {
        let signer = Signer::ed();
        let token = signer.token(&json!({"alg": "EdDSA", "kid": "k1"}), &claims());
        let at = at.index(token.len());
        let changed = format!("{}{to}{}", &token[..at], &token[at + 1..]);
        let found = verify(&changed, &set(&[signer.jwk("k1")]), &expected());
        prop_assert!(changed == token || found.is_err());
    }
}
