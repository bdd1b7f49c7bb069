use super::*;
use proptest::prelude::*;

#[test]
fn names_that_hide_something_or_look_like_others_are_refused() {
    let long = "a".repeat(LOGIN_BYTES_MAX + 1);
    let huge = "a".repeat(65_536);
    for name in [
        "",
        " ana",
        "ana ",
        "an a",
        "ana\0",
        "ana%00",
        "ana\n",
        "a\u{202e}na",
        "an\u{430}",
        "\u{ff41}na",
        "ana\u{200b}",
        "-ana",
        "@ana",
        "ana/b",
        "Ünal",
        "ana\u{301}",
        &long,
        &huge,
    ] {
        assert_eq!(check_login(name), Err(NameError::Login), "{name:?}");
    }
    for name in ["ana", "Ana.Lopez+soc@example.com", "a", "0", "svc_1-x"] {
        assert_eq!(check_login(name), Ok(()), "{name}");
    }
    for name in ["", " soc", "a  b", "so\u{441}", "soc\0", &huge] {
        assert_eq!(check_team(name), Err(NameError::Team), "{name:?}");
    }
    assert_eq!(check_team("SOC EU & R/D"), Ok(()));
    for name in ["", " Zoë", "Zo\u{202e}ë", "Zo\0ë", &huge] {
        assert_eq!(check_full(name), Err(NameError::Full), "{name:?}");
    }
    assert_eq!(check_full("Zoë Müller 山田"), Ok(()));
}

#[test]
fn mail_addresses_have_a_name_and_a_host() {
    for email in [
        "",
        "ana",
        "@example.com",
        "ana@",
        "a@b@c",
        "ana@exa mple.com",
        "ana@-x.com",
        "ana@x..com",
        "a\0@x.com",
        "<ana>@x.com",
    ] {
        assert_eq!(check_email(email), Err(NameError::Email), "{email:?}");
    }
    for email in ["ana@example.com", "a.b+c@localhost", "o'neil@x-y.example"] {
        assert_eq!(check_email(email), Ok(()), "{email}");
    }
    assert_eq!(check_email(&format!("a@{}", "b".repeat(300))), Err(NameError::Email));
}

proptest! {
    #[test]
    fn whatever_is_taken_as_a_name_can_be_shown_and_is_bounded(name in ".{0,40}") {
        if check_login(&name).is_ok() {
            prop_assert!(name.is_ascii() && name.len() <= LOGIN_BYTES_MAX);
            prop_assert_eq!(escape::terminal(&name), name.as_str());
            prop_assert_eq!(folded(&folded(&name)), folded(&name));
        }
    }
}
