use super::*;
use picket_store::containments::Never;

fn wanted() -> Wanted {
    Wanted {
        effect: Effect::Block,
        kind: TargetKind::User,
        target: "ana@example.com".to_owned(),
        model: None,
        feature: None,
        sender: None,
        rate: None,
        lasts: None,
        is_dry: false,
        needs_second: false,
        reason: "tries other people's accounts".to_owned(),
        cause: None,
    }
}

#[test]
fn what_makes_no_sense_is_told_with_its_place() {
    let rules = Rules::default();
    let text = |text: &str| text.to_owned();
    let rate = |requests, seconds| Some((requests, Duration::from_secs(seconds)));
    let address = |target: &str| Wanted { kind: TargetKind::Address, target: text(target), ..wanted() };
    let throttle = |rate| Wanted { effect: Effect::Throttle, rate, ..wanted() };
    for (wanted, expected) in [
        (Wanted { reason: text(" "), ..wanted() }, "`reason` is empty"),
        (Wanted { reason: "x".repeat(1_001), ..wanted() }, "longer than 1000"),
        (Wanted { target: text("ana\u{0}"), ..wanted() }, "`target`"),
        (Wanted { target: text("ana\u{202e}"), ..wanted() }, "cannot be seen"),
        (Wanted { model: Some(text("")), ..wanted() }, "`model`"),
        (Wanted { lasts: Some(Duration::ZERO), ..wanted() }, "from 1s to 30d"),
        (Wanted { lasts: Some(Duration::from_secs(31 * 86_400)), ..wanted() }, "from 1s to 30d"),
        (address("everybody"), "an address is like"),
        (address("203.0.113.0/33"), "an address is like"),
        (address("0.0.0.0/0"), "at least 8"),
        (address("::/8"), "at least 8"),
        (Wanted { rate: rate(1, 1), ..wanted() }, "a throttle, and nothing else"),
        (throttle(None), "a throttle, and nothing else"),
        (throttle(rate(0, 1)), "1 to 1000000"),
        (throttle(rate(1, 86_401)), "1s to 1d"),
    ] {
        let told = wanted.clone().checked(&rules).map(drop).unwrap_err().to_string();
        assert!(told.contains(expected), "{wanted:?}: {told}");
    }
}

#[test]
fn addresses_have_one_form_and_times_a_default() {
    let rules = Rules::default();
    for (target, expected) in [
        ("203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("203.0.113.9/24", "203.0.113.0/24"),
        ("2001:DB8::1/64", "2001:db8::/64"),
    ] {
        let wanted = Wanted { kind: TargetKind::Address, target: target.to_owned(), ..wanted() };
        assert_eq!(wanted.checked(&rules).unwrap().target, expected);
    }
    assert_eq!(wanted().checked(&rules).unwrap().lasts, Duration::from_secs(3_600));
    let short = Rules { lasts_max: Duration::from_secs(60), ..rules };
    assert_eq!(wanted().checked(&short).unwrap().lasts, Duration::from_secs(60));
}

#[test]
fn no_network_reaches_an_address_that_is_never_contained() {
    let never = Never {
        users: vec!["root".to_owned()],
        keys: vec!["key_0".to_owned()],
        networks: vec!["10.1.0.0/16".parse().unwrap(), "2001:db8::5/128".parse().unwrap()],
    };
    let rules = Rules { never, ..Rules::default() };
    for (kind, target, expected) in [
        (TargetKind::User, "root", true),
        (TargetKind::User, "rooty", false),
        (TargetKind::Key, "key_0", true),
        (TargetKind::Key, "root", false),
        (TargetKind::Address, "10.0.0.0/8", true),
        (TargetKind::Address, "10.1.2.3/32", true),
        (TargetKind::Address, "10.2.0.0/16", false),
        (TargetKind::Address, "2001:db8::/32", true),
        (TargetKind::Address, "2001:db8::6/128", false),
        (TargetKind::Application, "root", false),
    ] {
        assert_eq!(rules.is_never(kind, target), expected, "{kind} {target}");
    }
}
