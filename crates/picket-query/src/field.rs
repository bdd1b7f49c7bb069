//! The fields that a filter can name.

/// A field of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// `event_type`
    EventType,
    /// `type`
    Type,
    /// `category`
    Category,
    /// `severity`
    Severity,
    /// `decision`
    Decision,
    /// `outcome`
    Outcome,
    /// `policies_triggered`
    Policy,
    /// `user`
    User,
    /// `team`
    Team,
    /// `application`
    Application,
    /// `model`
    Model,
    /// `tools`
    Tool,
    /// `provider`
    Provider,
    /// `key_id`
    Key,
    /// `session_id`
    Session,
    /// `request_id`
    Request,
    /// `src_ip`
    SrcIp,
    /// `gateway_id`
    Gateway,
    /// `event_id`
    EventId,
    /// `escalation_id`
    Escalation,
    /// `identity`
    Identity,
    /// `risk_band`
    RiskBand,
    /// `held`
    Held,
    /// `stream`
    Stream,
    /// `scanned`
    Scanned,
    /// `endpoint`
    Endpoint,
    /// `status_code`
    StatusCode,
    /// `tokens_in`
    TokensIn,
    /// `tokens_out`
    TokensOut,
    /// `cost`
    Cost,
    /// `latency_ms`
    LatencyMs,
    /// `risk_score`
    RiskScore,
}

/// What the values of a field are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// Words of a closed set, or ids; `-` and `_` are equal, case does not matter.
    Word,
    /// Severities, in their order.
    Ordered,
    /// Names of users, teams, applications, models and tools, exactly.
    Name,
    /// Values that the index knows as hashes only: equal or not.
    Hashed,
    /// Addresses, or networks of them.
    Address,
    /// Numbers.
    Number,
}

impl Field {
    /// Every field.
    pub const ALL: &[Self] = &[
        Self::EventType,
        Self::Type,
        Self::Category,
        Self::Severity,
        Self::Decision,
        Self::Outcome,
        Self::Policy,
        Self::User,
        Self::Team,
        Self::Application,
        Self::Model,
        Self::Tool,
        Self::Provider,
        Self::Key,
        Self::Session,
        Self::Request,
        Self::SrcIp,
        Self::Gateway,
        Self::EventId,
        Self::Escalation,
        Self::Identity,
        Self::RiskBand,
        Self::Held,
        Self::Stream,
        Self::Scanned,
        Self::Endpoint,
        Self::StatusCode,
        Self::TokensIn,
        Self::TokensOut,
        Self::Cost,
        Self::LatencyMs,
        Self::RiskScore,
    ];

    /// Its name in events.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EventType => "event_type",
            Self::Type => "type",
            Self::Category => "category",
            Self::Severity => "severity",
            Self::Decision => "decision",
            Self::Outcome => "outcome",
            Self::Policy => "policies_triggered",
            Self::User => "user",
            Self::Team => "team",
            Self::Application => "application",
            Self::Model => "model",
            Self::Tool => "tools",
            Self::Provider => "provider",
            Self::Key => "key_id",
            Self::Session => "session_id",
            Self::Request => "request_id",
            Self::SrcIp => "src_ip",
            Self::Gateway => "gateway_id",
            Self::EventId => "event_id",
            Self::Escalation => "escalation_id",
            Self::Identity => "identity",
            Self::RiskBand => "risk_band",
            Self::Held => "held",
            Self::Stream => "stream",
            Self::Scanned => "scanned",
            Self::Endpoint => "endpoint",
            Self::StatusCode => "status_code",
            Self::TokensIn => "tokens_in",
            Self::TokensOut => "tokens_out",
            Self::Cost => "cost",
            Self::LatencyMs => "latency_ms",
            Self::RiskScore => "risk_score",
        }
    }

    /// Other names that filters may use.
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::Decision => &["action"],
            Self::Policy => &["policy"],
            Self::Application => &["app"],
            Self::Tool => &["tool"],
            Self::Key => &["key"],
            Self::Session => &["session"],
            Self::Request => &["request"],
            Self::SrcIp => &["ip"],
            Self::Gateway => &["gateway"],
            Self::EventId => &["id"],
            Self::Escalation => &["escalation"],
            Self::StatusCode => &["status"],
            Self::LatencyMs => &["latency"],
            Self::RiskScore => &["score"],
            _ => &[],
        }
    }

    /// What its values are.
    pub const fn kind(self) -> FieldKind {
        match self {
            Self::EventType
            | Self::Type
            | Self::Category
            | Self::Decision
            | Self::Outcome
            | Self::Policy
            | Self::Provider
            | Self::Key
            | Self::Gateway
            | Self::EventId
            | Self::Escalation
            | Self::Identity
            | Self::RiskBand
            | Self::Held
            | Self::Stream
            | Self::Scanned
            | Self::Endpoint => FieldKind::Word,
            Self::Severity => FieldKind::Ordered,
            Self::User | Self::Team | Self::Application | Self::Model | Self::Tool => FieldKind::Name,
            Self::Session | Self::Request => FieldKind::Hashed,
            Self::SrcIp => FieldKind::Address,
            Self::StatusCode | Self::TokensIn | Self::TokensOut | Self::Cost | Self::LatencyMs | Self::RiskScore => {
                FieldKind::Number
            }
        }
    }

    /// The field of a name or alias, or the name that was probably meant.
    pub fn find(name: &str) -> Result<Self, Option<&'static str>> {
        let folded = picket_event::vocabulary::fold(name);
        let names = || {
            Self::ALL.iter().flat_map(|field| {
                std::iter::once(field.as_str()).chain(field.aliases().iter().copied()).map(move |name| (name, *field))
            })
        };
        if let Some((_, field)) = names().find(|(known, _)| *known == folded) {
            return Ok(field);
        }
        let near = names().map(|(known, _)| (distance(&folded, known), known)).min();
        Err(near.filter(|(distance, known)| *distance <= 1 + known.len() / 4).map(|(_, known)| known))
    }
}

/// Edits between two short texts.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut next = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let replace = row.get(j).copied().unwrap_or(0) + usize::from(x != *y);
            let delete = row.get(j + 1).copied().unwrap_or(0) + 1;
            let insert = next.last().copied().unwrap_or(0) + 1;
            next.push(replace.min(delete).min(insert));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
