//! Numbers of a security desk with their thresholds, and patterns that grow.

use crate::search::{Body, Bound, Counted, Is, Measure, Search, Written};
use picket_event::{Category, Severity};

const BLOCK_RATE: Written = Written {
    spl: "\
`picket_events` event_type=\"request\"
| dedup event_id
| eval is_now=if(_time>=relative_time(now(), \"-1h\"), 1, 0), is_blocked=if(decision==\"blocked\" AND isnotnull(category), 1, 0)
| stats sum(is_now) as requests sum(eval(is_now*is_blocked)) as refused sum(eval(1-is_now)) as requests_before sum(eval((1-is_now)*is_blocked)) as refused_before
| where requests>=50 AND requests_before>=50 AND refused/requests>2*refused_before/requests_before",
    kql: "\
{events}
| where EventType == \"request\"
| summarize arg_max(TimeGenerated, Decision, Category) by EventId
| extend IsNow = TimeGenerated > ago(1h), IsBlocked = Decision == \"blocked\" and isnotempty(Category)
| summarize Requests = countif(IsNow), Refused = countif(IsNow and IsBlocked), RequestsBefore = countif(not(IsNow)), RefusedBefore = countif(not(IsNow) and IsBlocked)
| where Requests >= 50 and RequestsBefore >= 50
| where todouble(Refused) / Requests > 2.0 * RefusedBefore / RequestsBefore",
    by: &[],
};

const QUEUE_DEPTH: Written = Written {
    spl: "\
`picket_events` event_type IN (\"escalation.created\", \"escalation.resolved\", \"escalation.expired\")
| stats count(eval(event_type==\"escalation.created\")) as opened count(eval(event_type!=\"escalation.created\")) as ended by escalation_id
| where opened>0 AND ended=0
| stats count as pending
| where pending>10",
    kql: "\
{events}
| where EventType in (\"escalation.created\", \"escalation.resolved\", \"escalation.expired\")
| summarize Opened = countif(EventType == \"escalation.created\"), Ended = countif(EventType != \"escalation.created\") by EscalationId
| where Opened > 0 and Ended == 0
| summarize Pending = count()
| where Pending > 10",
    by: &[],
};

const TRIAGE_LATE: Written = Written {
    spl: "\
`picket_events` event_type=\"escalation.*\" NOT event_type IN (\"escalation.test\", \"escalation.expired\")
| stats min(eval(if(event_type==\"escalation.created\", _time, null()))) as created min(eval(if(event_type!=\"escalation.created\", _time, null()))) as touched by escalation_id
| where isnotnull(created)
| eval waited_s=coalesce(touched, now())-created
| where waited_s>1800",
    kql: "\
{events}
| where EventType startswith \"escalation.\" and EventType !in (\"escalation.test\", \"escalation.expired\")
| summarize Created = minif(TimeGenerated, EventType == \"escalation.created\"), Touched = minif(TimeGenerated, EventType != \"escalation.created\") by EscalationId
| where isnotnull(Created)
| extend Waited = coalesce(Touched, now()) - Created
| where Waited > 30m",
    by: &["escalation_id"],
};

const NEW_MODEL: Written = Written {
    spl: "\
`picket_events` event_type=\"request\" model=* NOT decision=\"blocked\"
| stats earliest(_time) as first_seen dc(user) as users dc(event_id) as requests by model
| where first_seen>=relative_time(now(), \"-1h\")",
    kql: "\
{events}
| where EventType == \"request\" and isnotempty(Model) and Decision != \"blocked\"
| summarize FirstSeen = min(TimeGenerated), Users = count_distinct(User), Requests = count_distinct(EventId) by Model
| where FirstSeen > ago(1h)",
    by: &["model"],
};

const GRADUAL: Written = Written {
    spl: "\
`picket_events` event_type IN (\"request\", \"verdict.late\") type IN (\"pii\", \"secret\", \"bulk_data\", \"prompt_leak\") user=*
| dedup event_id
| bin _time span=1d
| stats count as events by user, _time
| stats sum(events) as findings dc(_time) as days by user
| where days>=5 AND findings>=10",
    kql: "\
{events}
| where EventType in (\"request\", \"verdict.late\") and FindingType in (\"pii\", \"secret\", \"bulk_data\", \"prompt_leak\") and isnotempty(User)
| summarize arg_max(TimeGenerated, User) by EventId
| summarize Findings = count(), Days = count_distinct(bin(TimeGenerated, 1d)) by User
| where Days >= 5 and Findings >= 10",
    by: &["user"],
};

const RISING: Written = Written {
    spl: "\
`picket_events` event_type IN (\"request\", \"verdict.late\") category=\"prompt_attack\" user=*
| dedup event_id
| eval is_recent=if(_time>=relative_time(now(), \"-6h\"), 1, 0)
| stats sum(is_recent) as recent sum(eval(1-is_recent)) as earlier by user
| where recent>=4 AND 3*recent>2*earlier",
    kql: "\
{events}
| where EventType in (\"request\", \"verdict.late\") and Category == \"prompt_attack\" and isnotempty(User)
| summarize arg_max(TimeGenerated, User) by EventId
| summarize Recent = countif(TimeGenerated > ago(6h)), Earlier = countif(TimeGenerated <= ago(6h)) by User
| where Recent >= 4 and 3 * Recent > 2 * Earlier",
    by: &["user"],
};

pub(super) const SEARCHES: &[Search] = &[
    Search {
        name: "blocked-users",
        title: "Requests of more than five users are refused in a day",
        about: "Different users whose requests checks refused.",
        answers: "Unique blocked users: > 5 per day",
        severity: Severity::Medium,
        category: Some(Category::Anomaly),
        window: 1_440,
        every: 60,
        on: true,
        body: Body::Counted(Counted {
            of: &[Is::One("event_type", &["request"]), Is::One("decision", &["blocked"]), Is::There("category")],
            by: &[],
            bounds: &[Bound { name: "users", of: Measure::Values("user"), at_least: 6 }],
        }),
    },
    Search {
        name: "block-rate",
        title: "Twice as many requests are refused as usual",
        about: "The share of the last hour against that of the day before it, where both have fifty requests.",
        answers: "Block rate: sudden spike > 2x baseline",
        severity: Severity::Medium,
        category: Some(Category::Anomaly),
        window: 1_500,
        every: 15,
        on: true,
        body: Body::Written(BLOCK_RATE),
    },
    Search {
        name: "queue-depth",
        title: "More than ten escalations wait",
        about: "Created within a week, and neither resolved nor expired.",
        answers: "Escalation queue depth: > 10 unresolved",
        severity: Severity::Medium,
        category: None,
        window: 10_080,
        every: 60,
        on: true,
        body: Body::Written(QUEUE_DEPTH),
    },
    Search {
        name: "triage-late",
        title: "Nobody looked at an escalation for half an hour",
        about: "Created, and neither claimed nor assigned, commented nor resolved within thirty minutes.",
        answers: "Mean time to triage: created to first action > 30 minutes",
        severity: Severity::Medium,
        category: None,
        window: 1_440,
        every: 15,
        on: true,
        body: Body::Written(TRIAGE_LATE),
    },
    Search {
        name: "new-model",
        title: "A model is used that was never used before",
        about: "First seen within the last hour of the two weeks that are looked at.",
        answers: "New model first-seen: models not in historical data, any occurrence",
        severity: Severity::Medium,
        category: Some(Category::ModelDrift),
        window: 20_160,
        every: 60,
        on: true,
        body: Body::Written(NEW_MODEL),
    },
    Search {
        name: "gradual-exfiltration",
        title: "Small amounts of sensitive data of one user, day after day",
        about: "On five days of two weeks, and ten findings in all.",
        answers: "Gradual data exfiltration: aggregate PII-detected events per user over time",
        severity: Severity::High,
        category: Some(Category::DataExfiltration),
        window: 20_160,
        every: 360,
        on: true,
        body: Body::Written(GRADUAL),
    },
    Search {
        name: "injection-escalation-of-user",
        title: "Prompt attacks of one user become more",
        about: "Twice as many in an hour as in the eighteen hours before, and four at least.",
        answers: "Prompt injection escalation: frequency trending up from a user or IP",
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        window: 1_440,
        every: 60,
        on: true,
        body: Body::Written(RISING),
    },
];
