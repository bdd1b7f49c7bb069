//! Users.

use super::{Context, each};
use crate::args::UsersCommand;
use crate::client::segment;
use crate::failure::Failure;
use crate::output::{Columns, Format};
use picket_api_types::{ChangeUser, CreateUser, CreatedUser, NewPassword};
use serde::Serialize;
use serde_json::Value;
use std::process::ExitCode;

const COLUMNS: Columns<'_> =
    &["id", "name", "full_name", "email", "roles", "teams", "state", "has_totp", "last_login_at"];

pub(super) fn run(command: UsersCommand, context: &Context) -> Result<ExitCode, Failure> {
    let client = context.client()?;
    let at = |user: &str| format!("/v1/users/{}", segment(user));
    let change = |user: &str, change: &ChangeUser| -> Result<Value, Failure> { client.patch(&at(user), change) };
    let to_state = |state: &str| ChangeUser { state: Some(state.to_owned()), ..ChangeUser::default() };
    match command {
        UsersCommand::Create { name, roles, teams, full_name, email, password, show } => {
            let wanted = CreateUser { name, full_name, email, roles, teams, password };
            let created: CreatedUser = client.post("/v1/users", &wanted)?;
            shown_once(context, created.password.as_deref(), &created, &created.user, &show)?;
        }
        UsersCommand::List { show } => {
            let rows: Vec<Value> = client.get("/v1/users", &[])?;
            context.list(&rows, COLUMNS, &show)?;
        }
        UsersCommand::Get { user, show } => {
            context.object(&client.get::<Value>(&at(&user), &[])?, COLUMNS, &show)?;
        }
        UsersCommand::Roles { user, roles, show } => {
            let changed = change(&user, &ChangeUser { roles: Some(roles), ..ChangeUser::default() })?;
            context.object(&changed, COLUMNS, &show)?;
        }
        UsersCommand::Set { user, full_name, email, show } => {
            let changed = change(&user, &ChangeUser { full_name, email, ..ChangeUser::default() })?;
            context.object(&changed, COLUMNS, &show)?;
        }
        UsersCommand::Suspend { users, yes, show } => {
            let question = format!("Suspend {}? Their sessions and tokens end at once.", users.join(", "));
            context.confirm(&yes, &question)?;
            let (rows, code) = each(&users, context, |user| change(user, &to_state("suspended")))?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
        UsersCommand::Resume { users, show } => {
            let (rows, code) = each(&users, context, |user| change(user, &to_state("active")))?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
        UsersCommand::Delete { users, yes, show } => {
            context.confirm(&yes, &format!("Delete {}? It cannot be undone.", users.join(", ")))?;
            let (rows, code) = each(&users, context, |user| client.delete(&at(user)))?;
            context.list(&rows, COLUMNS, &show)?;
            return Ok(code);
        }
        UsersCommand::ResetPassword { user, show } => {
            let reset: NewPassword = client.post(&format!("{}/password", at(&user)), &Value::Null)?;
            shown_once(context, Some(&reset.password), &reset, &reset.user, &show)?;
        }
        UsersCommand::ResetTotp { user, yes, show } => {
            context.confirm(&yes, &format!("End the second factor of {user}, and all sessions?"))?;
            context.object(&client.delete::<Value>(&format!("{}/totp", at(&user)))?, COLUMNS, &show)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// A password alone where people read, everything where programs do.
fn shown_once(
    context: &Context,
    password: Option<&str>,
    whole: &impl Serialize,
    user: &impl Serialize,
    show: &crate::args::ShowArgs,
) -> Result<(), Failure> {
    let Some(password) = password else { return context.object(user, COLUMNS, show) };
    context.note("This is the only time that the password is shown. It has to be changed within three days.");
    match show.format.format {
        Format::Table => context.deliver(&format!("{password}\n"), None, show),
        _ => context.object(whole, &[], show),
    }
}
