use super::*;

fn templates(text: &str) -> Templates {
    let mut templates = Templates::default();
    templates.add(text);
    templates
}

#[test]
fn lists_refer_to_each_other_and_braces_of_nobody_stay() {
    let templates = templates("# a comment\n[a]\n{\"x\": \"{b}\", \"y\": {c}}\\nend\n[b]\none\n");
    assert_eq!(templates.draw("a", &mut Draws::new(1)), "{\"x\": \"one\", \"y\": {c}}\nend");
}

#[test]
fn a_language_has_its_own_lists_where_there_are_any() {
    let templates = templates("[a]\n{b} {c}\n[b]\nyes\n[b_de]\nja\n[c]\n42\n");
    assert_eq!(templates.draw_in("a", "de", &mut Draws::new(1)), "ja 42");
    assert_eq!(templates.draw_in("a", "fr", &mut Draws::new(1)), "yes 42");
}

#[test]
fn a_list_that_refers_to_itself_ends() {
    assert!(templates("[a]\n{a} {a}\n").draw("a", &mut Draws::new(1)).ends_with("a a"));
}

#[test]
fn a_missing_list_is_named() {
    let error = templates("[a]\nx\n").expect(&["a", "b"]).unwrap_err();
    assert_eq!(error.to_string(), "there is no list `b`");
}
