//! Every type of event that the program writes, shows or reads: what a subscription may name, and what the reference
//! lists. `cargo xt tidy` finds a name in the sources that is missing here, and a name here that stands nowhere.

/// Where events of a type are met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// In the log, and in everything that shows it.
    Log,
    /// Shown as such, while the log has it under another name.
    Shown,
    /// In the log only: half of a request, which is shown whole as `request`.
    Half,
    /// At a receiver only: a probe.
    Probe,
    /// In records of other systems, which rules, renderings and packs read.
    Foreign,
}

/// A type of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// Its name.
    pub name: &'static str,
    /// Where events of it are met.
    pub stand: Stand,
    /// What happened, for people.
    pub meaning: &'static str,
}

impl Known {
    /// Whether lists, tails and destinations can have events of it.
    pub const fn is_shown(&self) -> bool {
        matches!(self.stand, Stand::Log | Stand::Shown)
    }
}

const fn log(name: &'static str, meaning: &'static str) -> Known {
    Known { name, stand: Stand::Log, meaning }
}

const fn at(stand: Stand, name: &'static str, meaning: &'static str) -> Known {
    Known { name, stand, meaning }
}

/// Every type, by family.
pub const ALL: &[Known] = &[
    log("request", "one AI request, from its head to the end of its answer"),
    at(Stand::Half, "request.received", "a request went upstream"),
    at(Stand::Half, "request.completed", "a request ended"),
    log("verdict.late", "what a late check found; `parent_event_id` is the request's"),
    at(Stand::Shown, "decision.created", "a request was held or let through for somebody to look at"),
    at(Stand::Shown, "decision.auto_approved", "a request of low risk passed, and nobody was asked"),
    log("decision.approved", "somebody approved a request that was escalated"),
    log("decision.rejected", "a request was refused, by a policy or by somebody who was asked"),
    log("decision.executed", "a request that was held and approved went upstream"),
    log("escalation.created", "something entered the review queue"),
    log("escalation.claimed", "somebody took it"),
    log("escalation.assigned", "somebody was given it"),
    log("escalation.released", "whoever had it gave it back"),
    log("escalation.in_review", "somebody looks at it"),
    log("escalation.snoozed", "it is out of sight for a while"),
    log("escalation.woken", "that while is over"),
    log("escalation.handed_on", "another team has it"),
    log("escalation.commented", "somebody wrote a note"),
    log("escalation.approved_by_first", "the first of two approved"),
    log("escalation.resolved", "it was decided"),
    log("escalation.expired", "it ended without a decision"),
    log("escalation.test", "somebody tries the queue"),
    log("incident.opened", "findings or an escalation became an incident"),
    log("incident.amended", "more belongs to it"),
    log("incident.acknowledged", "somebody knows of it"),
    log("incident.closed", "it is over"),
    log(
        "finding.created",
        "a rule found something: `rule_id`, `reason`, `count`, the newest event as `parent_event_id`",
    ),
    log("finding.amended", "more events belong to it"),
    log("finding.acknowledged", "somebody knows of it"),
    log("finding.commented", "somebody wrote a note"),
    log("finding.closed", "it was decided"),
    log("suppression.created", "findings of some kind are kept quiet"),
    log("suppression.ended", "they no longer are"),
    log("detection.rule_enabled", "a rule finds and responds"),
    log("detection.rule_shadowed", "a rule finds, and nothing is done about it"),
    log("detection.rule_disabled", "a rule is off"),
    log("containment.proposed", "a containment waits for a second person"),
    log("containment.applied", "somebody may not do something for a while"),
    log("containment.refused", "a proposed containment was not wanted, or not in time"),
    log("containment.undone", "somebody ended a containment"),
    log("containment.expired", "its time was over"),
    log("ticket.opened", "a ticket or message was made elsewhere"),
    log("ticket.acknowledged", "it was told that somebody knows, or somebody took it there"),
    log("ticket.resolved", "it was told that it is over, or somebody ended it there"),
    log("ticket.failed", "it could not be told"),
    log("ticket.replayed", "what failed is tried again"),
    log("ticket.place_created", "a place for tickets was made"),
    log("ticket.place_changed", "it was changed"),
    log("ticket.place_removed", "it was removed"),
    log("ticket.place_tested", "somebody tried it"),
    log("ticket.runbook_changed", "what is done about a rule was changed"),
    log("webhook.created", "a webhook was made"),
    log("webhook.changed", "it was changed"),
    log("webhook.removed", "it was removed"),
    log("webhook.rotated", "it has a new key"),
    log("webhook.tested", "somebody tried it"),
    log("webhook.replayed", "messages are sent once more"),
    log("webhook.disabled", "its receiver failed for too long"),
    log("destination.created", "a destination was made"),
    log("destination.updated", "it was changed"),
    log("destination.rotated", "it has new credentials"),
    log("destination.tested", "somebody tried it"),
    log("destination.paused", "nothing is sent to it"),
    log("destination.resumed", "it is sent to again"),
    log("destination.deleted", "it was deleted; its sums stand in `reason`"),
    log("destination.bodies_included", "prompts and answers are sent to it from now on"),
    log("destination.bodies_excluded", "they are no longer"),
    log("delivery.completed", "events were delivered, many in each; destinations get it only if they name it"),
    log("delivery.dead_lettered", "events were given up, likewise"),
    log("delivery.expired", "events were no longer in the log when they could be sent, likewise"),
    log("delivery.replayed", "dead letters are sent once more, likewise"),
    log("delivery.discarded", "dead letters were discarded, likewise"),
    log("export.created", "an export was ordered"),
    log("export.restarted", "it went on after the program was stopped"),
    log("export.completed", "its file is there"),
    log("export.failed", "it could not be made"),
    log("export.cancelled", "somebody ended it"),
    log("export.downloaded", "somebody fetched it"),
    log("export.expired", "its file was removed"),
    log("export.schedule_created", "exports are made again and again"),
    log("export.schedule_paused", "for now they are not"),
    log("export.schedule_resumed", "they are again"),
    log("export.schedule_deleted", "they no longer are"),
    log("external.login", "another system says: somebody signed in, or tried"),
    log("external.threat_intel", "an address, name or hash is known to be bad"),
    log("external.credential", "a credential is in wrong hands, or was changed"),
    log("external.badge", "somebody came or went"),
    log("external.ticket", "a request or approval in a ticket system"),
    log("external.judge", "a judge has an opinion of a request or answer"),
    log("external.metric", "numbers that were measured elsewhere"),
    log("external.custom", "anything else that another system says"),
    log("policy.deployed", "another policy is in force"),
    log("policy.proposed", "a policy waits for a second person"),
    log("policy.approved", "the second person agreed"),
    log("policy.rejected", "the second person did not"),
    log("policy.break_glass", "a policy came into force without the second person"),
    log("policy.exception_created", "a policy does not hold for something for a while"),
    log("policy.exception_revoked", "somebody ended that"),
    log("policy.exception_expired", "its time was over"),
    log("key.created", "a key or token was made"),
    log("key.revoked", "it is no longer good"),
    log("key.rotated", "credentials are sealed with a new key"),
    log("auth.failed", "logins or keys were refused, many in each"),
    log("auth.login", "somebody signed in"),
    log("auth.logout", "somebody signed out"),
    log("auth.confirmed", "somebody proved again who they are"),
    log("auth.session_ended", "somebody ended a session"),
    log("user.created", "a user was made"),
    log("user.changed", "it was changed"),
    log("user.suspended", "may not sign in"),
    log("user.resumed", "may again"),
    log("user.deleted", "is gone"),
    log("user.password_changed", "has another password"),
    log("user.password_reset", "was given another password"),
    log("user.totp_begun", "begins with a second factor"),
    log("user.totp_enabled", "has a second factor"),
    log("user.totp_ended", "has none any more"),
    log("user.totp_reset", "somebody took the second factor away"),
    log("team.created", "a team was made"),
    log("team.changed", "it was changed"),
    log("team.deleted", "it is gone"),
    log("team.member_added", "somebody belongs to it"),
    log("team.member_removed", "somebody no longer does"),
    log("admin.setup", "the first owner's token was made"),
    log("admin.body_viewed", "a stored body was read"),
    log("admin.config_changed", "the configuration that is in force is another one"),
    log("privacy.erasure_requested", "what is known of somebody is to be erased"),
    log("privacy.erasure_started", "bodies are being erased"),
    log("privacy.erasure_done", "they are erased"),
    log("privacy.subject_erased", "everything about somebody is erased"),
    log("retention.content_expired", "bodies were erased because of their age"),
    log("retention.entries_dropped", "entries were dropped because of their age"),
    log("gateway.health_changed", "the program became ready, or no longer is; `reason` says why"),
    log("system.log_created", "a log began"),
    log("system.metrics", "what the machine did, in `metrics`"),
    log("system.clock_stepped_back", "the clock went back"),
    log("system.clock_stepped_ahead", "the clock jumped ahead"),
    at(Stand::Probe, "system.test", "somebody tries a destination"),
    at(Stand::Foreign, "judge.evaluated", "what a judge of another system says of an answer"),
    at(Stand::Foreign, "tool_call", "a call of a tool, as another system tells it"),
];

/// The type of a name, if there is one.
pub fn find(name: &str) -> Option<&'static Known> {
    ALL.iter().find(|known| known.name == name)
}

/// Whether a name is that of a type; also when constants are made, so that a wrong one does not compile.
pub(crate) const fn is_known(name: &str) -> bool {
    let mut rest = ALL;
    while let [first, others @ ..] = rest {
        if is_same(first.name.as_bytes(), name.as_bytes()) {
            return true;
        }
        rest = others;
    }
    false
}

const fn is_same(mut one: &[u8], mut other: &[u8]) -> bool {
    while let ([first, rest @ ..], [second, others @ ..]) = (one, other) {
        if *first != *second {
            return false;
        }
        (one, other) = (rest, others);
    }
    one.is_empty() && other.is_empty()
}

#[cfg(test)]
mod tests;
