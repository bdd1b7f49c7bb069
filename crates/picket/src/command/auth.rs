//! Who am I, and where?

use super::Context;
use crate::args::AuthCommand;
use crate::client::Client;
use crate::failure::Failure;
use crate::profile;
use picket_api_types::{CreatedToken, SetupRequest};
use serde_json::Value;
use std::path::Path;

pub(super) fn run(command: AuthCommand, context: &Context) -> Result<(), Failure> {
    match command {
        AuthCommand::Login { setup, name } => {
            let given = context.token_file.as_deref().map(profile::read_token).transpose()?;
            let token = match given.or_else(|| profile::variable("PICKET_TOKEN")) {
                Some(token) => token,
                None => {
                    context.note("Paste the token, then press Enter:");
                    profile::read_token(Path::new("-"))?
                }
            };
            let profile = context.profile(None)?.with_token(token);
            let (url, ca) = (profile.url.clone(), profile.ca.clone());
            let client = Client::new(profile, context.verbose)?;
            let token = if setup {
                let created: CreatedToken = client.post("/v1/setup", &SetupRequest { name })?;
                created.token
            } else {
                let _who: Value = client.get("/v1/whoami", &[])?;
                client.token()?.to_owned()
            };
            let path = profile::store(&url, &token, ca.as_deref())?;
            context.note(&format!("stored in {}", path.display()));
            Ok(())
        }
        AuthCommand::Status { show } => {
            let who: Value = context.client()?.get("/v1/whoami", &[])?;
            context.object(&who, &["name", "role"], &show)
        }
    }
}
