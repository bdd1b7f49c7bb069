//! Tokens: `picket_<kind>_<id><secret><crc>`. Their form is checked before anything is looked up.

use picket_keys::Key;
use picket_stdx::encode::{base62_number, random_base62};
use std::fmt;
use subtle::ConstantTimeEq as _;

const BRAND: &str = "picket";
const ID: usize = 10;
const SECRET: usize = 32;
const CRC: usize = 6;

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// The data plane.
    GatewayKey,
    /// A person at the control API.
    Personal,
    /// A service at the control API.
    Service,
    /// The first administrator.
    Admin,
    /// Setting a store up; one use.
    Setup,
    /// An identity provider that sends users.
    Scim,
}

impl TokenKind {
    const ALL: &[Self] = &[Self::GatewayKey, Self::Personal, Self::Service, Self::Admin, Self::Setup, Self::Scim];

    /// The word inside tokens.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::GatewayKey => "gk",
            Self::Personal => "pat",
            Self::Service => "svc",
            Self::Admin => "adm",
            Self::Setup => "setup",
            Self::Scim => "scim",
        }
    }

    /// The kind of a token whose form is right, checksum included. Whether anybody made it is another question.
    pub fn of_token(text: &str) -> Option<Self> {
        parse(text).map(|parsed| parsed.kind)
    }

    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|kind| kind.as_str() == word).copied()
    }

    /// Prefix of the ids of such credentials.
    pub(crate) const fn id_prefix(self) -> &'static str {
        match self {
            Self::GatewayKey => "key_",
            _ => "tok_",
        }
    }
}

/// A token in plain text, to be shown once. Never printed by accident.
pub struct Secret(String);

impl Secret {
    /// The text.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A new token: its text, its id, and what is stored of it.
pub(crate) fn mint(kind: TokenKind, pepper: &Key) -> (Secret, String, [u8; 32]) {
    let (id, secret) = (random_base62(ID), random_base62(SECRET));
    let body = format!("{BRAND}_{}_{id}{secret}", kind.as_str());
    let crc = base62_number(u64::from(crc32fast::hash(body.as_bytes())), CRC);
    let mac = mac(kind, &id, &secret, pepper);
    (Secret(format!("{body}{crc}")), format!("{}{id}", kind.id_prefix()), mac)
}

/// A token whose form is right.
pub(crate) struct Parsed<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) id: &'a str,
    secret: &'a str,
}

/// Takes a token apart: length, alphabet and checksum, without any look-up.
pub(crate) fn parse(text: &str) -> Option<Parsed<'_>> {
    if text.len() > 80 || !text.is_ascii() {
        return None;
    }
    let (kind, rest) = text.strip_prefix(BRAND)?.strip_prefix('_')?.split_once('_')?;
    let kind = TokenKind::of(kind)?;
    if rest.len() != ID + SECRET + CRC || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let (body, crc) = text.split_at_checked(text.len() - CRC)?;
    if base62_number(u64::from(crc32fast::hash(body.as_bytes())), CRC) != crc {
        return None;
    }
    let (id, secret) = rest.get(..ID + SECRET)?.split_at_checked(ID)?;
    Some(Parsed { kind, id, secret })
}

impl Parsed<'_> {
    /// Whether the secret is the one that `stored` was made of, in constant time.
    pub(crate) fn matches(&self, stored: &[u8; 32], pepper: &Key) -> bool {
        mac(self.kind, self.id, self.secret, pepper).ct_eq(stored).into()
    }
}

fn mac(kind: TokenKind, id: &str, secret: &str, pepper: &Key) -> [u8; 32] {
    pepper.mac(&[b"token/v1\0", kind.as_str().as_bytes(), b"\0", id.as_bytes(), b"\0", secret.as_bytes()])
}
