use super::*;

#[test]
fn tile_paths_have_one_spelling() {
    let place = |level, number, width| Some(Place { level, number, width });
    assert_eq!(parse("tile/0/000"), place(Some(0), 0, 256));
    assert_eq!(parse("tile/1/x001/x234/067.p/5"), place(Some(1), 1_234_067, 5));
    assert_eq!(parse("tile/entries/x123/456"), place(None, 123_456, 256));
    for path in [
        "tile/8/000",
        "tile/00/000",
        "tile/0/0",
        "tile/0/x000/001",
        "tile/0/001/002",
        "tile/0/000.p/256",
        "tile/0/000.p/0",
        "tile/0/000.p/05",
        "tile//000",
        "checkpoint",
    ] {
        assert_eq!(parse(path), None, "{path}");
    }
}
