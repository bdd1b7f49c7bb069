//! The searches that packs have: those that security desks print for AI traffic, and what the product itself finds.

mod correlated;
mod measured;

use super::{Body, Bound, Counted, Is, Measure, Search};
use picket_event::{Category, Severity};

/// All of them, in the order in which packs show them.
pub(crate) fn all() -> impl Iterator<Item = &'static Search> {
    DESK.iter().chain(TRIGGERS).chain(PATTERNS).chain(measured::SEARCHES).chain(correlated::SEARCHES)
}

const fn events(at_least: u32) -> Bound {
    Bound { name: "events", of: Measure::Events, at_least }
}

/// Requests, and what was found beside them.
const ASKED: Is = Is::One("event_type", &["request", "verdict.late"]);
/// A guardrail refused a request for what is in it: not a limit, not a check that failed.
const REFUSED: &[Is] = &[
    Is::One("event_type", &["request"]),
    Is::One("decision", &["blocked"]),
    Is::One("category", &["guardrail_block", "prompt_attack", "data_exfiltration", "agent_boundary_violation"]),
    Is::Not("type", &["rate_limit", "unscanned", "check_failed"]),
];
/// What says that a judge found nothing.
const FINE: Is = Is::Not(
    "judge_verdict",
    &["pass", "passed", "ok", "safe", "allow", "allowed", "clean", "compliant", "none", "no_violation", "benign"],
);
const JUDGED: Is = Is::One("event_type", &["judge.evaluated", "external.judge", "request", "verdict.late"]);

const DESK: &[Search] = &[
    Search {
        name: "finding",
        title: "A rule of the gateway found something of high severity",
        about: "The gateway holds every event against its own rules before it reaches this system; this tells of what they found.",
        answers: "",
        severity: Severity::High,
        category: None,
        window: 10,
        every: 5,
        on: true,
        body: Body::Each(&[Is::One("event_type", &["finding.created"]), Is::One("severity", &["high", "critical"])]),
    },
    Search {
        name: "attacks-of-user-and-address",
        title: "More than three prompt attacks of one user from one address",
        about: "Somebody tries injections or jailbreaks again and again, whether or not they were stopped.",
        answers: "index=ai_security category=\"prompt_attack\" | stats count by user_id, src_ip | where count > 3 | alert severity=high",
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        window: 1_440,
        every: 15,
        on: true,
        body: Body::Counted(Counted {
            of: &[ASKED, Is::One("category", &["prompt_attack"])],
            by: &["user", "src_ip"],
            bounds: &[events(4)],
        }),
    },
    Search {
        name: "judge-flags-of-user",
        title: "More than five answers to one user are flagged by a judge that is sure",
        about: "A model that judges answers flags them with a score above 0.8; it may be wrong, so look at the answers.",
        answers: "AISecurity_CL | where category_s == \"judge_flag\" and judge_score_d > 0.8 | summarize count() by user_id_s, bin(TimeGenerated, 1h) | where count_ > 5",
        severity: Severity::High,
        category: Some(Category::JudgeFlag),
        window: 60,
        every: 15,
        on: true,
        body: Body::Counted(Counted {
            of: &[JUDGED, Is::One("category", &["judge_flag"]), Is::Above("judge_score", 0.8), FINE],
            by: &["user"],
            bounds: &[events(6)],
        }),
    },
    Search {
        name: "blocks-of-user",
        title: "More than five requests of one user are refused in a day",
        about: "A single refusal is logged and looked at once a week; a pattern of one user is not.",
        answers: "Detect users with multiple blocks in 24 hours: select(length > 5)",
        severity: Severity::Medium,
        category: Some(Category::GuardrailBlock),
        window: 1_440,
        every: 30,
        on: true,
        body: Body::Counted(Counted { of: REFUSED, by: &["user"], bounds: &[events(6)] }),
    },
];

const TRIGGERS: &[Search] = &[
    Search {
        name: "trigger-blocks",
        title: "More than ten requests of one user are refused in five minutes",
        about: "The gateway blocks the user by itself where its rule of this name responds; this tells the desk.",
        answers: ">10 guardrail blocks from same user in 5 minutes",
        severity: Severity::High,
        category: Some(Category::GuardrailBlock),
        window: 5,
        every: 5,
        on: true,
        body: Body::Counted(Counted { of: REFUSED, by: &["user"], bounds: &[events(11)] }),
    },
    Search {
        name: "trigger-judge",
        title: "More than three answers to one user are flagged with high severity in an hour",
        about: "The gateway closes the feature for the user where its rule of this name responds.",
        answers: "Judge flags >3 high-severity outputs in 1 hour",
        severity: Severity::High,
        category: Some(Category::JudgeFlag),
        window: 60,
        every: 15,
        on: true,
        body: Body::Counted(Counted {
            of: &[JUDGED, Is::One("category", &["judge_flag"]), Is::One("severity", &["high", "critical"]), FINE],
            by: &["user", "feature"],
            bounds: &[events(4)],
        }),
    },
    Search {
        name: "trigger-injection",
        title: "A prompt injection was found",
        about: "Whatever was decided about it. If it was let through, it is an incident.",
        answers: "Prompt injection pattern detected",
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        window: 10,
        every: 5,
        on: true,
        body: Body::Each(&[
            ASKED,
            Is::One("category", &["prompt_attack"]),
            Is::One("type", &["prompt_injection", "prompt_extraction"]),
        ]),
    },
    Search {
        name: "trigger-tool",
        title: "An agent went for a tool that it may not use",
        about: "It was offered or called a tool outside of its list.",
        answers: "Agent attempts tool outside allowlist",
        severity: Severity::High,
        category: Some(Category::AgentBoundaryViolation),
        window: 10,
        every: 5,
        on: true,
        body: Body::Each(&[
            Is::One("event_type", &["request", "tool_call", "verdict.late"]),
            Is::One("type", &["tool_denied"]),
        ]),
    },
];

const PATTERNS: &[Search] = &[
    Search {
        name: "jailbreak",
        title: "A jailbreak was found",
        about: "A prompt tries to talk the model out of its limits.",
        answers: "Jailbreak attempts: content filter triggers",
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        window: 10,
        every: 5,
        on: true,
        body: Body::Each(&[ASKED, Is::One("type", &["jailbreak"])]),
    },
    Search {
        name: "exfiltration-in-prompt",
        title: "Personal data or credentials were stopped on their way to a model",
        about: "A check refused or masked a request that carries them.",
        answers: "Data exfiltration: block event with PII detection policy",
        severity: Severity::Low,
        category: Some(Category::DataExfiltration),
        window: 60,
        every: 60,
        on: true,
        body: Body::Counted(Counted {
            of: &[
                Is::One("event_type", &["request"]),
                Is::One("decision", &["blocked", "redacted"]),
                Is::One("type", &["pii", "secret", "bulk_data"]),
            ],
            by: &["user", "type"],
            bounds: &[events(1)],
        }),
    },
    Search {
        name: "model-probing",
        title: "A model is probed in rapid succession",
        about: "Sixty requests of one user within five minutes, five of them refused: a script tries where the limits are.",
        answers: "Model probing: rapid succession of varied prompt types with short intervals",
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        window: 5,
        every: 5,
        on: true,
        body: Body::Counted(Counted {
            of: &[Is::One("event_type", &["request"])],
            by: &["user"],
            bounds: &[events(60), Bound { name: "refused", of: Measure::EventsOf(REFUSED), at_least: 5 }],
        }),
    },
    Search {
        name: "probing-of-limits",
        title: "Prompts of one user are refused for three different reasons",
        about: "Within ten minutes.",
        answers: "Model probing: systematic testing of model capabilities and safety boundaries",
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        window: 10,
        every: 10,
        on: true,
        body: Body::Counted(Counted {
            of: REFUSED,
            by: &["user"],
            bounds: &[Bound { name: "kinds", of: Measure::Values("type"), at_least: 3 }],
        }),
    },
    Search {
        name: "credential-harvesting",
        title: "Somebody asks a model for what it was told, and secrets turn up",
        about: "Both with the same user within an hour.",
        answers: "Credential harvesting: secret detection policy triggers combined with unusual prompt patterns",
        severity: Severity::High,
        category: Some(Category::DataExfiltration),
        window: 60,
        every: 15,
        on: true,
        body: Body::Counted(Counted {
            of: &[ASKED, Is::One("type", &["secret", "prompt_extraction", "prompt_leak"])],
            by: &["user"],
            bounds: &[
                Bound { name: "secrets", of: Measure::EventsOf(&[Is::One("type", &["secret"])]), at_least: 1 },
                Bound {
                    name: "attempts",
                    of: Measure::EventsOf(&[Is::One("type", &["prompt_extraction", "prompt_leak"])]),
                    at_least: 1,
                },
            ],
        }),
    },
    Search {
        name: "identical-prompts",
        title: "The same prompt is sent again and again",
        about: "The gateway's guard against duplicates counts equal prompts, by default a hundred within a minute, and says so in such an event.",
        answers: ">100 identical prompts are sent in <60 seconds (sign of extraction attack)",
        severity: Severity::High,
        category: Some(Category::Anomaly),
        window: 10,
        every: 5,
        on: true,
        body: Body::Each(&[ASKED, Is::One("type", &["duplicate_prompts"])]),
    },
    Search {
        name: "model-abuse",
        title: "Limits and lists of models refuse one user again and again",
        about: "Ten times within ten minutes.",
        answers: "Model abuse: rate limit triggers, model filter blocks",
        severity: Severity::Medium,
        category: Some(Category::Anomaly),
        window: 10,
        every: 10,
        on: true,
        body: Body::Counted(Counted {
            of: &[
                Is::One("event_type", &["request"]),
                Is::One("decision", &["blocked"]),
                Is::One("type", &["rate_limit", "model_denied"]),
            ],
            by: &["user"],
            bounds: &[events(10)],
        }),
    },
    Search {
        name: "credential-stuffing",
        title: "Many credentials are refused at the gateway",
        about: "Fifty within ten minutes. Refused ones have no name, so they are counted together; each event tells of many.",
        answers: "Credential stuffing: gateway auth failure logs",
        severity: Severity::High,
        category: Some(Category::Anomaly),
        window: 10,
        every: 10,
        on: true,
        body: Body::Counted(Counted {
            of: &[Is::One("event_type", &["auth.failed"])],
            by: &[],
            bounds: &[Bound { name: "failures", of: Measure::Sum("count"), at_least: 50 }],
        }),
    },
    Search {
        name: "reconnaissance-of-models",
        title: "Somebody tries which models there are",
        about: "Five models that are not allowed, or that nobody has, within ten minutes.",
        answers: "Reconnaissance: unusual model enumeration or capability probing",
        severity: Severity::Medium,
        category: Some(Category::Anomaly),
        window: 10,
        every: 10,
        on: true,
        body: Body::Counted(Counted {
            of: &[
                Is::One("event_type", &["request"]),
                Is::Any(&[Is::One("type", &["model_denied"]), Is::Number("status_code", 404)]),
            ],
            by: &["user"],
            bounds: &[Bound { name: "models", of: Measure::Values("model"), at_least: 5 }],
        }),
    },
    Search {
        name: "attack-passed",
        title: "A prompt attack was let through",
        about: "A check found it, and the request went on: disable the endpoint, and tell whoever runs it.",
        answers: "Did the attack succeed? Yes (guardrails/judge bypassed): incident",
        severity: Severity::Critical,
        category: Some(Category::PromptAttack),
        window: 10,
        every: 5,
        on: true,
        body: Body::Each(&[
            Is::One("event_type", &["request"]),
            Is::One("category", &["prompt_attack"]),
            Is::One("decision", &["allowed"]),
        ]),
    },
];
