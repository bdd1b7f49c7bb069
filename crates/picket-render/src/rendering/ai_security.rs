//! `ai_security`: the flat schema of a security operations centre for AI, with severities as words.

use crate::json::{Json, Object, Score, object};
use crate::subject::Subject;
use picket_event::{Category, GuardrailResult};
use picket_stdx::Timestamp;
use std::io::Write as _;

/// A moment without a fraction when it is a whole second, as the schema's own example is.
struct Short(Timestamp);

impl Json for Short {
    fn write(&self, out: &mut Vec<u8>) {
        if self.0.as_millis().rem_euclid(1_000) > 0 {
            return self.0.write(out);
        }
        let begin = out.len();
        write!(out, "\"{}", self.0).unwrap_or_default();
        out.truncate(out.len().saturating_sub(".000Z".len()).max(begin));
        out.extend_from_slice(b"Z\"");
    }
}

/// The names of the members, in one of two spellings.
pub(crate) struct Names {
    event_type: &'static str,
    severity: &'static str,
    category: &'static str,
    request_id: &'static str,
    user_id: &'static str,
    model: &'static str,
    judge_model: &'static str,
    judge_score: &'static str,
    judge_verdict: &'static str,
    policy_violated: &'static str,
    guardrail_result: &'static str,
    tokens_in: &'static str,
    tokens_out: &'static str,
    endpoint: &'static str,
    risk_tier: &'static str,
}

/// As they are.
const PLAIN: Names = Names {
    event_type: "event_type",
    severity: "severity",
    category: "category",
    request_id: "request_id",
    user_id: "user_id",
    model: "model",
    judge_model: "judge_model",
    judge_score: "judge_score",
    judge_verdict: "judge_verdict",
    policy_violated: "policy_violated",
    guardrail_result: "guardrail_result",
    tokens_in: "tokens_in",
    tokens_out: "tokens_out",
    endpoint: "endpoint",
    risk_tier: "risk_tier",
};

/// As columns of a Log Analytics table that tell their types.
pub(crate) const COLUMNS: Names = Names {
    event_type: "event_type_s",
    severity: "severity_s",
    category: "category_s",
    request_id: "request_id_s",
    user_id: "user_id_s",
    model: "model_s",
    judge_model: "judge_model_s",
    judge_score: "judge_score_d",
    judge_verdict: "judge_verdict_s",
    policy_violated: "policy_violated_s",
    guardrail_result: "guardrail_result_s",
    tokens_in: "tokens_in_d",
    tokens_out: "tokens_out_d",
    endpoint: "endpoint_s",
    risk_tier: "risk_tier_d",
};

pub(super) fn render(subject: &Subject<'_>, out: &mut Vec<u8>) {
    object(out, |object| {
        object.put(PLAIN.event_type, "ai_security");
        object.put("timestamp", Short(subject.event().timestamp));
        rest(subject, object, &PLAIN);
    });
}

/// The members, but for the time.
pub(crate) fn members(subject: &Subject<'_>, object: &mut Object<'_>, names: &Names) {
    object.put(names.event_type, "ai_security");
    rest(subject, object, names);
}

fn rest(subject: &Subject<'_>, object: &mut Object<'_>, names: &Names) {
    let event = subject.event();
    object.put(names.severity, event.severity.as_str());
    object.put(names.category, event.category.map(Category::as_str));
    object.put(names.request_id, event.request_id.as_deref());
    object.put(names.user_id, event.user.as_deref());
    object.put(names.model, event.model.as_deref());
    object.put(names.judge_model, event.judge_model.as_deref());
    object.put(names.judge_score, Score(event.judge_score));
    object.put(names.judge_verdict, event.judge_verdict.as_deref());
    object.put(names.policy_violated, event.policy_violated.as_deref());
    object.put(names.guardrail_result, event.guardrail_result.map(GuardrailResult::as_str));
    object.put(names.tokens_in, event.tokens_in);
    object.put(names.tokens_out, event.tokens_out);
    object.put(names.endpoint, event.endpoint.as_deref());
    object.put(names.risk_tier, event.risk_tier.map(u64::from));
}
