//! What the table says.

use super::*;

#[test]
fn features_have_one_of_two_slots_and_what_is_not_learned_says_nothing() {
    let feature =
        |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let mut weights = Weights::empty(2000);
    let kept: Vec<u64> = (0..1000).map(feature).filter(|feature| weights.insert(*feature, [3; TAGS])).collect();
    assert!(kept.len() > 850, "{}", kept.len());
    assert!(kept.iter().all(|feature| weights.sum(&[*feature]) == [3; TAGS]));
    assert_eq!(weights.sum(&[kept[0], kept[1], kept[2]]), [9; TAGS]);
    let strangers = (1000..11_000).map(feature).filter(|feature| weights.sum(&[*feature]) != [0; TAGS]).count();
    assert!(strangers < 100, "{strangers} of 10,000");
    assert!(Weights::from_bytes(&[0; SLOT_BYTES]).is_none() && Weights::from_bytes(&[0; 7]).is_none());
    assert_eq!(Weights::default().sum(&[1]), [0; TAGS]);
}
