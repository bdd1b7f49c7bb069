//! What stands behind the bars of `Field|contains|all`, and which of them go together.

use crate::model::Order;
use crate::pattern::How;
use crate::timepart::TimePart;
use picket_yaml::suggestion;

/// What decides how a value is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Text(How),
    Regex,
    Network,
    Exists,
    Compare(Order),
    Time(TimePart),
}

/// What a text is turned into first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wide {
    /// UTF-16, little end first.
    Little,
    /// UTF-16, big end first.
    Big,
    /// UTF-16, little end first, behind a byte order mark.
    Marked,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base64 {
    /// As they are.
    Whole,
    /// Wherever they stand among others.
    Offset,
}

/// The modifiers of a field.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a word of the language that is there or not")]
pub(super) struct Modifiers {
    pub(super) operator: Option<(Operator, &'static str)>,
    pub(super) all: bool,
    pub(super) cased: bool,
    pub(super) differs: bool,
    pub(super) field: bool,
    pub(super) expand: bool,
    pub(super) windash: bool,
    pub(super) wide: Option<Wide>,
    pub(super) base64: Option<Base64>,
    /// Of regular expressions: `i`, `m`, `s`.
    pub(super) flags: [bool; 3],
}

const WORDS: &[&str] = &[
    "all",
    "base64",
    "base64offset",
    "cased",
    "cidr",
    "contains",
    "day",
    "endswith",
    "exists",
    "expand",
    "fieldref",
    "gt",
    "gte",
    "hour",
    "i",
    "lt",
    "lte",
    "m",
    "minute",
    "month",
    "neq",
    "re",
    "s",
    "startswith",
    "utf16",
    "utf16be",
    "utf16le",
    "week",
    "wide",
    "windash",
    "year",
];

impl Modifiers {
    /// Reads them; or what is wrong, and what to do.
    pub(super) fn parse(words: &str) -> Result<Self, String> {
        let mut modifiers = Self::default();
        for word in words.split('|') {
            modifiers.take(word)?;
        }
        modifiers.check()?;
        Ok(modifiers)
    }

    fn take(&mut self, word: &str) -> Result<(), String> {
        match word {
            "all" => self.all = true,
            "cased" => self.cased = true,
            "neq" => self.differs = true,
            "fieldref" => self.field = true,
            "expand" => self.expand = true,
            "windash" => self.windash = true,
            "i" | "ignorecase" => self.flags[0] = true,
            "m" | "multiline" => self.flags[1] = true,
            "s" | "dotall" => self.flags[2] = true,
            "contains" => return self.operate(Operator::Text(How::Contains), "contains"),
            "startswith" => return self.operate(Operator::Text(How::Starts), "startswith"),
            "endswith" => return self.operate(Operator::Text(How::Ends), "endswith"),
            "re" => return self.operate(Operator::Regex, "re"),
            "cidr" => return self.operate(Operator::Network, "cidr"),
            "exists" => return self.operate(Operator::Exists, "exists"),
            "wide" | "utf16le" => return self.widen(Wide::Little),
            "utf16be" => return self.widen(Wide::Big),
            "utf16" => return self.widen(Wide::Marked),
            "base64" => return self.encode(Base64::Whole),
            "base64offset" => return self.encode(Base64::Offset),
            "not" => {
                return Err(
                    "there is no modifier `not`; negate the selection in the condition, or use `neq`".to_owned()
                );
            }
            _ => {
                if let Some((name, order)) = Order::WORDS.iter().take(4).find(|(name, _)| *name == word) {
                    return self.operate(Operator::Compare(*order), name);
                }
                if let Some((name, part)) = TimePart::WORDS.iter().find(|(name, _)| *name == word) {
                    return self.operate(Operator::Time(*part), name);
                }
                let shown = crate::issue::shown(word);
                return Err(format!(
                    "unknown modifier `{shown}`; there are {}{}",
                    WORDS.join(", "),
                    suggestion(&shown, WORDS)
                ));
            }
        }
        Ok(())
    }

    fn operate(&mut self, operator: Operator, name: &'static str) -> Result<(), String> {
        if let Some((_, other)) = self.operator.filter(|(other, _)| *other != operator) {
            return Err(format!("`{other}` and `{name}` exclude each other; keep one of them"));
        }
        self.operator = Some((operator, name));
        Ok(())
    }

    fn widen(&mut self, wide: Wide) -> Result<(), String> {
        match self.wide.replace(wide) {
            Some(other) if other != wide => {
                Err("`wide`, `utf16` and `utf16be` exclude each other; keep one of them".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn encode(&mut self, base64: Base64) -> Result<(), String> {
        match self.base64.replace(base64) {
            Some(other) if other != base64 => {
                Err("`base64` and `base64offset` exclude each other; keep one of them".to_owned())
            }
            _ => Ok(()),
        }
    }

    fn check(&self) -> Result<(), String> {
        let is_text = self.operator.is_none_or(|(operator, _)| matches!(operator, Operator::Text(_)));
        let operator = self.operator.map_or("", |(_, name)| name);
        let encodes = self.wide.is_some() || self.base64.is_some() || self.windash || self.expand;
        if encodes && (!is_text || self.field) {
            let word = if self.field { "fieldref" } else { operator };
            return Err(format!(
                "`wide`, `utf16…`, `base64…`, `windash` and `expand` change a text, and do not go with `{word}`; take one of them out"
            ));
        }
        if self.flags != [false; 3] && operator != "re" {
            return Err(
                "`i`, `m` and `s` belong behind `re`; comparisons of texts mind case only with `cased`".to_owned()
            );
        }
        if self.field && !is_text {
            return Err(format!("`fieldref` does not go with `{operator}`; compare fields as texts"));
        }
        if self.expand && (self.base64.is_some() || self.wide.is_some()) {
            return Err("`expand` does not go with an encoding; write the encoded values into the data".to_owned());
        }
        if self.windash && (self.base64.is_some() || self.wide.is_some()) {
            return Err("`windash` does not go with an encoding; write each spelling out".to_owned());
        }
        if operator == "exists" && (self.all || self.cased || self.differs) {
            return Err("`exists` stands alone; take the other modifiers out".to_owned());
        }
        Ok(())
    }
}
