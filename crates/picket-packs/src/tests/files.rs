use super::files;
use crate::{Options, Pack};
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn every_pack_is_the_same_each_time_and_says_what_it_is() {
    for pack in Pack::ALL {
        let files = files(*pack);
        assert_eq!(files, super::files(*pack), "{pack}");
        assert_eq!(files[0].path, "README.md");
        let mut paths = BTreeSet::new();
        for file in &files {
            let is_plain = |part: &str| {
                !part.is_empty()
                    && !part.starts_with('.')
                    && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
            };
            assert!(file.path.split('/').all(is_plain), "{}", file.path);
            assert!(paths.insert(file.path.clone()), "{} twice", file.path);
            assert!(file.text.ends_with('\n') && !file.text.contains('\r'), "{}", file.path);
        }
        assert_eq!(pack.as_str().parse::<Pack>(), Ok(*pack));
        assert_eq!(pack.destination().is_some(), paths.contains("destination.yaml"), "{pack}");
    }
    assert_eq!(
        "nagios".parse::<Pack>().unwrap_err().to_string(),
        "`nagios` is none of splunk, sentinel, elastic, opensearch, qradar, grafana, prometheus"
    );
}

#[test]
fn the_packs_of_the_repository_are_those_that_this_program_writes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs");
    let mut wanted = BTreeSet::new();
    for pack in Pack::ALL {
        for file in files(*pack) {
            let path = root.join(pack.as_str()).join(&file.path);
            let there = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(there == file.text, "{} is out of date; run `cargo xt gen`", path.display());
            wanted.insert(path);
        }
    }
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                assert!(wanted.contains(&path), "{} is in no pack any more; run `cargo xt gen`", path.display());
            }
        }
    }
}

#[test]
fn names_that_cannot_stand_in_tables_and_settings_are_refused() {
    for vendor in ["", "9lives", "Ac me", "Acme]\n[x", "Akmé", &"a".repeat(33)] {
        assert!(Options::default().with_vendor(vendor).is_err(), "{vendor:?}");
    }
    for index in ["", "AI", "a b", "a\"b", "_a"] {
        assert!(Options::default().with_index(index).is_err(), "{index:?}");
    }
    let options = Options::default().with_vendor("Acme").unwrap().with_index("ai_2").unwrap();
    let sentinel = Pack::Sentinel.files(&options);
    assert!(sentinel.iter().any(|file| file.text.contains("AcmeEvents_CL")));
    assert!(!sentinel.iter().any(|file| file.text.contains("PicketEvents")), "a name that nobody changed");
}
