use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in pairs {
        map.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    map
}

#[test]
fn only_pages_of_this_very_origin_may_change_anything() {
    const HOST: (&str, &str) = ("host", "picket.example:8081");
    const OWN: (&str, &str) = ("sec-fetch-site", "same-origin");
    const ORIGIN: (&str, &str) = ("origin", "https://picket.example:8081");
    const JSON: (&str, &str) = ("content-type", "application/json");
    for (pairs, may) in [
        (vec![HOST, OWN, ORIGIN, JSON], true),
        (vec![HOST, ("sec-fetch-site", "none"), ORIGIN, JSON], true),
        (vec![HOST, OWN, ("origin", "https://PICKET.example:8081"), JSON], true),
        (vec![HOST, OWN, ORIGIN, ("content-type", "application/json; charset=utf-8")], true),
        (vec![HOST, ("sec-fetch-site", "cross-site"), ORIGIN, JSON], false),
        (vec![HOST, ("sec-fetch-site", "same-site"), ORIGIN, JSON], false),
        (vec![HOST, ("sec-fetch-site", "Same-Origin"), ORIGIN, JSON], false),
        (vec![HOST, ORIGIN, JSON], false),
        (vec![HOST, OWN, JSON], false),
        (vec![HOST, OWN, ("origin", "null"), JSON], false),
        (vec![HOST, OWN, ("origin", "https://evil.example"), JSON], false),
        (vec![HOST, OWN, ("origin", "https://sub.picket.example:8081"), JSON], false),
        (vec![HOST, OWN, ("origin", "https://picket.example"), JSON], false),
        (vec![HOST, OWN, ("origin", "https://picket.example:8081.evil.example"), JSON], false),
        (vec![HOST, OWN, ("origin", "ftp://picket.example:8081"), JSON], false),
        (vec![HOST, OWN, ORIGIN, ORIGIN, JSON], false),
        (vec![HOST, OWN, OWN, ORIGIN, JSON], false),
        (vec![HOST, HOST, OWN, ORIGIN, JSON], false),
        (vec![OWN, ORIGIN, JSON], false),
        (vec![HOST, OWN, ORIGIN], false),
        (vec![HOST, OWN, ORIGIN, ("content-type", "text/plain")], false),
        (vec![HOST, OWN, ORIGIN, ("content-type", "application/x-www-form-urlencoded")], false),
        (vec![HOST, OWN, ORIGIN, ("content-type", "multipart/form-data")], false),
    ] {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            let taken = refuse_foreign(&method, &Uri::from_static("/v1/keys"), &headers(&pairs)).is_ok();
            assert_eq!(taken, may, "{method} {pairs:?}");
        }
    }
    let http2 = Uri::from_static("https://picket.example:8081/v1/keys");
    assert!(refuse_foreign(&Method::POST, &http2, &headers(&[OWN, ORIGIN, JSON])).is_ok());
}

#[test]
fn reading_is_open_to_whatever_does_not_say_that_it_comes_from_elsewhere() {
    for (site, may) in
        [("same-origin", true), ("none", true), ("", true), ("same-site", false), ("cross-site", false), ("x", false)]
    {
        let mut map = HeaderMap::new();
        if !site.is_empty() {
            map.insert(SITE, HeaderValue::from_static(site));
        }
        let taken = refuse_foreign(&Method::GET, &Uri::from_static("/v1/events"), &map).is_ok();
        assert_eq!(taken, may, "{site:?}");
    }
}

#[test]
fn one_cookie_is_a_session_and_two_are_none() {
    let found =
        |pairs: &[(&'static str, &'static str)]| session(&headers(pairs)).map(|found| found.map(str::to_owned)).ok();
    assert_eq!(found(&[]), Some(None));
    assert_eq!(found(&[("cookie", "a=b; __Host-picket=x; c=d")]), Some(Some("x".to_owned())));
    assert_eq!(found(&[("cookie", "a=b"), ("cookie", "__Host-picket=x")]), Some(Some("x".to_owned())));
    assert_eq!(found(&[("cookie", "picket=x; __host-picket=y; x__Host-picket=z")]), Some(None));
    assert_eq!(found(&[("cookie", "__Host-picket=x; __Host-picket=y")]), None);
    assert_eq!(found(&[("cookie", "__Host-picket=x"), ("cookie", "__Host-picket=x")]), None);
}

#[test]
fn a_session_is_kept_where_no_script_and_no_other_site_gets_at_it() {
    let text = |value: Option<HeaderValue>| value.unwrap().to_str().unwrap().to_owned();
    let set = text(cookie(Some("picket_ses_x"), Duration::from_secs(43_200)));
    assert_eq!(set, "__Host-picket=picket_ses_x; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200");
    assert_eq!(
        text(cookie(None, Duration::ZERO)),
        "__Host-picket=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
    );
}
