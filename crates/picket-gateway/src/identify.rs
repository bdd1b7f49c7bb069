//! Who asks.

#[cfg(test)]
mod tests;

use crate::failure::Refusal;
use crate::inbound::{USER_HEADER, named};
use crate::jwt::{Bearer, Jwt, Standing, Unbelieved};
use crate::serve::Shared;
use crate::snapshot::{Auth, Snapshot};
use http::{HeaderMap, HeaderValue, header};
use ipnet::IpNet;
use picket_event::{Identity, Outcome};
use picket_llm::Dialect;
use picket_store::{Credential, TokenKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// A caller.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) key: Option<Arc<Credential>>,
    /// What the token of an identity provider says that he showed instead.
    pub(crate) bearer: Option<Arc<Bearer>>,
    /// The caller's own credential for the provider, under `passthrough`.
    pub(crate) own: Option<HeaderValue>,
    pub(crate) user: Option<String>,
    pub(crate) team: Option<String>,
    pub(crate) identity: Identity,
    pub(crate) address: IpAddr,
}

impl Caller {
    fn new(identity: Identity, address: IpAddr) -> Self {
        Self { key: None, bearer: None, own: None, user: None, team: None, identity, address }
    }

    /// What stands for who asks in events, and in what is counted and approved for him.
    pub(crate) fn id(&self) -> Option<&str> {
        let key = self.key.as_ref().map(|key| key.id.as_str());
        key.or_else(|| self.bearer.as_ref().map(|bearer| bearer.id.as_str()))
    }

    /// The application that he uses.
    pub(crate) fn application(&self) -> Option<&String> {
        let key = self.key.as_ref().and_then(|key| key.details.application.as_ref());
        key.or_else(|| self.bearer.as_ref().and_then(|bearer| bearer.application.as_ref()))
    }

    /// The models that he may ask for; none means all.
    pub(crate) fn models<'a>(&'a self, snapshot: &'a Snapshot) -> &'a [String] {
        match (&self.key, &snapshot.jwt) {
            (Some(key), _) => &key.details.models,
            (None, Some(jwt)) if self.bearer.is_some() => &jwt.settings().models,
            (None, _) => &[],
        }
    }
}

/// The caller of a request, or why there is none.
pub(crate) async fn caller(
    shared: &Shared,
    snapshot: &Snapshot,
    headers: &HeaderMap,
    address: IpAddr,
) -> Result<Caller, Refusal> {
    let shown = credential(headers);
    if snapshot.auth == Auth::Passthrough {
        let own = shown.ok_or_else(|| unauthenticated(shared))?;
        return Ok(Caller { own: Some(own), ..Caller::new(Identity::Unknown, address) });
    }
    let token = shown
        .as_ref()
        .and_then(|value| value.to_str().ok())
        .map(|value| value.strip_prefix("Bearer ").unwrap_or(value).trim());
    if let (Some(jwt), Some(token)) = (&snapshot.jwt, token)
        && Jwt::is_meant(token)
    {
        return bearer(shared, jwt, token, address).await;
    }
    let now = shared.log.clock().now();
    let key = token.ok_or(()).and_then(|token| {
        shared.credentials.verify(token, &[TokenKind::GatewayKey], Some(address), now).map_err(|_refused| ())
    });
    // The log, the policy and the providers are those of one workspace.
    let key = key.and_then(|key| if key.workspace == shared.workspace { Ok(key) } else { Err(()) });
    let key = key.map_err(|()| unauthenticated(shared))?;
    let asserted = if key.details.service { named(headers, USER_HEADER) } else { Ok(None) };
    let (user, identity) = match (asserted, &key.details.user) {
        (Ok(Some(user)), _) => (Some(user.to_owned()), Identity::Asserted),
        (Ok(None), Some(user)) => (Some(user.clone()), Identity::Key),
        // Somebody else is meant; the request is refused.
        (Ok(None), None) | (Err(()), _) => (None, Identity::Unknown),
    };
    let team = key.details.team.clone();
    Ok(Caller { key: Some(key), user, team, ..Caller::new(identity, address) })
}

/// The caller whom a token of the identity provider is about, as he stands at this moment.
async fn bearer(shared: &Shared, jwt: &Arc<Jwt>, token: &str, address: IpAddr) -> Result<Caller, Refusal> {
    let bearer = jwt.verify(token, &shared.people).await.map_err(|error| match error {
        Unbelieved::Refused(refused) => {
            tracing::debug!(%refused, "a token was refused");
            unauthenticated(shared)
        }
        Unbelieved::NoKeys => {
            let message = "the identity provider's keys cannot be had now, so that no token of it can be checked; try again later";
            let refusal = Refusal::failed(503, "identity_provider_unavailable", message, Outcome::Refused);
            Refusal { retry_after: Some(Duration::from_secs(10)), ..refusal }
        }
        Unbelieved::Unrecorded(cause) => Refusal::unrecorded(cause),
    })?;
    let (user, team) = match shared.people.standing(&bearer.who, &bearer.name) {
        Standing::Barred => return Err(unauthenticated(shared)),
        Standing::User { name, team } => (name, team),
        Standing::Stranger => (bearer.name.clone(), None),
        // He is not taken for whoever has that name here.
        Standing::NameTaken => (bearer.who.subject.clone(), None),
    };
    let team = bearer.team.clone().or(team);
    let caller = Caller::new(Identity::Jwt, address);
    Ok(Caller { bearer: Some(bearer), user: Some(user), team, ..caller })
}

/// `Authorization` or `x-api-key`; both is one too many.
fn credential(headers: &HeaderMap) -> Option<HeaderValue> {
    let mut found = headers.get_all(header::AUTHORIZATION).iter().chain(headers.get_all("x-api-key"));
    let first = found.next()?.clone();
    found.all(|other| other == first).then_some(first)
}

fn unauthenticated(shared: &Shared) -> Refusal {
    shared.metrics.auth_failed(shared.log.clock().now());
    Refusal::refused(
        401,
        "invalid_api_key",
        "no valid gateway key or token; send it as `Authorization: Bearer …` or `x-api-key`",
    )
}

/// Whether what an address says of others is believed.
pub(crate) fn is_trusted(proxies: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    proxies.iter().any(|net| net.contains(&address))
}

/// The address of the caller: the connection's, or the one that trusted proxies name.
pub(crate) fn address(proxies: &[IpNet], headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    if !is_trusted(proxies, peer) {
        return peer;
    }
    // From the last hop backwards: each was written by the one after it. What cannot be read ends the walk, since
    // whatever stands before it may be the caller's own invention.
    let lines = headers.get_all("x-forwarded-for").iter().rev().map(|line| line.to_str().unwrap_or("unreadable"));
    let mut known = peer;
    for hop in lines.flat_map(|line| line.rsplit(',')).map(hop_of) {
        let Some(hop) = hop else { break };
        known = hop;
        if !is_trusted(proxies, hop) {
            break;
        }
    }
    known
}

/// A hop as proxies write it: an address, with or without brackets and port.
fn hop_of(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address = bare.unwrap_or(text).parse::<IpAddr>().ok();
    address.or_else(|| text.parse::<SocketAddr>().ok().map(|at| at.ip())).map(|address| address.to_canonical())
}

/// Headers that choose an account among those that a key may use.
const ACCOUNT: [&str; 2] = ["openai-organization", "openai-project"];

/// Puts the credentials for a provider into the headers of a request to it. With the operator's key, the caller does
/// not choose who is billed.
pub(crate) fn authorise(headers: &mut HeaderMap, dialect: Dialect, caller: &Caller, key: Option<&HeaderValue>) {
    let is_bearer = |value: &HeaderValue| value.as_bytes().starts_with(b"Bearer ");
    if caller.own.is_none() {
        ACCOUNT.iter().for_each(|name| drop(headers.remove(*name)));
    }
    match (&caller.own, dialect) {
        (Some(own), _) if is_bearer(own) => drop(headers.insert(header::AUTHORIZATION, own.clone())),
        (Some(own), _) => drop(headers.insert("x-api-key", own.clone())),
        (None, Dialect::Anthropic) => key.into_iter().for_each(|key| drop(headers.insert("x-api-key", key.clone()))),
        (None, Dialect::OpenAi) => {
            let bearer = key.and_then(|key| HeaderValue::from_bytes(&[b"Bearer ", key.as_bytes()].concat()).ok());
            if let Some(mut bearer) = bearer {
                bearer.set_sensitive(true);
                headers.insert(header::AUTHORIZATION, bearer);
            }
        }
    }
}
