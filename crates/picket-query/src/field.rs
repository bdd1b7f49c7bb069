//! The fields that a filter can name: one line for each.

use crate::word::nearest;
use picket_event::score::rounded;
use picket_event::vocabulary::fold;
use picket_event::{Category, Event, GuardrailResult, Identity, Outcome, RiskBand, Scanned};
use picket_stdx::Timestamp;
use std::borrow::Cow;

/// What the values of a field are, and so which tests fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Words of a closed set; `-` and `_` are equal, case does not matter. Some have an order.
    Closed,
    /// Words of an open set, compared in the same way.
    Word,
    /// Texts that the operator or Picket chose, compared exactly.
    Text,
    /// Names that the log knows by the ids of its dictionary, compared exactly.
    Name,
    /// Values of the caller that the index knows as keyed hashes: equal or not.
    Hashed,
    /// Identifiers of Picket.
    Id,
    /// An address; tested with networks too.
    Address,
    /// Whole numbers.
    Integer,
    /// Numbers.
    Decimal,
    /// Moments.
    Time,
}

/// One value of a field.
#[derive(Debug, Clone, PartialEq)]
pub enum Value<'a> {
    /// A word, name, text or id.
    Text(Cow<'a, str>),
    /// A whole number.
    Integer(u64),
    /// A number.
    Decimal(f64),
    /// A moment.
    Time(Timestamp),
}

macro_rules! fields {
    ($event:ident; $($variant:ident $name:literal $aliases:tt $kind:ident $values:expr;)+) => {
        /// A field of events.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Field {
            $(#[doc = concat!("`", $name, "`")] $variant,)+
        }

        impl Field {
            /// Every field.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// Its name in events.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Other names that filters may use.
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &$aliases,)+ }
            }

            /// What its values are.
            pub const fn kind(self) -> FieldKind {
                match self { $(Self::$variant => FieldKind::$kind,)+ }
            }

            /// Its values in an event; none where the event does not know it.
            pub fn values(self, $event: &Event) -> Vec<Value<'_>> {
                match self { $(Self::$variant => $values,)+ }
            }
        }
    };
}

fields! { event;
    EventId "event_id" ["id", "event"] Id id(Some(event.event_id));
    EventType "event_type" [] Word word(Some(event.event_type.as_str()));
    Timestamp "timestamp" ["time"] Time vec![Value::Time(event.timestamp)];
    RecordedAt "recorded_at" [] Time event.recorded_at.map(Value::Time).into_iter().collect();
    Workspace "workspace_id" ["workspace"] Text word(Some(&event.workspace_id));
    Severity "severity" [] Closed word(Some(event.severity.as_str()));
    Decision "decision" ["action"] Closed word(Some(event.decision.as_str()));
    Policies "policies_triggered" ["policy", "policies"] Word texts(&event.policies_triggered);
    Type "type" ["finding_type"] Word word(event.finding_type.as_deref());
    Category "category" [] Closed word(event.category.map(Category::as_str));
    Held "held" [] Closed flag(event.held);
    Outcome "outcome" [] Closed word(event.outcome.map(Outcome::as_str));
    StatusCode "status_code" ["status"] Integer integer(event.status_code);
    RiskScore "risk_score" ["score"] Decimal decimal(event.risk_score.map(rounded));
    RiskBand "risk_band" ["band"] Closed word(event.risk_band.map(RiskBand::as_str));
    RiskTier "risk_tier" ["tier"] Integer integer(event.risk_tier);
    User "user" [] Name word(event.user.as_deref());
    UserId "user_id" [] Text word(event.user_id.as_deref());
    Team "team" [] Name word(event.team.as_deref());
    Application "application" ["app"] Name word(event.application.as_deref());
    Feature "feature" [] Hashed word(event.feature.as_deref());
    Agent "agent_id" ["agent"] Hashed word(event.agent_id.as_deref());
    Session "session_id" ["session"] Hashed word(event.session_id.as_deref());
    Key "key_id" ["key"] Text word(event.key_id.as_deref());
    SrcIp "src_ip" ["ip", "address"] Address word(event.src_ip.as_deref());
    UserAgent "user_agent" [] Hashed word(event.user_agent.as_deref());
    Identity "identity" [] Closed word(event.identity.map(Identity::as_str));
    Gateway "gateway_id" ["gateway"] Text word(event.gateway_id.as_deref());
    ConfigVersion "config_version" [] Text word(event.config_version.as_deref());
    Endpoint "endpoint" ["path"] Hashed word(event.endpoint.as_deref());
    Provider "provider" [] Word word(event.provider.as_deref());
    Model "model" [] Name word(event.model.as_deref());
    Stream "stream" [] Closed flag(event.stream);
    Region "region" [] Word word(event.region.as_deref());
    PolicyVersion "policy_version" [] Integer integer(event.policy_version);
    PolicyDigest "policy_digest" ["digest"] Text word(event.policy_digest.as_deref());
    Exceptions "exceptions" ["exception"] Text texts(&event.exceptions);
    PolicyViolated "policy_violated" ["violated"] Word word(event.policy_violated.as_deref());
    Guardrail "guardrail_result" ["guardrail"] Closed word(event.guardrail_result.map(GuardrailResult::as_str));
    Scanned "scanned" [] Closed word(event.scanned.map(Scanned::as_str));
    Unscanned "unscanned" [] Hashed texts(&event.unscanned);
    Repeat "repeat" [] Closed flag(event.repeat);
    JudgeModel "judge_model" [] Text word(event.judge_model.as_deref());
    JudgeScore "judge_score" [] Decimal decimal(event.judge_score.map(rounded));
    JudgeVerdict "judge_verdict" ["verdict"] Word word(event.judge_verdict.as_deref());
    Judge "judge_id" ["judge"] Text word(event.judge_id.as_deref());
    Tools "tools" ["tool"] Name tools(event);
    McpServer "mcp_server" ["mcp"] Hashed word(event.mcp_server.as_deref());
    TokensIn "tokens_in" [] Integer integer(event.tokens_in);
    TokensOut "tokens_out" [] Integer integer(event.tokens_out);
    Cost "cost" [] Decimal decimal(event.cost);
    LatencyMs "latency_ms" ["latency"] Integer integer(event.latency_ms);
    TtftMs "ttft_ms" ["ttft"] Integer integer(event.ttft_ms);
    OverheadUs "overhead_us" ["overhead"] Integer integer(event.overhead_us);
    RequestBytes "request_bytes" [] Integer integer(event.request_bytes);
    ResponseBytes "response_bytes" [] Integer integer(event.response_bytes);
    Request "request_id" ["request"] Hashed word(event.request_id.as_deref());
    Trace "trace_id" ["trace"] Hashed word(event.trace_id.as_deref());
    SpanId "span_id" ["span"] Hashed word(event.span_id.as_deref());
    ProviderRequest "provider_request_id" [] Hashed word(event.provider_request_id.as_deref());
    ClientRequest "client_request_id" [] Hashed word(event.client_request_id.as_deref());
    Parent "parent_event_id" ["parent"] Id id(event.parent_event_id);
    Escalation "escalation_id" ["escalation"] Id id(event.escalation_id);
    Incident "incident_id" ["incident"] Text word(event.incident_id.as_deref());
    Source "source" [] Text word(event.source.as_deref());
    Rule "rule_id" ["rule"] Text word(event.rule_id.as_deref());
    Bodies "bodies" ["body"] Word texts(&event.bodies);
    Actor "actor" [] Text word(event.actor.as_deref());
    Target "target" [] Text word(event.target.as_deref());
    Count "count" [] Integer integer(event.count);
}

fn word(word: Option<&str>) -> Vec<Value<'_>> {
    word.map(|word| Value::Text(Cow::Borrowed(word))).into_iter().collect()
}

fn texts(texts: &[String]) -> Vec<Value<'_>> {
    texts.iter().map(|text| Value::Text(Cow::Borrowed(text))).collect()
}

fn tools(event: &Event) -> Vec<Value<'_>> {
    let other = event.tool.as_ref().filter(|tool| !event.tools.contains(tool));
    event.tools.iter().chain(other).map(|tool| Value::Text(Cow::Borrowed(tool))).collect()
}

fn flag(flag: Option<bool>) -> Vec<Value<'static>> {
    word(flag.map(|flag| if flag { "true" } else { "false" }))
}

fn id(id: Option<impl std::fmt::Display>) -> Vec<Value<'static>> {
    id.map(|id| Value::Text(Cow::Owned(id.to_string()))).into_iter().collect()
}

fn integer(number: Option<impl Into<u64>>) -> Vec<Value<'static>> {
    number.map(|number| Value::Integer(number.into())).into_iter().collect()
}

fn decimal(number: Option<f64>) -> Vec<Value<'static>> {
    number.map(Value::Decimal).into_iter().collect()
}

impl Field {
    /// The field of a name or alias, or the name that was probably meant.
    pub fn find(name: &str) -> Result<Self, Option<&'static str>> {
        let folded = fold(name);
        let known = |field: &&Self| field.as_str() == folded || field.aliases().contains(&folded.as_str());
        Self::ALL.iter().find(known).copied().ok_or_else(|| {
            let names = Self::ALL
                .iter()
                .flat_map(|field| std::iter::once(field.as_str()).chain(field.aliases().iter().copied()));
            nearest(&folded, names)
        })
    }

    /// The words of a closed field, in their order.
    pub fn words(self) -> Vec<&'static str> {
        use picket_event::{Decision, Severity};
        fn all<T: Copy>(words: &[T], text: fn(T) -> &'static str) -> Vec<&'static str> {
            words.iter().map(|word| text(*word)).collect()
        }
        match self {
            Self::Severity => all(Severity::ALL, Severity::as_str),
            Self::Decision => all(Decision::ALL, Decision::as_str),
            Self::Category => all(Category::ALL, Category::as_str),
            Self::Outcome => all(Outcome::ALL, Outcome::as_str),
            Self::RiskBand => all(RiskBand::ALL, RiskBand::as_str),
            Self::Identity => all(Identity::ALL, Identity::as_str),
            Self::Guardrail => all(GuardrailResult::ALL, GuardrailResult::as_str),
            Self::Scanned => all(Scanned::ALL, Scanned::as_str),
            Self::Held | Self::Stream | Self::Repeat => vec!["true", "false"],
            _ => Vec::new(),
        }
    }

    /// Whether its words have an order, so that they can be compared.
    pub const fn is_ordered(self) -> bool {
        matches!(self, Self::Severity | Self::RiskBand)
    }
}
