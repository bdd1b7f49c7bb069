//! Those whom an identity provider vouches for, as the gateway asks about them.

use picket_gateway::{JwtSubject, People, Standing};
use picket_identity::{CallerStanding, External, Identity};

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

fn external(who: &JwtSubject) -> External {
    External { issuer: who.issuer.clone(), subject: who.subject.clone() }
}
