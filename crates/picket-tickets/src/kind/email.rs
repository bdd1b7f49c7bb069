//! Mail: a message for each act, in one thread, of text and HTML, marked as sent by a machine.

use super::{Credentials, Problem, SecretField, listed};
use crate::exchange::{Done, Failed, Mail, Outlet, Remote, Then};
use crate::notice::{Act, Notice};
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Mailboxes, MultiPart};
use lettre::{Address, Message};
use serde::{Deserialize, Deserializer, Serialize};
use std::error::Error;
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};
use zeroize::Zeroizing;

pub(super) const SECRETS: &[SecretField] = &[SecretField { name: "password", is_required: false }];
/// Who gets a mail.
const RECIPIENTS_MAX: usize = 20;
/// Characters of a subject and of the text.
const SUBJECT_CHARS_MAX: usize = 200;
const TEXT_CHARS_MAX: usize = 20_000;

/// How the connection to the server is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// It begins in the clear, and goes on in TLS or not at all.
    #[default]
    StartTls,
    /// TLS from the first byte on.
    Tls,
    /// None, for a relay on a network of one's own; never with a password.
    None,
}

/// Settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The server that takes mails.
    pub(super) host: String,
    /// Its port; 587, or 465 with `security: tls`, 25 with `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    security: Security,
    /// Who signs in, with a `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    user: Option<String>,
    /// Who sends: an address, perhaps with a name.
    from: String,
    /// Who gets it: a list, or a text with commas between the addresses.
    #[serde(deserialize_with = "recipients")]
    to: Vec<String>,
}

/// Recipients as a list, or as one text of them as it stands in a mail.
fn recipients<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let expected = "`to` as a list of mail addresses or a text with commas between them";
    // A name in quotes may hold a comma; what is no list of addresses is refused with the one that is none.
    listed::read(deserializer, expected, |text| match text.parse::<Mailboxes>() {
        Ok(all) => all.iter().map(ToString::to_string).collect(),
        Err(_none) => listed::between_commas(text),
    })
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), Problem> {
        super::teams::check_host(&self.host)?;
        if self.host.contains(':') && !self.host.starts_with('[') {
            return Err(Problem("`host` is a name; the port stands in `port`".to_owned()));
        }
        if self.port == Some(0) {
            return Err(Problem("`port` is 1 to 65535".to_owned()));
        }
        mailbox("from", &self.from)?;
        if !(1..=RECIPIENTS_MAX).contains(&self.to.len()) {
            return Err(Problem(format!("`to` is 1 to {RECIPIENTS_MAX} mail addresses")));
        }
        self.to.iter().try_for_each(|one| mailbox("to", one).map(drop))?;
        if self.user.as_ref().is_some_and(|user| !super::is_word(user, 255)) {
            return Err(Problem("`user` has 1 to 255 characters".to_owned()));
        }
        Ok(())
    }

    pub(super) fn check_credentials(&self, credentials: &Credentials) -> Result<(), Problem> {
        if credentials.get("password").is_some() != self.user.is_some() {
            return Err(Problem("`user` and the credential `password` go together".to_owned()));
        }
        if self.user.is_some() && self.security == Security::None {
            return Err(Problem("a password is sent over TLS only: `security` is starttls or tls".to_owned()));
        }
        Ok(())
    }

    pub(super) async fn carry_out(
        &self,
        credentials: &Credentials,
        act: Act,
        notice: &Notice,
        outlet: &impl Outlet,
    ) -> Done {
        let mail = self.mail(credentials, act, notice).map_err(|problem| Failed::new(Then::Settings, problem.0))?;
        outlet.mail(&mail).await?;
        Ok(Remote { id: Some(thread(notice, &self.domain()?)), ..Remote::default() })
    }

    fn domain(&self) -> Result<String, Failed> {
        let from = mailbox("from", &self.from).map_err(|problem| Failed::new(Then::Settings, problem.0))?;
        Ok(from.email.domain().to_owned())
    }

    fn mail(&self, credentials: &Credentials, act: Act, notice: &Notice) -> Result<Mail, Problem> {
        let from = mailbox("from", &self.from)?;
        let (thread, domain) = (thread(notice, from.email.domain()), from.email.domain().to_owned());
        let mut message = Message::builder()
            .from(from)
            .subject(subject(notice))
            .date(SystemTime::UNIX_EPOCH + Duration::from_micros(u64::try_from(notice.at.as_micros()).unwrap_or(0)))
            .header(AutoSubmitted);
        for one in &self.to {
            message = message.to(mailbox("to", one)?);
        }
        message = if act == Act::Open {
            message.message_id(Some(thread))
        } else {
            let own = format!("<{}.{}@{domain}>", notice.key(), notice.number);
            message.message_id(Some(own)).in_reply_to(thread.clone()).references(thread)
        };
        let said = if act == Act::Open { String::new() } else { format!("{} {}.\n\n", notice.noun, act.past()) };
        let text = format!("{said}{}\n", notice.text(TEXT_CHARS_MAX));
        let body = MultiPart::alternative_plain_html(text, html(act, notice));
        let message =
            message.multipart(body).map_err(|error| Problem(format!("the mail cannot be written: {error}")))?;
        let password = credentials.get("password").map(|password| Zeroizing::new(password.to_owned()));
        Ok(Mail {
            host: self.host.clone(),
            port: self.port.unwrap_or(match self.security {
                Security::StartTls => 587,
                Security::Tls => 465,
                Security::None => 25,
            }),
            security: self.security,
            envelope: message.envelope().clone(),
            bytes: message.formatted(),
            login: self.user.clone().zip(password),
        })
    }
}

fn mailbox(name: &str, text: &str) -> Result<Mailbox, Problem> {
    let refused = || Problem(format!("`{name}` is a mail address such as soc@example.com, or Name <soc@example.com>"));
    let parsed: Mailbox = text.parse().map_err(|_error| refused())?;
    let is_ascii = |address: &Address| address.to_string().is_ascii();
    let is_name = parsed.name.as_deref().is_none_or(|name| super::is_word(name, 100));
    if is_name && is_ascii(&parsed.email) && text.len() <= 320 { Ok(parsed) } else { Err(refused()) }
}

/// The id of the first message, which the others refer to.
fn thread(notice: &Notice, domain: &str) -> String {
    format!("<{}@{domain}>", notice.key())
}

/// The same in all messages of a thread, so that mail programs keep them together.
fn subject(notice: &Notice) -> String {
    notice.headline(SUBJECT_CHARS_MAX)
}

fn html(act: Act, notice: &Notice) -> String {
    let mut page = String::from("<!doctype html><html><body>");
    let mut line = |text: std::fmt::Arguments<'_>| page.write_fmt(text).unwrap_or_default();
    if act != Act::Open {
        line(format_args!("<p>{} {}.</p>", notice.noun, act.past()));
    }
    line(format_args!("<p>{}</p><table>", escaped(&crate::notice::plain(&notice.reason))));
    for (name, value) in notice.table() {
        line(format_args!("<tr><th align=\"left\">{name}</th><td>{}</td></tr>", escaped(&value)));
    }
    line(format_args!("</table>"));
    if let Some(link) = &notice.link {
        line(format_args!("<p><a href=\"{}\">Open the {}</a></p>", escaped(link), notice.noun.to_lowercase()));
    }
    page.push_str("</body></html>");
    page
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}

/// Keeps machines from answering.
#[derive(Debug, Clone, Copy)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_value: &str) -> Result<Self, Box<dyn Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
