//! What tests of kinds begin with: a notice, places with their usual answers, and an outlet that keeps what it is given.

use crate::exchange::{Mail, NoAnswer, Outlet, Unsent};
use crate::kind::{Credentials, Kind};
use crate::notice::{Act, Notice};
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use picket_egress::{Call, Called};
use picket_event::{Category, Severity};
use picket_stdx::Timestamp;
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::Mutex;

type Answers = Vec<Result<Called, NoAnswer>>;

/// An outlet that answers as it was told, in order.
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<Result<Called, NoAnswer>>>,
    calls: Mutex<Vec<Call>>,
    mails: Mutex<Vec<Mail>>,
    refusal: Option<Unsent>,
}

impl Scripted {
    pub(crate) fn new(answers: Answers) -> Self {
        Self { answers: Mutex::new(answers.into()), calls: Mutex::default(), mails: Mutex::default(), refusal: None }
    }

    pub(crate) fn refusing(refusal: Unsent) -> Self {
        Self { refusal: Some(refusal), ..Self::new(Vec::new()) }
    }

    /// The bodies that were sent, as JSON.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        let calls = self.calls.lock().unwrap();
        calls
            .iter()
            .filter(|call| !call.body.is_empty())
            .map(|call| serde_json::from_slice(&call.body).unwrap())
            .collect()
    }

    /// Everything that was sent, with secrets taken out.
    pub(crate) fn said(&self) -> String {
        let mut text = String::new();
        for call in self.calls.lock().unwrap().iter() {
            writeln!(text, "{} {}", call.method, call.url).unwrap();
            let mut headers: Vec<String> = call
                .headers
                .iter()
                .map(|(name, value)| {
                    let value = if value.is_sensitive() { "<secret>" } else { value.to_str().unwrap() };
                    format!("{name}: {value}\n")
                })
                .collect();
            headers.sort();
            text.extend(headers);
            if !call.body.is_empty() {
                let body: Value = serde_json::from_slice(&call.body).unwrap();
                writeln!(text, "\n{}", serde_json::to_string_pretty(&body).unwrap()).unwrap();
            }
            text.push('\n');
        }
        for mail in self.mails.lock().unwrap().iter() {
            let bytes = String::from_utf8(mail.bytes.clone()).unwrap().replace("\r\n", "\n");
            let boundary =
                bytes.split("boundary=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
            let bytes = bytes.replace(&boundary, "BOUNDARY");
            let Mail { host, port, security, envelope, .. } = mail;
            writeln!(text, "{host}:{port} {security:?} {envelope:?}\n\n{bytes}").unwrap();
        }
        text.replace(&secret_word(), "<secret>")
    }
}

impl Outlet for Scripted {
    async fn call(&self, call: Call) -> Result<Called, NoAnswer> {
        self.calls.lock().unwrap().push(call.clone());
        let next = self.answers.lock().unwrap().pop_front();
        next.unwrap_or_else(|| panic!("nobody expected {} {}", call.method, call.url))
    }

    async fn mail(&self, mail: &Mail) -> Result<(), Unsent> {
        self.mails.lock().unwrap().push(mail.clone());
        self.refusal.clone().map_or(Ok(()), Err)
    }
}

/// A secret that is none.
pub(crate) fn secret_word() -> String {
    "s3".repeat(16)
}

pub(crate) fn notice() -> Notice {
    Notice {
        subject: "fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B".to_owned(),
        noun: "Finding",
        title: "Many blocked prompts <of one user>".to_owned(),
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        status: "open".to_owned(),
        owners: vec!["soc-l2".to_owned(), "ai-security".to_owned()],
        reason: "11 blocked requests & more within 300 s [code]<b>x</b>[/code] *bold* [link](https://evil.example)"
            .to_owned(),
        facts: vec![("Entity", "user:mallory@example.com".to_owned()), ("Rule", "many-blocks".to_owned())],
        link: Some("https://picket.example.com/findings/fnd_01JZ8X3V6S0M7Q9T2R4W5Y6A7B".to_owned()),
        at: Timestamp::from_millis(1_780_000_000_000),
        workspace: "ws_acme".to_owned(),
        number: 7,
    }
}

/// A notice that says a text everywhere, many times.
pub(crate) fn hostile(text: &str, times: usize) -> Notice {
    let long = text.repeat(times * times + 1);
    Notice {
        title: long.clone(),
        reason: long.clone(),
        facts: vec![("Entity", long.clone()), ("Rule", format!("\r\nBcc: a@b.c\u{202e}[/code]<script>{long}"))],
        ..notice()
    }
}

pub(crate) fn credentials(kind: &Kind) -> Credentials {
    let url = |host: &str| format!("https://{host}/services/{}", secret_word());
    let value = |name: &str| match (kind.name(), name) {
        ("slack" | "teams", "url") => url(&kind.host()),
        _ => secret_word(),
    };
    let names = kind.secrets().iter().filter(|one| one.is_required || one.name == "password").map(|one| one.name);
    Credentials::new(names.map(|name| (name.to_owned(), value(name).into())))
}

/// The mail by which a notice opens a thread.
pub(crate) fn mail_of(notice: &Notice) -> Mail {
    let (kind, _) = places().into_iter().find(|(kind, _)| kind.name() == "email").unwrap();
    let outlet = Scripted::new(Vec::new());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(kind.carry_out(&credentials(&kind), Act::Open, notice, &outlet)).unwrap();
    let mut mails = outlet.mails.into_inner().unwrap();
    mails.pop().unwrap()
}

fn answer(status: u16, body: &Value) -> Result<Called, NoAnswer> {
    let body = if body.is_null() { Bytes::new() } else { body.to_string().into() };
    Ok(Called { status: StatusCode::from_u16(status).unwrap(), headers: HeaderMap::new(), body })
}

/// Each kind with what its place answers to each act, when all is well.
pub(crate) fn places() -> Vec<(Kind, Vec<Answers>)> {
    let key = notice().key();
    let all = |answers: &dyn Fn() -> Answers| Act::ALL.iter().map(|_act| answers()).collect::<Vec<_>>();
    let issue = json!({"issues": [{"id": "10042", "key": "SEC-42", "fields": {"labels": ["picket", key], "status": {"name": "To Do", "statusCategory": {"key": "new"}}}}], "isLast": true});
    let ways = json!({"transitions": [
        {"id": "21", "name": "Start", "to": {"name": "In Progress", "statusCategory": {"key": "indeterminate"}}},
        {"id": "31", "name": "Finish", "to": {"name": "Done", "statusCategory": {"key": "done"}}},
    ]});
    let moved = || vec![answer(200, &issue), answer(200, &ways), answer(204, &Value::Null)];
    let row = |state: &str| json!({"sys_id": "9d385017c611228701d22104cc95c371", "number": "INC0010042", "state": state, "correlation_id": key});
    let known = || answer(200, &json!({"result": [row("1")]}));
    let changed = |state: &str| vec![known(), answer(200, &json!({"result": row(state)}))];
    let parse = |name: &str, settings: Value| Kind::parse(name, &settings).unwrap();
    vec![
        (
            parse("pagerduty", json!({"source": "picket-prod"})),
            all(&|| vec![answer(202, &json!({"status": "success", "message": "Event processed", "dedup_key": key}))]),
        ),
        (
            parse(
                "jira",
                json!({"url": "https://example.atlassian.net", "email": "picket@example.com", "project": "SEC", "fields": {"components": [{"name": "ai"}]}}),
            ),
            vec![
                vec![
                    answer(200, &json!({"issues": [], "isLast": true})),
                    answer(
                        201,
                        &json!({"id": "10042", "key": "SEC-42", "self": "https://example.atlassian.net/rest/api/3/issue/10042"}),
                    ),
                ],
                vec![answer(200, &issue), answer(201, &json!({"id": "1"}))],
                moved(),
                moved(),
            ],
        ),
        (
            parse(
                "servicenow",
                json!({"url": "https://example.service-now.com/", "user": "picket", "fields": {"assignment_group": "SOC"}}),
            ),
            vec![
                vec![answer(200, &json!({"result": []})), answer(201, &json!({"result": row("1")}))],
                changed("1"),
                changed("2"),
                changed("6"),
            ],
        ),
        (
            parse("jsm_operations", json!({"tags": ["ai"]})),
            all(&|| {
                vec![answer(202, &json!({"result": "Request will be processed", "took": 0.1, "requestId": "43a29c5c"}))]
            }),
        ),
        (
            parse("slack", json!({})),
            all(&|| vec![Ok(Called { body: "ok".into(), ..answer(200, &Value::Null).unwrap() })]),
        ),
        (
            parse("teams", json!({"host": "prod-12.westeurope.logic.azure.com"})),
            all(&|| vec![answer(202, &Value::Null)]),
        ),
        (
            parse(
                "email",
                json!({"host": "mail.example.com", "user": "picket", "from": "Picket <picket@example.com>", "to": ["soc@example.com", "ai@example.com"]}),
            ),
            all(&Vec::new),
        ),
    ]
}
