//! What the provider sends, read strictly.

use super::provider::OidcError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use serde_json::Value;

/// Characters of an error's word that are passed on.
const WORD_CHARS_MAX: usize = 64;

/// Where the provider's endpoints are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Discovery {
    pub(super) authorization_endpoint: String,
    pub(super) token_endpoint: String,
    pub(super) jwks_uri: String,
}

impl Discovery {
    /// Reads what it says of itself. A document that names another issuer is of somebody else (Discovery, 4.3).
    pub(super) fn parse(text: &[u8], issuer: &str) -> Result<Self, OidcError> {
        let document: Value =
            serde_json::from_slice(text).map_err(|_error| OidcError::Lies("its discovery document is no JSON"))?;
        let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
        if text("issuer").as_deref() != Some(issuer) {
            return Err(OidcError::Lies("its discovery document names another issuer"));
        }
        let missing = || OidcError::Lies("its discovery document lacks an endpoint");
        Ok(Self {
            authorization_endpoint: text("authorization_endpoint").ok_or_else(missing)?,
            token_endpoint: text("token_endpoint").ok_or_else(missing)?,
            jwks_uri: text("jwks_uri").ok_or_else(missing)?,
        })
    }
}

/// The token in an answer of the token endpoint.
pub(super) fn id_token(text: &[u8]) -> Result<String, OidcError> {
    let answer: Value =
        serde_json::from_slice(text).map_err(|_error| OidcError::Lies("the answer for a code is no JSON"))?;
    let token = answer.get("id_token").and_then(Value::as_str);
    token.map(str::to_owned).ok_or(OidcError::Lies("the answer for a code holds no token of who it is"))
}

/// Name and secret of a client in a header (RFC 6749, 2.3.1): each is form-encoded first.
pub(super) fn basic(client: &str, secret: &HeaderValue) -> Result<HeaderValue, OidcError> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let bad = || OidcError::Settings("the client's name or secret cannot stand in a header".to_owned());
    let secret = secret.to_str().map_err(|_error| bad())?;
    let both = STANDARD.encode(format!("{}:{}", encoded(client), encoded(secret)));
    let mut value = HeaderValue::try_from(format!("Basic {both}")).map_err(|_error| bad())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Names and values as a form sends them.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// The word of an error, as far as it is one: whoever sends somebody here with a made-up one is not quoted.
pub(super) fn word(error: &str) -> String {
    let plain = error.chars().filter(|character| character.is_ascii_lowercase() || *character == '_');
    let word: String = plain.take(WORD_CHARS_MAX).collect();
    if word.is_empty() { "no code came back".to_owned() } else { word }
}
