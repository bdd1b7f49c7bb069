//! Detectors that answer, dawdle and break while a request waits.

use super::*;
use picket_content::{Context, Report};
use picket_event::Action;
use picket_llm::{Endpoint, Request};
use picket_policy::{SlowCheck, Subject, compile};
use picket_stdx::Timestamp;
use serde_json::json;
use std::sync::{Condvar, Mutex};

/// Answers when it may, and breaks on what it cannot read.
#[derive(Debug, Default)]
struct Slow {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Slow {
    fn open(&self) {
        *self.is_open.lock().unwrap() = true;
        self.opened.notify_all();
    }
}

impl SlowCheck for Slow {
    fn name(&self) -> &'static str {
        "prompt-injection"
    }

    fn examine(&self, text: &str, _: &[&'static str], _: &Context, _: Option<Instant>) -> Option<Report> {
        assert!(!text.contains("unreadable"), "the detector breaks");
        if text.contains("slow") {
            drop(self.opened.wait_while(self.is_open.lock().unwrap(), |is_open| !*is_open).unwrap());
        }
        Some(Report { score: 0.2, ..Report::default() })
    }
}

struct Fixture {
    slow: Arc<Slow>,
    policy: Arc<Policy>,
    tools: Arc<Toolbox>,
    tier: SecondTier,
}

impl Fixture {
    fn new(timeout: &str) -> Self {
        let text = format!(
            "policies: {{ chain: [prompt-injection] }}\npolicy: {{ prompt-injection: {{ action: flag, unsure: [0, 1], timeout: {timeout} }} }}\n"
        );
        let policy = Arc::new(compile(&text, "test").unwrap_or_else(|problems| panic!("{problems}")));
        let slow = Arc::new(Slow::default());
        let tools = Arc::new(Toolbox::with(vec![Arc::clone(&slow) as Arc<dyn SlowCheck>]));
        Self { slow, policy, tools, tier: SecondTier::default() }
    }

    async fn ask(&self, text: &str) -> Judgement {
        let body = json!({"model": "m", "messages": [{"role": "user", "content": text}]});
        let request = Request::parse(Endpoint::ChatCompletions, body.to_string().into()).unwrap();
        let (subject, now) = (Subject::default(), Timestamp::default());
        let mut judgement = self.policy.judge_request(&request, &subject, &self.tools, now, |_, _| [0; 16]);
        let inquiries = std::mem::take(&mut judgement.inquiries);
        for (inquiry, look) in self.tier.ask(&self.policy, &self.tools, inquiries).await {
            self.policy.looked(&inquiry, look, &mut judgement);
        }
        judgement
    }

    fn failed(&self, word: &str) -> u64 {
        self.tier.counts().failed.iter().find(|(other, _)| *other == word).unwrap().1
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        self.slow.open();
    }
}

#[tokio::test]
async fn an_answer_in_time_is_taken_and_counted() {
    let fixture = Fixture::new("30s");
    let judgement = fixture.ask("ordinary").await;
    assert_eq!((judgement.action(), judgement.results[0].score), (Action::Allow, Some(0.2)));
    let counts = fixture.tier.counts();
    assert_eq!((counts.answered, counts.in_flight), (1, 0));
}

#[tokio::test]
async fn one_that_breaks_has_failed_and_stops_nobody_else() {
    let fixture = Fixture::new("30s");
    let judgement = fixture.ask("unreadable").await;
    assert_eq!((judgement.action(), judgement.code), (Action::Block, "check_failed"));
    assert_eq!(fixture.ask("ordinary").await.action(), Action::Allow);
}

#[tokio::test]
async fn nobody_waits_longer_than_the_policy_says_and_threads_are_bounded() {
    let fixture = Fixture::new("20ms");
    // Each holds its place until it has ended, though nobody waits for it any more.
    for _ in 0..fixture.tier.all {
        let judgement = fixture.ask("slow").await;
        assert_eq!((judgement.action(), judgement.evidence[0].kind.as_str()), (Action::Block, "timeout"));
    }
    assert_eq!(fixture.tier.counts().in_flight, u64::try_from(fixture.tier.all).unwrap());
    let judgement = fixture.ask("ordinary").await;
    assert_eq!((judgement.action(), judgement.evidence[0].kind.as_str()), (Action::Block, "busy"));
    fixture.slow.open();
    drop(fixture.tier.places.acquire_many(u32::try_from(fixture.tier.all).unwrap()).await.unwrap());
    assert_eq!(fixture.ask("ordinary").await.action(), Action::Allow);
    assert_eq!((fixture.failed("timeout"), fixture.failed("busy")), (u64::try_from(fixture.tier.all).unwrap(), 1));
}
