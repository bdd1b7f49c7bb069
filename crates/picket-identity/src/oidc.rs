//! Signing in through an identity provider: OpenID Connect, code flow with PKCE.
//!
//! The provider is named by the operator's file, and believed as far as that file says: its issuer and algorithms are
//! pinned, its endpoints lie at its own origin or at those that the file names, and whom it vouches for is known by issuer
//! and subject, never by name or mail address. It may be down, lie or change its keys: then nobody comes in, and the
//! operator reads why.

mod admit;
mod answers;
mod flows;
mod handover;
mod provider;

pub use flows::{Begun, Wanted};
pub use provider::{OidcError, OidcSettings};

use crate::oidc::flows::Flows;
use crate::oidc::handover::Handovers;
use crate::oidc::provider::Provider;
use picket_jwt::Claims;
use picket_stdx::Clock;
use std::sync::Arc;

/// One provider, and whoever is on the way through it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Oidc(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    provider: Provider,
    flows: Flows,
    handovers: Handovers,
    clock: Clock,
}

/// Reads an answer of a provider in every way in which one is read, for fuzzing.
#[cfg(fuzzing)]
pub(crate) fn read_answers(answer: &[u8], text: &str) {
    if let Ok(found) = answers::Discovery::parse(answer, text) {
        drop(picket_egress::origin(&found.jwks_uri));
    }
    drop(answers::id_token(answer));
    let word = answers::word(text);
    assert!(word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"_ ".contains(&byte)), "{word}");
    if let Some(origin) = picket_egress::origin(text) {
        assert!(!origin.contains('@'), "{origin}");
    }
}

/// What the provider sends back with somebody's browser.
#[derive(Debug, Clone, Default)]
pub struct Callback {
    /// What the server sent along.
    pub state: String,
    /// To be traded for a token.
    pub code: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who says so (RFC 9207).
    pub issuer: Option<String>,
}

/// Somebody for whom the provider vouches.
#[derive(Debug)]
pub struct Vouched {
    pub(crate) claims: Claims,
    /// How he wants to go on.
    pub wanted: Wanted,
}

impl Oidc {
    /// A provider of the operator's file.
    pub fn new(settings: OidcSettings, clock: &Clock) -> Result<Self, OidcError> {
        let provider = Provider::new(settings, clock)?;
        Ok(Self(Arc::new(Inner {
            provider,
            flows: Flows::new(clock),
            handovers: Handovers::new(clock),
            clock: clock.clone(),
        })))
    }

    /// What the operator said of it.
    pub fn settings(&self) -> &OidcSettings {
        self.0.provider.settings()
    }

    /// A code with which the program that began fetches somebody who came back.
    pub fn hand_over(&self, vouched: Vouched) -> Result<String, OidcError> {
        self.0.handovers.give(vouched)
    }

    /// Who came back, for the program that began: it shows what it sent the hash of.
    pub fn take_over(&self, code: &str, verifier: &str) -> Result<Vouched, OidcError> {
        self.0.handovers.take(code, verifier)
    }

    /// Sends somebody to the provider.
    pub async fn begin(&self, wanted: Wanted) -> Result<Begun, OidcError> {
        let endpoint = self.0.provider.discovery().await?.authorization_endpoint.clone();
        self.0.flows.begin(self.settings(), &endpoint, wanted)
    }

    /// Whom the provider vouches for who comes back; `binding` is what the browser was given when it left. Whatever comes of
    /// it, the state is used up.
    pub async fn finish(&self, callback: &Callback, binding: &str) -> Result<Vouched, OidcError> {
        let flow = self.0.flows.take(&callback.state, binding)?;
        let settings = self.settings();
        if callback.issuer.as_ref().is_some_and(|issuer| *issuer != settings.issuer) {
            return Err(OidcError::Lies("another issuer came back than was asked"));
        }
        let Some(code) = callback.code.as_deref().filter(|_code| callback.error.is_none()) else {
            return Err(OidcError::Denied(answers::word(callback.error.as_deref().unwrap_or_default())));
        };
        let token = self.0.provider.trade(code, &flow.verifier).await?;
        let claims = self.0.provider.claims(&token, &flow.nonce, self.0.clock.now()).await?;
        Ok(Vouched { claims, wanted: flow.wanted })
    }
}
