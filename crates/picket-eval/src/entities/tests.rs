use super::*;

fn entities(list: &[(&str, Range<usize>)]) -> Vec<Entity> {
    list.iter().map(|(kind, span)| Entity { kind: (*kind).to_owned(), span: span.clone() }).collect()
}

/// Named, found, touched, made up of each kind.
fn counts(named: &[(&str, Range<usize>)], found: &[(&str, Range<usize>)], kinds: Kinds) -> Vec<(String, [usize; 4])> {
    let tallies = compare(&entities(named), &entities(found), kinds);
    tallies.into_iter().map(|(kind, t)| (kind, [t.named, t.found, t.touched, t.made_up])).collect()
}

#[test]
fn places_are_compared_by_kind_and_by_half_of_their_length() {
    for (named, found, counted) in [
        (vec![("EMAIL_ADDRESS", 0..10)], vec![("EMAIL", 0..10)], vec![("EMAIL", [1, 1, 1, 0])]),
        (vec![("EMAIL", 0..10)], vec![("EMAIL", 0..5)], vec![("EMAIL", [1, 1, 1, 0])]),
        (vec![("EMAIL", 0..10)], vec![("EMAIL", 0..4)], vec![("EMAIL", [1, 0, 0, 1])]),
        (vec![("EMAIL", 0..10)], vec![], vec![("EMAIL", [1, 0, 0, 0])]),
        (vec![], vec![("TR_PHONE_NUMBER", 3..9)], vec![("PHONE", [0, 0, 0, 1])]),
        (vec![("US_SSN", 0..11)], vec![("PHONE", 0..11)], vec![("PHONE", [0, 0, 0, 1]), ("US_SSN", [1, 0, 1, 0])]),
        (vec![("DATE_TIME", 0..10)], vec![("DATE_OF_BIRTH", 0..10)], vec![("DATE_TIME", [1, 0, 1, 0])]),
        (
            vec![("DATE_TIME", 0..10)],
            vec![("DATE_OF_BIRTH", 20..30)],
            vec![("DATE_OF_BIRTH", [0, 0, 0, 1]), ("DATE_TIME", [1, 0, 0, 0])],
        ),
        // One found place stands for one named place only.
        (vec![("IP", 0..4), ("IP", 2..6)], vec![("IP", 0..6)], vec![("IP_ADDRESS", [2, 1, 2, 0])]),
    ] {
        let expected: Vec<_> = counted.into_iter().map(|(kind, counts)| (kind.to_owned(), counts)).collect();
        assert_eq!(counts(&named, &found, Kinds::Compared), expected, "{named:?} {found:?}");
    }
}

#[test]
fn secrets_are_compared_by_place_and_rules_that_agree_count_once() {
    let counted = counts(&[("Token", 5..45)], &[("GENERIC", 5..45), ("GITHUB", 9..45)], Kinds::Any);
    assert_eq!(counted, [("SECRET".to_owned(), [1, 1, 1, 0])]);
}

#[test]
fn kinds_that_others_name_otherwise_are_the_same() {
    for (a, b) in [
        ("UK_DRIVING_LICENCE", "US_DRIVER_LICENSE"),
        ("PH_MOBILE_NUMBER", "phone"),
        ("DE_PASSPORT", "Passport"),
        ("TR_LICENSE_PLATE", "UK_VEHICLE_REGISTRATION"),
        ("ABA_ROUTING", "US_BANK_ROUTING"),
    ] {
        assert_eq!(canonical(a), canonical(b));
    }
    assert_ne!(canonical("DATE_TIME"), canonical("DATE_OF_BIRTH"));
}

#[test]
fn sources_that_name_no_places_count_nowhere() {
    let row = |label: &str, source: &str, entities: Option<Vec<Entity>>| Row {
        text: "0123456789".to_owned(),
        label: label.to_owned(),
        source: source.to_owned(),
        lang: "en".to_owned(),
        entities,
    };
    let rows = [
        row("pii", "made", Some(entities(&[("IP", 0..5)]))),
        row("pii", "made", Some(Vec::new())),
        row("benign", "made(twins)", None),
        row("benign", "elsewhere", None),
    ];
    let verdict = crate::verdicts::Verdict { entities: entities(&[("IP", 0..5)]), ..Default::default() };
    let verdicts = Verdicts { by: String::new(), check: "pii".to_owned(), list: vec![Some(verdict); 4] };
    let tallies = tally(&rows, &verdicts, Kinds::Compared, "pii");
    assert_eq!(tallies["IP_ADDRESS"], Tally { named: 1, found: 1, touched: 1, made_up: 1 });
}

#[test]
fn precision_recall_and_their_mean_are_shares() {
    let tally = Tally { named: 4, found: 3, touched: 4, made_up: 1 };
    assert!((tally.precision() - 0.75).abs() < 1e-9);
    assert!((tally.recall() - 0.75).abs() < 1e-9);
    assert!((tally.f1() - 0.75).abs() < 1e-9);
}

#[test]
fn names_and_places_have_no_format_and_numbers_have_one() {
    for (kind, format) in [("PERSON", false), ("GPE", false), ("STREET_ADDRESS", false), ("US_SSN", true), ("IP", true)]
    {
        assert_eq!(has_format(kind), format, "{kind}");
    }
}
