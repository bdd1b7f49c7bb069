use super::*;

#[test]
fn a_durable_write_replaces_the_whole_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state");
    write_durably(&path, b"a long first content").unwrap();
    write_durably(&path, b"second").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"second");
}

#[cfg(unix)]
#[test]
fn private_files_are_open_to_their_owner_only_and_never_overwritten() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    create_private(&path, b"k").unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(create_private(&path, b"other").is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"k");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
}
