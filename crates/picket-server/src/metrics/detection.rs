//! What detection counts, as Prometheus reads it.

use super::{Family, label, write};
use picket_detect::{BORDERS_MS, Counts, Detection};
use picket_event::Category;
use picket_store::detection::findings;
use picket_store::detection::rules::RuleState;
use std::fmt::Write as _;
use std::time::Duration;

/// Verdicts of so long are counted.
const VERDICTS: Duration = Duration::from_secs(30 * 86_400);

/// All families.
pub(crate) fn text(detection: &Detection) -> String {
    let counts = detection.metrics().counts();
    found(&counts) + &judged(&counts) + &state(&counts) + &rules(detection, &counts) + &verdicts(detection)
}

fn one(value: u64) -> Vec<(String, u64)> {
    vec![(String::new(), value)]
}

fn found(counts: &Counts) -> String {
    let findings = counts.findings.iter().map(|((rule, category, severity), count)| {
        let category = category.map_or("none", Category::as_str);
        (format!("rule=\"{}\",category=\"{category}\",severity=\"{severity}\"", label(rule)), *count)
    });
    let shadow = counts.shadow.iter().map(|(rule, count)| (format!("rule=\"{}\"", label(rule)), *count));
    let mut text = write(&[
        Family {
            name: "picket_detection_findings_total",
            kind: "counter",
            help: "New findings by rule, category and severity.",
            samples: findings.collect(),
        },
        Family {
            name: "picket_detection_shadow_findings_total",
            kind: "counter",
            help: "New findings of rules that only watch.",
            samples: shadow.collect(),
        },
    ]);
    let all = counts.after.last().copied().unwrap_or(0);
    let name = "picket_detection_time_to_detect_seconds";
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let seconds = |ms: u64| ms as f64 / 1e3;
    write!(text, "# HELP {name} From the event to its finding.\n# TYPE {name} histogram\n").unwrap_or_default();
    for (border, count) in BORDERS_MS.iter().zip(counts.after.iter().copied().chain(std::iter::repeat(0))) {
        writeln!(text, "{name}_bucket{{le=\"{}\"}} {count}", seconds(*border)).unwrap_or_default();
    }
    let sum = seconds(counts.after_sum_ms);
    write!(text, "{name}_bucket{{le=\"+Inf\"}} {all}\n{name}_sum {sum}\n{name}_count {all}\n").unwrap_or_default();
    text
}

fn judged(counts: &Counts) -> String {
    let events = [
        ("seen", counts.seen),
        ("own", counts.own),
        ("contained", counts.contained),
        ("unreadable", counts.unreadable),
    ];
    let time = [("judge", counts.judging_us), ("settle", counts.settling_us)];
    let held = [("suppressed", counts.suppressed), ("over_limit", counts.over_limit), ("matched", counts.matches)];
    let responses = [("contained", counts.responses), ("refused", counts.responses_refused)];
    let of = |name: &str, all: &[(&str, u64)]| {
        all.iter().map(|(word, count)| (format!("{name}=\"{word}\""), *count)).collect::<Vec<_>>()
    };
    write(&[
        Family {
            name: "picket_detection_events_total",
            kind: "counter",
            help: "Events: seen by rules, or why not.",
            samples: of("outcome", &events),
        },
        Family {
            name: "picket_detection_matches_total",
            kind: "counter",
            help: "What rules said: all of it, what suppressions held back, and findings beyond the hourly limit of a rule.",
            samples: of("outcome", &held),
        },
        Family {
            name: "picket_detection_responses_total",
            kind: "counter",
            help: "Responses of rules, by what came of them.",
            samples: of("outcome", &responses),
        },
        Family {
            name: "picket_detection_microseconds_total",
            kind: "counter",
            help: "Time that holding events against rules, and storing findings, took.",
            samples: of("stage", &time),
        },
    ])
}

fn state(counts: &Counts) -> String {
    let lost = &counts.counters;
    let dropped = [
        ("late", lost.late),
        ("ahead", lost.ahead),
        ("without_time", lost.without_time),
        ("without_group", lost.without_group),
        ("without_value", lost.without_value),
        ("closed_early", lost.closed_early),
        ("forgotten", lost.forgotten),
    ];
    let groups = [("evicted", counts.evicted), ("rule_changed", counts.left_out)];
    let looked = [
        ("changed", counts.looked.changed),
        ("unchanged", counts.looked.unchanged),
        ("impossible", counts.looked.impossible),
        ("no_room", counts.late_lost),
    ];
    let looked = looked.map(|(word, count)| (format!("outcome=\"{word}\""), count));
    let known = counts.profiles;
    let unknown = [
        ("evicted", known.evicted),
        ("unreadable", known.lost),
        ("late", known.late),
        ("ahead", known.ahead),
        ("unnamed", known.unnamed),
    ];
    let of = |all: &[(&str, u64)]| all.iter().map(|(word, count)| (format!("why=\"{word}\""), *count)).collect();
    write(&[
        Family {
            name: "picket_detection_left_out_total",
            kind: "counter",
            help: "Matches that correlations left out: late events, events without a group, and what found no room.",
            samples: of(&dropped),
        },
        Family {
            name: "picket_detection_groups_lost_total",
            kind: "counter",
            help: "Groups of correlations that were lost for want of room, or because their rule changed.",
            samples: of(&groups),
        },
        Family {
            name: "picket_detection_second_looks_total",
            kind: "counter",
            help: "Groups that were looked at again because an event came too late, by what came of it.",
            samples: looked.into(),
        },
        Family {
            name: "picket_detection_groups",
            kind: "gauge",
            help: "Groups of correlations that are remembered.",
            samples: one(counts.groups),
        },
        Family {
            name: "picket_detection_profiles",
            kind: "gauge",
            help: "Profiles of users, keys, applications and models that are remembered.",
            samples: one(known.profiles),
        },
        Family {
            name: "picket_detection_profiles_left_out_total",
            kind: "counter",
            help: "Profiles that went for want of room or could not be read, requests that did not count to their hour, and names without room.",
            samples: of(&unknown),
        },
    ])
}

fn rules(detection: &Detection, counts: &Counts) -> String {
    let set = detection.set();
    let standing = set.infos.iter().filter(|info| info.is_told).map(|info| detection.standing(info).0);
    let mut by_state = [0_u64; RuleState::ALL.len()];
    for state in standing {
        for (known, count) in RuleState::ALL.iter().zip(&mut by_state) {
            *count += u64::from(*known == state);
        }
    }
    let states = RuleState::ALL.iter().zip(by_state).map(|(state, count)| (format!("state=\"{state}\""), count));
    write(&[
        Family {
            name: "picket_detection_rules",
            kind: "gauge",
            help: "Rules by what they do.",
            samples: states.collect(),
        },
        Family {
            name: "picket_detection_rules_broken",
            kind: "gauge",
            help: "Mistakes in the files of rules, as they were read last; the rules before are in force.",
            samples: one(u64::try_from(detection.load().problems.len()).unwrap_or(u64::MAX)),
        },
        Family {
            name: "picket_detection_reload_failures_total",
            kind: "counter",
            help: "Sets of rules that could not be loaded.",
            samples: one(counts.reloads_failed),
        },
    ])
}

/// What people said of findings, beside those of which nobody said anything: a rate alone says little.
fn verdicts(detection: &Detection) -> String {
    let since = detection.log().clock().now().minus(VERDICTS);
    let tallies = detection.db().read(|connection| findings::tallies(connection, detection.workspace(), since));
    let Ok(tallies) = tallies else { return String::new() };
    let samples = tallies.iter().flat_map(|tally| {
        let rule = label(&tally.rule);
        [
            ("true_positive", tally.true_positive),
            ("false_positive", tally.false_positive),
            ("benign", tally.benign),
            ("undecided", tally.undecided),
        ]
        .map(|(verdict, count)| (format!("rule=\"{rule}\",verdict=\"{verdict}\""), count))
    });
    write(&[Family {
        name: "picket_detection_verdicts",
        kind: "gauge",
        help: "Findings of the last 30 days by rule and verdict; `undecided` are those of which nobody could say.",
        samples: samples.collect(),
    }])
}
