//! Those whom an identity provider vouches for, as the gateway asks about them.

use crate::open::Opened;
use picket_db::{Lane, Ticket, WriteError};
use picket_gateway::{JwtSubject, People, Standing};
use picket_identity::{CallerStanding, External, Identity, ProvisionError, ScimSettings};

/// The people of the workspace.
#[derive(Debug)]
pub(crate) struct Callers(pub(crate) Identity);

impl People for Callers {
    fn standing(&self, who: &JwtSubject, name: &str) -> Standing {
        match self.0.caller(&external(who), name) {
            CallerStanding::Stranger => Standing::Stranger,
            CallerStanding::NameTaken => Standing::NameTaken,
            CallerStanding::User(name, team) => Standing::User { name, team },
            CallerStanding::Barred => Standing::Barred,
        }
    }

    fn id_of(&self, who: &JwtSubject, name: &str) -> Result<String, &'static str> {
        self.0.caller_id(&external(who), name)
    }
}

/// Puts what the operator says of SCIM in force; whom it made gets the roles that his groups bring now, or nothing changes.
pub(crate) fn follow(
    opened: &Opened,
    settings: Option<ScimSettings>,
    actor: &str,
) -> Result<(), WriteError<ProvisionError>> {
    let before = opened.identity.scim();
    opened.identity.set_scim(settings);
    if opened.identity.users().iter().all(|user| user.sent.is_none()) {
        return Ok(());
    }
    let (identity, by) = (opened.identity.clone(), actor.to_owned());
    let done: Ticket<(), ProvisionError> =
        opened.db.write(Lane::Admin, "callers.follow", move |tx| identity.follow_all_groups(tx, &by));
    done.wait().inspect_err(|_error| opened.identity.set_scim(before.map(|before| (*before).clone())))
}

fn external(who: &JwtSubject) -> External {
    External { issuer: who.issuer.clone(), subject: who.subject.clone() }
}
