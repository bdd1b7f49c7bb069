use super::*;
use crate::Event;
use utoipa::PartialSchema;

/// The members of a type by its schema, in their order.
fn members<T: PartialSchema>() -> Vec<String> {
    let schema = serde_json::to_value(T::schema()).unwrap();
    schema["properties"].as_object().unwrap().keys().cloned().collect()
}

#[test]
fn the_fields_are_the_members_of_events_and_of_what_stands_in_them() {
    let within = |outer: &'static str, inner: Vec<String>| inner.into_iter().map(move |name| format!("{outer}.{name}"));
    let mut expected: Vec<String> = members::<Event>();
    let structured = ["policy_results", "log", "attributes", "metrics"];
    assert!(structured.iter().all(|name| expected.iter().any(|member| member == name)));
    expected.retain(|name| !structured.contains(&name.as_str()));
    expected.extend(within("policy_results", members::<crate::PolicyResult>()));
    expected.retain(|name| name != "policy_results.spans");
    expected.extend(within("policy_results.spans", members::<crate::SpanRef>()));
    expected.extend(within("log", members::<crate::LogPlace>()));
    expected.sort();
    let mut known: Vec<&str> = FIELDS.to_vec();
    known.sort_unstable();
    assert_eq!(known, expected);
}
