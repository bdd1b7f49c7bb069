//! What callers write into the heads of requests: ranges, parameters, names of hosts, addresses of proxies.

#![no_main]

use http::{HeaderMap, HeaderValue};
use libfuzzer_sys::fuzz_target;
use picket_api::{Hosts, fuzzing};
use std::net::IpAddr;

fuzz_target!(|data: (&str, &[u8], Option<&[u8]>, u64)| {
    let (text, value, condition, length) = data;
    let hosts = Hosts::only(["picket.example".to_owned()]);
    if hosts.permit(text) {
        let name = text.to_ascii_lowercase();
        let ours = name.starts_with("localhost") || name.starts_with("picket.example");
        assert!(
            ours || name.starts_with('[') || name.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':'),
            "{text}"
        );
    }
    if let Some((all, written)) = fuzzing::parameters(text) {
        let (again, _) = fuzzing::parameters(&written).expect("what is written is read");
        assert_eq!(again, all);
    }
    let Ok(value) = HeaderValue::from_bytes(value) else { return };
    let condition = condition.and_then(|condition| HeaderValue::from_bytes(condition).ok());
    if let Some(part) = fuzzing::range(value.clone(), condition, length, "tag") {
        assert!(part.start <= part.end && part.end <= length, "{part:?} of {length}");
    }
    let (proxy, other) = (IpAddr::from([192, 0, 2, 1]), IpAddr::from([192, 0, 2, 2]));
    let headers = HeaderMap::from_iter([(http::HeaderName::from_static("x-forwarded-for"), value)]);
    let proxies = [ipnet::IpNet::from(proxy)];
    assert_eq!(picket_gateway::forwarded(&proxies, &headers, other), other, "nobody else is believed");
    picket_gateway::forwarded(&proxies, &headers, proxy);
});
