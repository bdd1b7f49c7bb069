use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

fn ana() -> Value {
    json!({
        "id": "usr_1", "userName": "Ana@example.com", "externalId": "A-1", "active": true, "displayName": "Ana López",
        "name": {"familyName": "López"}, "emails": [{"value": "ana@example.com", "type": "work"}, {"value": "a@b.c"}],
        "groups": [{"value": "tem_1"}],
    })
}

#[test]
fn filters_find_what_they_say_in_the_case_that_counts() {
    for (text, found) in [
        ("userName eq \"ana@EXAMPLE.com\"", true),
        ("USERNAME EQ \"ana@example.com\"", true),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"ana@example.com\"", true),
        ("userName eq \"ana\"", false),
        ("userName sw \"ana\" and active eq true", true),
        ("userName sw \"ana\" and active eq false", false),
        ("active eq \"True\"", true),
        ("active ne true", false),
        ("externalId eq \"A-1\"", true),
        ("externalId eq \"a-1\"", false),
        ("id eq \"usr_1\"", true),
        ("id eq \"USR_1\"", false),
        ("displayName co \"LÓP\"", true),
        ("name.familyName ew \"pez\"", true),
        ("emails eq \"a@b.c\"", true),
        ("emails.value sw \"ana@\"", true),
        ("emails.type eq \"home\"", false),
        ("title pr", false),
        ("emails pr", true),
        ("title ne \"x\"", true),
        ("userName eq \"a\\\"b\"", false),
        ("  userName   pr  ", true),
    ] {
        assert_eq!(Filter::parse(text).unwrap().matches(&ana()), found, "{text}");
    }
}

#[test]
fn what_is_no_filter_is_told_in_the_standards_word() {
    let many = ["userName pr"; 9].join(" and ");
    let long = format!("userName eq \"{}\"", "x".repeat(1_024));
    for text in [
        "",
        " ",
        "userName",
        "userName eq",
        "userName eq ana",
        "userName eq \"ana",
        "userName eq \"ana\"x",
        "userName eq \"ana\" or active eq true",
        "userName eq \"ana\" and",
        "userName gt \"ana\"",
        "active co true",
        "userName eq 1",
        "userName eq null",
        "not (userName eq \"ana\")",
        "a.b.c eq \"x\"",
        "user name eq \"x\"",
        "' OR 1=1 --",
        "userName eq \"\\q\"",
        &many,
        &long,
    ] {
        assert_eq!(Filter::parse(text).unwrap_err().kind, Some("invalidFilter"), "{text:.60}");
    }
}

#[test]
fn paths_lead_where_they_say() {
    for (text, attribute, filter, sub) in [
        ("active", "active", None, None),
        ("Name.GivenName", "name", None, Some("givenname")),
        ("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "name", None, Some("familyname")),
        ("members[value eq \"usr_1\"]", "members", Some("value eq \"usr_1\""), None),
        ("emails[type eq \"work\"].value", "emails", Some("type eq \"work\""), Some("value")),
        ("members[value eq \"a]b\"]", "members", Some("value eq \"a]b\""), None),
    ] {
        let path = Path::parse(text).unwrap();
        let shown = path.filter.as_ref().map(ToString::to_string);
        assert_eq!(
            (path.attribute.as_str(), shown.as_deref(), path.sub.as_deref()),
            (attribute, filter, sub),
            "{text}"
        );
    }
    for text in
        ["", ".", "a.", ".a", "a..b", "a.b.c", "a b", "members[", "members[]", "members[x", "members[value eq \"x\"]y"]
    {
        assert!(Path::parse(text).is_err(), "{text}");
    }
}

fn user(value: Value) -> Result<User, ScimError> {
    User::read(&value)
}

fn patched(operations: Value) -> Result<User, ScimError> {
    let request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    user(ana()).unwrap().patched(&Patch::read(&request)?)
}

#[test]
fn a_user_is_read_as_providers_write_him_and_nothing_of_it_is_a_right() {
    let read = user(json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "UserName": "ana", "externalId": "00u1", "active": "False",
        "name": {"givenName": "Ana", "familyName": "López"}, "emails": [{"value": "x@y.z"}, {"value": "ana@y.z", "primary": "True"}],
        "roles": [{"value": "owner"}], "entitlements": ["admin"], "password": "x", "id": "usr_owner", "title": null,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": "x"},
    }))
    .unwrap();
    let expected = User {
        user_name: "ana".to_owned(),
        external_id: Some("00u1".to_owned()),
        display_name: None,
        given_name: Some("Ana".to_owned()),
        family_name: Some("López".to_owned()),
        email: Some("ana@y.z".to_owned()),
        active: false,
    };
    assert_eq!(read, expected);
    assert_eq!(read.full_name().as_deref(), Some("Ana López"));
    for wrong in [
        json!([]),
        json!({}),
        json!({"userName": ""}),
        json!({"userName": 1}),
        json!({"userName": "a", "active": "yes"}),
        json!({"userName": "a", "active": 1}),
        json!({"userName": "a", "name": "x"}),
        json!({"userName": "a", "emails": [1]}),
        json!({"userName": "a", "externalId": 1}),
    ] {
        assert!(user(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn changes_are_read_in_the_dialects_that_are_spoken() {
    let off = |operation: Value| patched(json!([operation])).unwrap();
    for operation in [
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "Replace", "path": "active", "value": "False"}),
        json!({"op": "replace", "value": {"active": false}}),
        json!({"op": "Add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:active", "value": "false"}),
        json!({"op": "remove", "path": "active"}),
    ] {
        assert!(!off(operation.clone()).active, "{operation}");
    }
    let changed = patched(json!([
        {"op": "Add", "path": "emails[type eq \"work\"].value", "value": "new@example.com"},
        {"op": "replace", "value": {"name.givenName": "Anna", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "x"}},
        {"op": "Replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager", "value": {"value": "1"}},
        {"op": "add", "path": "title", "value": "x"},
        {"op": "remove", "path": "displayName"},
    ]))
    .unwrap();
    assert_eq!((changed.email.as_deref(), changed.given_name.as_deref()), (Some("new@example.com"), Some("Anna")));
    assert_eq!((changed.full_name().as_deref(), changed.active), (Some("Anna López"), true));
    for (operations, kind) in [
        (json!([{"op": "remove"}]), "noTarget"),
        (json!([{"op": "move", "path": "active"}]), "invalidSyntax"),
        (json!([{"op": "replace"}]), "invalidValue"),
        (json!([{"op": "replace", "path": "userName"}]), "invalidValue"),
        (json!([{"op": "replace", "path": 1, "value": 1}]), "invalidPath"),
        (json!([{"op": "replace", "path": "a[", "value": 1}]), "invalidPath"),
        (json!([{"op": "replace", "path": "emails[type is 1].value", "value": "x"}]), "invalidFilter"),
        (json!([{"op": "replace", "value": []}]), "invalidSyntax"),
        (json!([]), "invalidSyntax"),
        (json!("x"), "invalidSyntax"),
        (json!(vec![json!({"op": "add", "path": "title", "value": "x"}); 201]), "invalidSyntax"),
    ] {
        assert_eq!(patched(operations.clone()).unwrap_err().kind, Some(kind), "{operations}");
    }
    assert_eq!(Patch::read(&json!({"Operations": []})).unwrap_err().kind, Some("invalidSyntax"));
}

#[test]
fn members_come_and_go_in_every_way_that_is_spoken() {
    let group =
        Group::read(&json!({"displayName": "SOC", "members": [{"value": "a"}, {"value": "b", "display": "B"}]}));
    let group = group.unwrap();
    let change = |operations: Value| {
        let request = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "operations": operations});
        Patch::read(&request).and_then(|patch| group.clone().patched(&patch))
    };
    for (operations, members) in [
        (json!([{"op": "add", "path": "members", "value": [{"value": "c"}, {"value": "a"}]}]), "abc"),
        (json!([{"op": "Add", "path": "members", "value": {"value": "c"}}]), "abc"),
        (json!([{"op": "add", "value": {"members": [{"value": "c"}]}}]), "abc"),
        (json!([{"op": "remove", "path": "members[value eq \"a\"]"}]), "b"),
        (json!([{"op": "Remove", "path": "members", "value": [{"value": "a"}]}]), "b"),
        (json!([{"op": "remove", "path": "members[value eq \"nobody\"]"}]), "ab"),
        (json!([{"op": "replace", "path": "members", "value": [{"value": "z"}]}]), "z"),
        (json!([{"op": "replace", "path": "members", "value": []}]), ""),
        (json!([{"op": "remove", "path": "members"}]), ""),
        (
            json!([{"op": "remove", "path": "members[value eq \"a\"]"}, {"op": "add", "path": "members", "value": [{"value": "a"}]}]),
            "ab",
        ),
    ] {
        let changed = change(operations.clone()).unwrap();
        assert_eq!(changed.members.iter().map(String::as_str).collect::<String>(), members, "{operations}");
    }
    let renamed = change(json!([{"op": "replace", "value": {"id": "tem_other", "displayName": "SOC 2"}}])).unwrap();
    assert_eq!((renamed.display_name.as_str(), renamed.members.len()), ("SOC 2", 2));
    for operations in [
        json!([{"op": "remove", "path": "displayName"}]),
        json!([{"op": "add", "path": "members", "value": [1]}]),
        json!([{"op": "add", "path": "members", "value": [{"id": "a"}]}]),
        json!([{"op": "replace", "path": "members[value eq \"a\"]", "value": {"value": "owner"}}]),
        json!([{"op": "remove", "path": "members[display eq \"B\"]"}]),
        json!([{"op": "remove", "path": "members[value eq \"a\"].value"}]),
    ] {
        assert!(change(operations.clone()).is_err(), "{operations}");
    }
}

#[test]
fn what_is_shown_is_read_as_the_same() {
    let read = user(ana()).unwrap();
    assert_eq!(user(read.to_json()).unwrap(), read);
    let group = Group { display_name: "SOC".to_owned(), external_id: Some("g".to_owned()), members: [].into() };
    assert_eq!(Group::read(&group.to_json()).unwrap(), group);
    for schema in schemas("/scim/v2") {
        assert!(schema["attributes"].as_array().unwrap().iter().all(|attribute| attribute["name"].is_string()));
    }
    assert_eq!(resource_types("/scim/v2").len(), 2);
    assert_eq!(service_provider("/scim/v2", 200)["filter"]["maxResults"], 200);
}

fn texts() -> impl Strategy<Value = String> {
    let words =
        ["userName", "members", "[", "]", "value", "eq", "pr", "and", "\"", "\\", ".", " ", "true", "urn:", "é", "\0"];
    prop::collection::vec(prop_oneof![prop::sample::select(words.to_vec()).prop_map(str::to_owned), ".{0,4}"], 0..12)
        .prop_map(|parts| parts.concat())
}

fn attributes() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9_]{0,8}(\\.[a-z]{1,8})?"
}

fn comparisons() -> impl Strategy<Value = String> {
    let literal = ".{0,12}".prop_map(|text: String| Value::from(text).to_string());
    let comparison = (prop::sample::select(vec!["eq", "ne", "co", "sw", "ew"]), literal);
    (
        attributes(),
        prop_oneof![
            comparison.prop_map(|(op, text)| format!("{op} {text}")),
            Just("pr".to_owned()),
            Just("eq true".to_owned())
        ],
    )
        .prop_map(|(attribute, test)| format!("{attribute} {test}"))
}

proptest! {
    #[test]
    fn a_filter_is_read_as_what_it_is_written_as(terms in prop::collection::vec(comparisons(), 1..8)) {
        let text = terms.join(" and ");
        prop_assume!(text.len() <= 1_024);
        let filter = Filter::parse(&text).unwrap();
        prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
    }

    #[test]
    fn a_path_is_read_as_what_it_is_written_as(attribute in "[a-z]{1,8}", terms in prop::collection::vec(comparisons(), 0..3), sub in prop::option::of("[a-z]{1,8}")) {
        let filter = if terms.is_empty() { String::new() } else { format!("[{}]", terms.join(" and ")) };
        let text = format!("{attribute}{filter}{}", sub.map(|sub| format!(".{sub}")).unwrap_or_default());
        let path = Path::parse(&text).unwrap();
        prop_assert_eq!(path.to_string(), text);
    }

    #[test]
    fn no_text_makes_a_filter_or_a_path_panic(text in texts()) {
        if let Ok(filter) = Filter::parse(&text) {
            filter.matches(&ana());
            prop_assert_eq!(Filter::parse(&filter.to_string()).unwrap(), filter);
        }
        if let Ok(path) = Path::parse(&text) {
            prop_assert_eq!(Path::parse(&path.to_string()).unwrap(), path);
        }
    }

    #[test]
    fn adding_and_removing_a_member_leaves_the_group_as_it_was(ids in prop::collection::btree_set(".{1,6}", 0..6), one in ".{1,6}") {
        prop_assume!(!ids.contains(&one));
        let group = Group { display_name: "g".to_owned(), external_id: None, members: ids };
        let request = |operation: Value| json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]});
        let add = Patch::read(&request(json!({"op": "add", "path": "members", "value": [{"value": one}]}))).unwrap();
        let path = format!("members[value eq {}]", Value::from(one.as_str()));
        let remove = Patch::read(&request(json!({"op": "remove", "path": path}))).unwrap();
        let added = group.clone().patched(&add).unwrap();
        prop_assert!(added.members.contains(&one));
        prop_assert_eq!(added.patched(&remove).unwrap(), group);
    }
}
