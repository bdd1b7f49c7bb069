//! Who calls, and whether they may. Runs before every handler below `/v1`.

use crate::browser;
use crate::problem::ApiProblem;
use crate::routes::ROUTES;
use crate::state::State;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, Method, StatusCode, Uri, header};
use ipnet::IpNet;
use picket_event::Workspace;
use picket_identity::{Session, User, is_session};
use picket_stdx::Timestamp;
use picket_store::{Credential, Permission, Permissions, Roles, TokenKind};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Tokens that made each other, as far as is looked back.
const MAKERS_MAX: usize = 32;

/// A principal that may do what its route asks for. Handlers take it as an argument.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    principal: Principal,
    workspace: Workspace,
    permissions: Permissions,
    behind: Option<Arc<User>>,
}

#[derive(Debug, Clone)]
enum Principal {
    /// A token.
    Token(Arc<Credential>),
    /// Somebody who signed in; whether his session came as a cookie.
    Person(Arc<Session>, Arc<User>, bool),
}

impl Caller {
    /// Id of the credential or user, for the audit log.
    pub(crate) fn id(&self) -> &str {
        match &self.principal {
            Principal::Token(credential) => &credential.id,
            Principal::Person(_, user, _) => &user.id,
        }
    }

    /// Name for people.
    pub(crate) fn name(&self) -> String {
        match &self.principal {
            Principal::Token(credential) => credential.name.clone().unwrap_or_else(|| credential.id.clone()),
            Principal::Person(_, user, _) => user.name.clone(),
        }
    }

    /// Who that is, whatever name the credential has: a user with two tokens of his own is one person, and so he is with
    /// one that he made for a service.
    pub(crate) fn person(&self) -> &str {
        self.behind.as_ref().map_or_else(|| self.id(), |user| &user.id)
    }

    /// The user who is certainly behind it, where something takes two people: two of them can be told apart.
    pub(crate) fn proven(&self) -> Result<&str, ApiProblem> {
        let user = self.behind.as_ref().map(|user| user.id.as_str());
        user.ok_or_else(|| {
            ApiProblem::not_permitted(
                "this takes two people, and a token that no user made shows nobody: sign in, or use a token of a user's own",
            )
        })
    }

    /// Whether that is he whom the gateway or a person calls so: by name, by mail, or by id.
    pub(crate) fn is_known_as(&self, name: &str) -> bool {
        self.names().iter().any(|own| own.eq_ignore_ascii_case(name))
    }

    /// All that he is called, whatever credential he shows: by name, by mail, by id.
    pub(crate) fn names(&self) -> Vec<String> {
        let behind = self.behind.as_ref();
        let own = [Some(self.name()), Some(self.person().to_owned())];
        let of_user = [behind.map(|user| user.name.clone()), behind.and_then(|user| user.email.clone())];
        own.into_iter().chain(of_user).flatten().collect()
    }

    /// Networks that may use the credential; empty means all.
    pub(crate) fn addresses(&self) -> &[IpNet] {
        match &self.principal {
            Principal::Token(credential) => &credential.details.addresses,
            Principal::Person(..) => &[],
        }
    }

    pub(crate) fn roles(&self) -> Roles {
        match &self.principal {
            Principal::Token(credential) => credential.roles,
            Principal::Person(_, user, _) => user.roles,
        }
    }

    pub(crate) fn permissions(&self) -> Permissions {
        self.permissions
    }

    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permissions.may(permission)
    }

    /// Who is refused, in words for him.
    pub(crate) fn who(&self) -> String {
        let narrowed = if self.scopes().is_empty() { "" } else { " within the scopes of this token" };
        format!("the role {}{narrowed}", self.roles())
    }

    /// Scopes that the credential is narrowed to; empty means all.
    pub(crate) fn scopes(&self) -> &[String] {
        match &self.principal {
            Principal::Token(credential) => &credential.details.scopes,
            Principal::Person(..) => &[],
        }
    }

    /// The workspace of the credential or session that he showed. Handlers have no other.
    pub(crate) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    /// The user, where it is one.
    pub(crate) fn user(&self) -> Option<&Arc<User>> {
        self.session().ok().map(|(_session, user)| user)
    }

    /// The session, of who signed in.
    pub(crate) fn session(&self) -> Result<(&Arc<Session>, &Arc<User>), ApiProblem> {
        match &self.principal {
            Principal::Person(session, user, _) => Ok((session, user)),
            Principal::Token(_) => Err(ApiProblem::not_permitted("this is for users who signed in, not for tokens")),
        }
    }

    /// The session of who showed who he is just now.
    pub(crate) fn confirmed_session(&self, state: &State) -> Result<(&Arc<Session>, &Arc<User>), ApiProblem> {
        let (session, user) = self.session()?;
        confirmed(session, state.log.clock().now())?;
        Ok((session, user))
    }

    /// Whether the session came as a cookie.
    pub(crate) fn is_cookie(&self) -> bool {
        matches!(self.principal, Principal::Person(_, _, true))
    }

    /// Whether it would be let in now: what runs for long asks again.
    pub(crate) fn is_still_good(&self, state: &State) -> bool {
        match &self.principal {
            Principal::Token(credential) => {
                let found = state.credentials.get(&self.workspace, &credential.id);
                let now = state.log.clock().now();
                found.is_some_and(|found| found.status(now) == "active" && allowed(state, &found).is_some())
            }
            Principal::Person(session, ..) => {
                let user = state.identity.user(&session.user);
                state.identity.session_by_id(&session.id).is_some() && user.is_some_and(|user| user.is_active())
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiProblem> {
        // Put there by the gate below; a route that it does not cover has no caller.
        std::future::ready(parts.extensions.get::<Self>().cloned().ok_or_else(unauthenticated)).await
    }
}

/// The gate: the matched route's permission, what the principal may, the workspace.
pub(crate) async fn gate(
    axum::extract::State(state): axum::extract::State<State>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiProblem> {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let route = ROUTES.iter().find(|route| Some(route.path) == path.as_deref() && route.method == method.as_str());
    let Some(route) = route else { return Err(ApiProblem::not_found("path")) };
    if route.permission == Permission::Open {
        return Ok(next.run(request).await);
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let shown = Shown { method, uri: request.uri(), headers: request.headers(), peer };
    let caller = match route.path {
        "/v1/setup" => only(&state, &shown, TokenKind::Setup)?,
        path if path.starts_with("/scim/") => only(&state, &shown, TokenKind::Scim)?,
        _ => caller(&state, &shown)?,
    };
    if !state.serves(&caller.workspace) || !caller.may(route.permission) {
        return Err(ApiProblem::not_permitted(format!("{} may not do this", caller.who())));
    }
    if let Principal::Person(session, user, _) = &caller.principal {
        strong_enough(&state, (session, user), route.permission)?;
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

/// What of a request says who calls.
struct Shown<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    peer: Option<IpAddr>,
}

impl Shown<'_> {
    /// The token in the header; `Err` when it is not there once, in the only form that there is.
    fn bearer(&self) -> Result<Option<&str>, ApiProblem> {
        let mut values = self.headers.get_all(header::AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(_), Some(_)) => Err(unauthenticated()),
            (Some(value), None) => {
                let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer ")).map(str::trim);
                token.map(Some).ok_or_else(unauthenticated)
            }
        }
    }
}

/// The principal behind a token, a session in the header, or one in the cookie.
fn caller(state: &State, shown: &Shown<'_>) -> Result<Caller, ApiProblem> {
    let Some(bearer) = shown.bearer()? else {
        let cookie = browser::session(shown.headers)?.ok_or_else(unauthenticated)?;
        let caller = person(state, cookie, true)?;
        browser::refuse_foreign(shown.method, shown.uri, shown.headers)?;
        return Ok(caller);
    };
    if is_session(bearer) {
        return person(state, bearer, false);
    }
    token(state, shown, bearer, &[TokenKind::Personal, TokenKind::Service, TokenKind::Admin])
}

/// The principal behind a token of a kind that is for one thing.
fn only(state: &State, shown: &Shown<'_>, kind: TokenKind) -> Result<Caller, ApiProblem> {
    token(state, shown, shown.bearer()?.ok_or_else(unauthenticated)?, &[kind])
}

fn token(state: &State, shown: &Shown<'_>, text: &str, kinds: &[TokenKind]) -> Result<Caller, ApiProblem> {
    let found = state.credentials.verify(text, kinds, shown.peer, state.log.clock().now());
    let credential = found.map_err(|_refused| unauthenticated())?;
    let permissions = allowed(state, &credential).ok_or_else(unauthenticated)?;
    let (behind, workspace) = (maker(state, &credential), credential.workspace.clone());
    Ok(Caller { principal: Principal::Token(credential), workspace, permissions, behind })
}

fn person(state: &State, text: &str, is_cookie: bool) -> Result<Caller, ApiProblem> {
    let (session, user) = state.identity.session(text).map_err(|_refused| unauthenticated())?;
    let permissions = user.roles.permissions();
    let (behind, workspace) = (Some(Arc::clone(&user)), state.identity.workspace().clone());
    Ok(Caller { principal: Principal::Person(session, user, is_cookie), workspace, permissions, behind })
}

/// The user at the beginning of a token: who made it, or made what made it.
fn maker(state: &State, credential: &Credential) -> Option<Arc<User>> {
    let mut maker = credential.created_by.clone();
    for _ in 0..MAKERS_MAX {
        if let Some(user) = state.identity.user(&maker) {
            return Some(user);
        }
        maker = state.credentials.get(&credential.workspace, &maker)?.created_by.clone();
    }
    None
}

/// Whether a user made a token for a person, not for a service.
fn is_personal(credential: &Credential) -> bool {
    let is_for_a_service = matches!(credential.kind, TokenKind::Service | TokenKind::Scim);
    credential.created_by.starts_with("usr_") && !is_for_a_service
}

/// What a token may do now. One that a user made for a person may never do more than that user, as he is now; one of a
/// service goes on without him.
fn allowed(state: &State, credential: &Credential) -> Option<Permissions> {
    let own = credential.permissions();
    if !is_personal(credential) {
        return Some(own);
    }
    let maker = state.identity.user(&credential.created_by).filter(|maker| maker.is_active())?;
    Some(own.within(maker.roles.permissions()))
}

/// Whether a session says enough for what is asked: for some roles a second factor, for some acts one that is not old.
fn strong_enough(state: &State, (session, user): (&Session, &User), permission: Permission) -> Result<(), ApiProblem> {
    if permission == Permission::Identify {
        return Ok(());
    }
    if !session.is_strong && state.needs_factor(user.roles) {
        let detail = "your roles need a second factor: set one up with `picket auth totp begin`";
        return Err(ApiProblem::new(StatusCode::FORBIDDEN, "second_factor_needed", detail));
    }
    if permission.needs_step_up() { confirmed(session, state.log.clock().now()) } else { Ok(()) }
}

fn confirmed(session: &Session, now: Timestamp) -> Result<(), ApiProblem> {
    if session.is_confirmed(now) {
        return Ok(());
    }
    let detail = "this needs that you showed who you are less than five minutes ago: `picket auth confirm`";
    Err(ApiProblem::new(StatusCode::FORBIDDEN, "confirmation_needed", detail))
}

fn unauthenticated() -> ApiProblem {
    let detail = "send a valid API token or session as `Authorization: Bearer …`";
    ApiProblem::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
}
