//! Profiles through stops of the process.

use super::*;

#[test]
fn whenever_the_process_ends_profiles_are_of_every_request_once_and_an_erased_one_is_gone() {
    for cut in 0..8 {
        let mut place = Place::new(RULES);
        for number in 0..8 {
            place.append(place.request(if number % 2 == 0 { "ana" } else { "ben" }, Decision::Allowed));
            if number % 3 == 0 {
                place.catch_up();
            }
            if number == cut {
                place = place.restart();
            }
        }
        place.catch_up();
        place = place.restart();
        place.catch_up();
        let requests = |place: &Place, kind, name: &str| {
            place.detection.profiles().portrait(kind, name, 0).map(|portrait| portrait.requests)
        };
        let users = (requests(&place, ProfileKind::User, "ana"), requests(&place, ProfileKind::User, "ben"));
        assert_eq!(users, (Some(4), Some(4)), "cut after {cut}");
        assert_eq!(requests(&place, ProfileKind::Key, "key_1"), Some(8), "cut after {cut}");
        place.detection.forget("ana");
        place.catch_up();
        place = place.restart();
        place.catch_up();
        assert_eq!(requests(&place, ProfileKind::User, "ana"), None, "cut after {cut}");
        assert_eq!(requests(&place, ProfileKind::User, "ben"), Some(4), "cut after {cut}");
    }
}
