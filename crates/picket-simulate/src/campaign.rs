//! Attacks and mishaps, as they would look in events.

use crate::day::{at, judged};
use crate::draws::Draws;
use crate::people::Person;
use crate::traces::{found, request, signal};
use crate::{DAY, Plan, Run};
use picket_event::{Category, Decision, Event, Severity};
use picket_stdx::Timestamp;
use std::time::Duration;

/// A campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Campaign {
    /// A model is copied by its answers: six requests a second for twenty minutes, no two alike.
    Extraction,
    /// The same prompt a hundred and fifty times within fifty seconds; the guard tells it from the hundredth on.
    IdenticalPrompts,
    /// Personal data, a little more of it every day for two weeks.
    SlowExfiltration,
    /// Attacks on the prompt, more of them every hour.
    RisingInjection,
    /// A password is guessed, somebody signs in from abroad and takes data out.
    AccountTakeover,
    /// A password is known to be in wrong hands, and the account suddenly does much.
    CompromisedCredential,
    /// Attacks from an address that is known to be bad.
    BadAddress,
    /// An agent goes in a circle.
    RunawayAgent,
    /// An agent goes for tools that it may not use.
    ForbiddenTools,
    /// Somebody else computes with a key.
    CostHarvesting,
    /// What the guard refuses is tried in many ways, fast.
    ModelProbing,
    /// The prompt is drawn out, then credentials.
    CredentialHarvesting,
    /// Many names are tried from one address.
    CredentialStuffing,
    /// At night, by somebody who did not come in.
    AfterHours,
    /// A model that nobody approved.
    UnapprovedModel,
    /// A judge that becomes stricter from one day to the next.
    JudgeDrift,
    /// Judges flag one user's answers again and again.
    JudgeFlags,
}

impl Campaign {
    /// Every campaign.
    pub const ALL: &[Self] = &[
        Self::Extraction,
        Self::IdenticalPrompts,
        Self::SlowExfiltration,
        Self::RisingInjection,
        Self::AccountTakeover,
        Self::CompromisedCredential,
        Self::BadAddress,
        Self::RunawayAgent,
        Self::ForbiddenTools,
        Self::CostHarvesting,
        Self::ModelProbing,
        Self::CredentialHarvesting,
        Self::CredentialStuffing,
        Self::AfterHours,
        Self::UnapprovedModel,
        Self::JudgeDrift,
        Self::JudgeFlags,
    ];

    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Extraction => "extraction",
            Self::IdenticalPrompts => "identical-prompts",
            Self::SlowExfiltration => "slow-exfiltration",
            Self::RisingInjection => "rising-injection",
            Self::AccountTakeover => "account-takeover",
            Self::CompromisedCredential => "compromised-credential",
            Self::BadAddress => "bad-address",
            Self::RunawayAgent => "runaway-agent",
            Self::ForbiddenTools => "forbidden-tools",
            Self::CostHarvesting => "cost-harvesting",
            Self::ModelProbing => "model-probing",
            Self::CredentialHarvesting => "credential-harvesting",
            Self::CredentialStuffing => "credential-stuffing",
            Self::AfterHours => "after-hours",
            Self::UnapprovedModel => "unapproved-model",
            Self::JudgeDrift => "judge-drift",
            Self::JudgeFlags => "judge-flags",
        }
    }

    /// The campaign that a word names.
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|campaign| campaign.as_str() == word).copied()
    }

    /// The names of the shipped rules that were made for it. Others may find it earlier, by luck or by what it does besides.
    pub const fn rules(self) -> &'static [&'static str] {
        match self {
            Self::Extraction => &["extraction-by-volume"],
            Self::IdenticalPrompts => &["identical-prompts", "nearly-identical-prompts"],
            Self::SlowExfiltration => &["sensitive-data-creeps"],
            Self::RisingInjection => &["injection-escalation-of-user", "injection-escalation-of-address"],
            Self::AccountTakeover => {
                &["guessed-password", "new-country", "two-countries", "exfiltration-after-vpn-login"]
            }
            Self::CompromisedCredential => &["credential-compromised", "volume-of-compromised-credential"],
            Self::BadAddress => &["access-from-bad-address", "injection-from-bad-address"],
            Self::RunawayAgent => &["runaway-agent", "agent-repeats-tool"],
            Self::ForbiddenTools => &["trigger-tool", "tool-denied", "agent-explores-tools"],
            Self::CostHarvesting => &["cost-harvesting", "cost-ceiling"],
            Self::ModelProbing => &["model-probing", "probing-of-limits"],
            Self::CredentialHarvesting => &["credential-harvesting"],
            Self::CredentialStuffing => &["credential-stuffing", "credential-stuffing-of-users"],
            Self::AfterHours => &["after-hours"],
            Self::UnapprovedModel => &["new-model-without-ticket"],
            Self::JudgeDrift => &["judge-shift", "judge-flag-rate"],
            Self::JudgeFlags => &["trigger-judge", "judge-flags-of-user"],
        }
    }

    /// In how long it is to be found, from its first event: five minutes, but for what grows over hours and days.
    pub const fn allowed(self) -> Duration {
        match self {
            Self::SlowExfiltration => Duration::from_secs(14 * 86_400),
            Self::RisingInjection => Duration::from_secs(10 * 3_600),
            Self::JudgeDrift => Duration::from_secs(2 * 86_400),
            // By what did not happen within half an hour.
            Self::UnapprovedModel => Duration::from_secs(45 * 60),
            _ => Duration::from_secs(300),
        }
    }

    /// When it begins: on a day late enough for a usual to be known, at its own time of day.
    pub(crate) fn begins(self, plan: &Plan, draws: &mut Draws) -> Timestamp {
        let lasts = match self {
            Self::SlowExfiltration => 14,
            Self::JudgeDrift => 3,
            _ => 1,
        };
        let first = 8.min(plan.days.saturating_sub(lasts));
        let last = plan.days.saturating_sub(lasts).max(first);
        let spread = usize::try_from(last - first).unwrap_or(0) + 1;
        let mut day = first + u32::try_from(draws.below(spread)).unwrap_or(0);
        // Nights of weekends are for those who do not come in anyway.
        if self == Self::AfterHours && day % 7 > 4 {
            day = day.saturating_sub(2).max(first.min(day));
        }
        let hours = match self {
            Self::AfterHours => draws.between(2.0, 3.5),
            Self::SlowExfiltration | Self::JudgeDrift => 0.0,
            Self::RisingInjection => 8.0,
            _ => draws.between(9.0, 18.0),
        };
        at(plan.start.plus(DAY * day), hours)
    }

    /// Its events of a day.
    pub(crate) fn of_day(self, run: &Run, person: &Person, midnight: Timestamp, draws: &mut Draws) -> Vec<Event> {
        let since = midnight.plus(DAY).since(run.begins);
        if midnight.plus(DAY) <= run.begins {
            return Vec::new();
        }
        let day = u32::try_from(since.as_secs().saturating_sub(1) / 86_400).unwrap_or(u32::MAX);
        match self {
            Self::SlowExfiltration if day < 14 => grows(person, midnight, day, draws),
            Self::JudgeDrift if day < 3 => drifts(person, midnight, draws),
            Self::SlowExfiltration | Self::JudgeDrift => Vec::new(),
            _ if day == 0 => self.at_once(run.begins, person, draws),
            _ => Vec::new(),
        }
    }

    fn at_once(self, begins: Timestamp, person: &Person, draws: &mut Draws) -> Vec<Event> {
        let after = |seconds: f64| begins.plus(Duration::from_secs_f64(seconds));
        match self {
            Self::Extraction => (0..7_200).map(|n| request(person, after(f64::from(n) / 6.0), draws)).collect(),
            Self::IdenticalPrompts => identical(person, begins, draws),
            Self::RisingInjection => (0..9_u32)
                .flat_map(|hour| (0..=hour * 2).map(move |n| f64::from(hour) * 3_600.0 + f64::from(n) * 90.0))
                .map(|seconds| attack(person, after(seconds), draws))
                .collect(),
            Self::AccountTakeover => takeover(person, begins, draws),
            Self::CompromisedCredential => compromised(person, begins, draws),
            Self::BadAddress => bad_address(person, begins, draws),
            Self::RunawayAgent => (0..1_200).map(|n| by_agent(request(person, after(f64::from(n)), draws))).collect(),
            Self::ForbiddenTools => (0..6)
                .map(|n| {
                    let mut event = by_agent(request(person, after(f64::from(n) * 20.0), draws));
                    event.tool = Some(format!("tool-{n}"));
                    found(&mut event, "tool-guard", "tool_denied", Category::AgentBoundaryViolation, Decision::Blocked);
                    event
                })
                .collect(),
            Self::CostHarvesting => (0..1_500)
                .map(|n| {
                    let mut event = request(person, after(f64::from(n) * 0.8), draws);
                    (event.tokens_out, event.cost) = (Some(4_000), Some(0.25));
                    event
                })
                .collect(),
            Self::ModelProbing => probing(person, begins, draws),
            Self::CredentialHarvesting => harvesting(person, begins, draws),
            Self::CredentialStuffing => stuffing(begins, draws),
            Self::AfterHours => (0..12).map(|n| request(person, after(f64::from(n) * 40.0), draws)).collect(),
            Self::UnapprovedModel => (0..5)
                .map(|n| {
                    let mut event = request(person, after(f64::from(n) * 60.0), draws);
                    event.model = Some(format!("unheard-of-{}", person.number));
                    event
                })
                .collect(),
            Self::JudgeFlags => (0..8)
                .map(|n| {
                    let asked = request(person, after(f64::from(n) * 30.0), draws);
                    let mut event = judged(&asked, person, true, draws);
                    event.severity = Severity::High;
                    event
                })
                .collect(),
            Self::SlowExfiltration | Self::JudgeDrift => Vec::new(),
        }
    }
}

fn attack(person: &Person, at: Timestamp, draws: &mut Draws) -> Event {
    let mut event = request(person, at, draws);
    found(&mut event, "prompt-injection", "prompt_injection", Category::PromptAttack, Decision::Blocked);
    event
}

fn by_agent(mut event: Event) -> Event {
    event.agent_id = Some(format!("agent-of-{}", event.key_id.as_deref().unwrap_or_default()));
    event
}

/// What the guard against duplicates makes of it.
fn identical(person: &Person, begins: Timestamp, draws: &mut Draws) -> Vec<Event> {
    let one = |n: u32| {
        let mut event = request(person, begins.plus(Duration::from_millis(333) * n), draws);
        if n >= 100 {
            found(&mut event, "duplicate-guard", "duplicate_prompts", Category::Anomaly, Decision::Blocked);
        }
        event
    };
    (0..150).map(one).collect()
}

/// Personal data in answers, more every day.
fn grows(person: &Person, midnight: Timestamp, day: u32, draws: &mut Draws) -> Vec<Event> {
    (0..=day)
        .map(|_| {
            let mut event = request(person, at(midnight, draws.between(9.0, 17.0)), draws);
            found(&mut event, "pii-detector", "pii", Category::GuardrailBlock, Decision::Redacted);
            event
        })
        .collect()
}

/// A judge that flags one answer in five.
fn drifts(person: &Person, midnight: Timestamp, draws: &mut Draws) -> Vec<Event> {
    (0..200)
        .map(|_| {
            let asked = request(person, at(midnight, draws.unit() * 24.0), draws);
            let is_flagged = draws.chance(0.2);
            let mut event = judged(&asked, person, is_flagged, draws);
            event.user = None;
            event.judge_score = Some((0.45 + 0.1 * draws.normal()).clamp(0.0, 1.0));
            event
        })
        .collect()
}

fn takeover(person: &Person, begins: Timestamp, draws: &mut Draws) -> Vec<Event> {
    let user = Some(person.name.as_str());
    let address = "203.0.113.66".to_owned();
    let mut events: Vec<Event> = (0..12)
        .map(|n| {
            let said = [("result", "failure"), ("method", "vpn"), ("country", "KP")];
            signal("external.login", "sso", user, &said, begins.plus(Duration::from_secs(6) * n), draws)
        })
        .collect();
    let said = [("result", "success"), ("method", "vpn"), ("country", "KP")];
    events.push(signal("external.login", "sso", user, &said, begins.plus(Duration::from_secs(80)), draws));
    events.iter_mut().for_each(|event| event.src_ip = Some(address.clone()));
    for n in 0..6 {
        let mut event = request(person, begins.plus(Duration::from_secs(120 + 15 * n)), draws);
        event.src_ip = Some(address.clone());
        found(&mut event, "pii-detector", "pii", Category::GuardrailBlock, Decision::Blocked);
        events.push(event);
    }
    events
}

fn compromised(person: &Person, begins: Timestamp, draws: &mut Draws) -> Vec<Event> {
    let user = Some(person.name.as_str());
    let mut events = vec![signal("external.credential", "leaks", user, &[("status", "leaked")], begins, draws)];
    events.extend(
        (0..600_u32)
            .map(|n| request(person, begins.plus(Duration::from_secs(30) + Duration::from_millis(1_200) * n), draws)),
    );
    events
}

fn bad_address(person: &Person, begins: Timestamp, draws: &mut Draws) -> Vec<Event> {
    let address = format!("203.0.113.{}", draws.below(200) + 10);
    let said = [("indicator", address.as_str()), ("verdict", "malicious")];
    let mut listed = signal("external.threat_intel", "lists", None, &said, begins, draws);
    listed.src_ip = Some(address.clone());
    let mut events = vec![listed];
    events.extend((1..4).map(|n| {
        let mut event = attack(person, begins.plus(Duration::from_secs(30) * n), draws);
        event.src_ip = Some(address.clone());
        event
    }));
    events
}

fn probing(person: &Person, begins: Timestamp, draws: &mut Draws) -> Vec<Event> {
    const KINDS: &[(&str, &str, Category)] = &[
        ("prompt-injection", "jailbreak", Category::PromptAttack),
        ("safety-filter", "toxicity", Category::GuardrailBlock),
        ("prompt-injection", "prompt_extraction", Category::PromptAttack),
        ("topic-filter", "off_topic", Category::GuardrailBlock),
    ];
    let one = |n: u32| {
        let mut event = request(person, begins.plus(Duration::from_millis(1_500) * n), draws);
        if n.is_multiple_of(3) {
            let place = usize::try_from(n / 3).unwrap_or(0) % KINDS.len();
            let (policy, kind, category) =
                KINDS.get(place).copied().unwrap_or(("safety-filter", "toxicity", Category::GuardrailBlock));
            found(&mut event, policy, kind, category, Decision::Blocked);
        }
        event
    };
    (0..160).map(one).collect()
}

fn harvesting(person: &Person, begins: Timestamp, draws: &mut Draws) -> Vec<Event> {
    let one = |n: u32| {
        let mut event = request(person, begins.plus(Duration::from_secs(25) * n), draws);
        if n.is_multiple_of(2) {
            found(&mut event, "prompt-injection", "prompt_extraction", Category::PromptAttack, Decision::Blocked);
        } else {
            found(&mut event, "secret-detector", "secret", Category::GuardrailBlock, Decision::Blocked);
        }
        event
    };
    (0..6).map(one).collect()
}

fn stuffing(begins: Timestamp, draws: &mut Draws) -> Vec<Event> {
    let one = |n: u32| {
        let name = format!("user-{}@example.com", draws.below(100_000));
        let said = [("result", "failure"), ("method", "password"), ("country", "RU")];
        let at = begins.plus(Duration::from_secs(2) * n);
        let mut event = signal("external.login", "sso", Some(&name), &said, at, draws);
        event.src_ip = Some("198.51.100.23".to_owned());
        event
    };
    (0..60).map(one).collect()
}
