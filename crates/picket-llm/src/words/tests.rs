#[test]
fn the_lists_are_sorted_for_searching() {
    for list in [super::IDENTIFIERS, super::KNOWN, super::CLOSED] {
        assert!(list.is_sorted());
    }
}
