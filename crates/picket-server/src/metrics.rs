//! Metrics of services that checks ask, of the lane beside the requests and of ends that wait, as Prometheus reads them.

pub(crate) mod delivery;
pub(crate) mod detection;
pub(crate) mod exports;

use picket_gateway::{Circuit, JwtCounts, LaneCounts, RemoteCounts, SecondTierCounts, UnclosedCounts};
use picket_stdx::Timestamp;
use picket_store::escalations::Waiting;
use std::fmt::{Display, Write as _};

/// One family of samples: labels, or nothing, and a value.
pub(crate) struct Family<'a, T = u64> {
    pub(crate) name: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) help: &'a str,
    pub(crate) samples: Vec<(String, T)>,
}

/// What waits for people, by severity.
pub(crate) fn queue(waiting: &[Waiting], now: Timestamp) -> String {
    let of = |value: &dyn Fn(&Waiting) -> u64| {
        waiting.iter().map(|one| (format!("severity=\"{}\"", label(&one.severity)), value(one))).collect()
    };
    write(&[
        Family {
            name: "picket_escalations_pending",
            kind: "gauge",
            help: "Escalations that nobody has decided.",
            samples: of(&|one| one.count),
        },
        Family {
            name: "picket_escalations_breached",
            kind: "gauge",
            help: "Escalations that nobody has decided by their due time.",
            samples: of(&|one| one.breached),
        },
        Family {
            name: "picket_escalations_oldest_seconds",
            kind: "gauge",
            help: "Age of the oldest escalation that nobody has decided.",
            samples: of(&|one| now.max(one.oldest).since(one.oldest).as_secs()),
        },
    ])
}

/// What is in force against somebody.
pub(crate) fn contained(count: usize) -> String {
    write(&[Family {
        name: "picket_containments_active",
        kind: "gauge",
        help: "Containments in force.",
        samples: vec![(String::new(), count)],
    }])
}

/// How the services have been doing; nothing without services.
pub(crate) fn remotes(all: &[RemoteCounts]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let of = |value: fn(&RemoteCounts) -> u64| {
        all.iter().map(|remote| (format!("policy=\"{}\"", label(&remote.name)), value(remote))).collect()
    };
    let outcomes = all.iter().flat_map(|remote| {
        let outcomes = std::iter::once(("answered", remote.answered)).chain(remote.failed.iter().copied());
        outcomes.map(|(word, count)| (format!("policy=\"{}\",outcome=\"{word}\"", label(&remote.name)), count))
    });
    write(&[
        Family {
            name: "picket_remote_questions_total",
            kind: "counter",
            help: "Questions to services, by what came of them.",
            samples: outcomes.collect(),
        },
        Family {
            name: "picket_remote_questions_in_flight",
            kind: "gauge",
            help: "Questions that are open now.",
            samples: of(|remote| remote.in_flight),
        },
        Family {
            name: "picket_remote_asked_microseconds_total",
            kind: "counter",
            help: "Time that questions took.",
            samples: of(|remote| remote.asked_us),
        },
        Family {
            name: "picket_remote_circuit",
            kind: "gauge",
            help: "Whether a service is asked: 0 yes, 1 once to see how it is, 2 no.",
            samples: of(|remote| match remote.circuit {
                Circuit::Closed => 0,
                Circuit::HalfOpen => 1,
                Circuit::Open => 2,
            }),
        },
    ])
}

/// Ends of requests that the log could not take.
pub(crate) fn unclosed(counts: UnclosedCounts) -> String {
    write(&[
        Family {
            name: "picket_gateway_ends_waiting",
            kind: "gauge",
            help: "Ends of requests that the log could not take yet.",
            samples: vec![(String::new(), counts.waiting)],
        },
        Family {
            name: "picket_gateway_ends_lost_total",
            kind: "counter",
            help: "Ends of requests that were given up; the log closes the requests as unknown.",
            samples: vec![(String::new(), counts.lost)],
        },
    ])
}

/// How slower detectors have been doing inside requests.
pub(crate) fn second_tier(counts: &SecondTierCounts) -> String {
    let outcomes = std::iter::once(("answered", counts.answered)).chain(counts.failed.iter().copied());
    let one = |value: u64| vec![(String::new(), value)];
    write(&[
        Family {
            name: "picket_second_tier_inquiries_total",
            kind: "counter",
            help: "Inquiries of requests about texts that the first tier was unsure of, by what came of them.",
            samples: outcomes.map(|(word, count)| (format!("outcome=\"{word}\""), count)).collect(),
        },
        Family {
            name: "picket_second_tier_in_flight",
            kind: "gauge",
            help: "Inquiries that are computed now.",
            samples: one(counts.in_flight),
        },
        Family {
            name: "picket_second_tier_waited_microseconds_total",
            kind: "counter",
            help: "Time that requests waited for the second tier.",
            samples: one(counts.waited_us),
        },
    ])
}

/// How the lane beside the requests has been doing.
pub(crate) fn late(counts: &LaneCounts) -> String {
    let outcomes =
        [("clean", counts.clean), ("found", counts.found), ("failed", counts.failed), ("dropped", counts.dropped)];
    let one = |value: u64| vec![(String::new(), value)];
    write(&[
        Family {
            name: "picket_late_examinations_total",
            kind: "counter",
            help: "Examinations beside requests, by what came of them; dropped ones found no room.",
            samples: outcomes.iter().map(|(word, count)| (format!("outcome=\"{word}\""), *count)).collect(),
        },
        Family {
            name: "picket_late_queued_total",
            kind: "counter",
            help: "Examinations that were queued.",
            samples: one(counts.queued),
        },
        Family {
            name: "picket_late_waiting",
            kind: "gauge",
            help: "Examinations that wait now.",
            samples: one(counts.waiting),
        },
        Family {
            name: "picket_late_waiting_bytes",
            kind: "gauge",
            help: "Bytes of the texts that wait.",
            samples: one(counts.waiting_bytes),
        },
        Family {
            name: "picket_late_ended_answers_total",
            kind: "counter",
            help: "Answers that a late verdict ended.",
            samples: one(counts.ended),
        },
        Family {
            name: "picket_late_unrecorded_total",
            kind: "counter",
            help: "Late verdicts that could not be written down.",
            samples: one(counts.unrecorded),
        },
    ])
}

/// How the keys of the identity provider have been doing whose tokens callers show.
pub(crate) fn jwt(counts: &JwtCounts) -> String {
    let one = |value: u64| vec![(String::new(), value)];
    let fetches = [("fetched", counts.fetched), ("failed", counts.failed)];
    write(&[
        Family {
            name: "picket_gateway_jwt_key_fetches_total",
            kind: "counter",
            help: "Fetches of the identity provider's keys, by what came of them.",
            samples: fetches.iter().map(|(word, count)| (format!("outcome=\"{word}\""), *count)).collect(),
        },
        Family {
            name: "picket_gateway_jwt_key_age_seconds",
            kind: "gauge",
            help: "Age of the identity provider's keys.",
            samples: one(counts.age.map_or(0, |age| age.as_secs())),
        },
        Family {
            name: "picket_gateway_jwt_usable",
            kind: "gauge",
            help: "Whether tokens of the identity provider are taken: there are keys, and they are not too old.",
            samples: one(u64::from(counts.usable)),
        },
    ])
}

/// The families as text.
pub(crate) fn write<T: Display>(families: &[Family<'_, T>]) -> String {
    let mut text = String::new();
    for Family { name, kind, help, samples } in families {
        write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n").unwrap_or_default();
        for (labels, value) in samples {
            let labels = if labels.is_empty() { String::new() } else { format!("{{{labels}}}") };
            writeln!(text, "{name}{labels} {value}").unwrap_or_default();
        }
    }
    text
}

/// A value of a label: somebody else chose the name.
pub(crate) fn label(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}
