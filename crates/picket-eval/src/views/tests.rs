use super::*;

#[test]
fn every_view_writes_as_its_name_says() {
    for (name, written) in [
        ("plain", "To be, ä"),
        ("base64", "VG8gYmUsIMOk"),
        ("hex", "546f2062652c20c3a4"),
        ("percent", "%54%6F%20%62%65%2C%20%C3%A4"),
        ("entities", "&#84;&#111;&#32;&#98;&#101;&#44;&#32;&#228;"),
        ("leet", "70 b3, ä"),
        ("homoglyph", "Т\u{43e} b\u{435}, ä"),
        ("rot13", "Gb or, ä"),
        ("reversed", "ä ,eb oT"),
        ("spaced", "T o   b e ,   ä"),
        ("dotted", "T.o b.e., ä"),
        ("zero-width", "T\u{200b}o b\u{200b}e\u{200b}, ä"),
        ("full-width", "Ｔｏ\u{3000}ｂｅ，\u{3000}ä"),
        ("tags", "\u{e0054}\u{e006f}\u{e0020}\u{e0062}\u{e0065}\u{e002c}\u{e0020}ä"),
        ("mixed case", "tO Be, ä"),
        ("word a line", "To\nbe,\nä"),
    ] {
        let (_, view) = VIEWS.iter().find(|(other, _)| *other == name).unwrap();
        assert_eq!(view("To be, ä"), written, "{name}");
    }
    assert_eq!(VIEWS.len(), 16, "a view is not listed above");
}

#[test]
fn twice_rot13_and_twice_reversed_are_the_text() {
    let text = "Zebra 42, Абв";
    assert_eq!(rot13(&rot13(text)), text);
    let reversed = VIEWS.iter().find(|(name, _)| *name == "reversed").unwrap().1;
    assert_eq!(reversed(&reversed(text)), text);
}
