//! An identity provider for tests: OpenID Connect as far as one client needs it, which lies when it is told to.
//!
//! Whoever is sent to it is somebody at once, without being asked: the one whose claims are in its [`Mood`].

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use picket_stdx::{Clock, random};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What it does, to be changed while it runs.
#[derive(Debug, Clone)]
pub struct Mood {
    /// Who comes: claims that are put over the usual ones of a token; what is null is left out.
    pub claims: Value,
    /// The issuer that its document names.
    pub issuer: Option<String>,
    /// Where its document says that tokens are to be had.
    pub token_endpoint: Option<String>,
    /// Where its document says that its keys are.
    pub keys: Option<String>,
    /// The algorithm that its tokens name; whatever it is, they are signed as ES256, or not at all for `none`.
    pub algorithm: String,
    /// It signs with a key that its set does not have.
    pub hides_key: bool,
    /// It answers 500 to everything.
    pub is_down: bool,
    /// The error that it sends people back with.
    pub error: Option<String>,
    /// Codes are good more than once.
    pub forgets: bool,
}

impl Default for Mood {
    fn default() -> Self {
        Self {
            claims: json!({}),
            issuer: None,
            token_endpoint: None,
            keys: None,
            algorithm: "ES256".to_owned(),
            hides_key: false,
            is_down: false,
            error: None,
            forgets: false,
        }
    }
}

/// A provider that runs until it is dropped.
#[derive(Debug)]
pub struct Idp {
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    issuer: String,
    client: String,
    secret: String,
    clock: Clock,
    mood: Mutex<Mood>,
    keys: Mutex<Keys>,
    /// What was asked for, by code.
    codes: Mutex<HashMap<String, HashMap<String, String>>>,
    counts: Mutex<HashMap<&'static str, usize>>,
}

#[derive(Debug)]
struct Keys {
    id: usize,
    pair: EcdsaKeyPair,
    hidden: EcdsaKeyPair,
}

impl Keys {
    fn new(id: usize) -> io::Result<Self> {
        Ok(Self { id, pair: pair()?, hidden: pair()? })
    }
}

fn pair() -> io::Result<EcdsaKeyPair> {
    let (how, random) = (&ECDSA_P256_SHA256_FIXED_SIGNING, SystemRandom::new());
    let made = EcdsaKeyPair::generate_pkcs8(how, &random).map_err(|error| io::Error::other(error.to_string()))?;
    EcdsaKeyPair::from_pkcs8(how, made.as_ref(), &random).map_err(|error| io::Error::other(error.to_string()))
}

impl Idp {
    /// Starts one on a free port of 127.0.0.1, for one client.
    pub async fn start(clock: &Clock) -> io::Result<Self> {
        let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let shared = Arc::new(Shared {
            issuer: format!("http://{}", listener.local_addr()?),
            client: "picket".to_owned(),
            secret: fresh(),
            clock: clock.clone(),
            mood: Mutex::default(),
            keys: Mutex::new(Keys::new(1)?),
            codes: Mutex::default(),
            counts: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(|State(shared): Here| ready(described(&shared))))
            .route("/keys", get(|State(shared): Here| ready(keys_shown(&shared))))
            .route(
                "/authorize",
                get(|State(shared): Here, Query(asked): Query<Parameters>| ready(sent_back(&shared, asked))),
            )
            .route(
                "/token",
                post(|State(shared): Here, headers: HeaderMap, body: Bytes| ready(traded(&shared, &headers, &body))),
            )
            .with_state(Arc::clone(&shared));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap_or_default() });
        Ok(Self { shared, task })
    }

    /// Its name for itself.
    pub fn issuer(&self) -> &str {
        &self.shared.issuer
    }

    /// The secret of its client, whose name is `picket`.
    pub fn secret(&self) -> &str {
        &self.shared.secret
    }

    /// Changes what it does.
    pub fn change(&self, change: impl FnOnce(&mut Mood)) {
        change(&mut locked(&self.shared.mood));
    }

    /// Signs with another key from now on, and forgets the old one.
    pub fn rotate(&self) -> io::Result<()> {
        let mut keys = locked(&self.shared.keys);
        *keys = Keys::new(keys.id + 1)?;
        Ok(())
    }

    /// A token to be let in with elsewhere: for `picket-gateway`, of the usual person, with these claims put over the usual
    /// ones; what is null is left out. Signed, or not, as its mood is.
    pub fn access_token(&self, claims: Value) -> String {
        let mood = Mood { claims, ..locked(&self.shared.mood).clone() };
        let now = self.shared.clock.now().as_secs();
        self.shared.jws(
            &mood,
            "at+jwt",
            json!({
                "iss": self.shared.issuer, "sub": "u-1", "aud": ["picket-gateway", "account"], "azp": "an-application",
                "exp": now + 300, "iat": now, "nbf": now, "preferred_username": "alice", "department": "research",
            }),
        )
    }

    /// How often something was asked for: `document`, `keys`, `authorize` or `token`.
    pub fn count(&self, what: &str) -> usize {
        locked(&self.shared.counts).get(what).copied().unwrap_or(0)
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    /// What it does now; `None` when it is down.
    fn enter(&self, what: &'static str) -> Option<Mood> {
        *locked(&self.counts).entry(what).or_default() += 1;
        let mood = locked(&self.mood).clone();
        (!mood.is_down).then_some(mood)
    }

    fn signed(&self, mood: &Mood, nonce: Option<&String>) -> String {
        let now = self.clock.now().as_secs();
        let claims = json!({
            "iss": self.issuer, "sub": "u-1", "aud": self.client, "exp": now + 300, "iat": now, "nonce": nonce,
            "preferred_username": "alice", "email": "alice@example.test", "email_verified": true, "groups": ["picket-admins"],
        });
        self.jws(mood, "JWT", claims)
    }

    fn jws(&self, mood: &Mood, kind: &str, mut claims: Value) -> String {
        if let (Some(all), Some(other)) = (claims.as_object_mut(), mood.claims.as_object()) {
            all.extend(other.clone());
            all.retain(|_name, value| !value.is_null());
        }
        let keys = locked(&self.keys);
        let head =
            json!({"alg": mood.algorithm, "typ": kind, "kid": format!("k{}", keys.id + usize::from(mood.hides_key))});
        let signed = format!("{}.{}", coded(head.to_string()), coded(claims.to_string()));
        let pair = if mood.hides_key { &keys.hidden } else { &keys.pair };
        let signature = pair.sign(&SystemRandom::new(), signed.as_bytes()).map(|made| coded(made.as_ref()));
        let signature = if mood.algorithm == "none" { String::new() } else { signature.unwrap_or_default() };
        format!("{signed}.{signature}")
    }
}

type Parameters = HashMap<String, String>;
type Here = State<Arc<Shared>>;

fn described(shared: &Shared) -> Response {
    let Some(mood) = shared.enter("document") else { return down() };
    let at = |path: &str| format!("{}{path}", shared.issuer);
    let document = json!({
        "issuer": mood.issuer.as_ref().unwrap_or(&shared.issuer), "authorization_endpoint": at("/authorize"),
        "token_endpoint": mood.token_endpoint.clone().unwrap_or_else(|| at("/token")), "jwks_uri": mood.keys.clone().unwrap_or_else(|| at("/keys")),
    });
    Json(document).into_response()
}

fn keys_shown(shared: &Shared) -> Response {
    if shared.enter("keys").is_none() {
        return down();
    }
    let keys = locked(&shared.keys);
    let point = keys.pair.public_key().as_ref();
    let (x, y) = point.get(1..).unwrap_or_default().split_at(32.min(point.len().saturating_sub(1)));
    let key = json!({"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": format!("k{}", keys.id), "x": coded(x), "y": coded(y)});
    drop(keys);
    Json(json!({ "keys": [key] })).into_response()
}

/// Sends somebody back at once.
fn sent_back(shared: &Shared, asked: Parameters) -> Response {
    let Some(mood) = shared.enter("authorize") else { return down() };
    let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let is_right = get("client_id") == shared.client
        && get("response_type") == "code"
        && get("code_challenge_method") == "S256"
        && get("scope").split(' ').any(|scope| scope == "openid");
    if !is_right {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let code = fresh();
    let mut back = form_urlencoded::Serializer::new(String::new());
    back.append_pair("state", &get("state")).append_pair("iss", &shared.issuer);
    match &mood.error {
        Some(error) => back.append_pair("error", error),
        None => back.append_pair("code", &code),
    };
    let back = format!("{}?{}", get("redirect_uri"), back.finish());
    locked(&shared.codes).insert(code, asked);
    Redirect::to(&back).into_response()
}

/// Trades a code, once, to the client that proves that it began.
fn traded(shared: &Shared, headers: &HeaderMap, body: &[u8]) -> Response {
    let asked: Parameters = form_urlencoded::parse(body).into_owned().collect();
    let Some(mood) = shared.enter("token") else { return down() };
    let refuse = |error: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": error }))).into_response();
    let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let expected = format!(
        "Basic {}",
        base64::engine::general_purpose::STANDARD.encode(format!("{}:{}", shared.client, shared.secret))
    );
    if headers.get(header::AUTHORIZATION).and_then(|shown| shown.to_str().ok()) != Some(&expected) {
        return refuse("invalid_client");
    }
    let mut codes = locked(&shared.codes);
    let begun = if mood.forgets { codes.get(&get("code")).cloned() } else { codes.remove(&get("code")) };
    drop(codes);
    let Some(begun) = begun else { return refuse("invalid_grant") };
    let challenge = coded(ring::digest::digest(&ring::digest::SHA256, get("code_verifier").as_bytes()));
    if begun.get("code_challenge") != Some(&challenge) || begun.get("redirect_uri") != asked.get("redirect_uri") {
        return refuse("invalid_grant");
    }
    let token = shared.signed(&mood, begun.get("nonce"));
    Json(json!({"token_type": "Bearer", "id_token": token})).into_response()
}

fn down() -> Response {
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn coded(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn fresh() -> String {
    coded(random::bytes::<24>())
}
