use super::*;

#[test]
fn what_serde_says_is_told_in_words_of_people() {
    for (said, told) in [
        ("invalid type: null, expected struct Settings", "expected an object, found nothing"),
        ("invalid type: string \"a, b\", expected a sequence", "expected a list, found a text"),
        ("invalid type: integer `5`, expected internally tagged enum Kind", "expected an object, found the number 5"),
        (
            "invalid type: map, expected a text, a number, or true or false at line 1 column 9",
            "expected a text, a number, or true or false, found an object at line 1 column 9",
        ),
        (
            "invalid value: integer `-1`, expected u32",
            "expected a whole number, not below 0 and not too large, found the number -1",
        ),
        ("invalid type: boolean `true`, expected a string", "expected a text, found true"),
        ("missing field `to`", "`to` is missing"),
        ("duplicate field `to` at line 3 column 4", "`to` stands twice at line 3 column 4"),
        ("unknown field `tu`, expected one of `to`, `wanted`", "there is no `tu`; there are `to`, `wanted`"),
        ("unknown variant `s4`, expected `s3` or `file`", "there is no `s4`; there are `s3` or `file`"),
        ("unknown field `x`, there are no fields", "there is no `x`"),
        ("data did not match any variant of untagged enum Scalar", "it has none of the forms that it may have"),
        ("EOF while parsing a value at line 1 column 0", "EOF while parsing a value at line 1 column 0"),
        ("", ""),
    ] {
        assert_eq!(mistake(said), told, "{said}");
    }
}
