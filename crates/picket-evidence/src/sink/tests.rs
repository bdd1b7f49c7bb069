use super::*;

#[test]
fn a_finished_file_has_the_digest_of_its_bytes_and_appears_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let mut sink = Sink::create(&path).unwrap();
    sink.write(b"ab").unwrap();
    sink.write(b"c").unwrap();
    assert_eq!((sink.bytes(), path.exists()), (3, false));
    assert_eq!(sink.finish().unwrap(), crate::digest(b"abc"));
    assert_eq!(std::fs::read(&path).unwrap(), b"abc");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_goes_on_after_what_is_known_to_be_right_and_only_then() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let mut sink = Sink::create(&path).unwrap();
    sink.write(b"abc").unwrap();
    let kept = sink.settle().unwrap();
    sink.write(b"half a li").unwrap();
    drop(sink);
    assert!(Sink::resume(&path, 3, &crate::digest(b"abd")).unwrap().is_none(), "other bytes");
    assert!(Sink::resume(&path, 100, &kept).unwrap().is_none(), "less than there was");
    assert!(Sink::resume(&folder.path().join("b.json"), 3, &kept).unwrap().is_none(), "nothing there");
    let mut sink = Sink::resume(&path, 3, &kept).unwrap().unwrap();
    assert_eq!(sink.bytes(), 3);
    sink.write(b"de").unwrap();
    assert_eq!(sink.finish().unwrap(), crate::digest(b"abcde"));
    assert_eq!(std::fs::read(&path).unwrap(), b"abcde");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_that_says_so() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/full", folder.path().join("a.part")).unwrap();
    let mut sink = Sink::create(&folder.path().join("a.json")).unwrap();
    let written = sink.write(&vec![0; 64 * 1024]).and_then(|()| sink.finish());
    assert_eq!(written.unwrap_err().kind(), io::ErrorKind::StorageFull);
}
