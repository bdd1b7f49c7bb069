//! Those who are on the way: what was sent with each to the provider, good once, for ten minutes, in one browser.

use crate::oidc::provider::{OidcError, OidcSettings};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use picket_stdx::{Clock, random};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use subtle::ConstantTimeEq as _;

/// How long somebody may take at the provider.
const LIFE: Duration = Duration::from_secs(10 * 60);
/// How many may be on the way.
const FLOWS_MAX: usize = 4_096;

/// How somebody wants to go on when he comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// In his browser.
    Browser,
    /// In a program on the browser's machine, which listens on this port, and shows later what this is the hash of.
    Loopback {
        /// The port.
        port: u16,
        /// SHA-256 of what it shows, base64url.
        challenge: String,
    },
}

/// Somebody is sent off.
#[derive(Debug)]
pub struct Begun {
    /// Where to.
    pub url: String,
    /// What his browser keeps until he comes back.
    pub binding: String,
}

/// What was sent with somebody.
#[derive(Debug)]
pub(crate) struct Flow {
    pub(crate) nonce: String,
    pub(crate) verifier: String,
    pub(crate) wanted: Wanted,
    binding: [u8; 32],
    until: Duration,
}

/// All who are on the way, by state.
#[derive(Debug)]
pub(crate) struct Flows {
    clock: Clock,
    all: Mutex<HashMap<[u8; 32], Flow>>,
}

impl Flows {
    pub(crate) fn new(clock: &Clock) -> Self {
        Self { clock: clock.clone(), all: Mutex::default() }
    }

    pub(crate) fn begin(&self, settings: &OidcSettings, endpoint: &str, wanted: Wanted) -> Result<Begun, OidcError> {
        let (state, nonce, verifier, binding) = (fresh(), fresh(), fresh(), fresh());
        let challenge = URL_SAFE_NO_PAD.encode(hash(&verifier));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", &settings.client_id)
            .append_pair("redirect_uri", &settings.redirect_uri)
            .append_pair("scope", &settings.scopes.join(" "))
            .append_pair("state", &state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let joint = if endpoint.contains('?') { '&' } else { '?' };
        let url = format!("{endpoint}{joint}{}", query.finish());
        let now = self.clock.steady();
        let flow = Flow { nonce, verifier, wanted, binding: hash(&binding), until: now + LIFE };
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= FLOWS_MAX {
            all.retain(|_state, flow| now < flow.until);
        }
        if all.len() >= FLOWS_MAX {
            return Err(OidcError::Busy);
        }
        all.insert(hash(&state), flow);
        Ok(Begun { url, binding })
    }

    /// What was sent with whoever comes back with a state, in the browser that left. It is used up, even by another one.
    pub(crate) fn take(&self, state: &str, binding: &str) -> Result<Flow, OidcError> {
        let flow = self.all.lock().unwrap_or_else(PoisonError::into_inner).remove(&hash(state));
        let is_here = |flow: &Flow| bool::from(flow.binding.ct_eq(&hash(binding))) && self.clock.steady() < flow.until;
        flow.filter(is_here).ok_or(OidcError::State)
    }
}

/// 256 random bits as text.
pub(crate) fn fresh() -> String {
    URL_SAFE_NO_PAD.encode(random::bytes::<32>())
}

pub(crate) fn hash(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}
