//! Jira Cloud, REST API v3: an issue for each thing, found again by its label.
//!
//! Creating is not idempotent there, so that no issue is created before its label was looked for, and one whose creation
//! was not answered is looked for again only when the index had time to take it.

mod adf;

use super::{Credentials, Problem, SecretField, check_base};
use crate::exchange::{
    Done, Failed, Look, Outlet, Remote, Then, as_failed, authorize, bare, document, failed, json, text,
};
use crate::notice::{Act, Notice};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use picket_egress::Called;
use picket_event::Severity;
use picket_store::tickets::State;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json as value};
use std::collections::BTreeMap;
use std::time::Duration;

pub(super) const SECRETS: &[SecretField] = &[SecretField { name: "api_token", is_required: true }];
/// Characters of a summary.
const SUMMARY_CHARS_MAX: usize = 255;
/// Characters of a text that a description or comment holds.
const TEXT_CHARS_MAX: usize = 30_000;
/// What every issue is found by together.
const LABEL: &str = "picket";
/// How long the index of issues may need for a new one.
const INDEXED_AFTER: Duration = Duration::from_secs(60);
/// Fields of the operator's own.
const FIELDS_MAX: usize = 20;

/// Settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The site, such as `https://example.atlassian.net`.
    pub(super) url: String,
    /// The mail address that the token is of.
    email: String,
    /// Key of the project, such as `SEC`.
    project: String,
    /// Name of the type of issues.
    #[serde(default = "task")]
    issue_type: String,
    /// Names of priorities by severity; a severity without one gets none.
    #[serde(default = "usual_priorities")]
    priorities: BTreeMap<Severity, String>,
    /// Name of the transition that means that somebody works on it; the first into "in progress" without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    acknowledge: Option<String>,
    /// Name of the transition that means that it is done; the first into "done" without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolve: Option<String>,
    /// Further fields of a new issue, as Jira takes them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    fields: BTreeMap<String, Value>,
}

fn task() -> String {
    "Task".to_owned()
}

fn usual_priorities() -> BTreeMap<Severity, String> {
    let names = ["Lowest", "Low", "Medium", "High", "Highest"];
    Severity::ALL.iter().copied().zip(names.map(str::to_owned)).collect()
}

/// An issue that is there.
struct Issue {
    id: String,
    key: String,
    status: Option<String>,
    /// `new`, `indeterminate` or `done`.
    category: Option<String>,
}

impl Settings {
    pub(super) fn check(&self) -> Result<(), Problem> {
        check_base("url", &self.url)?;
        let is_key = |text: &str| {
            (2..=32).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        };
        if !is_key(&self.project) {
            return Err(Problem("`project` is the key of a project, such as SEC".to_owned()));
        }
        if !super::is_word(&self.email, 254) || !self.email.contains('@') || self.email.contains(':') {
            return Err(Problem("`email` is the mail address that the API token is of".to_owned()));
        }
        let named = [Some(&self.issue_type), self.acknowledge.as_ref(), self.resolve.as_ref()];
        if !named.into_iter().flatten().chain(self.priorities.values()).all(|name| super::is_word(name, 255)) {
            return Err(Problem(
                "names of issue types, priorities and transitions have 1 to 255 characters".to_owned(),
            ));
        }
        const OURS: &[&str] = &["project", "issuetype", "summary", "description", "labels"];
        if self.fields.len() > FIELDS_MAX || self.fields.keys().any(|name| OURS.contains(&name.as_str())) {
            return Err(Problem(format!("`fields` are at most {FIELDS_MAX}, and none of {}", OURS.join(", "))));
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
        let session = self.session(credentials, outlet);
        let found = session.find(&notice.key()).await?;
        match (act, found) {
            (Act::Open, Some(issue)) => Ok(session.remote(issue)),
            (Act::Open, None) => session.create(notice).await,
            (_, None) => Err(Failed::new(Then::Refused, "there is no issue with this label in Jira any more")),
            (Act::Update, Some(issue)) => {
                session.comment(&issue, &notice.said(act)).await?;
                Ok(session.remote(issue))
            }
            (Act::Acknowledge, Some(issue)) => {
                session.transit(issue, ("indeterminate", self.acknowledge.as_deref()), &notice.said(act)).await
            }
            (Act::Resolve, Some(issue)) => {
                session.transit(issue, ("done", self.resolve.as_deref()), &notice.said(act)).await
            }
        }
    }

    pub(super) async fn look(
        &self,
        credentials: &Credentials,
        key: &str,
        outlet: &impl Outlet,
    ) -> Result<Look, Failed> {
        let session = self.session(credentials, outlet);
        let found = session.find(key).await?;
        Ok(found.map_or(Look::Gone, |issue| Look::There(session.remote(issue))))
    }

    fn session<'a, O: Outlet>(&'a self, credentials: &Credentials, outlet: &'a O) -> Session<'a, O> {
        let mail_and_token = format!("{}:{}", self.email, credentials.required("api_token"));
        Session { settings: self, basic: format!("Basic {}", STANDARD.encode(mail_and_token)), outlet }
    }

    fn issue(&self, notice: &Notice) -> Value {
        let mut fields = serde_json::Map::new();
        fields.extend(self.fields.clone());
        let mut labels = vec![LABEL.to_owned(), notice.key()];
        labels.extend(notice.category.map(|category| category.as_str().replace('_', "-")));
        fields.insert("project".to_owned(), value!({"key": self.project}));
        fields.insert("issuetype".to_owned(), value!({"name": self.issue_type}));
        fields.insert("summary".to_owned(), notice.headline(SUMMARY_CHARS_MAX).into());
        fields.insert("labels".to_owned(), labels.into());
        fields.insert("description".to_owned(), adf::description(notice, TEXT_CHARS_MAX));
        if let Some(priority) = self.priorities.get(&notice.severity) {
            fields.insert("priority".to_owned(), value!({"name": priority}));
        }
        value!({ "fields": fields })
    }
}

struct Session<'a, O> {
    settings: &'a Settings,
    basic: String,
    outlet: &'a O,
}

impl<O: Outlet> Session<'_, O> {
    fn url(&self, path: &str) -> String {
        format!("{}/rest/api/3/{path}", self.settings.url.trim_end_matches('/'))
    }

    async fn ask(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Called, Failed> {
        let url = self.url(path);
        let mut call = match body {
            Some(body) => json(method, url, body),
            None => bare(method, url),
        };
        authorize(&mut call, &self.basic)?;
        Ok(self.outlet.call(call).await?)
    }

    fn remote(&self, issue: Issue) -> Remote {
        let url = format!("{}/browse/{}", self.settings.url.trim_end_matches('/'), issue.key);
        let stage = issue.category.as_deref().and_then(stage);
        Remote { id: Some(issue.id), key: Some(issue.key), url: Some(url), state: issue.status, stage }
    }

    /// The oldest issue that has the label. That it has it is looked at, and not believed.
    async fn find(&self, label: &str) -> Result<Option<Issue>, Failed> {
        let jql = format!("project = \"{}\" AND labels = \"{label}\" ORDER BY created ASC", self.settings.project);
        let body = value!({"jql": jql, "maxResults": 10, "fields": ["labels", "status"]});
        let answer = self.ask(Method::POST, "search/jql", Some(&body)).await?;
        if answer.status != StatusCode::OK {
            return Err(settings_or(failed("Jira did not look the label up", &answer)));
        }
        let found = document(&answer);
        let issues = found.get("issues").and_then(Value::as_array);
        let issues = issues.ok_or_else(|| as_failed("Jira's answer holds no issues", &answer, Then::Settings))?;
        let has_label = |issue: &&Value| {
            let labels = issue.pointer("/fields/labels").and_then(Value::as_array);
            labels.is_some_and(|labels| labels.iter().any(|one| one == label))
        };
        Ok(issues.iter().find(has_label).and_then(|issue| {
            Some(Issue {
                id: text(issue, "/id")?,
                key: text(issue, "/key").filter(|key| is_key(key))?,
                status: text(issue, "/fields/status/name"),
                category: text(issue, "/fields/status/statusCategory/key"),
            })
        }))
    }

    async fn create(&self, notice: &Notice) -> Done {
        let asked = self.ask(Method::POST, "issue", Some(&self.settings.issue(notice))).await;
        // It may be there: whoever looks too early finds nothing, and makes a second one.
        let unsure = |failed: Failed| match failed.then {
            Then::Retry => Failed { after: Some(failed.after.unwrap_or_default().max(INDEXED_AFTER)), ..failed },
            Then::Auth | Then::Settings | Then::Refused => failed,
        };
        let answer = asked.map_err(unsure)?;
        if answer.status != StatusCode::CREATED {
            return Err(unsure(settings_or(failed("Jira did not create the issue", &answer))));
        }
        let made = document(&answer);
        let issue = text(&made, "/id").zip(text(&made, "/key").filter(|key| is_key(key)));
        let (id, key) = issue.ok_or_else(|| unsure(as_failed("Jira named no issue", &answer, Then::Retry)))?;
        Ok(self.remote(Issue { id, key, status: None, category: None }))
    }

    async fn comment(&self, issue: &Issue, said: &str) -> Result<(), Failed> {
        let body = value!({"body": adf::document(vec![adf::paragraph(said)])});
        let answer = self.ask(Method::POST, &format!("issue/{}/comment", issue.key), Some(&body)).await?;
        if answer.status == StatusCode::CREATED {
            return Ok(());
        }
        Err(settings_or(failed("Jira did not take the comment", &answer)))
    }

    /// Brings an issue to where a category of statuses is, by name or by the first way there; says so in a comment where
    /// its workflow has no such way.
    async fn transit(&self, issue: Issue, (category, name): (&str, Option<&str>), said: &str) -> Done {
        // Whoever is further does not go back.
        let is_there = issue.category.as_deref().is_some_and(|own| own == category || own == "done");
        if is_there {
            return Ok(self.remote(issue));
        }
        let path = format!("issue/{}/transitions", issue.key);
        let answer = self.ask(Method::GET, &path, None).await?;
        if answer.status != StatusCode::OK {
            return Err(settings_or(failed("Jira did not say which transitions there are", &answer)));
        }
        let ways = document(&answer);
        let fits = |way: &&Value| match name {
            Some(name) => text(way, "/name").as_deref() == Some(name),
            None => text(way, "/to/statusCategory/key").as_deref() == Some(category),
        };
        let way = ways.get("transitions").and_then(Value::as_array).and_then(|ways| ways.iter().find(fits));
        let Some(id) = way.and_then(|way| text(way, "/id")) else {
            self.comment(&issue, said).await?;
            return Ok(self.remote(issue));
        };
        let to = |pointer| way.and_then(|way| text(way, pointer));
        let (status, category) = (to("/to/name").or(issue.status), to("/to/statusCategory/key"));
        let answer = self.ask(Method::POST, &path, Some(&value!({"transition": {"id": id}}))).await?;
        if !answer.status.is_success() {
            return Err(settings_or(failed("Jira did not take the transition", &answer)));
        }
        Ok(self.remote(Issue { status, category, id: issue.id, key: issue.key }))
    }
}

/// `SEC-17`: it goes into paths and links.
fn is_key(key: &str) -> bool {
    let is_project = |project: &str| {
        project.starts_with(|first: char| first.is_ascii_alphabetic())
            && project.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let is_number = |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    key.len() <= 64 && key.rsplit_once('-').is_some_and(|(project, number)| is_project(project) && is_number(number))
}

/// What a category of statuses means.
fn stage(category: &str) -> Option<State> {
    match category {
        "new" => Some(State::Open),
        "indeterminate" => Some(State::Acknowledged),
        "done" => Some(State::Resolved),
        _ => None,
    }
}

/// What Jira finds wrong in a request is what settings say: project, type, priority or a field that is asked for.
fn settings_or(failed: Failed) -> Failed {
    let then = if failed.status == Some(400) { Then::Settings } else { failed.then };
    Failed { then, ..failed }
}
