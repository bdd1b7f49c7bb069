//! How each category is triaged, for somebody who is no expert of models.

use super::Step;
use picket_event::Category;

/// A question, and what follows from each answer.
type Line = (&'static str, &'static [(&'static str, &'static str)]);

/// The procedure of a category.
pub(super) fn of(category: Category) -> Vec<Step> {
    let step = |(ask, answers): &Line| Step {
        ask: (*ask).to_owned(),
        answers: answers.iter().map(|(answer, then)| ((*answer).to_owned(), (*then).to_owned())).collect(),
    };
    lines(category).iter().map(step).collect()
}

const fn lines(category: Category) -> &'static [Line] {
    match category {
        Category::GuardrailBlock => GUARDRAIL_BLOCK,
        Category::JudgeFlag => JUDGE_FLAG,
        Category::Anomaly => ANOMALY,
        Category::PromptAttack => PROMPT_ATTACK,
        Category::DataExfiltration => DATA_EXFILTRATION,
        Category::AgentBoundaryViolation => AGENT_BOUNDARY,
        Category::ModelDrift => MODEL_DRIFT,
    }
}

const GUARDRAIL_BLOCK: &[Line] = &[
    (
        "Does it stand alone, or are there others like it from the same user?",
        &[
            ("it stands alone", "note it and close it"),
            ("more than five from one user", "treat all of them together, at medium severity"),
        ],
    ),
    (
        "What was refused?",
        &[
            ("personal data in an answer", "see which kind it is, and whether this user may see such data anyway"),
            ("abusive or harmful text", "note it; do something only when it comes again"),
            ("something off the topic", "note it; there is nothing to do"),
        ],
    ),
    ("A single block needs no word with the user.", &[]),
];

const JUDGE_FLAG: &[Line] = &[
    ("Read what the judge said next to the request and the answer that it is about.", &[]),
    (
        "Is the answer against the policy?",
        &[
            ("yes", "hand it to the AI team, who correct the cause"),
            ("it cannot be said", "keep it for a person in the next round of calibration"),
            ("no", "close it as a false positive; the judge is tuned by those"),
        ],
    ),
    (
        "Is the request one that this user should make?",
        &[
            ("research or a test", "have the user's manager confirm it"),
            ("it looks hostile", "raise it to high and go on as with a prompt attack"),
        ],
    ),
];

const ANOMALY: &[Line] = &[
    (
        "What changed, and against which baseline? The finding names both; compare with the same hours of the weeks before.",
        &[],
    ),
    (
        "Is there a plain reason: a release, a batch job, a new team, a holiday?",
        &[
            (
                "yes, and its owner confirms it",
                "close it as authorised; suppress the rule for that entity until the end",
            ),
            (
                "yes, but nobody confirms it",
                "ask the owner of the key or application, and keep it open until he answers",
            ),
            ("no", "go on"),
        ],
    ),
    (
        "Does the identity still act as itself: address, hours, applications, models?",
        &[
            ("something of it is new", "treat it as a stolen credential: contain the key, then ask its owner"),
            ("all is as before", "look whether answers carry data out; if they may, go on as with exfiltration"),
        ],
    ),
    (
        "Does it cost money or capacity now?",
        &[
            ("yes", "throttle the user or key for an hour while it is looked into"),
            ("no", "watch it for a day, then close it"),
        ],
    ),
];

const PROMPT_ATTACK: &[Line] = &[
    ("Secure the whole request and answer as they are; a summary is of no use later.", &[]),
    (
        "Did the attack get through?",
        &[
            (
                "yes: neither guardrails nor judge stopped it",
                "it is an incident: close the endpoint or feature, and tell the AI team at once",
            ),
            ("no: it was refused", "write the technique down for threat intelligence, and watch for variants"),
        ],
    ),
    (
        "Is the technique known?",
        &[
            ("known", "see that the guardrails are current, and close it"),
            ("new", "hand it to AI security, who analyse it and extend the guardrails"),
        ],
    ),
    ("Never try it out in production; there is a sandbox for that.", &[]),
];

const DATA_EXFILTRATION: &[Line] = &[
    (
        "Which data is it, and did it leave?",
        &[
            ("it was refused or masked", "note what was asked for, and go on with the question who asked"),
            ("it left", "it is an incident: contain user and key first, then secure the answers as evidence"),
        ],
    ),
    (
        "May this user have this data by another way?",
        &[
            (
                "yes, and so much of it",
                "probably work: confirm it with the owner of the data, and close it as authorised",
            ),
            ("yes, but never so much", "slow the user down or let requests wait for review until he has answered"),
            ("no", "contain the user, and hand it on to SOC L2"),
        ],
    ),
    (
        "Add up what the same user, session and address got in the last 30 days: small amounts add up.",
        &[
            ("it adds up", "raise it to critical, and tell whoever is responsible for the data"),
            ("it does not", "go on"),
        ],
    ),
    (
        "Where did it go: to the user, into a link or picture of the answer, to a tool?",
        &[
            ("a link, picture or tool outside", "block that destination; the user may be a victim of injected text"),
            ("to the user", "go on as with any insider case of your company"),
        ],
    ),
];

const AGENT_BOUNDARY: &[Line] = &[
    (
        "Does the agent still run?",
        &[
            ("yes", "halt it: contain the agent and the key that it uses; ask afterwards"),
            ("no", "keep its session and tool calls as evidence"),
        ],
    ),
    (
        "Which boundary was it: a tool outside the list, rights that were not given, another agent, memory?",
        &[
            (
                "a tool that is on no list, once",
                "ask the agent's owner whether the list lacks it; change the list, not the rule",
            ),
            ("the same again, or several tools", "treat the agent as compromised: it is an incident"),
            ("rights or delegation", "revoke what was given, and see what was done with it"),
        ],
    ),
    (
        "What told the agent to do it?",
        &[
            (
                "text that it read: a page, document or tool's answer",
                "it was injected: go on as with a prompt attack, and quarantine the source",
            ),
            ("its user", "go on with the user as with exfiltration"),
            ("nothing that can be found", "hand it to the AI team with the whole session"),
        ],
    ),
    ("Undo what it did outside: files, messages, tickets, payments. List it before the agent is let go.", &[]),
];

const MODEL_DRIFT: &[Line] = &[
    (
        "What moved: the model's answers, the judge's verdicts, or the requests?",
        &[
            ("the requests", "it is no drift of the model: look at who sends them, as with an anomaly"),
            ("the judge", "do not act on its flags until the fixed set of examples was judged again"),
            ("the answers", "go on"),
        ],
    ),
    (
        "Did a version change: of the model, the system prompt, the documents that it reads, the policy?",
        &[
            ("yes, ours", "compare with the version before; roll back if the answers are worse"),
            ("yes, the provider's", "ask the provider what changed, and measure a new baseline once it is understood"),
            ("no", "suspect poisoned documents or memory: compare what was added since the last good day"),
        ],
    ),
    (
        "Are answers wrong or unsafe now?",
        &[
            ("yes", "use the model before, or close the feature; then hand it to the AI team"),
            ("no", "let the AI team watch it; there is no ticket for the SOC"),
        ],
    ),
];
