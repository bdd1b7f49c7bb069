//! What the gateway sees together with what others see. These need data that is not ours, so that they are off until
//! somebody has said where it is.

use crate::search::{Body, Search, Written};
use picket_event::{Category, Severity};

const AFTER_LOGIN: Written = Written {
    spl: "\
`picket_events` event_type=\"request\" decision=\"blocked\" type IN (\"pii\", \"secret\", \"bulk_data\") user=*
| dedup event_id
| rename _time as stopped
| table user, stopped, type, event_id
| join type=inner max=0 user [ search `picket_vpn_logins` | rename _time as login | table user, login ]
| where login<=stopped AND stopped-login<=3600
| stats dc(event_id) as events min(login) as login values(type) as type by user",
    kql: "\
let Logins = SigninLogs
    | where ResultType == \"0\"
    | project Login = TimeGenerated, Account = tolower(UserPrincipalName);
{events}
| where EventType == \"request\" and Decision == \"blocked\" and FindingType in (\"pii\", \"secret\", \"bulk_data\") and isnotempty(User)
| summarize arg_max(TimeGenerated, User, FindingType) by EventId
| extend Account = tolower(User), Stopped = TimeGenerated
| join kind=inner Logins on Account
| where Stopped between (Login .. Login + 1h)
| summarize Events = count_distinct(EventId), Login = min(Login), Kinds = make_set(FindingType) by User",
    by: &["user"],
};

const BAD_ADDRESS: Written = Written {
    spl: "\
`picket_events` event_type IN (\"request\", \"verdict.late\") category=\"prompt_attack\" src_ip=*
| dedup event_id
| stats count as events values(user) as user by src_ip
| lookup picket_bad_addresses src_ip OUTPUT known_by
| where isnotnull(known_by)",
    kql: "\
let Bad = ThreatIntelIndicators
    | where IsActive and ObservableKey in (\"ipv4-addr:value\", \"ipv6-addr:value\")
    | summarize arg_max(TimeGenerated, Confidence) by SrcIp = ObservableValue
    | project SrcIp, Confidence;
{events}
| where EventType in (\"request\", \"verdict.late\") and Category == \"prompt_attack\" and isnotempty(SrcIp)
| summarize arg_max(TimeGenerated, SrcIp, User) by EventId
| join kind=inner Bad on SrcIp
| summarize Events = count(), Users = make_set(User, 20), Confidence = max(Confidence) by SrcIp",
    by: &["src_ip"],
};

const VOLUME: Written = Written {
    spl: "\
`picket_events` event_type=\"request\" user=*
| dedup event_id
| eval is_now=if(_time>=relative_time(now(), \"-1h\"), 1, 0)
| stats sum(is_now) as requests sum(eval(1-is_now)) as requests_before by user
| where requests>=60 AND requests>3*requests_before/24
| lookup picket_compromised_users user OUTPUT reported_by
| where isnotnull(reported_by)",
    kql: "\
let Risky = AADRiskyUsers
    | summarize arg_max(TimeGenerated, RiskState) by Account = tolower(UserPrincipalName)
    | where RiskState in (\"atRisk\", \"confirmedCompromised\")
    | project Account, RiskState;
{events}
| where EventType == \"request\" and isnotempty(User)
| summarize arg_max(TimeGenerated, User) by EventId
| summarize Requests = countif(TimeGenerated > ago(1h)), RequestsBefore = countif(TimeGenerated <= ago(1h)) by User
| where Requests >= 60 and Requests > 3.0 * RequestsBefore / 24
| extend Account = tolower(User)
| join kind=inner Risky on Account
| project User, Requests, RequestsBefore, RiskState",
    by: &["user"],
};

const AFTER_HOURS: Written = Written {
    spl: "\
`picket_events` event_type IN (\"request\", \"external.badge\") user=*
| dedup event_id
| eval hour=tonumber(strftime(_time, \"%H\")), weekday=strftime(_time, \"%w\")
| eval is_late=if(event_type==\"request\" AND (hour<7 OR hour>=19 OR weekday==\"0\" OR weekday==\"6\"), 1, 0)
| eval is_badge=if(event_type==\"external.badge\" AND 'attributes.direction'==\"in\", 1, 0)
| stats sum(is_late) as requests sum(is_badge) as badges by user
| where requests>0 AND badges=0",
    kql: "\
{events}
| where EventType in (\"request\", \"external.badge\") and isnotempty(User)
| summarize arg_max(TimeGenerated, EventType, User, Attributes) by EventId
| extend Hour = hourofday(TimeGenerated), Weekday = dayofweek(TimeGenerated)
| extend IsLate = EventType == \"request\" and (Hour < 7 or Hour >= 19 or Weekday in (0d, 6d))
| extend IsBadge = EventType == \"external.badge\" and tostring(Attributes.direction) == \"in\"
| summarize Requests = countif(IsLate), Badges = countif(IsBadge) by User
| where Requests > 0 and Badges == 0",
    by: &["user"],
};

const NO_TICKET: Written = Written {
    spl: "\
`picket_events` event_type IN (\"request\", \"external.ticket\") model=* NOT decision=\"blocked\"
| eval is_approved=if(event_type==\"external.ticket\" AND 'attributes.status'==\"approved\", 1, 0)
| eval used=if(event_type==\"request\", _time, null())
| stats min(used) as first_seen sum(is_approved) as tickets values(user) as user by model
| where first_seen>=relative_time(now(), \"-1h\") AND tickets=0",
    kql: "\
{events}
| where EventType in (\"request\", \"external.ticket\") and isnotempty(Model) and Decision != \"blocked\"
| extend IsApproved = EventType == \"external.ticket\" and tostring(Attributes.status) == \"approved\"
| summarize FirstSeen = minif(TimeGenerated, EventType == \"request\"), Tickets = countif(IsApproved), Users = make_set_if(User, EventType == \"request\", 20) by Model
| where FirstSeen > ago(1h) and Tickets == 0",
    by: &["model"],
};

pub(super) const SEARCHES: &[Search] = &[
    Search {
        name: "exfiltration-after-vpn-login",
        title: "Data is stopped on its way out shortly after a login from outside",
        about: "Within an hour, of the same user. Needs logins: in Splunk the macro `picket_vpn_logins`, in Sentinel `SigninLogs`.",
        answers: "Exfiltration after access: block event (PII) with successful VPN login",
        severity: Severity::Critical,
        category: Some(Category::DataExfiltration),
        window: 120,
        every: 15,
        on: false,
        body: Body::Written(AFTER_LOGIN),
    },
    Search {
        name: "injection-from-bad-address",
        title: "A prompt attack comes from an address that is known to be bad",
        about: "Needs addresses: in Splunk the lookup `picket_bad_addresses`, in Sentinel `ThreatIntelIndicators`.",
        answers: "Injection from known-bad IP: escalation (injection) with threat intel IP match",
        severity: Severity::High,
        category: Some(Category::PromptAttack),
        window: 1_440,
        every: 60,
        on: false,
        body: Body::Written(BAD_ADDRESS),
    },
    Search {
        name: "volume-of-compromised-credential",
        title: "A user whose credential is in wrong hands sends far more requests than usual",
        about: "Three times as many as in an hour of the day before. Needs users: in Splunk the lookup `picket_compromised_users`, in Sentinel `AADRiskyUsers`.",
        answers: "Anomalous volume: request count spike with compromised credential alert",
        severity: Severity::High,
        category: Some(Category::Anomaly),
        window: 1_500,
        every: 60,
        on: false,
        body: Body::Written(VOLUME),
    },
    Search {
        name: "after-hours",
        title: "A user works with AI outside of business hours, and is not in the building",
        about: "Before 7, from 19 on and at weekends, in the time zone of whoever searches, which is UTC in Sentinel. Needs badge readers as signals `external.badge`.",
        answers: "After-hours AI usage: events outside business hours with badge access logs",
        severity: Severity::Medium,
        category: Some(Category::Anomaly),
        window: 720,
        every: 60,
        on: false,
        body: Body::Written(AFTER_HOURS),
    },
    Search {
        name: "new-model-without-ticket",
        title: "A model is used for the first time, and nobody approved it",
        about: "Needs approvals as signals `external.ticket`.",
        answers: "New model access: first-seen model in events with no corresponding approval ticket",
        severity: Severity::Medium,
        category: Some(Category::Anomaly),
        window: 20_160,
        every: 60,
        on: false,
        body: Body::Written(NO_TICKET),
    },
];
