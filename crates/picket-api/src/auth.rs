//! Who calls, and whether they may. Runs before every handler below `/v1`.

use crate::problem::ApiProblem;
use crate::routes::ROUTES;
use crate::state::State;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::request::Parts;
use http::{Method, StatusCode, header};
use ipnet::IpNet;
use picket_store::{Credential, Permission, Permissions, Roles, TokenKind};
use std::net::SocketAddr;
use std::sync::Arc;

/// A principal that may do what its route asks for. Handlers take it as an argument.
#[derive(Debug, Clone)]
pub(crate) struct Caller(Arc<Credential>);

impl Caller {
    /// Id of the credential, for the audit log.
    pub(crate) fn id(&self) -> &str {
        &self.0.id
    }

    /// Name for people.
    pub(crate) fn name(&self) -> String {
        self.0.name.clone().unwrap_or_else(|| self.0.id.clone())
    }

    /// Networks that may use the credential; empty means all.
    pub(crate) fn addresses(&self) -> &[IpNet] {
        &self.0.details.addresses
    }

    pub(crate) fn roles(&self) -> Roles {
        self.0.roles
    }

    pub(crate) fn permissions(&self) -> Permissions {
        self.0.permissions()
    }

    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.permissions().may(permission)
    }

    /// Who is refused, in words for him.
    pub(crate) fn who(&self) -> String {
        let narrowed = if self.0.details.scopes.is_empty() { "" } else { " within the scopes of this token" };
        format!("the role {}{narrowed}", self.roles())
    }

    /// Scopes that the credential is narrowed to; empty means all.
    pub(crate) fn scopes(&self) -> &[String] {
        &self.0.details.scopes
    }

    pub(crate) fn workspace(&self) -> &str {
        &self.0.workspace
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = ApiProblem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiProblem> {
        // Put there by the gate below; a route that it does not cover has no caller.
        std::future::ready(parts.extensions.get::<Self>().cloned().ok_or_else(unauthenticated)).await
    }
}

/// The gate: the matched route's permission, the token's role, the workspace.
pub(crate) async fn gate(
    axum::extract::State(state): axum::extract::State<State>,
    mut request: Request,
    next: Next,
) -> Result<Response, ApiProblem> {
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = if *request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let route = ROUTES.iter().find(|route| Some(route.path) == path.as_deref() && route.method == method.as_str());
    let Some(route) = route else { return Err(ApiProblem::not_found("path")) };
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip());
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = shown.and_then(|value| value.strip_prefix("Bearer ")).map(str::trim).ok_or_else(unauthenticated)?;
    let kinds: &[TokenKind] = if route.path == "/v1/setup" {
        &[TokenKind::Setup]
    } else {
        &[TokenKind::Personal, TokenKind::Service, TokenKind::Admin]
    };
    let credential =
        state.credentials.verify(token, kinds, peer, state.log.clock().now()).map_err(|_refused| unauthenticated())?;
    let caller = Caller(credential);
    if caller.workspace() != state.workspace || !caller.may(route.permission) {
        return Err(ApiProblem::not_permitted(format!("{} may not do this", caller.who())));
    }
    request.extensions_mut().insert(caller);
    Ok(next.run(request).await)
}

fn unauthenticated() -> ApiProblem {
    ApiProblem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "send a valid API token as `Authorization: Bearer …`")
}
