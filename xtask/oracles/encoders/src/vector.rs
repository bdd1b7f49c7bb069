//! Reads lines of CEF and frames of syslog with the functions of the Vector Remap Language.
//!
//! What that reader does beyond the standard is written down here, and nothing else may differ: it trims fields of the
//! header, takes ` ` and `|` before the next key for its separator, reads `\r` as a line feed and takes quotes off that
//! stand around a whole value. Of syslog, it does not take `:` for the name of a program.

use crate::cases::Draws;
use picket_render::wire::syslog::{Framing, Message, Time};
use picket_render::wire::{cef, syslog};
use picket_stdx::Timestamp;
use std::process::ExitCode;
use vrl::compiler::state::RuntimeState;
use vrl::compiler::{Context, Program, TargetValue, TimeZone};
use vrl::value::{ObjectMap, Secrets, Value};

/// A function of the language that reads the field `m`.
struct Reader(Program);

impl Reader {
    fn new(function: &str) -> Self {
        let source = format!("{function}!(string!(.m))");
        let compiled = vrl::compiler::compile(&source, &vrl::stdlib::all());
        Self(compiled.unwrap_or_else(|diagnostics| panic!("{diagnostics:?}")).program)
    }

    fn read(&self, text: &[u8]) -> Result<ObjectMap, String> {
        let field = ObjectMap::from([("m".into(), Value::Bytes(text.to_vec().into()))]);
        let mut target =
            TargetValue { value: Value::Object(field), metadata: Value::Object(ObjectMap::new()), secrets: Secrets::new() };
        let (mut state, zone) = (RuntimeState::default(), TimeZone::default());
        match self.0.resolve(&mut Context::new(&mut target, &mut state, &zone)) {
            Ok(Value::Object(members)) => Ok(members),
            other => Err(format!("{other:?}")),
        }
    }
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::to_str_lossy).map_or_else(|| format!("{value:?}"), |text| text.into_owned())
}

pub(crate) fn run(cases: u64, seed: u64) -> ExitCode {
    let checks: [(&str, fn(&Reader, &mut Draws) -> Result<(), String>, &str); 2] =
        [("cef", cef_case, "parse_cef"), ("syslog", syslog_case, "parse_syslog")];
    let mut failed = 0_u64;
    for (name, check, function) in checks {
        let reader = Reader::new(function);
        let before = failed;
        for case in 0..cases {
            // Each case has draws of its own, so that one can be run again alone.
            let mut draws = Draws(seed.wrapping_mul(0x1000_0000).wrapping_add(case));
            if let Err(cause) = check(&reader, &mut draws) {
                failed += 1;
                if failed - before <= 5 {
                    eprintln!("{name}, seed {seed}, case {case}: {cause}");
                }
            }
        }
        println!("{name} by vrl {function}: {cases} cases, {} failed", failed - before);
    }
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the reader makes of quotes around a whole value.
fn without_quotes(value: &str) -> &str {
    value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(value)
}

fn cef_case(reader: &Reader, draws: &mut Draws) -> Result<(), String> {
    let header: Vec<String> = (0..6).map(|_| draws.text()).collect();
    let values: Vec<String> = (0..draws.below(8)).map(|_| draws.text()).collect();
    let [vendor, product, version, class_id, name, severity] = header.as_slice() else { return Err(String::new()) };
    let mut out = Vec::new();
    let mut line = cef::Line::begin(&mut out, &cef::Header { vendor, product, version, class_id, name, severity });
    for (at, value) in values.iter().enumerate() {
        line.pair(&format!("k{at}"), value).map_err(|error| error.to_string())?;
    }
    let shown = || String::from_utf8_lossy(&out).into_owned();
    let read = reader.read(&out).map_err(|cause| format!("{cause}: {}", shown()))?;
    if read.len() != 7 + values.len() {
        return Err(format!("{} members instead of {}: {}", read.len(), 7 + values.len(), shown()));
    }
    let names = ["deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"];
    for (name, value) in names.iter().zip(&header) {
        let plain = value.replace("\r\n", " ").replace(['\r', '\n'], " ");
        let expected = without_quotes(plain.trim());
        if text(read.get(*name)) != expected {
            return Err(format!("{name} is {:?}, not {expected:?}: {}", read.get(*name), shown()));
        }
    }
    for (at, value) in values.iter().enumerate() {
        let whole = value.trim_end_matches(' ').replace("\r\n", "\n").replace('\r', "\n");
        let kept = if at + 1 == values.len() { &whole } else { whole.trim_end_matches([' ', '|']) };
        let (expected, found) = (without_quotes(kept), text(read.get(format!("k{at}").as_str())));
        if found != expected {
            return Err(format!("k{at} is {found:?}, not {expected:?}: {}", shown()));
        }
    }
    Ok(())
}

fn syslog_case(reader: &Reader, draws: &mut Draws) -> Result<(), String> {
    let values: Vec<(String, String)> = (0..draws.below(6)).map(|at| (format!("p{at}"), draws.text())).collect();
    let parameters: Vec<(&str, &str)> = values.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let data: [syslog::Element<'_>; 1] = [("x@32473", &parameters)];
    let body = draws.text();
    let app = Some(draws.text()).filter(|app| app != ":").unwrap_or_default();
    let message = Message {
        facility: 4,
        severity: 2,
        time: Time::At(Timestamp::from_millis(1_780_308_800_123)),
        hostname: "host",
        app_name: &app,
        procid: "p",
        msgid: "m",
        data: if values.is_empty() { &[] } else { &data },
        bom: false,
        text: Some(body.as_bytes()),
    };
    let mut out = Vec::new();
    syslog::encode(&mut out, &message, Framing::None).map_err(|error| error.to_string())?;
    let shown = || String::from_utf8_lossy(&out).into_owned();
    let read = reader.read(&out).map_err(|cause| format!("{cause}: {}", shown()))?;
    // The reader trims the whole message, and what stands between structured data and text.
    let expected = body.trim_start_matches([' ', '\t']);
    let expected = if expected.is_empty() { "" } else { expected.trim_end() };
    if text(read.get("message")) != expected {
        return Err(format!("message is {:?}, not {expected:?}: {}", read.get("message"), shown()));
    }
    let members = 8 + usize::from(!app.is_empty() && app != "-") + usize::from(!values.is_empty());
    if read.len() != members {
        return Err(format!("{} members instead of {members}: {read:?}", read.len()));
    }
    for (name, value) in &values {
        let Some(Value::Object(element)) = read.get("x@32473") else { return Err(format!("no data: {}", shown())) };
        if text(element.get(name.as_str())) != *value || element.len() != values.len() {
            return Err(format!("{name} is {:?}, not {value:?}: {}", element.get(name.as_str()), shown()));
        }
    }
    Ok(())
}
