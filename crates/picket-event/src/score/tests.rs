use super::*;
use crate::{Action, Event, EventType, Phase, PolicyResult};
use picket_stdx::Timestamp;

#[test]
fn what_was_calculated_in_single_precision_is_a_short_decimal_everywhere_in_an_event() {
    for thousandths in 0..=1_000_u16 {
        let text = format!("{}", f64::from(thousandths) / 1_000.0);
        let score: f32 = text.parse().unwrap();
        let mut event = Event::new(EventType::REQUEST, "ws_1", Timestamp::from_millis(0));
        (event.risk_score, event.judge_score) = (Some(f64::from(score)), Some(f64::from(score)));
        event.policy_results.push(PolicyResult {
            policy: "prompt-injection".to_owned(),
            phase: Phase::Input,
            verdict: Action::Flag,
            score: Some(f64::from(score)),
            finding_type: None,
            spans: Vec::new(),
            us: None,
            monitored: None,
            exception: None,
        });
        let json: serde_json::Value = serde_json::to_value(&event).unwrap();
        for found in [&json["risk_score"], &json["judge_score"], &json["policy_results"][0]["score"]] {
            assert_eq!(found.as_f64().unwrap().to_string(), text);
        }
        let read: Event = serde_json::from_value(json).unwrap();
        assert_eq!(read.risk_score.map(rounded), event.risk_score.map(rounded), "rounding again changes nothing");
    }
}
