//! Letting somebody in for whom the provider vouches: who he is here, what he may, and his session.

use super::provider::{OidcError, OidcSettings};
use super::{Oidc, Vouched};
use crate::rules::Method;
use crate::{External, Identity, LoginError, NewUser, Origin, PeopleError, SignedIn, User, names};
use picket_db::Tx;
use picket_jwt::Claims;
use picket_store::Roles;
use rusqlite::params;
use std::sync::Arc;

impl Identity {
    /// Lets somebody in for whom the provider vouches. Whom it is about says the pair of issuer and subject; who is new is
    /// made, and what he may follows his groups each time.
    pub fn admit(&self, oidc: &Oidc, vouched: Vouched, origin: &Origin) -> Result<SignedIn, OidcError> {
        let (settings, claims) = (oidc.settings(), &vouched.claims);
        let external = External { issuer: settings.issuer.clone(), subject: claims.subject().to_owned() };
        let known = self.people().external(&external);
        let roles = self.roles_of(known.as_deref(), settings, claims).ok_or(OidcError::NoRole)?;
        let user = match known {
            Some(user) if !user.is_active() => return Err(OidcError::Suspended),
            Some(user) => user,
            // What SCIM removed, SCIM makes again.
            None if self.is_barred(&external) == Some(true) => return Err(OidcError::Suspended),
            None => self.made(claims, roles, external)?,
        };
        let (identity, origin) = (self.clone(), origin.clone());
        let signed_in = self.transact("identity.admit", move |tx| {
            identity.follow(tx, &user, roles, &origin)?;
            let (token, session) = identity.enter(tx, &user, (Method::Sso, true), &origin)?;
            Ok(SignedIn { token, session, user })
        })?;
        Ok(signed_in)
    }

    /// What somebody may. Where SCIM sends groups that bring roles, they alone say it of those whom it made.
    fn roles_of(&self, known: Option<&User>, settings: &OidcSettings, claims: &Claims) -> Option<Roles> {
        let brings = self.scim().is_some_and(|scim| !scim.roles.is_empty());
        match known.filter(|user| brings && user.sent.is_some()) {
            Some(user) => Some(user.roles).filter(|roles| !roles.is_empty()),
            None => granted(settings, claims),
        }
    }

    /// A user for somebody who comes for the first time.
    fn made(&self, claims: &Claims, roles: Roles, external: External) -> Result<Arc<User>, OidcError> {
        let name = named(claims).ok_or(OidcError::Unnamed)?;
        let new = NewUser {
            name: name.clone(),
            full_name: claims.text("name").filter(|name| names::check_full(name).is_ok()).map(str::to_owned),
            email: claims.text("email").filter(|email| names::check_email(email).is_ok()).map(str::to_owned),
            roles,
            teams: Vec::new(),
            temporary: None,
            external: Some(external.clone()),
        };
        let identity = self.clone();
        let made = self.transact("identity.make_external", move |tx| {
            let id = identity.insert_user(tx, &new, "sso")?;
            identity.record(tx, "user.created", "sso", format!("user:{id}"), &Origin::default())?;
            Ok(id)
        });
        match made {
            Ok(id) => self.user(&id).ok_or(OidcError::State),
            // Somebody who comes twice at once may have made himself in between.
            Err(LoginError::People(PeopleError::Taken)) => {
                self.people().external(&external).ok_or(OidcError::Taken(name))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives a user the roles that his groups have now. Sessions with other ones end.
    fn follow(&self, tx: &mut Tx<'_>, user: &User, roles: Roles, origin: &Origin) -> Result<(), LoginError> {
        let active = "UPDATE user SET roles = ?3, version = version + 1
                      WHERE workspace = ?1 AND id = ?2 AND state = 'active' AND roles <> ?3";
        let changed =
            tx.connection().execute(active, params![self.workspace().as_str(), user.id, roles.to_string()])?;
        if changed > 0 {
            self.end_sessions_of(tx, &user.id)?;
            self.record(tx, "user.changed", "sso", format!("user:{}", user.id), origin)?;
        }
        Ok(())
    }
}

/// What somebody's groups are responsible for together.
fn granted(settings: &OidcSettings, claims: &Claims) -> Option<Roles> {
    let groups = claims.list(&settings.groups);
    let roles: Vec<_> = settings.roles.iter().filter(|(group, _)| groups.contains(&group.as_str())).collect();
    let all: Vec<_> = roles.into_iter().flat_map(|(_, roles)| roles.iter()).collect();
    (!all.is_empty()).then(|| Roles::of(&all))
}

/// What somebody is called here: what the provider calls him, or his mail address if it knows that it is his.
fn named(claims: &Claims) -> Option<String> {
    let is_his = |email: &&str| claims.is_true("email_verified") && names::check_email(email).is_ok();
    let email = claims.text("email").filter(is_his);
    let all = [claims.text("preferred_username"), email, Some(claims.subject())];
    all.into_iter().flatten().find(|name| names::check_login(name).is_ok()).map(str::to_owned)
}
