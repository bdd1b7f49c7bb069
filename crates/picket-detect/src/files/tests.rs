use super::*;
use std::os::unix::fs::symlink;
use std::process::Command;

const BOUNDS: FileBounds = FileBounds { files: 10, bytes: 1_000, depth: 2 };

/// What was read of a folder, and what was told, by names in it.
fn read(folder: &Path, bounds: FileBounds) -> (Vec<String>, Vec<String>) {
    let Found { files, problems } = read_files(&[folder.to_owned()], bounds);
    let root = format!("{}/", folder.display());
    let names = files.into_iter().map(|(name, _)| name.replace(&root, "")).collect();
    (names, problems.iter().map(|problem| problem.to_string().replace(&root, "")).collect())
}

#[test]
fn what_cannot_be_read_is_told_with_its_place_and_hides_nothing_of_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir(at("more")).unwrap();
    for name in ["a.yml", "more/b.yaml", "notes.txt", "z.yml"] {
        std::fs::write(at(name), "title: x\n").unwrap();
    }
    std::fs::write(at("latin.yml"), b"title: x\nauthor: J\xc3\xb6rg H\xfcbner\n").unwrap();
    symlink(at("nowhere"), at("dangling.yml")).unwrap();
    symlink(at("a.yml"), at("link.yml")).unwrap();
    symlink(folder.path(), at("more/loop")).unwrap();
    // Whoever opens it waits.
    assert!(Command::new("mkfifo").arg(at("pipe.yml")).status().unwrap().success());
    let _socket = std::os::unix::net::UnixListener::bind(at("socket.yml")).unwrap();
    let (names, problems) = read(folder.path(), BOUNDS);
    assert_eq!(names, ["a.yml", "link.yml", "more/b.yaml", "z.yml"]);
    let told = problems.join("\n");
    assert_eq!(problems.len(), 5, "{told}");
    for line in [
        "more/loop:1:1: this folder leads back into itself",
        "dangling.yml:1:1: cannot be read: No such file",
        "latin.yml:2:15: not UTF-8",
        "pipe.yml:1:1: this is no regular file",
        "socket.yml:1:1: this is no regular file",
    ] {
        assert!(problems.iter().any(|problem| problem.starts_with(line)), "{line}: {told}");
    }
    let Found { files, problems } = read_files(&[at("pipe.yml"), PathBuf::from("/dev/null"), at("nowhere")], BOUNDS);
    assert_eq!((files, problems.len()), (Vec::new(), 3), "named by themselves they are told, too");
}

#[test]
fn what_is_read_is_bounded_and_what_is_left_out_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for at in 0..4 {
        std::fs::write(folder.path().join(format!("{at}.yml")), "x".repeat(400)).unwrap();
    }
    let few = read(folder.path(), FileBounds { files: 2, ..BOUNDS });
    assert_eq!(few.0, ["0.yml", "1.yml"]);
    assert_eq!(few.1, ["2.yml:1:1: more than 2 files of rules; name fewer. This one and what follows was left out"]);
    let (names, told) = read(folder.path(), BOUNDS);
    assert_eq!((names.len(), told.len()), (2, 1), "{told:?}");
    assert!(told[0].starts_with("2.yml:1:1: with this file the rules are larger"), "{told:?}");
    let deep = folder.path().join("a/b/c/d");
    std::fs::create_dir_all(&deep).unwrap();
    std::fs::write(deep.join("deep.yml"), "").unwrap();
    let (_, told) = read(&folder.path().join("a"), BOUNDS);
    assert_eq!(told, ["b/c/d:1:1: folders are nested deeper than 2"]);
}
