//! What is asked of the provider itself: where its endpoints are, its keys, and the token for a code.

use super::answers::{self, Discovery};
use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use picket_egress::{EgressError, Limits, Upstream, origin};
use picket_jwt::{Algorithm, Claims, Expected, KeySet, Purpose, Refused};
use picket_stdx::{Clock, Timestamp};
use picket_store::Roles;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Mutex as Turn;

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 512 * 1024;
/// How long what it said of itself is believed.
const KEPT: Duration = Duration::from_secs(3_600);
/// How soon it is asked for its keys again because a token names an unknown one: whoever makes such tokens up does not
/// make it be asked without end.
const AGAIN: Duration = Duration::from_secs(10);

/// What the operator says of a provider.
#[derive(Clone)]
pub struct OidcSettings {
    /// Its name for itself, to the letter.
    pub issuer: String,
    /// This server's name there.
    pub client_id: String,
    /// This server's secret there, as it stands in a header; none for a public client.
    pub client_secret: Option<HeaderValue>,
    /// Where it sends people back to, to the letter as it was told.
    pub redirect_uri: String,
    /// How its tokens may be signed.
    pub algorithms: Vec<Algorithm>,
    /// What is asked for; `openid` is among it.
    pub scopes: Vec<String>,
    /// The claim that holds groups.
    pub groups: String,
    /// What each group is responsible for.
    pub roles: Vec<(String, Roles)>,
    /// Origins beside its own at which its endpoints may lie.
    pub origins: Vec<String>,
    /// Certificates of the authority that vouches for it, instead of the public ones.
    pub ca: Option<Vec<u8>>,
}

impl std::fmt::Debug for OidcSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OidcSettings")
            .field("issuer", &self.issuer)
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// Nobody came in through the provider.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// The settings cannot be used.
    #[error("{0}")]
    Settings(String),
    /// It cannot be reached, or takes too long.
    #[error("the identity provider does not answer")]
    Down(#[source] EgressError),
    /// It answers with something else.
    #[error("the identity provider answers {0}")]
    Status(u16),
    /// What it says cannot be believed.
    #[error("the identity provider cannot be believed: {0}")]
    Lies(&'static str),
    /// Its token is not accepted.
    #[error("the identity provider's token is not accepted")]
    Token(#[source] Refused),
    /// It did not let somebody in.
    #[error("the identity provider refused: {0}")]
    Denied(String),
    /// Nobody was sent off so, or too long ago, or in another browser.
    #[error("this sign-in was not begun here, or too long ago; begin again")]
    State,
    /// Too many on the way.
    #[error("too many are signing in; try again in a few minutes")]
    Busy,
    /// None of somebody's groups has a role.
    #[error("none of your groups has a role here; the operator maps groups to roles")]
    NoRole,
    /// Somebody else has his name.
    #[error(
        "the name {0} belongs to a user here whom this provider does not vouch for; an administrator has to remove or rename one"
    )]
    Taken(String),
    /// His name cannot be used.
    #[error("the identity provider names you in no way that can be used here")]
    Unnamed,
    /// He may not come in.
    #[error("this user is suspended")]
    Suspended,
    /// He came in nowhere, since it was not done.
    #[error(transparent)]
    Login(#[from] crate::LoginError),
}

/// What is known of it, and when it said so.
#[derive(Debug, Clone)]
struct Known<T> {
    value: Arc<T>,
    since: Duration,
}

#[derive(Debug)]
pub(super) struct Provider {
    settings: OidcSettings,
    clock: Clock,
    discovery: Mutex<Option<Known<Discovery>>>,
    keys: Mutex<Option<Known<KeySet>>>,
    /// One asks at a time; the others take what he hears.
    turn: Turn<()>,
}

impl Provider {
    pub(super) fn new(settings: OidcSettings, clock: &Clock) -> Result<Self, OidcError> {
        let provider = Self {
            settings,
            clock: clock.clone(),
            discovery: Mutex::default(),
            keys: Mutex::default(),
            turn: Turn::default(),
        };
        let issuer = provider.settings.issuer.clone();
        provider.reach(&issuer).map(|_there| provider).map_err(|error| OidcError::Settings(error.to_string()))
    }

    pub(super) fn settings(&self) -> &OidcSettings {
        &self.settings
    }

    /// Where its endpoints are.
    pub(super) async fn discovery(&self) -> Result<Arc<Discovery>, OidcError> {
        if let Some(known) = fresh(&self.discovery, self.clock.steady(), KEPT) {
            return Ok(known);
        }
        let _turn = self.turn.lock().await;
        if let Some(known) = fresh(&self.discovery, self.clock.steady(), KEPT) {
            return Ok(known);
        }
        let url = format!("{}/.well-known/openid-configuration", self.settings.issuer.trim_end_matches('/'));
        let found = Discovery::parse(&self.get(&url).await?, &self.settings.issuer)?;
        for endpoint in [&found.authorization_endpoint, &found.token_endpoint, &found.jwks_uri] {
            if !self.may_lie_at(endpoint) {
                return Err(OidcError::Lies("an endpoint lies at another origin; `origins` names those that may be"));
            }
        }
        Ok(keep(&self.discovery, found, self.clock.steady()))
    }

    /// Its keys, asked for again if they are older than `kept`.
    async fn keys(&self, kept: Duration) -> Result<Arc<KeySet>, OidcError> {
        if let Some(known) = fresh(&self.keys, self.clock.steady(), kept) {
            return Ok(known);
        }
        let url = self.discovery().await?.jwks_uri.clone();
        let _turn = self.turn.lock().await;
        if let Some(known) = fresh(&self.keys, self.clock.steady(), kept) {
            return Ok(known);
        }
        let found =
            KeySet::parse(&self.get(&url).await?).map_err(|_error| OidcError::Lies("its keys cannot be read"))?;
        Ok(keep(&self.keys, found, self.clock.steady()))
    }

    /// What its token says, if the token is in order. A key that is not known yet is asked for, once in a while.
    pub(super) async fn claims(&self, token: &str, nonce: &str, now: Timestamp) -> Result<Claims, OidcError> {
        let expected = Expected {
            issuer: &self.settings.issuer,
            audience: &self.settings.client_id,
            purpose: Purpose::SignIn,
            algorithms: &self.settings.algorithms,
            nonce: Some(nonce),
            now,
        };
        match picket_jwt::verify(token, &*self.keys(KEPT).await?, &expected) {
            Err(Refused::UnknownKey) => {
                let keys = self.keys(AGAIN).await?;
                picket_jwt::verify(token, &keys, &expected).map_err(OidcError::Token)
            }
            other => other.map_err(OidcError::Token),
        }
    }

    /// The token for a code. The secret goes to the token endpoint only, which lies where the operator said.
    pub(super) async fn trade(&self, code: &str, verifier: &str) -> Result<String, OidcError> {
        let url = self.discovery().await?.token_endpoint.clone();
        let settings = &self.settings;
        let form = answers::form(&[
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &settings.redirect_uri),
            ("client_id", &settings.client_id),
            ("code_verifier", verifier),
        ]);
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
        if let Some(secret) = &settings.client_secret {
            headers.insert(AUTHORIZATION, answers::basic(&settings.client_id, secret)?);
        }
        answers::id_token(&self.send(Method::POST, &url, headers, form.into()).await?)
    }

    async fn get(&self, url: &str) -> Result<Bytes, OidcError> {
        self.send(Method::GET, url, HeaderMap::new(), Bytes::new()).await
    }

    async fn send(&self, method: Method, url: &str, mut headers: HeaderMap, body: Bytes) -> Result<Bytes, OidcError> {
        let (there, path) = self.reach(url)?;
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answer = there.send(method, &path, headers, body).await.map_err(OidcError::Down)?;
        if !answer.status().is_success() {
            return Err(OidcError::Status(answer.status().as_u16()));
        }
        answer.into_body().whole().await.map_err(OidcError::Down)
    }

    /// A connection to where a URL is, and the path there.
    fn reach(&self, url: &str) -> Result<(Upstream, String), OidcError> {
        let limits = Limits {
            connect: Duration::from_secs(5),
            head: Duration::from_secs(10),
            idle: Duration::from_secs(5),
            total: Duration::from_secs(10),
            body_bytes: ANSWER_BYTES_MAX,
        };
        Upstream::of_url(url, limits, self.settings.ca.as_deref()).map_err(|error| match error {
            EgressError::Url(_) | EgressError::NoServer => OidcError::Lies("a URL of it cannot be read"),
            other => OidcError::Down(other),
        })
    }

    /// Whether an endpoint lies where the operator said that it may.
    fn may_lie_at(&self, url: &str) -> bool {
        let allowed = std::iter::once(&self.settings.issuer).chain(&self.settings.origins);
        let theirs = origin(url);
        theirs.is_some() && allowed.into_iter().any(|allowed| origin(allowed) == theirs)
    }
}

fn fresh<T>(known: &Mutex<Option<Known<T>>>, now: Duration, kept: Duration) -> Option<Arc<T>> {
    let known = known.lock().unwrap_or_else(PoisonError::into_inner);
    known.as_ref().filter(|known| now.saturating_sub(known.since) < kept).map(|known| Arc::clone(&known.value))
}

fn keep<T>(known: &Mutex<Option<Known<T>>>, value: T, since: Duration) -> Arc<T> {
    let value = Arc::new(value);
    *known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known { value: Arc::clone(&value), since });
    value
}
