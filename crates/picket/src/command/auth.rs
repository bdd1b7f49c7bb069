//! Who am I, and where? Tokens, passwords, second factors.

mod sso;

use super::Context;
use crate::args::{AuthCommand, PasswordArgs, TotpCommand};
use crate::client::Client;
use crate::failure::{Failure, Kind};
use crate::output::{self, Format};
use crate::profile;
use picket_api_types::{
    ChangePassword, ConfirmRequest, CreatedToken, LoginRequest, Renewed, SetupRequest, SignedIn, TotpBegun, TotpCode,
};
use serde_json::Value;
use std::io::IsTerminal as _;
use std::path::Path;

pub(super) fn run(command: AuthCommand, context: &Context) -> Result<(), Failure> {
    match command {
        AuthCommand::Login { sso: true, .. } => sso::sign_in(context),
        AuthCommand::Login { setup: false, name: Some(name), password, .. } => sign_in(context, name, &password),
        AuthCommand::Login { setup, name, .. } => with_token(context, setup, name),
        AuthCommand::Logout => {
            context.client()?.end("/v1/auth/logout")?;
            context.note(if profile::forget()? {
                "the session has ended"
            } else {
                "the session has ended; its token stands elsewhere than in the file that `auth login` writes"
            });
            Ok(())
        }
        AuthCommand::Status { show } => {
            let who: Value = context.client()?.get("/v1/whoami", &[])?;
            context.object(&who, &["name", "role"], &show)
        }
        AuthCommand::Password { name, password, new_password_file } => {
            let old = secret(password.password_file.as_deref(), "Present password: ")?;
            let new = new_password(new_password_file.as_deref())?;
            set_password(context, &name, (&old, &new), password.code)
        }
        AuthCommand::Confirm { password } => {
            let client = context.client()?;
            let shown = secret(password.password_file.as_deref(), "Password: ")?;
            let renewed: Renewed = with_code(password.code, |code| {
                client.post("/v1/auth/confirm", &ConfirmRequest { password: shown.clone(), code })
            })?;
            keep(context, &client, renewed.session.as_deref())
        }
        AuthCommand::Totp(command) => totp(command, context),
    }
}

/// Stores a token that somebody has, or the one that a set-up token is traded for.
fn with_token(context: &Context, setup: bool, name: Option<String>) -> Result<(), Failure> {
    let given = context.token_file.as_deref().map(profile::read_token).transpose()?;
    let token = match given.or_else(|| profile::variable("PICKET_TOKEN")) {
        Some(token) => token,
        None => {
            context.note("Paste the token, then press Enter:");
            profile::read_token(Path::new("-"))?
        }
    };
    let client = Client::new(context.profile(None)?.with_token(token), context.verbose)?;
    let token = if setup {
        let name = name.unwrap_or_else(|| "owner".to_owned());
        let created: CreatedToken = client.post("/v1/setup", &SetupRequest { name })?;
        created.token
    } else {
        let _who: Value = client.get("/v1/whoami", &[])?;
        client.token()?.to_owned()
    };
    keep(context, &client, Some(&token))
}

/// Signs in with a password, and stores the session.
fn sign_in(context: &Context, name: String, args: &PasswordArgs) -> Result<(), Failure> {
    let client = Client::new(context.profile(None)?, context.verbose)?;
    let mut password = secret(args.password_file.as_deref(), "Password: ")?;
    let ask = |password: &str, code: Option<String>| -> Result<SignedIn, Failure> {
        let wanted = LoginRequest { name: name.clone(), password: password.to_owned(), code, cookie: false };
        client.post_open("/v1/auth/login", &wanted)
    };
    let signed_in = match with_code(args.code.clone(), |code| ask(&password, code)) {
        Err(failure) if failure.is("password_change_needed") && std::io::stdin().is_terminal() => {
            context.note("This password was chosen by somebody else; set one of your own.");
            let new = new_password(None)?;
            set_password(context, &name, (&password, &new), None)?;
            password = new;
            with_code(None, |code| ask(&password, code))?
        }
        other => other?,
    };
    if signed_in.second_factor_needed {
        context.note("Your roles need a second factor before they count: `picket auth totp begin` sets one up.");
    }
    keep(context, &client, signed_in.session.as_deref())
}

fn set_password(context: &Context, name: &str, (old, new): (&str, &str), code: Option<String>) -> Result<(), Failure> {
    let client = Client::new(context.profile(None)?, context.verbose)?;
    let _done: Value = with_code(code, |code| {
        let (name, password, new_password) = (name.to_owned(), old.to_owned(), new.to_owned());
        client.post_open("/v1/auth/password", &ChangePassword { name, password, code, new_password })
    })?;
    context.note("the password is changed; every session has ended");
    Ok(())
}

fn totp(command: TotpCommand, context: &Context) -> Result<(), Failure> {
    let client = context.client()?;
    match command {
        TotpCommand::Begin { show } => {
            let begun: TotpBegun = client.post("/v1/auth/totp", &Value::Null)?;
            context.note("Put this into an authenticator, and show its first code: picket auth totp confirm CODE");
            context.object(&begun, &["secret", "uri"], &show)
        }
        TotpCommand::Confirm { code, show } => {
            let renewed: Renewed = client.post("/v1/auth/totp/confirm", &TotpCode { code })?;
            keep(context, &client, renewed.session.as_deref())?;
            context.note("These codes are for when the device is lost. Each is good once, and this is the only time that they are shown.");
            match show.format.format {
                Format::Table => context.deliver(&format!("{}\n", renewed.recovery_codes.join("\n")), None, &show),
                _ => context.object(&serde_json::json!({"recovery_codes": renewed.recovery_codes}), &[], &show),
            }
        }
        TotpCommand::End { yes } => {
            context.confirm(&yes, "Sign in without a code from now on? Every session ends.")?;
            client.end_at("/v1/auth/totp")?;
            context.note("the second factor has ended, and every session with it");
            Ok(())
        }
    }
}

/// Stores what the server gave.
fn keep(context: &Context, client: &Client, token: Option<&str>) -> Result<(), Failure> {
    let token = token.ok_or_else(|| Failure::general("the server gave no session"))?;
    let path = profile::store(client.url(), token, client.ca())?;
    context.note(&format!("stored in {}", path.display()));
    Ok(())
}

/// Asks for the code of the second factor where the server wants one and somebody is there to be asked.
fn with_code<T>(given: Option<String>, ask: impl Fn(Option<String>) -> Result<T, Failure>) -> Result<T, Failure> {
    let is_given = given.is_some();
    match ask(given) {
        Err(failure) if failure.is("code_needed") && !is_given && std::io::stdin().is_terminal() => {
            ask(Some(output::hidden("Code of the second factor, or a recovery code: ")?.trim().to_owned()))
        }
        other => other,
    }
}

/// A password from the first line of a file, or typed without being shown.
fn secret(file: Option<&Path>, question: &str) -> Result<String, Failure> {
    if let Some(file) = file {
        return profile::read_line(file);
    }
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage("nobody can be asked for a password here; --password-file names a file with it"));
    }
    output::hidden(question)
}

fn new_password(file: Option<&Path>) -> Result<String, Failure> {
    if file.is_some() {
        return secret(file, "");
    }
    let new = secret(None, "New password: ")?;
    if secret(None, "The same again: ")? == new {
        Ok(new)
    } else {
        Err(Failure::new(Kind::Usage, "the two are different; nothing was changed"))
    }
}
