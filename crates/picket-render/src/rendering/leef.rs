//! `leef`: a line of IBM's Log Event Extended Format 2.0, by the standard or as others print it.

use super::Maker;
use super::cef::policy;
use super::ecs::address;
use crate::subject::Subject;
use crate::wire::cut;
use crate::wire::leef::{Delimiter, Header, Line};
use picket_event::score::rounded;
use picket_event::{Category, Outcome, RiskBand};
use std::fmt::{Display, Write as _};

/// The longest value: none may fill a line alone.
const VALUE_BYTES_MAX: usize = 256;
/// QRadar cuts what is longer than 4,096 bytes on TCP. The header, of four values at most, and that of syslog come on
/// top; what stands last in a line is left out first.
const ATTRIBUTES_BYTES_MAX: usize = 2_800;

struct Attributes<'a> {
    line: Line<'a>,
    scratch: String,
}

impl Attributes<'_> {
    fn text(&mut self, key: &'static str, value: Option<&str>) {
        let room = ATTRIBUTES_BYTES_MAX.saturating_sub(self.line.size() + key.len() + 2);
        let value = value.map(|value| cut(value, room.min(VALUE_BYTES_MAX)));
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            // Our own keys are keys.
            self.line.attribute(key, value).unwrap_or_default();
        }
    }

    fn shown(&mut self, key: &'static str, value: Option<impl Display>) {
        if let Some(value) = value {
            let mut scratch = std::mem::take(&mut self.scratch);
            scratch.clear();
            write!(scratch, "{value}").unwrap_or_default();
            self.text(key, Some(&scratch));
            self.scratch = scratch;
        }
    }
}

fn begin<'a>(subject: &Subject<'_>, maker: &Maker, delimiter: Delimiter, out: &'a mut Vec<u8>) -> Attributes<'a> {
    let header = Header {
        vendor: cut(&maker.vendor, VALUE_BYTES_MAX),
        product: cut(&maker.product, VALUE_BYTES_MAX),
        version: cut(&maker.version, VALUE_BYTES_MAX),
        event_id: cut(subject.name(), VALUE_BYTES_MAX),
    };
    Attributes { line: Line::begin(out, &header, delimiter), scratch: String::new() }
}

/// The line that other products' documents print: the header names one delimiter, and another one separates.
pub(super) fn as_printed(subject: &Subject<'_>, maker: &Maker, out: &mut Vec<u8>) {
    let event = subject.event();
    let mut to = begin(subject, maker, Delimiter::TAB_BEHIND_CARET, out);
    to.shown("devTime", Some(event.timestamp));
    to.text("devTimeFormat", Some("ISO8601"));
    to.text("externalId", Some(subject.id()));
    to.text("workspaceId", Some(&event.workspace_id));
    to.shown("sev", Some(event.severity.number()));
    to.text("enforcement", Some(subject.enforcement()));
    to.text("category", subject.found());
    to.text("risk_band", subject.risk_band().map(RiskBand::as_str));
}

/// The line of the standard: its own keys first, then keys of ours; a tab separates, and is declared.
pub(super) fn strict(subject: &Subject<'_>, maker: &Maker, out: &mut Vec<u8>) {
    let event = subject.event();
    let mut to = begin(subject, maker, Delimiter::TAB, out);
    // Milliseconds need no format.
    to.shown("devTime", Some(event.timestamp.as_millis()));
    to.text("cat", Some(event.category.map(Category::as_str).or(subject.found()).unwrap_or("none")));
    to.shown("sev", Some(event.severity.number().clamp(1, 10)));
    to.text("src", address(event.src_ip.as_deref()));
    to.text("usrName", event.user.as_deref().or(event.actor.as_deref()));
    to.text("policy", policy(event));
    to.text("resource", event.model.as_deref());
    to.text("url", event.endpoint.as_deref());
    to.text("externalId", Some(subject.id()));
    to.text("workspaceId", Some(&event.workspace_id));
    to.text("decision", Some(event.decision.as_str()));
    to.text("enforcement", Some(subject.enforcement()));
    to.text("type", subject.found());
    to.text("riskBand", subject.risk_band().map(RiskBand::as_str));
    to.shown("riskScore", event.risk_score.filter(|score| score.is_finite()).map(rounded));
    to.text("outcome", event.outcome.map(Outcome::as_str));
    to.text("reason", event.reason.as_deref());
    to.text("team", event.team.as_deref());
    to.text("application", event.application.as_deref());
    to.text("provider", event.provider.as_deref());
    to.text("gatewayId", event.gateway_id.as_deref());
    to.text("requestId", event.request_id.as_deref());
    to.text("traceId", event.trace_id.as_deref());
    to.shown("tokensIn", event.tokens_in);
    to.shown("tokensOut", event.tokens_out);
    to.shown("latencyMs", event.latency_ms);
    to.shown("count", event.count);
    to.text("msg", Some(&subject.headline()));
}
