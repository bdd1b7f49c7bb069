//! Services that answer, lie, dawdle and vanish.

use super::*;
use picket_llm::{Endpoint, Request};
use picket_policy::{Subject, Toolbox, compile};
use picket_stdx::Timestamp;
use picket_testkit::service::{Question, Reply, Service};
use serde_json::json;
use std::sync::atomic::Ordering;

struct Asking {
    policy: Policy,
    remotes: Vec<Arc<Remote>>,
    pool: Remotes,
}

impl Asking {
    fn new(url: &str, settings: &str) -> Self {
        let text =
            format!("policies: {{ chain: [acme] }}\npolicy:\n  acme: {{ kind: remote, url: \"{url}\"{settings} }}\n");
        let policy = compile(&text, "test").unwrap_or_else(|problems| panic!("{problems}"));
        let remotes = policy
            .remotes()
            .map(|(name, settings)| Arc::new(Remote::new(name, settings, None, Reach::default()).unwrap()));
        Self { remotes: remotes.collect(), policy, pool: Remotes::default() }
    }

    async fn ask(&self, text: &str) -> Judgement {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]});
        let request = Request::parse(Endpoint::ChatCompletions, body.to_string().into()).unwrap();
        let judgement = self.policy.judge_request(
            &request,
            &Subject::default(),
            &Toolbox::default(),
            Timestamp::default(),
            |_, _| [0; 16],
        );
        self.pool.complete(&self.remotes, &self.policy, judgement, "req_1").await
    }

    /// The action, and why there was no answer.
    async fn outcome(&self, text: &str) -> (Action, Option<String>) {
        let judgement = self.ask(text).await;
        let failed = judgement.code == "check_failed";
        (judgement.action(), failed.then(|| judgement.evidence[0].kind.clone()))
    }

    fn counts(&self) -> RemoteCounts {
        self.remotes[0].counts()
    }

    fn failed(&self, word: &str) -> u64 {
        self.counts().failed.iter().find(|(other, _)| *other == word).unwrap().1
    }
}

fn run(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(test);
}

fn bad(question: &Question) -> Reply {
    Reply::each(question, |text| json!({"score": if text.contains("bad") { 0.9 } else { 0.1 }}))
}

fn ok(body: &str) -> Reply {
    Reply::Json(200, body.to_owned())
}

#[test]
fn questions_are_answered_over_one_connection_and_counted() {
    let service = Service::start(bad).unwrap();
    run(async {
        let asking = Asking::new(&service.url(), ", timeout: 10s");
        for (text, action) in [("good", Action::Allow), ("bad", Action::Block), ("good again", Action::Allow)] {
            assert_eq!(asking.outcome(text).await, (action, None), "{text}");
        }
        let counts = asking.counts();
        assert_eq!((counts.answered, counts.in_flight, counts.circuit), (3, 0, Circuit::Closed));
        assert!(counts.asked_us > 0);
    });
    assert_eq!((service.connections(), service.questions().len()), (1, 3));
    let question = &service.questions()[1];
    assert!(question.head.starts_with("post /judge http/1.1\r\n"), "{}", question.head);
    assert_eq!(question.body["request_id"], "req_1");
    assert_eq!(question.body["texts"][0]["text"], "bad");
}

#[test]
fn whatever_a_service_does_the_request_is_judged_by_on_error_and_goes_on() {
    let headed = |rest: &[u8]| [b"HTTP/1.1 200 -\r\n".as_slice(), rest].concat();
    let cases: Vec<(&str, Reply, &str)> = vec![
        ("no JSON", ok("<html>"), "invalid_answer"),
        ("nothing", ok(""), "invalid_answer"),
        ("no result", ok(r#"{"results":[]}"#), "invalid_answer"),
        ("another's result", ok(r#"{"results":[{"id":"7","score":0}]}"#), "invalid_answer"),
        ("no number", ok(r#"{"results":[{"id":"0","score":NaN}]}"#), "invalid_answer"),
        ("a span beyond", ok(r#"{"results":[{"id":"0","score":0,"spans":[{"start":0,"end":9}]}]}"#), "invalid_answer"),
        ("huge", ok(&" ".repeat(ANSWER_BYTES_MAX * 3)), "invalid_answer"),
        ("endless", Reply::Endless(headed(b"transfer-encoding: chunked\r\n\r\n")), "unreachable"),
        ("endless interim answers", Reply::Endless(b"HTTP/1.1 100 Continue\r\n\r\n".to_vec()), "invalid_answer"),
        ("an endless head", Reply::Endless(b"x: y\r\n".to_vec()), "unreachable"),
        ("another protocol", Reply::Raw(b"SSH-2.0-x\r\n".to_vec()), "unreachable"),
        ("half an answer", Reply::Raw(headed(b"content-length: 100\r\n\r\n{")), "unreachable"),
        ("the end", Reply::Raw(Vec::new()), "unreachable"),
        ("an error", Reply::Json(500, "{}".to_owned()), "bad_status"),
        ("no content", Reply::Json(204, String::new()), "bad_status"),
        (
            "a redirect",
            Reply::Raw(b"HTTP/1.1 307 -\r\nlocation: /judge\r\ncontent-length: 0\r\n\r\n".to_vec()),
            "bad_status",
        ),
        ("silence", Reply::Hang, "timeout"),
    ];
    for (name, reply, word) in cases {
        let service = Service::start(move |_| reply.clone()).unwrap();
        run(async {
            // Silence is waited for; the others answer at once, however busy the machine is.
            let timeout = if word == "timeout" { "200ms" } else { "10s" };
            let settings = format!(", on_error: flag, timeout: {timeout}");
            let asking = Asking::new(&service.url(), &settings);
            let outcome = asking.outcome("hello").await;
            assert_eq!(outcome, (Action::Flag, Some(word.to_owned())), "{name}");
            assert_eq!((asking.failed(word), asking.counts().in_flight), (1, 0), "{name}");
        });
        // Where nothing came, the connection may just have been idle for too long.
        let most = if name == "the end" { 2 } else { 1 };
        assert!(service.questions().len() <= most, "{name}: asked again");
    }
}

#[test]
fn a_service_that_closes_connections_unasked_is_answered_all_the_same() {
    let service = Service::start(|question| {
        let Reply::Json(_, body) = bad(question) else { return Reply::Hang };
        let head = format!("HTTP/1.1 200 -\r\ncontent-length: {}\r\n\r\n", body.len());
        Reply::Raw([head.as_bytes(), body.as_bytes()].concat())
    });
    let service = service.unwrap();
    run(async {
        let asking = Asking::new(&service.url(), ", timeout: 10s");
        for number in 0..50 {
            assert_eq!(asking.outcome("good").await, (Action::Allow, None), "{number}");
        }
    });
}

#[test]
fn nobody_who_listens_is_unreachable_and_blocks_unless_the_policy_says_otherwise() {
    let service = Service::start(bad).unwrap();
    let url = service.url();
    drop(service);
    run(async {
        let asking = Asking::new(&url, ", timeout: 10s");
        let outcome = asking.outcome("hello").await;
        assert_eq!(outcome, (Action::Block, Some("unreachable".to_owned())));
    });
}

#[test]
fn failures_open_the_circuit_and_a_service_that_is_well_again_closes_it() {
    use std::sync::atomic::AtomicBool;
    let ill = Arc::new(AtomicBool::new(true));
    let told = Arc::clone(&ill);
    let service =
        Service::start(
            move |question| {
                if told.load(Ordering::SeqCst) { Reply::Json(503, String::new()) } else { bad(question) }
            },
        );
    let service = service.unwrap();
    run(async {
        let asking = Asking::new(&service.url(), ", timeout: 10s, breaker: { failures: 2, pause: 100ms }");
        for _ in 0..2 {
            assert_eq!(asking.outcome("good").await.1.as_deref(), Some("bad_status"));
        }
        let asked = service.questions().len();
        while asking.outcome("good").await.1.as_deref() == Some("circuit_open") {
            assert_eq!(service.questions().len(), asked, "an open circuit sends nothing");
            tokio::task::yield_now().await;
        }
        // That was the one that tried, in vain.
        assert_eq!(service.questions().len(), asked + 1);
        assert_eq!(asking.counts().circuit, Circuit::Open);
        ill.store(false, Ordering::SeqCst);
        while asking.outcome("good").await != (Action::Allow, None) {
            tokio::task::yield_now().await;
        }
        assert_eq!(asking.counts().circuit, Circuit::Closed);
        assert!(asking.failed("circuit_open") > 0);
    });
}

#[test]
fn no_more_questions_than_allowed_are_open_and_who_waits_in_vain_is_told_so() {
    let service = Service::start(|_| Reply::Hang).unwrap();
    run(async {
        let asking = Asking::new(&service.url(), ", timeout: 300ms, max_concurrency: 2");
        let watched = async {
            while asking.counts().failed.iter().map(|(_, count)| count).sum::<u64>() < 6 {
                assert!(asking.counts().in_flight <= 2);
                tokio::task::yield_now().await;
            }
        };
        let (outcomes, ()) = tokio::join!(join_all((0..6).map(|_| asking.outcome("hello"))), watched);
        let count = |word: &str| outcomes.iter().filter(|(_, cause)| cause.as_deref() == Some(word)).count();
        assert_eq!(count("timeout") + count("busy"), 6, "{outcomes:?}");
        assert!(count("busy") > 0 && count("timeout") > 0, "{outcomes:?}");
        assert_eq!(asking.counts().circuit, Circuit::Closed, "who was not asked did not fail");
    });
}

#[test]
fn what_is_refused_already_is_not_shown_to_the_service() {
    let service = Service::start(bad).unwrap();
    run(async {
        let asking = Asking::new(&service.url(), "");
        let mut judgement = asking.ask("good").await;
        judgement.action = Some(Action::Block);
        let text = "policies: { chain: [secret-detector, acme] }\npolicy:\n  secret-detector: { action: block }\n";
        let policy =
            compile(&format!("{text}  acme: {{ kind: remote, url: \"{}\" }}\n", service.url()), "test").unwrap();
        let asking = Asking { policy, ..asking };
        let token = picket_testkit::values::github_token();
        assert_eq!(asking.ask(&format!("my key is {token}")).await.action(), Action::Block);
    });
    assert_eq!(service.questions().len(), 1);
}

#[test]
fn a_credential_is_sent_and_shown_nowhere() {
    let service = Service::start(bad).unwrap();
    let token = format!("tok-{}", "s3".repeat(8));
    let text = format!("policies: {{ chain: [remote] }}\npolicy:\n  remote: {{ url: \"{}\" }}\n", service.url());
    let policy = compile(&text, "test").unwrap();
    let (name, settings) = policy.remotes().next().unwrap();
    let remote = Remote::new(name, settings, Some(&token), Reach::default()).unwrap();
    assert!(!format!("{remote:?} {:?}", remote.counts()).contains(&token));
    assert!(remote.is_same(&Remote::new(name, settings, Some(&token), Reach::default()).unwrap()));
    assert!(!remote.is_same(&Remote::new(name, settings, None, Reach::default()).unwrap()));
    let error = Remote::new(name, settings, Some(&format!("{token}\n{token}")), Reach::default()).unwrap_err();
    assert!(!format!("{error} {error:?}").contains(&token));
    let asking = Asking { remotes: vec![Arc::new(remote)], policy, pool: Remotes::default() };
    run(async { drop(asking.ask("good").await) });
    assert!(service.questions()[0].head.contains(&format!("\r\nauthorization: bearer {token}\r\n")));
}

#[test]
fn an_address_of_this_machine_is_reached_only_if_the_operator_allows_it() {
    let service = Service::start(bad).unwrap();
    run(async {
        for (networks, outcome) in [
            (vec![], (Action::Block, Some("unreachable".to_owned()))),
            (vec!["127.0.0.0/8".parse().unwrap()], (Action::Allow, None)),
        ] {
            let asking = Asking::new(&service.url(), ", timeout: 10s");
            let settings = asking.policy.remotes().next().unwrap().1;
            let reach = Reach { gate: Some(networks), ca: None };
            let remotes = vec![Arc::new(Remote::new("acme", settings, None, reach).unwrap())];
            assert_eq!(Asking { remotes, ..asking }.outcome("good").await, outcome);
        }
    });
}
