//! Users, teams and sessions.

pub(super) mod examples;

use super::{EndArgs, ShowArgs, YesArgs};
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum UsersCommand {
    /// Make a user; with --password his first password is printed once.
    #[command(after_help = examples::USERS_CREATE)]
    Create {
        /// What he signs in with: letters, digits and . _ - + @.
        name: String,
        /// owner, admin, policy-editor, policy-approver, responder, auditor, dpo, viewer or service; several separated by
        /// commas.
        #[arg(long = "role", required = true, value_delimiter = ',')]
        roles: Vec<String>,
        /// Teams, separated by commas.
        #[arg(long = "team", value_delimiter = ',')]
        teams: Vec<String>,
        /// What he is called.
        #[arg(long)]
        full_name: Option<String>,
        /// Where mail reaches him.
        #[arg(long)]
        email: Option<String>,
        /// Make a first password, which he has to change within three days.
        #[arg(long)]
        password: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All users.
    #[command(after_help = examples::USERS_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// One user.
    #[command(after_help = examples::USERS_GET)]
    Get {
        /// Name or id.
        user: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Change what a user is responsible for; he has to sign in again.
    #[command(after_help = examples::USERS_ROLES)]
    Roles {
        /// Name or id.
        user: String,
        /// His roles from now on.
        #[arg(required = true, value_delimiter = ',')]
        roles: Vec<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Change how a user is called and reached.
    #[command(after_help = examples::USERS_SET)]
    Set {
        /// Name or id.
        user: String,
        /// What he is called; an empty text is nothing.
        #[arg(long)]
        full_name: Option<String>,
        /// Where mail reaches him; an empty text is nowhere.
        #[arg(long)]
        email: Option<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Let users in no longer; their sessions, and what they made for themselves, end at once.
    #[command(after_help = examples::USERS_SUSPEND)]
    Suspend {
        /// Names or ids.
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Let users in again.
    #[command(after_help = examples::USERS_RESUME)]
    Resume {
        /// Names or ids.
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Remove users. What they did stays in the log, under ids without meaning.
    #[command(after_help = examples::USERS_DELETE)]
    Delete {
        /// Names or ids.
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Give a user a password that he has to change; it is printed once.
    #[command(after_help = examples::USERS_RESET_PASSWORD)]
    ResetPassword {
        /// Name or id.
        user: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// End a user's second factor, such as when his device is lost.
    #[command(after_help = examples::USERS_RESET_TOTP)]
    ResetTotp {
        /// Name or id.
        user: String,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum TeamsCommand {
    /// Make a team.
    #[command(after_help = examples::TEAMS_CREATE)]
    Create {
        /// Its name.
        name: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// All teams, with their members.
    #[command(after_help = examples::TEAMS_LIST)]
    List {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Put users into a team.
    #[command(after_help = examples::TEAMS_ADD)]
    Add {
        /// Name or id of the team.
        team: String,
        /// Names or ids.
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Take users out of a team.
    #[command(after_help = examples::TEAMS_REMOVE)]
    Remove {
        /// Name or id of the team.
        team: String,
        /// Names or ids.
        #[arg(required = true, value_name = "USER")]
        users: Vec<String>,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Remove a team; its members stay.
    #[command(after_help = examples::TEAMS_DELETE)]
    Delete {
        /// Name or id.
        team: String,
        #[command(flatten)]
        yes: YesArgs,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SubjectsCommand {
    /// Erase what is kept of a person: his name, prompts and answers, documents of the index and files of exports. It cannot
    /// be undone; the log still verifies.
    #[command(after_help = examples::SUBJECTS)]
    Erase {
        /// What he is called in events.
        user: String,
        /// Why, such as the number of his request; it is recorded, so leave his name out.
        #[arg(long)]
        reason: String,
        /// What he is called, once more.
        #[arg(long, value_name = "NAME")]
        confirm: String,
        #[command(flatten)]
        show: ShowArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum SessionsCommand {
    /// Your sessions; with --user or --all those of others.
    #[command(after_help = examples::SESSIONS_LIST)]
    List {
        /// Name or id of a user.
        #[arg(long)]
        user: Option<String>,
        /// Everybody's.
        #[arg(long, conflicts_with = "user")]
        all: bool,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// End sessions.
    #[command(after_help = examples::SESSIONS_END)]
    End(EndArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuthCommand {
    /// Store a server and a token; the token comes from --token-file, PICKET_TOKEN or standard input. With --name, sign in
    /// with a password instead; with --sso, through the identity provider.
    #[command(after_help = examples::AUTH_LOGIN)]
    Login {
        /// Trade a set-up token for the first owner's token.
        #[arg(long)]
        setup: bool,
        /// Who signs in; with --setup the name of the owner's token.
        #[arg(long)]
        name: Option<String>,
        /// Sign in through the identity provider, in a browser on this machine.
        #[arg(long, conflicts_with_all = ["setup", "name"])]
        sso: bool,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// End the session, here and on the server.
    #[command(after_help = examples::AUTH_LOGOUT)]
    Logout,
    /// Who am I?
    #[command(after_help = examples::AUTH_STATUS)]
    Status {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Set another password; every session ends.
    #[command(after_help = examples::AUTH_PASSWORD)]
    Password {
        /// Whose it is.
        #[arg(long)]
        name: String,
        #[command(flatten)]
        password: PasswordArgs,
        /// File with the new one in its first line; else it is asked for.
        #[arg(long, value_name = "FILE")]
        new_password_file: Option<PathBuf>,
    },
    /// Show once more who you are: some things need that to be less than five minutes ago.
    #[command(after_help = examples::AUTH_CONFIRM)]
    Confirm {
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// The second factor: codes of an authenticator.
    #[command(subcommand, after_help = examples::AUTH_TOTP)]
    Totp(TotpCommand),
}

/// What is shown for a name.
#[derive(Debug, clap::Args)]
pub(crate) struct PasswordArgs {
    /// File with the password in its first line, `-` for standard input; else it is asked for.
    #[arg(long, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// Six digits of the authenticator; else they are asked for where they are needed.
    #[arg(long)]
    pub(crate) code: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TotpCommand {
    /// Make a secret for an authenticator; it counts once a code of it was shown.
    #[command(after_help = examples::AUTH_TOTP_BEGIN)]
    Begin {
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Show the first code; recovery codes are printed once.
    #[command(after_help = examples::AUTH_TOTP_CONFIRM)]
    Confirm {
        /// Six digits.
        code: String,
        #[command(flatten)]
        show: ShowArgs,
    },
    /// Sign in without a code from now on.
    #[command(after_help = examples::AUTH_TOTP_END)]
    End {
        #[command(flatten)]
        yes: YesArgs,
    },
}
