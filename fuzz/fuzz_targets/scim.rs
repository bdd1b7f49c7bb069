//! What identity providers send: filters and paths mean the same when they are written again, and no resource and no change
//! makes one panic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use picket_scim::{Filter, Group, Patch, Path, User};
use serde_json::Value;

fuzz_target!(|data: (&str, &str, &[u8], &[u8])| {
    let (filter, path, resource, patch) = data;
    let resource: Value = serde_json::from_slice(resource).unwrap_or_default();
    if let Ok(filter) = Filter::parse(filter) {
        let again = Filter::parse(&filter.to_string());
        assert_eq!(again.as_ref(), Ok(&filter));
        assert_eq!(again.is_ok_and(|again| again.matches(&resource)), filter.matches(&resource));
    }
    if let Ok(path) = Path::parse(path) {
        assert_eq!(Path::parse(&path.to_string()), Ok(path));
    }
    let patch = serde_json::from_slice(patch).ok().and_then(|patch: Value| Patch::read(&patch).ok());
    if let Ok(user) = User::read(&resource) {
        let shown = User::read(&user.to_json()).expect("what is shown is read");
        assert_eq!(
            (&shown.user_name, shown.active, shown.full_name()),
            (&user.user_name, user.active, user.full_name())
        );
        if let Some(changed) = patch.as_ref().and_then(|patch| user.patched(patch).ok()) {
            assert!(!changed.user_name.is_empty());
        }
    }
    if let Ok(group) = Group::read(&resource) {
        if let Some(changed) = patch.as_ref().and_then(|patch| group.patched(patch).ok()) {
            assert!(!changed.display_name.is_empty());
        }
    }
});
