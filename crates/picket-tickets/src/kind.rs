//! Where tickets are opened: one file for each kind, one line of the enum, one arm of each match.

pub(crate) mod email;
mod jira;
mod jsm_operations;
mod listed;
mod pager_duty;
mod service_now;
mod slack;
mod teams;

use crate::exchange::{Done, Failed, Look, Outlet};
use crate::notice::{Act, Notice};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use zeroize::Zeroizing;

/// A place for tickets without its credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// PagerDuty, Events API v2.
    PagerDuty(pager_duty::Settings),
    /// Jira Cloud, REST API v3.
    Jira(jira::Settings),
    /// ServiceNow, Table API.
    ServiceNow(service_now::Settings),
    /// Operations of Jira Service Management, and Opsgenie, whose shape they have.
    JsmOperations(jsm_operations::Settings),
    /// An incoming webhook of Slack.
    Slack(slack::Settings),
    /// A workflow of Microsoft Teams.
    Teams(teams::Settings),
    /// Mail.
    Email(email::Settings),
}

/// A secret that a kind takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecretField {
    /// Its name.
    pub name: &'static str,
    /// Whether nothing can be done without it.
    pub is_required: bool,
}

/// What is wrong with settings or credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Problem(pub String);

/// Credentials by name, erased from memory when dropped, never shown.
#[derive(Clone, Default)]
pub struct Credentials(BTreeMap<String, Zeroizing<String>>);

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Credentials {
    /// These.
    pub fn new(values: impl IntoIterator<Item = (String, Zeroizing<String>)>) -> Self {
        Self(values.into_iter().collect())
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.as_str())
    }

    /// Each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Zeroizing<String>)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// One that is there, since it was asked for when the place was made.
    pub(crate) fn required(&self, name: &str) -> &str {
        self.get(name).unwrap_or_default()
    }
}

impl Kind {
    /// The words of all kinds.
    pub const NAMES: &[&str] = &["pagerduty", "jira", "servicenow", "jsm_operations", "slack", "teams", "email"];

    /// Reads settings of a kind.
    pub fn parse(name: &str, settings: &Value) -> Result<Self, Problem> {
        let kind = match name {
            "pagerduty" => Self::PagerDuty(read(settings)?),
            "jira" => Self::Jira(read(settings)?),
            "servicenow" => Self::ServiceNow(read(settings)?),
            "jsm_operations" => Self::JsmOperations(read(settings)?),
            "slack" => Self::Slack(read(settings)?),
            "teams" => Self::Teams(read(settings)?),
            "email" => Self::Email(read(settings)?),
            _ => return Err(Problem(format!("`kind` is one of {}", Self::NAMES.join(", ")))),
        };
        kind.check()?;
        Ok(kind)
    }

    /// Its word.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::PagerDuty(_) => "pagerduty",
            Self::Jira(_) => "jira",
            Self::ServiceNow(_) => "servicenow",
            Self::JsmOperations(_) => "jsm_operations",
            Self::Slack(_) => "slack",
            Self::Teams(_) => "teams",
            Self::Email(_) => "email",
        }
    }

    fn check(&self) -> Result<(), Problem> {
        match self {
            Self::PagerDuty(settings) => settings.check(),
            Self::Jira(settings) => settings.check(),
            Self::ServiceNow(settings) => settings.check(),
            Self::JsmOperations(settings) => settings.check(),
            Self::Slack(settings) => settings.check(),
            Self::Teams(settings) => settings.check(),
            Self::Email(settings) => settings.check(),
        }
    }

    /// The secrets that it takes.
    pub const fn secrets(&self) -> &'static [SecretField] {
        match self {
            Self::PagerDuty(_) => pager_duty::SECRETS,
            Self::Jira(_) => jira::SECRETS,
            Self::ServiceNow(_) => service_now::SECRETS,
            Self::JsmOperations(_) => jsm_operations::SECRETS,
            Self::Slack(_) => slack::SECRETS,
            Self::Teams(_) => teams::SECRETS,
            Self::Email(_) => email::SECRETS,
        }
    }

    /// The host that its credentials are for: another one needs them entered anew.
    pub fn host(&self) -> String {
        match self {
            Self::PagerDuty(settings) => host_of(settings.url()),
            Self::Jira(settings) => host_of(&settings.url),
            Self::ServiceNow(settings) => host_of(&settings.url),
            Self::JsmOperations(settings) => host_of(settings.url()),
            Self::Slack(settings) => settings.host().to_owned(),
            Self::Teams(settings) => settings.host.clone(),
            Self::Email(settings) => settings.host.clone(),
        }
    }

    /// What it is told when nobody says: what a place is usually for.
    pub const fn usually_takes(&self) -> &'static [&'static str] {
        match self {
            Self::PagerDuty(_) | Self::JsmOperations(_) => &["incident"],
            Self::Jira(_) | Self::ServiceNow(_) => &["ticket", "incident"],
            Self::Slack(_) | Self::Teams(_) | Self::Email(_) => &["alert", "ticket", "incident"],
        }
    }

    /// Whether credentials fit: none that is not known, all that are needed, and URLs that lead where they should.
    pub fn check_credentials(&self, credentials: &Credentials) -> Result<(), Problem> {
        let names = || self.secrets().iter().map(|secret| secret.name).collect::<Vec<_>>().join(", ");
        for (name, value) in credentials.iter() {
            if !self.secrets().iter().any(|secret| secret.name == name) {
                return Err(Problem(format!("{} has no credential `{name}`; it takes {}", self.name(), names())));
            }
            let fits = (1..=4_096).contains(&value.len()) && value.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            if !fits {
                return Err(Problem(format!("the credential `{name}` is 1 to 4096 printable ASCII characters")));
            }
        }
        let missing = self.secrets().iter().find(|one| one.is_required && credentials.get(one.name).is_none());
        if let Some(missing) = missing {
            return Err(Problem(format!("{} needs the credential `{}`", self.name(), missing.name)));
        }
        match self {
            Self::PagerDuty(_) => pager_duty::check_credentials(credentials),
            Self::ServiceNow(settings) => settings.check_credentials(credentials),
            Self::Slack(settings) => check_url(credentials.required("url"), settings.host()),
            Self::Teams(settings) => check_url(credentials.required("url"), &settings.host),
            Self::Email(settings) => settings.check_credentials(credentials),
            Self::Jira(_) | Self::JsmOperations(_) => Ok(()),
        }
    }

    /// Does one thing with the ticket about something; what the ticket is then. The same may be wanted again and again.
    pub async fn carry_out(&self, credentials: &Credentials, act: Act, notice: &Notice, outlet: &impl Outlet) -> Done {
        match self {
            Self::PagerDuty(settings) => settings.carry_out(credentials, act, notice, outlet).await,
            Self::Jira(settings) => settings.carry_out(credentials, act, notice, outlet).await,
            Self::ServiceNow(settings) => settings.carry_out(credentials, act, notice, outlet).await,
            Self::JsmOperations(settings) => settings.carry_out(credentials, act, notice, outlet).await,
            Self::Slack(settings) => settings.carry_out(credentials, act, notice, outlet).await,
            Self::Teams(settings) => settings.carry_out(credentials, act, notice, outlet).await,
            Self::Email(settings) => settings.carry_out(credentials, act, notice, outlet).await,
        }
    }

    /// Whether its system says where tickets stand.
    pub fn tells(&self) -> bool {
        match self {
            Self::Jira(_) | Self::ServiceNow(_) => true,
            Self::JsmOperations(settings) => settings.tells(),
            Self::PagerDuty(_) | Self::Slack(_) | Self::Teams(_) | Self::Email(_) => false,
        }
    }

    /// Asks where the ticket of a key stands.
    pub async fn look(&self, credentials: &Credentials, key: &str, outlet: &impl Outlet) -> Result<Look, Failed> {
        match self {
            Self::Jira(settings) => settings.look(credentials, key, outlet).await,
            Self::ServiceNow(settings) => settings.look(credentials, key, outlet).await,
            Self::JsmOperations(settings) if settings.tells() => settings.look(credentials, key, outlet).await,
            Self::JsmOperations(_) | Self::PagerDuty(_) | Self::Slack(_) | Self::Teams(_) | Self::Email(_) => {
                Ok(Look::Mute)
            }
        }
    }
}

fn read<T: DeserializeOwned>(settings: &Value) -> Result<T, Problem> {
    serde_json::from_value(settings.clone())
        .map_err(|error| Problem(format!("`settings`: {}", picket_stdx::mistake(&error.to_string()))))
}

/// A base URL: `https`, or `http` where an operator allows the network, without user, query and fragment.
pub(crate) fn check_base(name: &str, url: &str) -> Result<(), Problem> {
    let fits = url.len() <= 512
        && picket_egress::origin(url).is_some()
        && !url.contains(['?', '#', '@', '\\'])
        && url.bytes().all(|byte| byte.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    Err(Problem(format!("`{name}` is a URL such as https://example.com, without query and user")))
}

/// A URL that is a secret: what is wrong with it is said without it.
fn check_url(url: &str, host: &str) -> Result<(), Problem> {
    let is_url = url.len() <= 2_048 && picket_egress::origin(url).is_some() && !url.contains(['#', '\\']);
    if !is_url {
        return Err(Problem("the credential `url` is no https URL".to_owned()));
    }
    let (wanted, given) = (host.to_ascii_lowercase(), host_of(url));
    let ((name, port), (given_name, given_port)) = (apart(&wanted), apart(&given));
    let usual = if url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https:")) { 443 } else { 80 };
    if name != given_name {
        return Err(Problem(format!("the credential `url` does not lead to {host}, which `settings` name")));
    }
    if port.unwrap_or(usual) != given_port.unwrap_or(usual) {
        let right = given_port.unwrap_or(usual);
        let text =
            format!("the credential `url` leads to port {right} of {name}: the port belongs to `host`, {name}:{right}");
        return Err(Problem(text));
    }
    Ok(())
}

/// A host, and the port behind it.
fn apart(host: &str) -> (&str, Option<u16>) {
    match host.rsplit_once(':') {
        // An address of IPv6 has colons of its own, and brackets around it.
        Some((name, port)) if !port.ends_with(']') => port.parse().map_or((host, None), |port| (name, Some(port))),
        _ => (host, None),
    }
}

/// Host and port of a URL.
pub(crate) fn host_of(url: &str) -> String {
    let origin = picket_egress::origin(url).unwrap_or_default();
    origin.split_once("://").map_or(String::new(), |(_, host)| host.to_owned())
}

/// A word that systems of others take as it stands.
pub(crate) fn is_word(text: &str, chars_max: usize) -> bool {
    let length = text.chars().count();
    (1..=chars_max).contains(&length) && !text.chars().any(char::is_control)
}

/// A message of at most so many bytes: what is longest in it has `chars_max` characters, or half of them until it fits.
pub(crate) fn fitting(bytes_max: usize, chars_max: usize, message: impl Fn(usize) -> Value) -> Value {
    let mut chars = chars_max;
    loop {
        let message = message(chars);
        if message.to_string().len() <= bytes_max || chars <= 1 {
            return message;
        }
        chars /= 2;
    }
}

#[cfg(test)]
mod tests;
