use super::*;
use proptest::prelude::*;

/// One row a permission; the columns are `Role::ALL`.
const TABLE: &str = "
                     owner admin editor approver responder auditor dpo viewer service
Open                 x     x     x      x        x         x       x   x      x
Identify             x     x     x      x        x         x       x   x      x
ReadEvents           x     x     x      x        x         x       x   x      x
ReadBodies           x     x     -      -        x         -       x   -      -
ReadEscalations      x     x     x      x        x         x       x   x      -
ResolveEscalations   x     x     -      -        x         -       -   -      -
ReadFindings         x     x     x      x        x         x       x   x      -
ResolveFindings      x     x     -      -        x         -       -   -      -
WriteRules           x     x     x      -        -         -       -   -      -
ReadContainments     x     x     x      x        x         x       x   x      -
WriteContainments    x     x     -      -        x         -       -   -      -
WriteSignals         x     x     -      -        x         -       -   -      -
ReadExports          x     x     -      -        x         x       x   -      -
CreateExports        x     x     -      -        x         -       x   -      -
ReadPolicies         x     x     x      x        x         x       x   x      -
WritePolicies        x     x     x      -        -         -       -   -      -
ApprovePolicies      x     x     -      x        -         -       -   -      -
ExceptPolicies       x     x     x      x        -         -       -   -      -
ReadCredentials      x     x     -      -        -         x       -   -      -
WriteKeys            x     x     -      -        -         -       -   -      -
WriteTokens          x     x     -      -        -         -       -   -      -
ReadUsers            x     x     -      -        -         x       x   -      -
WriteUsers           x     x     -      -        -         -       -   -      -
ReadAudit            x     x     -      -        -         x       x   -      -
ReadLog              x     x     x      x        x         x       x   x      x
ReadHealth           x     x     x      x        x         x       x   x      x
ReadDestinations     x     x     -      -        x         x       -   -      -
WriteDestinations    x     x     -      -        -         -       -   -      -
EraseSubjects        x     -     -      -        -         -       x   -      -
Operate              x     x     -      -        -         -       -   -      -
Provision            -     -     -      -        -         -       -   -      -
";

#[test]
fn each_role_may_what_the_table_says() {
    let rows: Vec<Vec<&str>> = TABLE.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(rows.len(), Permission::ALL.len());
    for (row, permission) in rows.iter().zip(Permission::ALL) {
        assert_eq!(row[0], format!("{permission:?}"));
        for (cell, role) in row[1..].iter().zip(Role::ALL) {
            assert_eq!(*cell == "x", role.may(*permission), "{role} {permission:?}");
        }
    }
}

#[test]
fn a_maker_grants_only_what_he_may_do_himself() {
    let grants = |maker: Role| -> String {
        let granted = Role::ALL.iter().filter(|role| maker.permissions().may_grant(role.permissions()));
        granted.map(|role| role.as_str()).collect::<Vec<_>>().join(" ")
    };
    for (maker, granted) in [
        (Role::Owner, "owner admin policy-editor policy-approver responder auditor dpo viewer service"),
        (Role::Admin, "admin policy-editor policy-approver responder auditor viewer service"),
        (Role::PolicyEditor, ""),
        (Role::PolicyApprover, ""),
        (Role::Responder, ""),
        (Role::Auditor, ""),
        (Role::Dpo, ""),
        (Role::Viewer, ""),
        (Role::Service, ""),
    ] {
        assert_eq!(grants(maker), granted, "{maker}");
    }
}

#[test]
fn roles_are_read_as_they_are_written_and_nothing_else_is_read() {
    for (text, shown) in [
        ("owner", "owner"),
        ("viewer, policy-editor", "policy-editor,viewer"),
        ("auditor,auditor", "auditor"),
        ("service,dpo,admin", "admin,dpo,service"),
    ] {
        assert_eq!(text.parse::<Roles>().unwrap().to_string(), shown);
    }
    for text in ["", ",", "owner,", "Owner", "root", "owner\0", "policy_editor", "viewer;admin"] {
        assert!(text.parse::<Roles>().is_err(), "{text:?}");
    }
}

#[test]
fn scopes_narrow_and_unknown_ones_allow_nothing() {
    let of = |scopes: &[&str]| Permissions::of_scopes(scopes.iter().copied());
    assert!(of(&["events:read"]).may(Permission::ReadEvents) && !of(&["events:read"]).may(Permission::ReadBodies));
    assert_eq!(of(&["everything", "*", ""]), Permissions::LEAST);
    let all = of(&Permission::ALL.iter().filter_map(|one| one.scope()).collect::<Vec<_>>());
    assert_eq!(all, Role::Owner.permissions(), "every permission has a scope, and an owner has them all");
}

fn any_roles() -> impl Strategy<Value = Roles> {
    prop::sample::subsequence(Role::ALL, 0..=Role::ALL.len()).prop_map(|roles| Roles::of(&roles))
}

proptest! {
    #[test]
    fn whoever_may_grant_may_all_that_is_granted(maker in any_roles(), made in any_roles()) {
        if maker.permissions().may_grant(made.permissions()) {
            for permission in made.permissions().iter() {
                prop_assert!(maker.permissions().may(permission));
            }
        }
        prop_assert!(maker.is_empty() || maker.to_string().parse() == Ok(maker));
        prop_assert!(maker.permissions().within(made.permissions()).may(Permission::Identify));
    }
}
