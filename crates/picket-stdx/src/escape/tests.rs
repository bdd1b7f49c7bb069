use super::*;

#[test]
fn terminal_text_cannot_move_the_cursor_or_forge_a_line() {
    assert_eq!(terminal("plain ünïcode 漢字"), "plain ünïcode 漢字");
    assert_eq!(terminal("a\x1b[2Jb\nc\u{202e}d"), "a\\u{1b}[2Jb\\nc\\u{202e}d");
}

#[test]
fn csv_cells_are_no_formulas_and_numbers_stay_numbers() {
    assert_eq!(csv_cell("=1+1"), "'=1+1");
    assert_eq!(csv_cell("@cmd"), "'@cmd");
    assert_eq!(csv_cell("-12.5"), "-12.5");
    assert_eq!(csv_cell("plain"), "plain");
}
