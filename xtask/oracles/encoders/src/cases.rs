//! Hostile values from a seed: parts of formats, what readers stumble over, and any characters at all.

/// A generator of numbers (SplitMix64).
pub(crate) struct Draws(pub(crate) u64);

/// Parts that values are made of.
const PARTS: &[&str] = &[
    "|", "=", "\\", "\n", "\r", "\r\n", "\t", " ", "  ", "\"", "]", "[", "\0", "^", ",", "{", "}", ":", "/", "'", "`", "$", "%",
    "#", ";", "<", ">", "&", "~", "\u{1}", " cs1=", "src=1.1.1.1", "key=value", "\\n", "\\r", "\\=", "\\|", "\\\\", "CEF:0|a|b|",
    "LEEF:2.0|", "x09", "0x5E", "<34>1 ", "- - -", "[a@1 b=\"c\"]", "\u{202e}", "\u{2066}", "\u{2028}", "\u{2029}", "\u{85}",
    "\u{b}", "\u{c}", "\u{feff}", "\u{fffd}", "\u{200b}", "\u{10ffff}", "ü", "漢字", "😀", "👩‍💻", "a", "Z", "0", "7", "\u{7f}",
    "\u{1b}[31m", "\n{\"delete\":{\"_id\":\"x\"}}\n", "null", "true", "1e999", "evt_1", "..", "${jndi:ldap://x}",
];

impl Draws {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    pub(crate) fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    /// A hostile text.
    pub(crate) fn text(&mut self) -> String {
        let parts = if self.one_in(2_000) { 4_000 } else { self.below(10) };
        let mut text = String::new();
        for _ in 0..parts {
            if self.one_in(6) {
                let code = u32::try_from(self.below(0x11_0000)).unwrap();
                text.extend(char::from_u32(code));
            } else {
                text.push_str(PARTS[self.below(PARTS.len())]);
            }
        }
        text
    }

    /// A hostile text, in the others' half absent.
    pub(crate) fn maybe(&mut self) -> Option<String> {
        self.one_in(2).then(|| self.text())
    }
}
