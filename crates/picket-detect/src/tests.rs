mod busy;
mod keep;
mod late;
mod loading;

use super::*;
use crate::manage::{CloseFinding, DetectError, NewSuppression};
use picket_bodies::Bodies;
use picket_contain::Rules as Operator;
use picket_db::{Lane, Options as DbOptions, Ticket};
use picket_event::{Decision, Event, EventType, Identity, Severity};
use picket_keys::{Keyring, RootKey};
use picket_log::{AppendError, Logs, Options};
use picket_pipeline::Consumer as _;
use picket_stdx::{Clock, random};
use picket_store::containments::{self, Containments, Never};
use picket_store::detection::findings::{Filter, Finding, Status, Verdict};
use picket_store::detection::{entities, suppressions};
use std::path::Path;

mod profiles;

static WS: std::sync::LazyLock<Workspace> = std::sync::LazyLock::new(|| Workspace::parse("ws_test").unwrap());
const RULES: &str = "\
title: Block
name: block
logsource: { product: picket }
detection: { s: { event_type: request, decision: blocked }, condition: s }
---
title: Many blocks of one user
id: many
status: stable
level: high
correlation: { type: event_count, rules: [block], group-by: [user], timespan: 5m, condition: { gte: 3 } }
x-picket:
  category: guardrail-block
  entity: user
  risk: { score: 40, half-life: 1d }
  response: { action: block, ttl: 10m, max-per-hour: 5 }
---
title: Error
id: error
level: low
logsource: { product: picket }
detection: { s: { decision: error }, condition: s }
";

struct Place {
    folder: tempfile::TempDir,
    clock: Clock,
    detection: Detection,
    log: EventLog,
    detector: Detector,
}

fn open(folder: &Path, clock: &Clock, never: Never) -> (Detection, EventLog, bool) {
    let tables = [
        picket_keys::MIGRATIONS,
        picket_bodies::MIGRATIONS,
        picket_log::MIGRATIONS,
        picket_store::MIGRATIONS,
        picket_store::detection::MIGRATIONS,
    ];
    let db = Db::open(DbOptions::new(folder.join("picket.db")), &tables).unwrap();
    let root = folder.join("root");
    let bytes = std::fs::read(&root).ok().and_then(|bytes| bytes.try_into().ok()).unwrap_or_else(random::bytes);
    std::fs::write(&root, bytes).unwrap();
    let keyring = Keyring::open(&db, RootKey::new(bytes)).unwrap();
    let bodies = Bodies::new(&db, &keyring);
    let options = Options { host: "test.example".to_owned(), state: folder.join("state"), clock: clock.clone() };
    let is_new = !Logs::exist(&db).unwrap();
    if is_new {
        Logs::create(&db, &keyring, &options, &WS).unwrap();
    }
    let log = Logs::open(&db, &keyring, &bodies, &options).unwrap().workspace(&WS).unwrap().clone();
    let container = Container {
        db: db.clone(),
        log: log.clone(),
        workspace: WS.clone(),
        in_force: Containments::open(&db, &WS, never.clone()).unwrap(),
        rules: Arc::new(Operator { never, ..Operator::default() }),
    };
    let sources = Sources { is_shipped: false, rules: vec![folder.join("rules.yml")], data: Vec::new() };
    let detection = Detection::open(container, Settings { sources, ..Settings::default() }).unwrap();
    (detection, log, is_new)
}

impl Place {
    fn new(rules: &str) -> Self {
        Self::with(rules, Never::default())
    }

    fn with(rules: &str, never: Never) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("rules.yml"), rules).unwrap();
        let clock = Clock::manual(Timestamp::from_millis(1_700_000_000_000));
        let (detection, log, _) = open(folder.path(), &clock, never);
        let mut detector = Detector::new(&detection);
        detector.cursor().unwrap();
        Self { folder, clock, detection, log, detector }
    }

    /// Another process on the same data: what was only in memory is gone.
    fn restart(self) -> Self {
        let Self { folder, clock, detection, log, detector } = self;
        detection.db().close();
        drop((detection, log, detector));
        let (detection, log, is_new) = open(folder.path(), &clock, Never::default());
        assert!(!is_new);
        Self { folder, clock, detector: Detector::new(&detection), detection, log }
    }

    fn append(&self, event: Event) {
        self.log.append(Lane::Gateway, self.log.prepare(event, &[])).wait().unwrap();
    }

    fn request(&self, user: &str, decision: Decision) -> Event {
        self.clock.advance(Duration::from_secs(1));
        let mut event = Event::new(EventType::REQUEST, WS.as_str(), self.clock.now());
        event.user = Some(user.to_owned());
        event.key_id = Some("key_1".to_owned());
        event.identity = Some(Identity::Key);
        event.decision = decision;
        event
    }

    fn blocks(&self, user: &str, count: usize) {
        (0..count).for_each(|_| self.append(self.request(user, Decision::Blocked)));
    }

    /// Reads the log to its end, as the runner does after a start or a failure.
    fn catch_up(&mut self) {
        let mut at = self.detector.cursor().unwrap();
        while at < self.log.size() {
            let batch = self.log.batch(at, 100).unwrap();
            at = self.detector.apply(&batch).unwrap();
        }
        self.detector.idle().unwrap();
    }

    fn findings(&self) -> Vec<Finding> {
        let list = |connection: &_| findings::list(connection, &WS, &Filter::default(), 100);
        let mut all = self.detection.db().read(list).unwrap();
        all.sort_by_key(|finding| (finding.first_at, finding.created_at));
        all
    }

    fn events(&self, event_type: &str) -> Vec<Event> {
        let all = self.log.batch(0, 1_000).unwrap();
        let events = all.iter().filter_map(|logged| logged.event.as_deref());
        events.filter(|event| event.event_type.as_str() == event_type).cloned().collect()
    }

    fn enable(&self, rule: &str, responds: bool) {
        self.detection.choose(rule, (RuleState::Enabled, responds.then_some(true)), "a test", "bob").unwrap();
    }

    fn containments(&self) -> Vec<containments::Containment> {
        self.detection.db().read(|connection| containments::list(connection, &WS, None, 100)).unwrap()
    }
}

fn misfit<T: fmt::Debug>(result: Result<T, picket_db::WriteError<DetectError>>) -> String {
    match result {
        Err(picket_db::WriteError::Job(error)) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn many_blocks_become_one_finding_that_grows_and_is_told_less_and_less() {
    let mut place = Place::new(RULES);
    place.enable("many", false);
    place.blocks("ana", 2);
    place.catch_up();
    assert_eq!(place.findings(), []);
    place.blocks("ana", 1);
    place.append(place.request("ben", Decision::Error));
    place.catch_up();
    let all = place.findings();
    let [many, error] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(
        (many.entity_kind.as_str(), many.entity.as_str(), many.hits, many.severity),
        ("user", "ana", 1, Severity::High)
    );
    assert_eq!((many.details.evidence.len(), many.is_shadow), (3, false));
    assert!((many.details.confidence - 0.9).abs() < 1e-9 && (many.details.risk - 36.0).abs() < 1e-9);
    assert_eq!((error.rule.as_str(), error.is_shadow, error.severity), ("error", true, Severity::Low));
    let [created] = place.events("finding.created").try_into().unwrap();
    assert_eq!(created.target, Some(format!("finding:{}", many.id)));
    assert_eq!((created.user.as_deref(), created.rule_id.as_deref()), (Some("ana"), Some("many")));
    for _ in 0..20 {
        place.blocks("ana", 1);
        place.catch_up();
    }
    let many = &place.findings()[0];
    assert_eq!((many.hits, many.details.evidence.len(), place.findings().len()), (21, 23, 2));
    assert_eq!(place.events("finding.amended").len(), 4, "at 2, 4, 8 and 16");
    let risk = |connection: &_| entities::history(connection, &WS, ("user", "ana"), 10);
    assert_eq!(place.detection.db().read(risk).unwrap().len(), 1, "one finding weighs once");
    place.clock.advance(Duration::from_secs(2 * 3_600));
    place.blocks("ana", 3);
    place.catch_up();
    assert_eq!(place.findings().len(), 3, "after the window it is another one");
}

#[test]
fn whenever_the_process_ends_each_finding_is_made_once() {
    // One finding of six blocks of each of two users, whatever is lost of what was only in memory.
    for cut in 0..12 {
        let mut place = Place::new(RULES);
        place.enable("many", false);
        for number in 0..12 {
            place.blocks(if number % 2 == 0 { "ana" } else { "ben" }, 1);
            if number % 3 == 0 {
                place.catch_up();
            }
            if number == cut {
                place = place.restart();
            }
        }
        place.catch_up();
        place = place.restart();
        place.catch_up();
        let told: Vec<_> = place.findings().iter().map(|finding| (finding.entity.clone(), finding.hits)).collect();
        assert_eq!(told, [("ana".to_owned(), 4), ("ben".to_owned(), 4)], "cut after {cut}");
        assert_eq!(place.events("finding.created").len(), 2, "cut after {cut}");
    }
}

#[test]
fn a_response_contains_whom_the_rule_means_once_and_what_it_caused_is_not_counted() {
    let mut place = Place::new(RULES);
    place.enable("many", true);
    place.blocks("ana", 3);
    place.catch_up();
    let [block] = place.containments().try_into().unwrap();
    assert_eq!(
        (block.target.as_str(), block.cause.as_deref(), block.created_by.as_str()),
        ("ana", Some("many"), "picket")
    );
    assert_eq!(block.lasts, Duration::from_secs(600));
    let finding = &place.findings()[0];
    assert_eq!(finding.details.responses[0].containment.as_ref(), Some(&block.id));
    let caused = |place: &Place| Event {
        policy_violated: Some("containment".to_owned()),
        finding_type: Some("contained".to_owned()),
        ..place.request("ana", Decision::Blocked)
    };
    (0..9).for_each(|_| place.append(caused(&place)));
    place.catch_up();
    assert_eq!(place.findings()[0].hits, 1);
    // Its own event too; what found nothing may be read twice after a failure.
    assert!(place.detection.metrics().counts().contained >= 10);
    place.blocks("ana", 1);
    place.catch_up();
    assert_eq!((place.findings()[0].hits, place.containments().len()), (2, 1), "it is in force already");
    place.detection.container().undo(&block.id, "bob", None).unwrap();
    place.blocks("ana", 1);
    place.catch_up();
    assert_eq!(place.containments().len(), 1, "a person ended it, and the finding is the same");
    place
        .detection
        .close(
            &place.findings()[0].id,
            CloseFinding { verdict: Verdict::TruePositive, note: None, suppress: None },
            "bob",
        )
        .unwrap();
    place.blocks("ana", 1);
    place.catch_up();
    assert_eq!((place.findings().len(), place.containments().len()), (2, 2), "a new finding is news");
}

#[test]
fn who_is_never_contained_is_not_and_a_claimed_name_contains_the_key_that_sent_it() {
    let never = Never { users: vec!["root".to_owned()], ..Never::default() };
    let mut place = Place::with(RULES, never);
    place.enable("many", true);
    place.blocks("root", 3);
    let claims = |place: &Place, user: &str| Event {
        identity: Some(Identity::Claimed),
        ..place.request(user, Decision::Blocked)
    };
    for user in ["ana", "ben", "cem"] {
        place.append(claims(&place, user));
    }
    place.catch_up();
    let all = place.findings();
    assert!(all[0].details.responses[0].refused.as_ref().unwrap().contains("never contained"), "{all:?}");
    let [block] = place.containments().try_into().unwrap();
    assert_eq!((block.kind.as_str(), block.target.as_str()), ("key", "key_1"));
    assert_eq!(place.detection.metrics().counts().responses_refused, 1);
}

#[test]
fn old_news_is_told_and_nobody_is_contained_for_it() {
    let mut place = Place::new(RULES);
    place.enable("many", true);
    place.blocks("ana", 3);
    place.clock.advance(Duration::from_secs(3_600));
    place.catch_up();
    assert_eq!(place.containments(), []);
    assert!(place.findings()[0].details.responses[0].refused.as_ref().unwrap().contains("ten minutes"));
}

#[test]
fn a_request_that_took_long_is_no_old_news_when_it_ends() {
    let mut place = Place::new(RULES);
    place.enable("many", true);
    place.blocks("ana", 2);
    let mut long = place.request("ana", Decision::Blocked);
    long.latency_ms = Some(900_000);
    place.clock.advance(Duration::from_secs(900));
    place.append(long);
    place.catch_up();
    let found = place.findings();
    assert_eq!((place.containments().len(), &found[0].details.responses[0].refused), (1, &None), "{found:?}");
}

#[test]
fn a_rule_of_others_watches_until_somebody_enables_it_and_a_disabled_one_finds_nothing() {
    let mut place = Place::new(RULES);
    place.blocks("ana", 3);
    place.catch_up();
    assert_eq!(place.findings().iter().map(|one| one.is_shadow).collect::<Vec<_>>(), [true]);
    assert_eq!(place.events("finding.created").len() + place.containments().len(), 0);
    let disable = |rule: &str| place.detection.choose(rule, (RuleState::Disabled, None), "noise", "bob");
    disable("many").unwrap();
    assert_eq!(misfit(disable("nothing")), "there is no such rule");
    assert!(misfit(place.detection.choose("error", (RuleState::Enabled, Some(true)), "x", "bob")).contains("response"));
    place.blocks("ana", 3);
    place.catch_up();
    assert_eq!(place.findings().len(), 1);
    assert_eq!(place.findings()[0].hits, 1);
    place = place.restart();
    let set = place.detection.set();
    assert_eq!(
        place.detection.standing(&set.infos[set.find("many").unwrap()]),
        (RuleState::Disabled, false),
        "it outlives a restart"
    );
    let [event] = place.events("detection.rule_disabled").try_into().unwrap();
    assert_eq!((event.actor.as_deref(), event.rule_id.as_deref()), (Some("bob"), Some("many")));
}

#[test]
fn a_suppression_holds_back_and_counts_until_it_is_over() {
    let mut place = Place::new(RULES);
    place.enable("many", true);
    let new = |lasts| NewSuppression {
        rule: Some("many".to_owned()),
        entity: Some(("user".to_owned(), "ana".to_owned())),
        reason: "a load test".to_owned(),
        lasts: Duration::from_secs(lasts),
    };
    assert!(
        misfit(place.detection.suppress(NewSuppression { rule: None, entity: None, ..new(600) }, "bob"))
            .contains("names")
    );
    assert!(misfit(place.detection.suppress(new(1), "bob")).contains("from 1m"));
    let made = place.detection.suppress(new(600), "bob").unwrap();
    place.blocks("ana", 4);
    place.blocks("ben", 3);
    place.catch_up();
    assert_eq!(place.findings().iter().map(|one| one.entity.as_str()).collect::<Vec<_>>(), ["ben"]);
    assert_eq!(place.containments().len(), 1, "what is not told is not acted on");
    let held = place.detection.db().read(|connection| suppressions::get(connection, &WS, &made.id)).unwrap().unwrap();
    assert_eq!((held.hits, place.detection.metrics().counts().suppressed), (2, 2));
    place.clock.advance(Duration::from_secs(601));
    place.blocks("ana", 3);
    place.catch_up();
    assert_eq!(place.findings().len(), 2);
    let again = place.detection.suppress(new(600), "bob").unwrap();
    place.detection.end_suppression(&again.id, "bob").unwrap();
    assert_eq!(misfit(place.detection.end_suppression(&again.id, "bob")), "it is over already");
    let told: Vec<_> =
        ["suppression.created", "suppression.ended"].iter().map(|kind| place.events(kind).len()).collect();
    assert_eq!(told, [2, 1]);
}

#[test]
fn people_take_findings_up_and_close_them_once_and_rules_learn_how_right_they_are() {
    let mut place = Place::new(RULES);
    place.enable("many", false);
    place.blocks("ana", 3);
    place.catch_up();
    let id = place.findings()[0].id.clone();
    let taken = place.detection.acknowledge(&id, Some("looking".to_owned()), "bob").unwrap();
    assert_eq!((taken.status, taken.details.notes.len(), taken.version), (Status::Acknowledged, 1, 2));
    assert_eq!(misfit(place.detection.acknowledge(&id, None, "eve")), "it is acknowledged already");
    place.detection.comment(&id, "asked the team".to_owned(), "bob").unwrap();
    let close = CloseFinding {
        verdict: Verdict::FalsePositive,
        note: Some("a load test".to_owned()),
        suppress: Some(Duration::from_secs(3_600)),
    };
    let closed = place.detection.close(&id, close.clone(), "bob").unwrap();
    assert_eq!((closed.status, closed.verdict), (Status::Closed, Some(Verdict::FalsePositive)));
    assert_eq!(misfit(place.detection.close(&id, close.clone(), "bob")), "it is closed already");
    assert_eq!(misfit(place.detection.close("fnd_none", close, "bob")), "there is no such finding");
    let set = place.detection.set();
    assert!((place.detection.confidence(&set.infos[set.find("many").unwrap()]) - 0.75).abs() < 1e-9, "4.5 of 6");
    place.blocks("ana", 3);
    place.catch_up();
    assert_eq!(place.findings().len(), 1, "it is silent for a while");
    for (kind, count) in
        [("finding.acknowledged", 1), ("finding.commented", 1), ("finding.closed", 1), ("suppression.created", 1)]
    {
        assert_eq!(place.events(kind).len(), count, "{kind}");
    }
    assert!(place.events("finding.closed")[0].reason.as_ref().unwrap().contains("false_positive"));
}

#[test]
fn an_event_that_comes_late_can_take_a_finding_back() {
    let rules = RULES.replace("gte: 3", "lt: 2").replace("timespan: 5m", "timespan: 1m");
    let mut place = Place::new(&rules);
    place.enable("many", false);
    let early = place.request("ana", Decision::Blocked);
    place.blocks("ana", 1);
    place.catch_up();
    assert_eq!(place.findings()[0].hits, 1, "one in a minute is fewer than two");
    place.append(early);
    place.catch_up();
    let finding = &place.findings()[0];
    assert!(finding.details.amended, "{finding:?}");
    assert_eq!(place.events("finding.amended").len(), 1);
}

#[test]
fn a_rule_that_finds_too_much_is_cut_off_and_counted() {
    let rules = RULES.replace("gte: 3", "gte: 1");
    let mut place = Place::new(&rules);
    place.enable("many", false);
    let (now, count) = (place.clock.now(), NEW_PER_HOUR);
    for _ in 0..count {
        assert!(place.detection.may_find("many", now));
    }
    place.blocks("ana", 1);
    place.catch_up();
    assert_eq!((place.findings().len(), place.detection.metrics().counts().over_limit), (0, 1));
    place.clock.advance(Duration::from_secs(3_600));
    place.blocks("ana", 1);
    place.catch_up();
    assert_eq!(place.findings().len(), 1);
}

#[test]
fn what_was_in_the_log_before_detection_ran_is_not_news() {
    let place = Place::new(RULES);
    place.enable("many", false);
    place.blocks("ana", 3);
    let mut place = Place { detector: Detector::new(&place.detection), ..place };
    place.catch_up();
    assert_eq!(place.findings(), []);
}

#[test]
fn an_agent_is_halted_for_the_key_that_sent_it_and_nobody_can_halt_the_agent_of_another() {
    let rules = RULES.replace("group-by: [user]", "group-by: [agent_id]").replace("entity: user", "entity: agent");
    let mut place = Place::new(&rules);
    place.enable("many", true);
    for _ in 0..3 {
        let event = Event { agent_id: Some("builder".to_owned()), ..place.request("ana", Decision::Blocked) };
        place.append(event);
    }
    place.catch_up();
    let [block] = place.containments().try_into().unwrap();
    assert_eq!((block.kind.as_str(), block.target.as_str()), ("agent", "builder"));
    assert_eq!(block.sender, Some((containments::TargetKind::Key, "key_1".to_owned())));
    let whom = |key| containments::Whom { key: Some(key), agent: Some("builder"), ..containments::Whom::default() };
    let concerned = |key| place.detection.container().in_force.of(&whom(key), place.clock.now()).len();
    assert_eq!((concerned("key_1"), concerned("key_2")), (1, 0));
}
