use super::*;

#[test]
fn levels_are_what_a_share_reaches_and_always_grow() {
    let thousand: Vec<f32> = (0..1_000_u16).map(f32::from).collect();
    assert_eq!(format!("{:?}", levels(thousand)), "[500.0, 900.0, 980.0, 995.0, 999.0]");
    assert!(levels(vec![1.0; 9]).is_sorted_by(|a, b| a < b));
    assert!(levels(Vec::new()).is_sorted_by(|a, b| a < b));
}

#[test]
fn every_left_out_source_is_a_line_of_its_file() {
    let row = |source: &str| Row {
        text: String::new(),
        label: "benign".to_owned(),
        source: source.to_owned(),
        lang: "en".to_owned(),
        entities: None,
    };
    assert!(is_unseen(&row("python/peps")));
    assert!(!is_unseen(&row("python")));
}
