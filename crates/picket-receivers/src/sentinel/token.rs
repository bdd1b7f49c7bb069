//! Tokens of Entra: kept until five minutes before their end, and fetched once however many wait for one.

use crate::answer::{Answer, Outcome};
use crate::http::{self, ANSWER_BYTES_MAX, Http, Post, Reply};
use ::http::{HeaderValue, Method};
use picket_stdx::{Clock, Timestamp};
use serde::Deserialize;
use std::fmt;
use std::time::Duration;
use tokio::sync::Mutex;
use zeroize::{Zeroize as _, Zeroizing};

/// How long before its end a token is fetched anew.
const MARGIN: Duration = Duration::from_secs(300);
/// How long a token is kept at most, whatever the service says.
const LIFE_MAX: Duration = Duration::from_secs(86_400);

/// Who asks for tokens, and what for.
pub(super) struct Application<'a> {
    pub(super) tenant: &'a str,
    pub(super) client: &'a str,
    pub(super) secret: &'a str,
    pub(super) scope: &'a str,
}

/// The token of one application.
pub(super) struct Tokens {
    http: Http,
    clock: Clock,
    path: String,
    form: Zeroizing<String>,
    /// Held while one is fetched.
    kept: Mutex<Option<Token>>,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("path", &self.path).finish_non_exhaustive()
    }
}

/// A token as a header.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Marked as sensitive, so that it is not shown.
    header: HeaderValue,
    /// On the steady clock.
    until: Timestamp,
}

impl Token {
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: u64,
}

impl Drop for Granted {
    fn drop(&mut self) {
        self.access_token.zeroize();
    }
}

#[derive(Debug, Deserialize)]
struct Denied {
    error: String,
    #[serde(default)]
    error_description: String,
}

impl Tokens {
    pub(super) fn new(mut http: Http, clock: Clock, application: &Application<'_>) -> Self {
        http.hide(application.secret);
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", "client_credentials")
            .append_pair("client_id", application.client)
            .append_pair("client_secret", application.secret)
            .append_pair("scope", application.scope)
            .finish();
        let path = format!("/{}/oauth2/v2.0/token", application.tenant);
        Self { http, clock, path, form: Zeroizing::new(form), kept: Mutex::default() }
    }

    /// A token that holds for a while yet.
    pub(super) async fn get(&self) -> Result<Token, Answer> {
        let mut kept = self.kept.lock().await;
        let now = self.clock.steady_moment();
        if let Some(token) = kept.as_ref().filter(|token| now < token.until) {
            return Ok(token.clone());
        }
        let token = self.fetch(now).await?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// Does not use a token again. One that was fetched meanwhile stays.
    pub(super) async fn forget(&self, token: &Token) {
        let mut kept = self.kept.lock().await;
        if kept.as_ref().is_some_and(|known| known.header == token.header) {
            *kept = None;
        }
    }

    async fn fetch(&self, now: Timestamp) -> Result<Token, Answer> {
        let headers = http::headers("application/x-www-form-urlencoded");
        let body = self.form.as_bytes().to_vec().into();
        let post = Post { method: Method::POST, path: &self.path, headers, body, answer_bytes: ANSWER_BYTES_MAX };
        let mut reply = self.http.send(post).await?;
        if reply.status != 200 {
            return Err(refused(&reply));
        }
        let granted = reply.json::<Granted>();
        reply.body.zeroize();
        let no_token = || reply.saying(Outcome::Config, b"what answers is no token endpoint: its answer has no token");
        let granted = granted.ok_or_else(no_token)?;
        let header = http::secret_value("token", &format!("Bearer {}", granted.access_token));
        let life = Duration::from_secs(granted.expires_in).min(LIFE_MAX);
        // Of one that lives shortly, half the life is used.
        let until = now.plus(life.saturating_sub(MARGIN.min(life / 2)));
        Ok(Token { header: header.map_err(|_problem| no_token())?, until })
    }
}

fn refused(reply: &Reply) -> Answer {
    let denied = reply.json::<Denied>();
    let said = denied.as_ref().map(|denied| format!("no token: {}: {}", denied.error, denied.error_description));
    let said = said.unwrap_or_else(|| format!("no token: the answer is {}", reply.status));
    let error = denied.map(|denied| denied.error).unwrap_or_default();
    let outcome = match (reply.status, error.as_str()) {
        (_, "temporarily_unavailable" | "server_error") => Outcome::Retry,
        (_, "invalid_scope" | "invalid_request" | "invalid_resource") => Outcome::Config,
        (400 | 401 | 403, _) => Outcome::Auth,
        (status, _) if status < 300 => Outcome::Config,
        (status, _) => http::outcome(status),
    };
    reply.saying(outcome, said.as_bytes())
}
