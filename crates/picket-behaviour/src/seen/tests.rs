//! First times, against a list of all.

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_value_is_new_if_looking_back_does_not_find_it(
        mut sights in prop::collection::vec((0_u64..12, 0_i64..500), 1..80), expire in 1_i64..200,
    ) {
        sights.sort_by_key(|(_, at)| *at);
        let mut seen = Seen::default();
        for (number, (value, at)) in sights.iter().copied().enumerate() {
            let earlier = sights[..number].iter().rev().find(|(other, _)| *other == value).map(|(_, at)| *at);
            let expected = earlier.filter(|earlier| *earlier >= at - expire);
            let found = match seen.see(value, at, expire, 100) {
                Sight::New { forgot } => { prop_assert!(!forgot); None }
                Sight::Known(last) => Some(last),
            };
            prop_assert_eq!(found, expected);
            prop_assert!(seen.values.is_sorted());
        }
    }

    #[test]
    fn it_never_remembers_more_than_it_may(values in prop::collection::vec(any::<u64>(), 1..100), most in 1_usize..20) {
        let mut seen = Seen::default();
        for (at, value) in (0_i64..).zip(values) {
            seen.see(value, at, 1_000_000, most);
            prop_assert!(seen.values.len() <= most);
        }
    }
}

#[test]
fn nothing_is_learned_before_its_time() {
    let mut seen = Seen::default();
    assert!(!seen.has_learned(0, 0));
    seen.see(1, 100, 10, 10);
    assert!(!seen.has_learned(149, 50) && seen.has_learned(150, 50));
}
