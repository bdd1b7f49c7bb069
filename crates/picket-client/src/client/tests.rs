use super::*;

#[test]
fn identifiers_cannot_leave_their_path_segment() {
    assert_eq!(segment("esc_01AB"), "esc_01AB");
    assert_eq!(segment("../keys?x=1"), "..%2Fkeys%3Fx%3D1");
}

#[test]
fn absent_parameters_are_left_out_of_the_query() {
    let query = [("since", None), ("filter", Some("a b")), ("limit", Some("5"))];
    assert_eq!(with_query("/v1/events", &query), "/v1/events?filter=a%20b&limit=5");
}
