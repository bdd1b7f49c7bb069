use crate::data::Data;
use crate::ruleset::{Loaded, Rules};

const BASE: &str = "title: a\nname: a\nlogsource: {product: x}\ndetection: {s: {A: 1}, condition: s}\n";

/// A rule, and counts over others by their names: each with what it refers to.
fn load(counts: impl Iterator<Item = (String, String)>) -> Loaded {
    let counts = counts.map(|(name, of)| {
        format!("---\ntitle: t\nname: {name}\ncorrelation:\n  type: event_count\n  rules: [{of}]\n  timespan: 1m\n  condition: {{gte: 2}}\n")
    });
    Rules::load([("r.yml", format!("{BASE}{}", counts.collect::<String>()).as_str())], &Data::default())
}

#[test]
fn what_a_correlation_refers_to_is_told_where_it_is_named() {
    let counts = [
        ("lost", "a, nobody"),
        ("above", "a, lost"),
        ("ring", "a, gnir"),
        ("gnir", "ring"),
        ("beside", "ring, a"),
        ("own", "own"),
        ("right", "a"),
    ];
    let loaded = load(counts.iter().map(|(name, of)| ((*name).to_owned(), (*of).to_owned())));
    assert_eq!(loaded.rules.correlations().len(), 1);
    let told: String = loaded.issues.errors.iter().map(|issue| format!("{issue}\n")).collect();
    expect_test::expect![[r#"
        r.yml:10:14: the correlation refers to `nobody`, and no rule that can be used here has that id or name; load it too, or correct it
        r.yml:18:14: the correlation refers to `lost`, and no rule that can be used here has that id or name; load it too, or correct it
        r.yml:26:14: the correlation waits for itself, by way of `gnir`, `ring`; take one of the references out
        r.yml:34:11: the correlation waits for itself, by way of `ring`, `gnir`; take one of the references out
        r.yml:42:11: the correlation refers to `ring`, and no rule that can be used here has that id or name; load it too, or correct it
        r.yml:50:11: the correlation waits for itself, by way of `own`; take one of the references out
    "#]].assert_eq(&told);
}

#[test]
fn chains_and_rings_of_any_length_are_looked_at_once() {
    const MANY: usize = 5_000;
    let name = |at: usize| format!("t{at}");
    // A chain whose foot stands on nothing falls as a whole.
    let loaded = load((0..MANY).map(|at| (name(at), if at == 0 { "nobody".to_owned() } else { name(at - 1) })));
    assert_eq!((loaded.rules.correlations().len(), loaded.issues.errors.len()), (0, MANY));
    // One that stands is cut where it is too long.
    let loaded = load((0..MANY).map(|at| (name(at), if at == 0 { "a".to_owned() } else { name(at - 1) })));
    assert_eq!((loaded.rules.correlations().len(), loaded.issues.errors.len()), (8, MANY - 8));
    // A ring has no beginning, and everything of it is told, as is what hangs from it.
    let loaded = load((0..=MANY).map(|at| (name(at), name((at + 1) % MANY))));
    assert_eq!((loaded.rules.correlations().len(), loaded.issues.errors.len()), (0, MANY + 1));
    assert!(loaded.issues.errors.iter().all(|issue| issue.message.len() < 200));
}
