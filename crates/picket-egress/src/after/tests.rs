use super::*;
use http::HeaderValue;

#[test]
fn retry_after_is_read_in_seconds_and_as_a_date_and_is_never_more_than_an_hour() {
    let now = httpdate::parse_http_date("Mon, 01 Jun 2026 10:13:20 GMT").unwrap();
    // The server's clock is ten minutes behind.
    let theirs = "Mon, 01 Jun 2026 10:03:20 GMT";
    let cases: &[(&str, Option<&str>, Option<u64>)] = &[
        ("0", None, Some(0)),
        ("7", None, Some(7)),
        ("7", Some(theirs), Some(7)),
        ("3600", None, Some(3_600)),
        ("31536000", None, Some(3_600)),
        ("99999999999999999999999999", None, Some(3_600)),
        ("Mon, 01 Jun 2026 10:13:50 GMT", None, Some(30)),
        ("Mon, 01 Jun 2026 10:03:50 GMT", Some(theirs), Some(30)),
        ("Mon, 01 Jun 2026 10:03:50 GMT", Some("no date"), Some(0)),
        ("Tue, 01 Jun 2027 10:13:20 GMT", None, Some(3_600)),
        ("Mon, 01 Jun 2026 10:00:00 GMT", None, Some(0)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, Some(0)),
        ("soon", None, None),
        ("-5", None, None),
        ("1.5", None, None),
        ("", None, None),
    ];
    for (text, date, expected) in cases {
        let mut headers = HeaderMap::from_iter([(header::RETRY_AFTER, HeaderValue::from_str(text).unwrap())]);
        if let Some(date) = date {
            headers.insert(header::DATE, HeaderValue::from_str(date).unwrap());
        }
        assert_eq!(retry_after(&headers, now), expected.map(Duration::from_secs), "{text} {date:?}");
    }
}
