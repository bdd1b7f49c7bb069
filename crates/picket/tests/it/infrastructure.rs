//! What the machine does: as it is now for Prometheus, as events for rules.

use crate::harness::Product;
use http::Method;
use serde_json::Value;

fn text(product: &Product) -> String {
    product.admin(Method::GET, "/metrics", &Value::Null).text
}

/// The value of the first sample of a family.
fn sample(text: &str, family: &str) -> Option<f64> {
    let line = text.lines().find(|line| line.strip_prefix(family).is_some_and(|rest| rest.starts_with([' ', '{'])))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[test]
fn what_the_machine_does_is_shown_as_it_is_now() {
    let product = Product::start();
    let text =
        product.wait("the first look", |product| Some(text(product)).filter(|text| text.contains("picket_host_")));
    for family in
        ["picket_host_memory_bytes", "process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds"]
    {
        assert!(sample(&text, family).is_some_and(|value| value > 0.0), "{family}: {text}");
    }
    for family in ["picket_host_cpu_ratio", "process_cpu_seconds_total"] {
        assert!(sample(&text, family).is_some_and(|value| value >= 0.0), "{family}: {text}");
    }
    // Of this process, as the kernel counts.
    let resident = sample(&text, "process_resident_memory_bytes").unwrap();
    assert!((1e6..1e11).contains(&resident), "{resident}");
}

#[test]
fn what_the_machine_did_becomes_an_event_of_the_log_that_queries_find() {
    let mut product = Product::start();
    product.reconfigure(|text, _| text.replace("{ record: never }", "{ record: 1s }"));
    let event = &product.events("?event_type=system.metrics", 1)[0];
    let metrics = event["metrics"].as_object().unwrap_or_else(|| panic!("{event}"));
    for name in ["cpu_ratio", "memory_ratio", "process_cpu_ratio", "process_memory_ratio"] {
        let value = metrics.get(name).and_then(Value::as_f64).unwrap_or_else(|| panic!("no {name}: {event}"));
        assert!((0.0..=1.0).contains(&value), "{name}: {event}");
    }
    assert!(metrics["memory_ratio"].as_f64().unwrap() > 0.0, "{event}");
    assert_eq!(event["severity"], "info");
    assert!(event["gateway_id"].is_string() && event["log"]["completed"].is_u64(), "{event}");
}
