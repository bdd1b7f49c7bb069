//! The clerk and the courier on a log of their own, with a place that answers as it is told.

use crate::*;
use picket_bodies::Bodies;
use picket_db::{Db, Lane, Options as DbOptions, Ticket};
use picket_egress::{Caller, Outside};
use picket_event::{Category, Event, EventType, FindingId, Severity, Workspace};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, EventLog, Logs, Options};
use picket_pipeline::{Bell, Consumer as _, Outbox as _, UnderWay};
use picket_stdx::{Clock, Timestamp};
use picket_store::detection::findings::{self, Details, Finding, Status};
use picket_store::incidents::{self, Incident};
use picket_store::sealed::{Entered, Vault};
use picket_store::tickets::{self, Action, Line, Place, PlaceState, State};
use serde_json::json;
use std::time::Duration;

struct Office {
    _folder: tempfile::TempDir,
    clock: Clock,
    desk: Desk,
    clerk: Clerk,
    next: u64,
}

fn workspace() -> Workspace {
    Workspace::parse("ws_test").unwrap()
}

fn open() -> Office {
    let folder = tempfile::tempdir().unwrap();
    let clock = Clock::manual(Timestamp::from_millis(1_780_000_000_000));
    let tables = [
        picket_keys::MIGRATIONS,
        picket_bodies::MIGRATIONS,
        picket_log::MIGRATIONS,
        picket_store::MIGRATIONS,
        picket_store::detection::MIGRATIONS,
        picket_store::sealed::MIGRATIONS,
        tickets::MIGRATIONS,
    ];
    let db = Db::open(DbOptions::new(folder.path().join("picket.db")), &tables).unwrap();
    let keyring = Keyring::open(&db, RootKey::new([7; 32])).unwrap();
    let bodies = Bodies::new(&db, &keyring);
    let options = Options { host: "test.example".to_owned(), state: folder.path().join("state"), clock: clock.clone() };
    Logs::create(&db, &keyring, &options, &workspace()).unwrap();
    let log = Logs::open(&db, &keyring, &bodies, &options).unwrap().workspace(&workspace()).unwrap().clone();
    let network = Network { caller: Caller::new(Outside::default()), within: Duration::from_secs(10) };
    let vault = Vault::of(&keyring).unwrap();
    let desk = Desk { db, log, workspace: workspace(), vault, network, console: None, bell: Bell::default() };
    let mut clerk = Clerk::new(&desk);
    let next = clerk.cursor().unwrap();
    Office { _folder: folder, clock, desk, clerk, next }
}

impl Office {
    fn log(&self) -> &EventLog {
        &self.desk.log
    }

    fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut picket_db::Tx<'_>) -> Result<T, AppendError> + Send + 'static,
    ) -> T {
        let done: Ticket<T, AppendError> = self.desk.db.write(Lane::Admin, "test", job);
        done.wait().unwrap()
    }

    fn read<T>(&self, job: impl FnOnce(&rusqlite::Connection) -> Result<T, rusqlite::Error>) -> T {
        self.desk.db.read(job).unwrap()
    }

    fn place(&self, name: &str, kind: &str, takes: &[&str]) -> Place {
        let place = Place {
            id: format!("tkp_{name}"),
            name: name.to_owned(),
            kind: kind.to_owned(),
            settings: json!({}),
            takes: takes.iter().map(|word| (*word).to_owned()).collect(),
            owners: Vec::new(),
            severity: Severity::Info,
            host: "events.pagerduty.com".to_owned(),
            state: PlaceState::Active,
            created_by: "ann".to_owned(),
            created_at: self.clock.now(),
            version: 1,
            failures: 0,
            error: None,
            failed_at: None,
            succeeded_at: None,
        };
        let made = place.clone();
        self.write(move |tx| Ok(tickets::create_place(tx, &workspace(), &made)?));
        place
    }

    /// A finding that is stored and told of.
    fn finding(&self, category: Option<Category>, severity: Severity, entity: &str) -> Finding {
        let now = self.clock.now();
        let finding = Finding {
            id: FindingId::new(now).to_string(),
            fingerprint: entity.to_owned(),
            rule: "many".to_owned(),
            category,
            severity,
            entity_kind: "user".to_owned(),
            entity: entity.to_owned(),
            is_shadow: false,
            status: Status::Open,
            verdict: None,
            hits: 1,
            first_at: now,
            last_at: now,
            created_at: now,
            version: 1,
            details: Details { title: "Too many".to_owned(), reason: "11 of them".to_owned(), ..Details::default() },
        };
        let new = finding.clone();
        self.write(move |tx| Ok(findings::create(tx, &workspace(), &new)?));
        self.tell("finding.created", &finding);
        finding
    }

    fn tell(&self, event_type: &'static str, finding: &Finding) {
        let mut event = Event::new(EventType::of(event_type), "ws_test", self.clock.now());
        event.target = Some(format!("finding:{}", finding.id));
        (event.severity, event.category) = (finding.severity, finding.category);
        self.log().append(Lane::Admin, self.log().prepare(event, &[])).wait().unwrap();
    }

    fn change(&self, finding: &mut Finding, event_type: &'static str) {
        let stored = self.read(|connection| findings::get(connection, &workspace(), &finding.id)).unwrap();
        let details = stored.details;
        *finding = Finding { details, ..finding.clone() };
        let changed = finding.clone();
        self.write(move |tx| Ok(findings::update(tx, &workspace(), &changed)?));
        self.tell(event_type, finding);
    }

    /// Has the clerk read to the end, its own events too.
    fn settle(&mut self) {
        loop {
            let batch = self.log().batch(self.next, 100).unwrap();
            if batch.is_empty() {
                return;
            }
            self.next = self.clerk.apply(&batch).unwrap();
        }
    }

    /// What waits, as subject and act, in order.
    fn waiting(&self) -> Vec<(String, String, String)> {
        self.read(|connection| {
            let mut statement = connection
                .prepare("SELECT place, subject, act FROM ticket_outbox WHERE workspace = 'ws_test' ORDER BY id")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
        })
    }

    fn incidents(&self) -> Vec<Incident> {
        self.read(|connection| incidents::list(connection, &workspace(), 1_000))
    }
}

fn row(place: &str, subject: &str, act: &str) -> (String, String, String) {
    (format!("tkp_{place}"), subject.to_owned(), act.to_owned())
}

#[test]
fn the_runbook_decides_and_each_place_is_told_of_what_it_takes() {
    let mut office = open();
    office.place("chat", "slack", &["alert"]);
    office.place("jira", "jira", &["ticket", "incident"]);
    office.place("pager", "pagerduty", &["incident"]);
    let drift = office.finding(Some(Category::ModelDrift), Severity::Medium, "m");
    let judged = office.finding(Some(Category::JudgeFlag), Severity::Medium, "ana");
    office.finding(Some(Category::GuardrailBlock), Severity::Medium, "ben");
    office.settle();
    assert_eq!(office.waiting(), [row("chat", &drift.id, "open"), row("jira", &judged.id, "open")]);
    let attack = office.finding(Some(Category::PromptAttack), Severity::High, "eve");
    office.settle();
    let incident = office.incidents().pop().unwrap();
    assert_eq!(incident.finding.as_deref(), Some(attack.id.as_str()));
    assert_eq!((incident.severity.as_str(), incident.user.as_deref()), ("high", Some("eve")));
    assert_eq!(office.waiting()[2..], [row("jira", &incident.id, "open"), row("pager", &incident.id, "open")]);
    let linked = office.read(|connection| findings::get(connection, &workspace(), &attack.id)).unwrap();
    assert_eq!(linked.details.incident, Some(incident.id));
}

#[test]
fn the_same_again_is_one_ticket_and_one_incident() {
    let mut office = open();
    office.place("jira", "jira", &["ticket", "incident"]);
    let mut first = office.finding(Some(Category::PromptAttack), Severity::High, "eve");
    office.settle();
    // Reading the same entries again, as after a crash before the cursor was durable.
    office.next = 0;
    office.settle();
    let second = office.finding(Some(Category::PromptAttack), Severity::Critical, "eve");
    office.finding(Some(Category::PromptAttack), Severity::High, "mallory");
    office.settle();
    let all = office.incidents();
    assert_eq!(all.len(), 2);
    let eve = all.iter().find(|incident| incident.user.as_deref() == Some("eve")).unwrap();
    assert_eq!(eve.severity, "critical", "the worse one counts");
    let linked = office.read(|connection| findings::get(connection, &workspace(), &second.id)).unwrap();
    assert_eq!(linked.details.incident.as_ref(), Some(&eve.id));
    let opened = office.waiting().iter().filter(|row| row.2 == "open").count();
    assert_eq!((opened, office.waiting().iter().filter(|row| row.2 == "update").count()), (2, 1));
    // A finding of a day before is no part of what happens now.
    office.clock.advance(Duration::from_secs(2 * 86_400));
    first.severity = Severity::Critical;
    office.finding(Some(Category::PromptAttack), Severity::High, "eve");
    office.settle();
    assert_eq!(office.incidents().len(), 3);
}

#[test]
fn what_people_decide_about_a_finding_is_told_and_what_is_done_is_not_told_again() {
    let mut office = open();
    office.place("jira", "jira", &["ticket"]);
    let mut finding = office.finding(Some(Category::JudgeFlag), Severity::High, "ana");
    finding.status = Status::Acknowledged;
    office.change(&mut finding, "finding.acknowledged");
    finding.hits = 8;
    office.change(&mut finding, "finding.amended");
    finding.status = Status::Closed;
    office.change(&mut finding, "finding.closed");
    office.settle();
    // All of it was read at once, when the finding was closed already.
    let acts: Vec<String> = office.waiting().into_iter().map(|row| row.2).collect();
    assert_eq!(acts, Vec::<String>::new(), "nobody is told of what was over before anybody was told of it");
    let mut finding = office.finding(Some(Category::JudgeFlag), Severity::High, "ben");
    office.settle();
    for (status, event_type) in [
        (Status::Acknowledged, "finding.acknowledged"),
        (Status::Acknowledged, "finding.amended"),
        (Status::Closed, "finding.closed"),
    ] {
        finding.status = status;
        office.change(&mut finding, event_type);
        office.settle();
    }
    let acts: Vec<String> = office.waiting().into_iter().map(|row| row.2).collect();
    assert_eq!(acts, ["open", "acknowledge", "update", "resolve"]);
}

#[test]
fn a_workspace_decides_otherwise_and_findings_cannot_flood_incidents() {
    let mut office = open();
    office.place("jira", "jira", &["ticket", "incident"]);
    let line = Line {
        category: "model_drift".to_owned(),
        action: Action::Incident,
        severity: Severity::Low,
        owners: Vec::new(),
        changed: None,
    };
    office.write(move |tx| Ok(tickets::choose_line(tx, &workspace(), &line, ("ann", Timestamp::from_millis(1)))?));
    for number in 0..105 {
        office.finding(Some(Category::ModelDrift), Severity::Low, &format!("m{number}"));
    }
    office.settle();
    assert_eq!(office.incidents().len(), 100);
    let waiting = office.waiting();
    assert_eq!(waiting.iter().filter(|row| row.1.starts_with("inc_")).count(), 100);
    assert_eq!(waiting.iter().filter(|row| row.1.starts_with("fnd_")).count(), 5, "the others get tickets");
}

#[test]
fn a_clerk_that_never_ran_begins_at_the_end_and_goes_on_where_it_was() {
    let mut office = open();
    office.place("jira", "jira", &["ticket"]);
    office.finding(Some(Category::JudgeFlag), Severity::High, "ana");
    office.settle();
    office.clerk.idle().unwrap();
    let mut again = Clerk::new(&office.desk);
    assert_eq!(again.cursor().unwrap(), office.log().size());
    assert_eq!(office.waiting().len(), 1);
}

#[test]
fn mails_arrive_at_a_server_that_is_not_ours() {
    // `cargo xt oracle tickets` says where a Python with aiosmtpd is.
    let Ok(python) = std::env::var("PICKET_TEST_SMTP") else { return };
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let address = format!("127.0.0.1:{port}");
    let mut server = std::process::Command::new(python)
        .args(["-u", "-m", "aiosmtpd", "-n", "-l", &address, "-c", "aiosmtpd.handlers.Debugging", "stdout"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while std::net::TcpStream::connect(&address).is_err() {
        assert!(server.try_wait().unwrap().is_none(), "the server ended");
        std::thread::yield_now();
    }
    let settings = json!({"host": "127.0.0.1", "port": port, "security": "none", "from": "picket@example.com", "to": ["soc@example.com"]});
    let kind = Kind::parse("email", &settings).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let network = |allowed: &[&str]| Network {
        caller: Caller::new(Outside { allowed: allowed.iter().map(|net| net.parse().unwrap()).collect(), ca: None }),
        within: Duration::from_secs(10),
    };
    let send = |network: &Network| {
        runtime.block_on(kind.carry_out(&Credentials::default(), Act::Open, &fixture::notice(), network))
    };
    let refused = send(&network(&[])).unwrap_err();
    assert!(refused.why.contains("integrations: { allow"), "{refused}");
    send(&network(&["127.0.0.1/32"])).unwrap();
    server.kill().unwrap();
    let said = String::from_utf8(server.wait_with_output().unwrap().stdout).unwrap();
    for line in ["Auto-Submitted: auto-generated", "To: soc@example.com", "Subject: [high] Many blocked prompts"] {
        assert!(said.contains(line), "{line}: {said}");
    }
}

/// A server that answers each request with the next status and body, and keeps what it was sent.
async fn server(answers: Vec<(u16, &'static str)>) -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let seen = std::sync::Arc::<std::sync::Mutex<Vec<String>>>::default();
    let kept = std::sync::Arc::clone(&seen);
    tokio::spawn(async move {
        let mut answers = answers.into_iter();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut buffer = [0; 8_192];
            while !is_whole(&request) {
                let count = stream.read(&mut buffer).await.unwrap();
                request.extend_from_slice(&buffer[..count]);
            }
            kept.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
            let (status, body) = answers.next().unwrap_or((202, TAKEN));
            let length = body.len();
            let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, seen)
}

/// What PagerDuty and Opsgenie say of what they take.
const TAKEN: &str = r#"{"status": "success", "requestId": "43a29c5c"}"#;

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

/// Has a place of this name lead to a server on this machine.
fn lead(office: &mut Office, mut place: Place, (url, settings): (&str, serde_json::Value), secret: (&str, &str)) {
    let outside = Outside { allowed: vec!["127.0.0.1/32".parse().unwrap()], ca: None };
    office.desk.network.caller = Caller::new(outside);
    (place.settings, place.host) = (settings, url.trim_start_matches("http://").to_owned());
    let credentials = Credentials::new([(secret.0.to_owned(), secret.1.to_owned().into())]);
    let (vault, now) = (office.desk.vault.clone(), office.clock.now());
    office.write(move |tx| {
        tickets::change_place(tx, &workspace(), &place, now)?;
        let entered = Entered { by: "ann".to_owned(), at: now, keep_until: None };
        let of = (place.id.as_str(), place.host.as_str());
        Ok(vault.put(tx, &workspace(), of, &secrets_of(&credentials), &entered)?)
    });
}

#[test]
fn what_people_do_with_a_ticket_elsewhere_is_shown_and_told_and_then_nobody_looks_any_more() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut office = open();
    let (url, seen) = runtime.block_on(server(vec![
        (202, TAKEN),
        (200, r#"{"data": {"status": "open", "acknowledged": false}}"#),
        (401, "no"),
        (404, "{}"),
        (200, r#"{"data": {"status": "open", "acknowledged": true}}"#),
        (200, r#"{"data": {"status": "open", "acknowledged": false}}"#),
        (200, r#"{"data": {"status": "closed\u001b", "acknowledged": true}}"#),
        (200, r#"{"data": {"status": "closed", "acknowledged": true}}"#),
    ]));
    let place = office.place("ops", "jsm_operations", &["ticket"]);
    lead(&mut office, place, (&url, json!({ "url": url })), ("api_key", "k7k7"));
    let finding = office.finding(Some(Category::JudgeFlag), Severity::High, "ana");
    office.settle();
    let (courier, lookout) = (Courier(office.desk.clone()), Lookout(office.desk.clone()));
    let free = UnderWay { per_lane: 1, ..UnderWay::default() };
    let open = courier.due(&free, 16).unwrap();
    assert_eq!(lookout.due(&free, 16).unwrap().len(), 0, "what is not open is not looked at");
    open.into_iter().for_each(|one| runtime.block_on(courier.carry_out(one.row)));
    assert_eq!(lookout.due(&free, 16).unwrap().len(), 0, "it was just told");
    let mut stood = Vec::new();
    for _ in 0..7 {
        office.clock.advance(Duration::from_secs(3_600));
        let due = lookout.due(&free, 16).unwrap();
        assert_eq!(due.len(), 1, "{stood:?}");
        due.into_iter().for_each(|one| runtime.block_on(lookout.carry_out(one.row)));
        let ticket =
            office.read(|connection| tickets::tickets_of(connection, &workspace(), &finding.id)).pop().unwrap();
        stood.push(format!("{} {:?} {:?}", ticket.state, ticket.remote_state, ticket.error));
    }
    assert_eq!(
        stood,
        [
            r#"open Some("open") None"#,
            r#"open Some("open") Some("the alert was not told: the answer was 401: no")"#,
            r#"open Some("open") Some("jsm_operations does not show it any more")"#,
            r#"acknowledged Some("acknowledged") None"#,
            r#"acknowledged Some("open") None"#,
            r#"acknowledged Some("closed\\u{1b}") None"#,
            r#"resolved Some("closed") None"#,
        ]
    );
    office.clock.advance(Duration::from_secs(86_400));
    assert_eq!(lookout.due(&free, 16).unwrap().len(), 0, "what is done is not looked at");
    let place = office.read(|connection| tickets::get_place(connection, &workspace(), "ops")).unwrap();
    assert_eq!((place.failures, place.error), (0, None), "how a place is does not go by looks");
    let told: Vec<String> = office
        .log()
        .batch(0, 1_000)
        .unwrap()
        .iter()
        .filter_map(|logged| logged.event.as_deref())
        .filter(|event| event.event_type.as_str().starts_with("ticket."))
        .map(|event| format!("{} {}", event.event_type, event.reason.clone().unwrap()))
        .collect();
    let id = &finding.id;
    assert_eq!(
        told,
        [
            format!("ticket.opened open of {id} at jsm_operations"),
            format!(
                "ticket.acknowledged somebody at jsm_operations changed the ticket of {id}: it is acknowledged there"
            ),
            format!("ticket.resolved somebody at jsm_operations changed the ticket of {id}: it is closed there"),
        ]
    );
    let asked = seen.lock().unwrap().get(1).cloned().unwrap();
    assert!(asked.starts_with(&format!("GET /alerts/picket-{id}?identifierType=alias HTTP/1.1")), "{asked}");
}

#[test]
fn a_ticket_that_somebody_ended_elsewhere_is_told_of_what_is_worse() {
    let mut office = open();
    let place = office.place("jira", "jira", &["ticket", "incident"]);
    office.finding(Some(Category::PromptAttack), Severity::High, "eve");
    office.settle();
    let incident = office.incidents().pop().unwrap();
    let ticket = |office: &Office| {
        office.read(|connection| tickets::tickets_of(connection, &workspace(), &incident.id)).pop().unwrap()
    };
    let (before, now) = (ticket(&office), office.clock.now());
    let seen = tickets::Seen { state: Some(State::Resolved), ..tickets::Seen::default() };
    office.write(move |tx| Ok(tickets::see(tx, &workspace(), &before, &seen, now)?));
    office.finding(Some(Category::PromptAttack), Severity::Critical, "eve");
    office.settle();
    let update = (place.id, incident.id.clone(), "update".to_owned());
    assert!(office.waiting().contains(&update), "{:?}", office.waiting());
}

/// Tickets that are open in places of a kind, due to be looked at.
fn looked_at(kind: &str, settings: &serde_json::Value, count: usize) -> (Office, Lookout) {
    let mut office = open();
    let mut place = office.place("ops", kind, &["ticket"]);
    place.settings = settings.clone();
    let (changed, now) = (place, office.clock.now());
    office.write(move |tx| Ok(tickets::change_place(tx, &workspace(), &changed, now)?));
    for number in 0..count {
        office.finding(Some(Category::JudgeFlag), Severity::High, &format!("user{number}"));
    }
    office.settle();
    let now = office.clock.now();
    office.write(move |tx| {
        for row in tickets::due(tx.connection(), &workspace(), (now, &[]), 100)? {
            let told = tickets::Told { state: Some(State::Open), look_at: Some(now), ..tickets::Told::default() };
            tickets::tell(tx, &workspace(), &row.ticket, &told, now)?;
            tickets::done_with(tx, &workspace(), row.id)?;
        }
        Ok(())
    });
    let lookout = Lookout(office.desk.clone());
    (office, lookout)
}

#[test]
fn a_place_that_refuses_is_asked_once_and_not_for_each_ticket_and_one_that_tells_nothing_never_said_so() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let free = UnderWay { per_lane: 1, ..UnderWay::default() };
    // Without credentials nothing leaves.
    let (office, lookout) = looked_at("jsm_operations", &json!({"url": "https://api.opsgenie.com/v2"}), 5);
    let mut due = lookout.due(&free, 16).unwrap();
    assert_eq!(due.len(), 5);
    runtime.block_on(lookout.carry_out(due.pop().unwrap().row));
    assert_eq!(lookout.due(&free, 16).unwrap().len(), 0, "the others wait as well");
    office.clock.advance(Duration::from_secs(900));
    assert_eq!(lookout.due(&free, 16).unwrap().len(), 5);
    // Paused places are not asked, and resumed ones at once.
    let place = office.read(|connection| tickets::get_place(connection, &workspace(), "ops")).unwrap();
    for (state, count) in [(PlaceState::Paused, 0), (PlaceState::Active, 5)] {
        let (changed, now) = (Place { state, ..place.clone() }, office.clock.now());
        office.write(move |tx| Ok(tickets::change_place(tx, &workspace(), &changed, now)?));
        assert_eq!(lookout.due(&free, 16).unwrap().len(), count, "{state}");
    }
    let (office, lookout) = looked_at("pagerduty", &json!({}), 1);
    let due = lookout.due(&free, 16).unwrap().pop().unwrap();
    let id = due.row.0.id.clone();
    runtime.block_on(lookout.carry_out(due.row));
    office.clock.advance(Duration::from_secs(86_400));
    assert_eq!(lookout.due(&free, 16).unwrap().len(), 0);
    let ticket = office.read(|connection| tickets::get_ticket(connection, &workspace(), &id)).unwrap();
    assert_eq!((ticket.seen_at, ticket.error), (None, None));
}

#[test]
fn why_something_was_given_up_outlives_looks() {
    let (office, _) = looked_at("jsm_operations", &json!({}), 1);
    let before = office.read(|connection| tickets::list_tickets(connection, &workspace(), None, 1)).pop().unwrap();
    let (id, place, subject, now) =
        (before.id.clone(), before.place.clone(), before.subject.clone(), office.clock.now());
    office.write(move |tx| {
        tickets::enqueue(tx, &workspace(), (&id, &place, &subject, "resolve"), now)?;
        for row in tickets::due(tx.connection(), &workspace(), (now, &[]), 1)? {
            tickets::bury(tx, &workspace(), row.id, (now, "refused"))?;
        }
        let told = tickets::Told { error: Some("refused".to_owned()), ..tickets::Told::default() };
        Ok(tickets::tell(tx, &workspace(), &id, &told, now)?)
    });
    let before = office.read(|connection| tickets::get_ticket(connection, &workspace(), &before.id)).unwrap();
    let (id, seen) = (before.id.clone(), tickets::Seen { seen_at: Some(now), ..tickets::Seen::default() });
    assert!(office.write(move |tx| Ok(tickets::see(tx, &workspace(), &before, &seen, now)?)));
    let after = office.read(|connection| tickets::get_ticket(connection, &workspace(), &id)).unwrap();
    assert_eq!((after.error.as_deref(), after.seen_at), (Some("refused"), Some(now)));
}

#[test]
fn a_look_that_ends_after_something_else_was_done_says_nothing() {
    let mut office = open();
    office.place("ops", "jsm_operations", &["ticket"]);
    let finding = office.finding(Some(Category::JudgeFlag), Severity::High, "ana");
    office.settle();
    let ticket = |office: &Office| {
        office.read(|connection| tickets::tickets_of(connection, &workspace(), &finding.id)).pop().unwrap()
    };
    let before = ticket(&office);
    office.clock.advance(Duration::from_secs(1));
    let (id, now) = (before.id.clone(), office.clock.now());
    let told = tickets::Told { state: Some(State::Resolved), ..tickets::Told::default() };
    office.write(move |tx| Ok(tickets::tell(tx, &workspace(), &id, &told, now)?));
    let seen = tickets::Seen { state: Some(State::Acknowledged), ..tickets::Seen::default() };
    assert!(!office.write(move |tx| Ok(tickets::see(tx, &workspace(), &before, &seen, now)?)));
    assert_eq!(ticket(&office).state, State::Resolved);
}

#[test]
fn the_courier_tries_again_gives_up_what_is_refused_and_writes_both_down() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let mut office = open();
    let (url, seen) = runtime.block_on(server(vec![(503, "{}"), (202, TAKEN), (400, "{}")]));
    let (place, secret) = (office.place("pager", "pagerduty", &["ticket"]), "k7".repeat(16));
    lead(&mut office, place, (&url, json!({ "url": url })), ("routing_key", &secret));
    let mut finding = office.finding(Some(Category::JudgeFlag), Severity::High, "ana");
    office.settle();
    let courier = Courier(office.desk.clone());
    let step = |office: &Office| {
        let due = courier.due(&UnderWay { per_lane: 1, ..UnderWay::default() }, 16).unwrap();
        let count = due.len();
        due.into_iter().for_each(|one| runtime.block_on(courier.carry_out(one.row)));
        (count, office.read(|connection| tickets::tickets_of(connection, &workspace(), &finding.id)).pop().unwrap())
    };
    let (count, ticket) = step(&office);
    assert_eq!((count, ticket.state), (1, State::Opening));
    assert!(ticket.error.unwrap().contains("503"));
    assert_eq!(step(&office).0, 0, "it waits");
    office.clock.advance(Duration::from_secs(60));
    let (count, ticket) = step(&office);
    assert_eq!((count, ticket.state, ticket.error), (1, State::Open, None));
    assert_eq!(ticket.remote_key, Some(format!("picket-{}", finding.id)));
    finding.status = Status::Acknowledged;
    office.change(&mut finding, "finding.acknowledged");
    office.settle();
    let step = |office: &Office| {
        let due = courier.due(&UnderWay { per_lane: 1, ..UnderWay::default() }, 16).unwrap();
        due.into_iter().for_each(|one| runtime.block_on(courier.carry_out(one.row)));
        office.read(|connection| tickets::dead(connection, &workspace(), 10))
    };
    let dead = step(&office);
    assert_eq!((dead.len(), dead[0].was.act.as_str()), (1, "acknowledge"));
    let told = office.log().batch(0, 1_000).unwrap();
    let types: Vec<&str> =
        told.iter().filter_map(|logged| logged.event.as_deref()).map(|event| event.event_type.as_str()).collect();
    assert!(types.contains(&"ticket.opened") && types.contains(&"ticket.failed"), "{types:?}");
    let (replayed, now) = (finding.id.clone(), office.clock.now());
    let ticket = office.read(|connection| tickets::tickets_of(connection, &workspace(), &replayed)).pop().unwrap();
    office.write(move |tx| Ok(tickets::replay(tx, &workspace(), Some(&ticket.id), now)?));
    assert_eq!(step(&office), []);
    let ticket = office.read(|connection| tickets::tickets_of(connection, &workspace(), &finding.id)).pop().unwrap();
    assert_eq!(ticket.state, State::Acknowledged);
    let seen = seen.lock().unwrap().clone();
    assert_eq!(seen.len(), 4);
    let shown = format!("{:?}", told.iter().map(|logged| logged.event.clone()).collect::<Vec<_>>());
    assert!(seen[0].contains(&secret) && !shown.contains(&secret));
}
