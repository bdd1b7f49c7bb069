use super::*;

#[test]
fn nobody_makes_or_touches_a_user_who_may_more_than_he() {
    let place = Place::new();
    let ids: Vec<(Role, String)> =
        Role::ALL.iter().map(|role| (*role, place.make(new(role.as_str(), &[*role]), owner()).unwrap())).collect();
    for maker_role in Role::ALL {
        let permissions = maker_role.permissions();
        for (role, id) in &ids {
            let may = permissions.may(picket_store::Permission::WriteUsers) && permissions.covers(role.permissions());
            let by = || maker("usr_maker", permissions);
            let name = format!("{maker_role}-{role}");
            let made = place.make(new(&name, &[*role]), by());
            assert_eq!(made.is_ok(), may, "{maker_role} makes {role}");
            for change in [
                UserChange { full_name: Some(Some("X".to_owned())), ..UserChange::default() },
                UserChange { state: Some(UserState::Active), ..UserChange::default() },
                UserChange { roles: Some(Roles::of(&[*role])), ..UserChange::default() },
            ] {
                let (id, by) = (id.clone(), by());
                let changed = place.act(move |identity, tx| identity.change_user(tx, &id, &change, &by));
                assert_eq!(changed.is_ok(), may, "{maker_role} changes {role}");
            }
            let (user, by) = (id.clone(), by());
            let reset = place.act(move |identity, tx| identity.reset_totp(tx, &user, &by));
            assert_eq!(reset.is_ok(), may, "{maker_role} resets {role}");
        }
    }
    // An administrator lifts nobody above himself, himself neither.
    for (role, id) in &ids {
        let change = UserChange { roles: Some(Roles::of(&[Role::Owner])), ..UserChange::default() };
        let (id, admin) = (id.clone(), maker("usr_admin", Role::Admin.permissions()));
        let lifted = place.act(move |identity, tx| identity.change_user(tx, &id, &change, &admin));
        assert!(matches!(lifted, Err(PeopleError::Wider)), "{role}");
    }
}

#[test]
fn names_are_checked_and_taken_in_any_case_and_free_again_when_their_user_is_gone() {
    let place = Place::new();
    let id = place.make(new("Ana", &[Role::Viewer]), owner()).unwrap();
    assert!(matches!(place.make(new("aNA", &[Role::Viewer]), owner()), Err(PeopleError::Taken)));
    for name in ["", "a\0", "\u{430}na", &"a".repeat(65_536)] {
        assert!(matches!(place.make(new(name, &[Role::Viewer]), owner()), Err(PeopleError::Name(_))), "{name:.20}");
    }
    assert!(matches!(place.make(new("nobody", &[]), owner()), Err(PeopleError::NoRole)));
    assert_eq!(place.identity.user_named("ANA").unwrap().id, id);
    place.act(move |identity, tx| identity.delete_user(tx, &id, &owner())).unwrap();
    assert!(place.identity.user_named("ana").is_none());
    place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
}

#[test]
fn the_second_of_two_who_change_a_user_at_once_hears_of_the_first() {
    let place = Place::new();
    let id = place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
    let change =
        |name: &str| UserChange { full_name: Some(Some(name.to_owned())), version: Some(1), ..UserChange::default() };
    let (first, second, user) = (change("Ana"), change("Anna"), id.clone());
    place.act(move |identity, tx| identity.change_user(tx, &user, &first, &owner())).unwrap();
    let user = id.clone();
    let lost = place.act(move |identity, tx| identity.change_user(tx, &user, &second, &owner()));
    assert!(matches!(lost, Err(PeopleError::Changed(2))), "{lost:?}");
    assert_eq!(place.identity.user(&id).unwrap().full_name.as_deref(), Some("Ana"));
}

#[test]
fn the_last_owner_stays_unless_a_token_owns_the_store_too() {
    let place = Place::new();
    let (first, second) =
        (place.make(new("a", &[Role::Owner]), owner()), place.make(new("b", &[Role::Owner]), owner()));
    let (first, second) = (first.unwrap(), second.unwrap());
    let suspend = |id: &str, others_own: bool| {
        let change = UserChange { state: Some(UserState::Suspended), ..UserChange::default() };
        let (id, by) = (id.to_owned(), Maker { others_own, ..owner() });
        place.act(move |identity, tx| identity.change_user(tx, &id, &change, &by))
    };
    suspend(&first, false).unwrap();
    assert!(matches!(suspend(&second, false), Err(PeopleError::LastOwner)));
    let demote = UserChange { roles: Some(Roles::of(&[Role::Admin])), ..UserChange::default() };
    let id = second.clone();
    let demoted = place.act(move |identity, tx| identity.change_user(tx, &id, &demote, &owner()));
    assert!(matches!(demoted, Err(PeopleError::LastOwner)));
    let id = second.clone();
    assert!(matches!(
        place.act(move |identity, tx| identity.delete_user(tx, &id, &owner())),
        Err(PeopleError::LastOwner)
    ));
    suspend(&second, true).unwrap();
}

#[test]
fn teams_have_members_and_losing_a_team_is_not_losing_its_members() {
    let place = Place::new();
    let ana = place.make(new("ana", &[Role::Viewer]), owner()).unwrap();
    let soc = place.act(|identity, tx| identity.create_team(tx, "SOC", "tok_owner")).unwrap();
    let law = place.act(|identity, tx| identity.create_team(tx, "law", "tok_owner")).unwrap();
    assert!(matches!(place.act(|identity, tx| identity.create_team(tx, "soc", "x")), Err(PeopleError::Taken)));
    for team in [&soc, &law, &soc] {
        let (team, user) = (team.clone(), ana.clone());
        place.act(move |identity, tx| identity.set_member(tx, &team, &user, true)).unwrap();
    }
    assert_eq!(place.identity.user(&ana).unwrap().teams, [law.clone(), soc.clone()], "by name");
    let user = ana.clone();
    let missing = place.act(move |identity, tx| identity.set_member(tx, "tem_none", &user, true));
    assert!(matches!(missing, Err(PeopleError::NotFound("team"))));
    let team = soc.clone();
    place.act(move |identity, tx| identity.delete_team(tx, &team)).unwrap();
    assert_eq!(place.identity.user(&ana).unwrap().teams, std::slice::from_ref(&law));
    assert_eq!(place.again().user(&ana).unwrap().teams, [law]);
    assert!(place.identity.team(&soc).is_none());
}

#[test]
fn what_is_undone_is_not_seen() {
    let place = Place::new();
    let undone = place.act(|identity, tx| {
        identity.create_user(tx, &new("ana", &[Role::Viewer]), &owner())?;
        identity.create_team(tx, "SOC", "tok_owner")?;
        Err::<(), _>(PeopleError::NotFound("reason"))
    });
    assert!(undone.is_err());
    assert!(place.identity.users().is_empty() && place.identity.teams().is_empty());
    assert!(place.again().users().is_empty());
}
