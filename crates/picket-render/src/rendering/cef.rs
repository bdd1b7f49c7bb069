//! `cef`: a line of ArcSight's Common Event Format, by the standard or as others print it.

use super::Maker;
use crate::subject::Subject;
use crate::wire::cef::{Header, Line};
use crate::wire::cut;
use picket_event::score::rounded;
use picket_event::{Category, Outcome};
use std::fmt::{Display, Write as _};

const VENDOR_BYTES_MAX: usize = 63;
const VERSION_BYTES_MAX: usize = 31;
const CLASS_BYTES_MAX: usize = 1_023;
const NAME_BYTES_MAX: usize = 512;

/// Pairs of a line, with a note of what was cut.
struct Pairs<'a> {
    line: Line<'a>,
    /// Holds one number or id at a time.
    scratch: String,
    /// Keys whose values were cut, for `flexString2`.
    cut: String,
}

impl Pairs<'_> {
    /// A pair whose value the dictionary allows so many bytes.
    fn text(&mut self, key: &'static str, bytes_max: usize, value: Option<&str>) {
        let Some(value) = value.filter(|value| !value.is_empty()) else { return };
        let kept = cut(value, bytes_max);
        if kept.len() < value.len() {
            if !self.cut.is_empty() {
                self.cut.push(',');
            }
            self.cut.push_str(key);
        }
        self.put(key, kept);
    }

    /// A text under one of the keys that a label names.
    fn labelled(
        &mut self,
        (key, label_key): (&'static str, &'static str),
        label: &str,
        max: usize,
        value: Option<&str>,
    ) {
        if value.is_some_and(|value| !value.is_empty()) {
            self.put(label_key, label);
            self.text(key, max, value);
        }
    }

    fn shown(&mut self, key: &'static str, value: Option<impl Display>) {
        let Some(value) = value else { return };
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        write!(scratch, "{value}").unwrap_or_default();
        self.put(key, &scratch);
        self.scratch = scratch;
    }

    fn number(&mut self, (key, label_key): (&'static str, &'static str), label: &str, value: Option<impl Display>) {
        if value.is_some() {
            self.put(label_key, label);
            self.shown(key, value);
        }
    }

    fn put(&mut self, key: &str, value: &str) {
        // Our own keys are keys.
        self.line.pair(key, value).unwrap_or_default();
    }
}

fn begin<'a>(subject: &Subject<'_>, maker: &Maker, name: &str, out: &'a mut Vec<u8>) -> Pairs<'a> {
    let mut digits = itoa::Buffer::new();
    let header = Header {
        vendor: cut(&maker.vendor, VENDOR_BYTES_MAX),
        product: cut(&maker.product, VENDOR_BYTES_MAX),
        version: cut(&maker.version, VERSION_BYTES_MAX),
        class_id: cut(subject.name(), CLASS_BYTES_MAX),
        name: cut(name, NAME_BYTES_MAX),
        severity: digits.format(subject.event().severity.number()),
    };
    Pairs { line: Line::begin(out, &header), scratch: String::new(), cut: String::new() }
}

/// The line that other products' documents print: some of its keys are in no dictionary.
pub(super) fn as_printed(subject: &Subject<'_>, maker: &Maker, out: &mut Vec<u8>) {
    let event = subject.event();
    let mut pairs = begin(subject, maker, &subject.title(), out);
    pairs.shown("rt", Some(event.timestamp.as_millis()));
    pairs.put("externalId", subject.id());
    pairs.put("cs1Label", "workspace_id");
    pairs.put("cs1", &event.workspace_id);
    pairs.put("enforcement", subject.enforcement());
    if let Some(found) = subject.found() {
        pairs.put("category", found);
    }
    if let Some(band) = subject.risk_band() {
        pairs.put("risk_band", band.as_str());
    }
}

/// The line of the standard: keys of its dictionary, values of its types and lengths.
pub(super) fn strict(subject: &Subject<'_>, maker: &Maker, out: &mut Vec<u8>) {
    let event = subject.event();
    let title = subject.title();
    let mut pairs = begin(subject, maker, &title, out);
    pairs.shown("rt", Some(event.timestamp.as_millis()));
    pairs.text("externalId", 40, Some(subject.id()));
    pairs.text("act", 63, Some(event.decision.as_str()));
    pairs.text("cat", 1_023, event.category.map(Category::as_str).or(subject.found()));
    pairs.text("outcome", 63, event.outcome.map(Outcome::as_str));
    pairs.text("reason", 1_023, event.reason.as_deref());
    pairs.text("suser", 1_023, event.user.as_deref().or(event.actor.as_deref()));
    pairs.text("suid", 1_023, event.user_id.as_deref());
    pairs.text("app", 31, event.application.as_deref());
    pairs.text("request", 1_023, event.endpoint.as_deref());
    pairs.text("requestClientApplication", 1_023, event.user_agent.as_deref());
    pairs.text("destinationServiceName", 1_023, event.provider.as_deref());
    pairs.text("deviceExternalId", 255, event.gateway_id.as_deref());
    address(event.src_ip.as_deref(), &mut pairs);
    pairs.shown("in", long(event.request_bytes));
    pairs.shown("out", long(event.response_bytes));
    pairs.shown("cnt", event.count.and_then(|count| i32::try_from(count).ok()));
    pairs.labelled(("cs1", "cs1Label"), "aiModel", 4_000, event.model.as_deref());
    pairs.labelled(("cs2", "cs2Label"), "aiProvider", 4_000, event.provider.as_deref());
    pairs.labelled(("cs3", "cs3Label"), "policyId", 4_000, policy(event));
    pairs.labelled(("cs4", "cs4Label"), "riskCategory", 4_000, subject.found());
    pairs.labelled(("cs5", "cs5Label"), "traceId", 4_000, event.trace_id.as_deref());
    pairs.labelled(("cs6", "cs6Label"), "workspaceId", 4_000, Some(&event.workspace_id));
    pairs.number(("cn1", "cn1Label"), "promptTokens", long(event.tokens_in));
    pairs.number(("cn2", "cn2Label"), "completionTokens", long(event.tokens_out));
    pairs.number(("cn3", "cn3Label"), "latencyMs", long(event.latency_ms));
    pairs.number(("cfp1", "cfp1Label"), "riskScore", finite(event.risk_score).map(rounded));
    pairs.number(("cfp2", "cfp2Label"), "cost", finite(event.cost));
    pairs.labelled(("flexString1", "flexString1Label"), "requestId", 1_023, event.request_id.as_deref());
    pairs.text("msg", 1_023, Some(&subject.headline()));
    if !pairs.cut.is_empty() {
        let cut = std::mem::take(&mut pairs.cut);
        pairs.put("flexString2Label", "truncated");
        pairs.put("flexString2", &cut);
    }
}

/// The dictionary's numbers have a sign.
fn long(number: Option<u64>) -> Option<i64> {
    number.and_then(|number| i64::try_from(number).ok())
}

fn finite(number: Option<f64>) -> Option<f64> {
    number.filter(|number| number.is_finite())
}

/// The policy that decided, or else the first that found something.
pub(super) fn policy(event: &picket_event::Event) -> Option<&str> {
    event.policy_violated.as_deref().or_else(|| event.policies_triggered.first().map(String::as_str))
}

/// The dictionary has different keys for the two kinds of addresses, and none for what is no address.
fn address(text: Option<&str>, pairs: &mut Pairs<'_>) {
    match text.and_then(|text| text.parse().ok()) {
        Some(std::net::IpAddr::V4(address)) => pairs.shown("src", Some(address)),
        Some(std::net::IpAddr::V6(address)) => {
            pairs.number(("c6a2", "c6a2Label"), "Source IPv6 Address", Some(address));
        }
        None => {}
    }
}
