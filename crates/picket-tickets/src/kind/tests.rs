use super::*;
use crate::exchange::{Mail, NoAnswer, Then, Unsent};
use crate::fixture::{Scripted, credentials, hostile, mail_of, notice, places, secret_word};
use expect_test::expect_file;
use picket_egress::Called;
use picket_event::Severity;
use proptest::prelude::*;
use serde_json::json;
use std::fmt::Write as _;

fn answers(status: u16, body: &str) -> Called {
    Called {
        status: http::StatusCode::from_u16(status).unwrap(),
        headers: http::HeaderMap::new(),
        body: body.to_owned().into(),
    }
}

fn run(kind: &Kind, act: Act, notice: &Notice, outlet: &Scripted) -> Done {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(kind.carry_out(&credentials(kind), act, notice, outlet))
}

#[test]
fn every_kind_says_what_its_golden_file_holds() {
    for (kind, answers) in places() {
        let mut all = String::new();
        for (act, answers) in Act::ALL.iter().zip(answers) {
            let outlet = Scripted::new(answers);
            let done = run(&kind, *act, &notice(), &outlet);
            write!(all, "# {act}\n\n{}= {done:?}\n\n", outlet.said()).unwrap();
        }
        assert!(!all.contains(&secret_word()), "{}: a secret is in what is shown", kind.name());
        expect_file![format!("{}/testdata/{}.txt", env!("CARGO_MANIFEST_DIR"), kind.name())].assert_eq(&all);
    }
}

/// What each kind asks to know where a ticket stands, and what it makes of the answer.
#[test]
fn systems_that_tell_are_asked_where_tickets_stand() {
    let opsgenie = Kind::parse("jsm_operations", &json!({"url": "https://api.opsgenie.com/v2/"})).unwrap();
    let mut all = String::new();
    for kind in places().into_iter().map(|(kind, _)| kind).chain([opsgenie]) {
        let key = notice().key();
        let row = |state: &str, active: &str| {
            let row =
                json!({"sys_id": "a1", "number": "INC1", "state": state, "active": active, "correlation_id": key});
            answers(200, &json!({"result": [row]}).to_string())
        };
        let alert = |status: &str, acknowledged: bool| {
            answers(200, &json!({"data": {"status": status, "acknowledged": acknowledged}}).to_string())
        };
        let told = match kind.name() {
            "jira" => {
                let nothing = answers(200, r#"{"issues": []}"#);
                let known = ["new", "indeterminate", "done", "of another day"].map(|category| found(&key, category));
                known.into_iter().chain([nothing, found("picket-fnd_another", "done")]).collect()
            }
            "servicenow" => {
                let rows = [("1", "true"), ("2", "true"), ("3", "true"), ("6", "true"), ("7", "true"), ("9", "false")];
                rows.map(|(state, active)| row(state, active))
                    .into_iter()
                    .chain([answers(404, r#"{"error": {"message": "No Record found"}}"#)])
                    .collect()
            }
            "jsm_operations" if kind.host() == "api.opsgenie.com" => {
                vec![
                    alert("open", false),
                    alert("open", true),
                    alert("closed", true),
                    alert("new", false),
                    answers(404, ""),
                ]
            }
            _ => Vec::new(),
        };
        writeln!(all, "# {} at {}\n", kind.name(), kind.host()).unwrap();
        if told.is_empty() {
            writeln!(all, "{:?}\n", look(&kind, &Scripted::new(Vec::new()))).unwrap();
        }
        for (number, answer) in told.into_iter().enumerate() {
            let outlet = Scripted::new(vec![Ok(answer)]);
            let looked = look(&kind, &outlet);
            if number == 0 {
                all.push_str(&outlet.said());
            }
            writeln!(all, "= {looked:?}\n").unwrap();
            let failed = look(&kind, &Scripted::new(vec![Ok(answers(503, "why not"))])).unwrap_err();
            assert_eq!((failed.then, failed.status), (Then::Retry, Some(503)), "{}", kind.name());
        }
    }
    assert!(!all.contains(&secret_word()));
    expect_file![format!("{}/testdata/looks.txt", env!("CARGO_MANIFEST_DIR"))].assert_eq(&all);
}

fn look(kind: &Kind, outlet: &Scripted) -> Result<Look, Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(kind.look(&credentials(kind), &notice().key(), outlet))
}

#[test]
fn statuses_mean_what_they_mean_and_retry_after_is_kept() {
    let expected = |status: u16| match status {
        401 | 403 => Then::Auth,
        408 | 409 | 429 | 500 | 502 | 503 | 504 => Then::Retry,
        400 | 413 | 422 => Then::Refused,
        _ => Then::Settings,
    };
    for (kind, _) in places() {
        for status in [301, 302, 307, 401, 403, 405, 408, 410, 429, 500, 502, 503, 504] {
            let mut answer = answers(status, "why not");
            answer.headers.insert("retry-after", "120".parse().unwrap());
            let outlet = Scripted::new(vec![Ok(answer)]);
            if kind.name() == "email" {
                continue;
            }
            let failed = run(&kind, Act::Open, &notice(), &outlet).unwrap_err();
            assert_eq!((failed.then, failed.status), (expected(status), Some(status)), "{} {status}", kind.name());
            assert_eq!(failed.after.map(|after| after.as_secs()), Some(120), "{} {status}", kind.name());
            assert!(failed.why.contains("why not") && !failed.why.contains(&secret_word()), "{}", failed.why);
        }
    }
}

#[test]
fn whoever_does_not_answer_is_asked_again_and_a_year_is_an_hour() {
    for (kind, _) in places().into_iter().filter(|(kind, _)| kind.name() != "email") {
        let outlet = Scripted::new(vec![Err(NoAnswer("it took too long".to_owned()))]);
        assert_eq!(run(&kind, Act::Open, &notice(), &outlet).unwrap_err().then, Then::Retry, "{}", kind.name());
        let mut answer = answers(503, "");
        answer.headers.insert("retry-after", "31536000".parse().unwrap());
        let failed = run(&kind, Act::Open, &notice(), &Scripted::new(vec![Ok(answer)])).unwrap_err();
        assert_eq!(failed.after.map(|after| after.as_secs()), Some(3_600), "{}", kind.name());
    }
}

fn jira() -> Kind {
    places().into_iter().map(|(kind, _)| kind).find(|kind| kind.name() == "jira").unwrap()
}

fn found(label: &str, category: &str) -> Called {
    let issue = json!({"id": "1", "key": "SEC-1", "fields": {"labels": ["picket", label], "status": {"name": "S", "statusCategory": {"key": category}}}});
    answers(200, &json!({"issues": [issue], "isLast": true}).to_string())
}

#[test]
fn an_issue_is_looked_for_before_it_is_created_and_one_with_another_label_is_another() {
    let there = Scripted::new(vec![Ok(found(&notice().key(), "new"))]);
    assert_eq!(run(&jira(), Act::Open, &notice(), &there).unwrap().key.as_deref(), Some("SEC-1"));
    let other =
        Scripted::new(vec![Ok(found("picket-fnd_another", "new")), Ok(answers(201, r#"{"id": "2", "key": "SEC-2"}"#))]);
    assert_eq!(run(&jira(), Act::Open, &notice(), &other).unwrap().key.as_deref(), Some("SEC-2"));
    assert!(other.said().contains("POST https://example.atlassian.net/rest/api/3/issue\n"));
}

#[test]
fn a_creation_that_was_not_answered_waits_until_the_index_knows() {
    let nothing = || Ok(answers(200, r#"{"issues": []}"#));
    for unsure in [Err(NoAnswer("reset".to_owned())), Ok(answers(502, "")), Ok(answers(201, "<html>"))] {
        let failed = run(&jira(), Act::Open, &notice(), &Scripted::new(vec![nothing(), unsure])).unwrap_err();
        assert_eq!(failed.then, Then::Retry);
        assert!(failed.after.is_some_and(|after| after.as_secs() >= 60), "{failed:?}");
    }
    let refused = Ok(answers(400, r#"{"errors": {"priority": "is required"}}"#));
    let failed = run(&jira(), Act::Open, &notice(), &Scripted::new(vec![nothing(), refused])).unwrap_err();
    assert_eq!(failed.then, Then::Settings, "{failed:?}");
}

#[test]
fn an_issue_goes_forward_only_and_a_workflow_without_a_way_gets_a_comment() {
    let done = Scripted::new(vec![Ok(found(&notice().key(), "done"))]);
    run(&jira(), Act::Acknowledge, &notice(), &done).unwrap();
    let stuck = Scripted::new(vec![
        Ok(found(&notice().key(), "new")),
        Ok(answers(200, r#"{"transitions": [{"id": "1", "name": "x", "to": {"statusCategory": {"key": "new"}}}]}"#)),
        Ok(answers(201, "{}")),
    ]);
    run(&jira(), Act::Resolve, &notice(), &stuck).unwrap();
    assert!(stuck.said().contains("/rest/api/3/issue/SEC-1/comment\n"), "{}", stuck.said());
    let gone = Scripted::new(vec![Ok(answers(200, r#"{"issues": []}"#))]);
    assert_eq!(run(&jira(), Act::Resolve, &notice(), &gone).unwrap_err().then, Then::Refused);
}

fn service_now(table: &str) -> Kind {
    Kind::parse("servicenow", &json!({"url": "https://example.service-now.com", "table": table})).unwrap()
}

#[test]
fn rows_that_a_query_brings_by_mistake_are_no_ticket() {
    let row = |id: &str| json!({"sys_id": "a1", "number": "INC1", "state": "1", "correlation_id": id});
    let others = json!({"result": [row(""), row("picket-fnd_another"), row("PICKET")]}).to_string();
    let made = json!({"result": row(&notice().key())}).to_string();
    let outlet = Scripted::new(vec![Ok(answers(200, &others)), Ok(answers(201, &made))]);
    let remote = run(&service_now("incident"), Act::Open, &notice(), &outlet).unwrap();
    assert_eq!(remote.id.as_deref(), Some("incident/a1"));
    let outlet = Scripted::new(vec![Ok(answers(200, &others))]);
    assert_eq!(run(&service_now("incident"), Act::Update, &notice(), &outlet).unwrap_err().then, Then::Refused);
}

#[test]
fn security_incidents_are_incidents_where_their_table_is_not_there() {
    let row = json!({"result": {"sys_id": "a1", "number": "INC1", "state": "1", "correlation_id": notice().key()}});
    for status in [404, 400] {
        let outlet = Scripted::new(vec![
            Ok(answers(status, r#"{"error": {"message": "Invalid table sn_si_incident"}}"#)),
            Ok(answers(200, r#"{"result": []}"#)),
            Ok(answers(201, &row.to_string())),
        ]);
        let remote = run(&service_now("sn_si_incident"), Act::Open, &notice(), &outlet).unwrap();
        assert_eq!(remote.id.as_deref(), Some("incident/a1"), "{status}");
    }
    let outlet = Scripted::new(vec![Ok(answers(404, r#"{"error": {"message": "Invalid table"}}"#))]);
    assert_eq!(run(&service_now("u_ours"), Act::Open, &notice(), &outlet).unwrap_err().then, Then::Settings);
}

#[test]
fn what_is_wrong_with_settings_and_credentials_is_said_without_them() {
    let secret = secret_word();
    let cases = [
        ("nothing", json!({}), "`kind` is one of pagerduty, jira"),
        ("jira", json!({"url": "https://x.atlassian.net", "email": "a@b.c"}), "`project` is missing"),
        ("jira", json!({"url": "https://x.atlassian.net", "email": "a@b.c", "project": "SEC\" OR 1"}), "`project`"),
        ("jira", json!({"url": "ftp://x", "email": "a@b.c", "project": "SEC"}), "`url` is a URL"),
        (
            "jira",
            json!({"url": "https://x.net", "email": "a@b.c", "project": "SEC", "fields": {"labels": []}}),
            "none of",
        ),
        ("jira", json!({"url": "https://x.net", "email": "a@b.c", "project": "SEC", "colour": 1}), "there is no"),
        ("servicenow", json!({"url": "https://x.net", "table": "incident?x=y"}), "a-z, 0-9"),
        ("slack", json!({"host": "hooks.slack.com/x"}), "`host`"),
        ("teams", json!({}), "`host` is missing"),
        ("email", json!({"host": "mail", "from": "nobody", "to": ["a@b.c"]}), "`from` is a mail address"),
        ("email", json!({"host": "mail", "from": "a@b.c", "to": []}), "`to` is 1 to 20"),
        ("email", json!({"host": "mail", "from": "a@b.c", "to": ["a@b.c\r\nBcc: x@y.z"]}), "`to` is a mail address"),
    ];
    for (kind, settings, problem) in cases {
        let refused = Kind::parse(kind, &settings).unwrap_err().to_string();
        assert!(refused.contains(problem), "{kind}: {refused}");
    }
    let given = |name: &str, value: &str| Credentials::new([(name.to_owned(), value.to_owned().into())]);
    let of = |kind: &str, settings: Value| Kind::parse(kind, &settings).unwrap();
    let cases = [
        (of("pagerduty", json!({})), given("routing_key", &secret.repeat(2)), "32 characters"),
        (of("pagerduty", json!({})), given("token", &secret), "has no credential `token`"),
        (of("pagerduty", json!({})), given("routing_key", &format!("{secret}\r\n")), "printable"),
        (of("slack", json!({})), Credentials::default(), "needs the credential `url`"),
        (of("slack", json!({})), given("url", &format!("https://evil.example/{secret}")), "does not lead to"),
        (
            of("slack", json!({"host": "127.0.0.1"})),
            given("url", &format!("http://127.0.0.1:18110/{secret}")),
            "the port belongs to `host`, 127.0.0.1:18110",
        ),
        (
            of("teams", json!({"host": "[::1]:8443"})),
            given("url", &format!("https://[::1]/{secret}")),
            "the port belongs to `host`, [::1]:443",
        ),
        (
            of("slack", json!({})),
            given("url", &format!("https://hooks.slack.com@evil.example/{secret}")),
            "no https URL",
        ),
        (service_now("incident"), given("password", &secret), "go together"),
        (
            of("email", json!({"host": "m", "from": "a@b.c", "to": ["a@b.c"], "user": "u", "security": "none"})),
            given("password", &secret),
            "TLS only",
        ),
    ];
    for (kind, credentials, problem) in cases {
        let refused = kind.check_credentials(&credentials).unwrap_err().to_string();
        assert!(refused.contains(problem) && !refused.contains(&secret), "{}: {refused}", kind.name());
        assert!(!format!("{credentials:?}").contains(&secret));
    }
}

#[test]
fn a_credential_that_leads_to_the_port_of_its_host_fits_however_that_is_written() {
    let secret = picket_stdx::encode::random_base62(16);
    for (host, url) in [
        ("hooks.slack.com", "https://hooks.slack.com/"),
        ("hooks.slack.com", "https://hooks.slack.com:443/"),
        ("Chat.example:443", "https://chat.example/"),
        ("127.0.0.1:18110", "http://127.0.0.1:18110/"),
        ("[::1]", "http://[::1]:80/"),
    ] {
        let kind = Kind::parse("slack", &json!({"host": host})).unwrap();
        let given = Credentials::new([("url".to_owned(), format!("{url}{secret}").into())]);
        kind.check_credentials(&given).unwrap();
    }
}

#[test]
fn who_gets_mails_is_a_list_or_a_text_with_commas() {
    for (to, expected) in [
        (json!("c@example.com"), vec!["c@example.com"]),
        (json!(["c@example.com", "d@example.com"]), vec!["c@example.com", "d@example.com"]),
        (json!(" c@example.com,d@example.com "), vec!["c@example.com", "d@example.com"]),
        (json!("\"Doe, Ana\" <c@example.com>, d@example.com"), vec!["\"Doe, Ana\" <c@example.com>", "d@example.com"]),
    ] {
        let kind = Kind::parse("email", &json!({"host": "m", "from": "a@b.c", "to": to})).unwrap();
        let Kind::Email(settings) = kind else { panic!("{kind:?}") };
        assert_eq!(serde_json::to_value(settings).unwrap()["to"], json!(expected), "{to}");
    }
    let Kind::JsmOperations(settings) = Kind::parse("jsm_operations", &json!({"tags": "ai, soc"})).unwrap() else {
        panic!()
    };
    assert_eq!(serde_json::to_value(settings).unwrap()["tags"], json!(["ai", "soc"]));
    let settings = json!({"host": "m", "from": "a@b.c", "to": "c@example.com, nobody"});
    assert!(Kind::parse("email", &settings).unwrap_err().to_string().contains("`to` is a mail address"));
}

#[test]
fn refusals_of_mail_servers_mean_what_they_mean() {
    let (kind, _) = places().into_iter().find(|(kind, _)| kind.name() == "email").unwrap();
    for then in [Then::Retry, Then::Auth, Then::Settings] {
        let outlet = Scripted::refusing(Unsent { then, why: "said so".to_owned() });
        assert_eq!(run(&kind, Act::Open, &notice(), &outlet).unwrap_err().then, then);
    }
}

#[test]
fn whatever_else_answers_well_is_not_the_place_that_was_meant() {
    for (kind, _) in places().into_iter().filter(|(kind, _)| kind.name() != "email") {
        for body in ["<html>Sign in to the network</html>", r#"<p>{"error": "x"}</p>"#] {
            let outlet = Scripted::new(vec![Ok(answers(200, body))]);
            let done = run(&kind, Act::Open, &notice(), &outlet);
            assert!(done.is_err(), "{}: {done:?}", kind.name());
        }
    }
    for key in ["../../admin?x=", "javascript:alert(1)", "SEC-", "-1", "SEC-1/x"] {
        let (kind, _) = places().into_iter().find(|(kind, _)| kind.name() == "jira").unwrap();
        let made = json!({"id": "1", "key": key}).to_string();
        let outlet = Scripted::new(vec![Ok(answers(200, r#"{"issues": []}"#)), Ok(answers(201, &made))]);
        assert!(run(&kind, Act::Open, &notice(), &outlet).is_err(), "{key}");
    }
}

/// Header lines of a mail, unfolded.
fn headers(mail: &Mail) -> Vec<String> {
    let text = String::from_utf8(mail.bytes.clone()).unwrap();
    let head = text.split("\r\n\r\n").next().unwrap().replace("\r\n ", " ").replace("\r\n\t", " ");
    head.split("\r\n").map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_value_breaks_out_of_what_holds_it_and_everything_is_in_bounds(text in any::<String>(), length in 0_usize..60) {
        let notice = hostile(&text, length);
        for (kind, answers) in places() {
            let outlet = Scripted::new(answers.into_iter().next().unwrap());
            run(&kind, Act::Open, &notice, &outlet).unwrap();
            for body in outlet.bodies() {
                let within = match kind.name() { "teams" => 28 * 1_024, "slack" => 13_000, "pagerduty" => 512 * 1_024, _ => 200_000 };
                prop_assert!(body.to_string().len() <= within, "{}: {} bytes", kind.name(), body.to_string().len());
                check_limits(&body)?;
            }
        }
        let mail = mail_of(&notice);
        let names: Vec<String> = headers(&mail).iter().map(|line| line.split(':').next().unwrap().to_owned()).collect();
        let usual = ["From", "Subject", "Date", "Auto-Submitted", "To", "Message-ID", "MIME-Version", "Content-Type"];
        prop_assert_eq!(names, usual.map(str::to_owned).to_vec());
    }
}

/// Limits by the member that has them.
fn check_limits(body: &Value) -> Result<(), TestCaseError> {
    match body {
        Value::Object(members) => {
            for (name, value) in members {
                let most = match (name.as_str(), members.get("type").and_then(Value::as_str)) {
                    ("summary", _) => 1_024,
                    ("short_description", _) => 160,
                    ("message", None) => 130,
                    ("text", Some("plain_text")) => 3_000,
                    ("text", Some("text")) => 32_767,
                    _ => usize::MAX,
                };
                if let Value::String(text) = value {
                    prop_assert!(text.chars().count() <= most, "{}: {}", name, text.chars().count());
                    prop_assert!(name != "text" || !text.is_empty());
                    let is_hidden = |character: char| {
                        character.is_control() && character != '\n' || ('\u{202a}'..='\u{202e}').contains(&character)
                    };
                    prop_assert!(!text.chars().any(is_hidden), "{name}: {text:?}");
                }
                check_limits(value)?;
            }
            Ok(())
        }
        Value::Array(values) => values.iter().try_for_each(check_limits),
        _ => Ok(()),
    }
}

#[test]
fn severities_are_the_words_of_each_place() {
    let said = |severity: Severity| {
        let notice = Notice { severity, ..notice() };
        let mut all = Vec::new();
        for (kind, answers) in places() {
            let outlet = Scripted::new(answers.into_iter().next().unwrap());
            run(&kind, Act::Open, &notice, &outlet).unwrap();
            let pointers = ["/payload/severity", "/fields/priority/name", "/urgency", "/priority"];
            all.extend(outlet.bodies().iter().flat_map(|body| {
                pointers.iter().filter_map(|at| body.pointer(at).and_then(Value::as_str).map(str::to_owned))
            }));
        }
        all.join(" ")
    };
    assert_eq!(said(Severity::Critical), "critical Highest 1 P1");
    assert_eq!(said(Severity::High), "error High 1 P2");
    assert_eq!(said(Severity::Medium), "warning Medium 2 P3");
    assert_eq!(said(Severity::Low), "info Low 3 P4");
    assert_eq!(said(Severity::Info), "info Lowest 3 P5");
}
