use super::*;
use proptest::prelude::*;

#[test]
fn only_what_has_the_form_of_a_workspace_names_one() {
    for text in ["ws_1", "ws_test", "ws_4xK9aZ0bQ7Lm", &format!("ws_{}", "a".repeat(40))] {
        assert_eq!(Workspace::parse(text).unwrap().as_str(), text);
    }
    let long = format!("ws_{}", "a".repeat(41));
    for text in
        ["", "ws", "ws_", "WS_1", "ws-1", "1", " ws_1", "ws_1 ", "ws_1\0", "ws_a'b", "ws_%", "ws_ä", "t_1", "*", &long]
    {
        let error = Workspace::parse(text).unwrap_err().to_string();
        assert!(error.ends_with("names no workspace: one is `ws_` and 1 to 40 letters or digits"), "{error}");
    }
}

#[test]
fn a_new_workspace_is_like_no_other_and_reads_as_it_is_written() {
    let (one, two) = (Workspace::random(), Workspace::random());
    assert_ne!(one, two);
    assert_eq!(Workspace::parse(&one.to_string()).unwrap(), one);
    let written = serde_json::to_string(&one).unwrap();
    assert_eq!(serde_json::from_str::<Workspace>(&written).unwrap(), one);
    assert!(serde_json::from_str::<Workspace>("\"root\"").is_err());
}

proptest! {
    #[test]
    fn a_text_is_taken_as_it_is_or_not_at_all(text in ".{0,60}", tail in "ws_[a-zA-Z0-9_ ']{0,45}") {
        for text in [text, tail] {
            if let Ok(workspace) = Workspace::parse(&text) {
                prop_assert_eq!(workspace.as_str(), &text);
                prop_assert!(text.len() <= 43 && text.starts_with("ws_"));
            }
        }
    }
}
