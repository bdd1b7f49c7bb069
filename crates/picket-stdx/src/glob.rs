//! Names with `*`.

/// A pattern in which `*` stands for any text. Letters match in either case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glob(Vec<String>);

impl std::fmt::Display for Glob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join("*"))
    }
}

impl Glob {
    /// The pattern of a text.
    pub fn new(pattern: &str) -> Self {
        Self(pattern.to_lowercase().split('*').map(str::to_owned).collect())
    }

    /// Whether a name matches.
    pub fn matches(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        let [first, rest @ ..] = self.0.as_slice() else { return false };
        let Some(mut left) = name.strip_prefix(first.as_str()) else { return false };
        let [middle @ .., last] = rest else { return left.is_empty() };
        for piece in middle {
            match left.split_once(piece.as_str()) {
                Some((_, after)) => left = after,
                None => return false,
            }
        }
        left.ends_with(last.as_str())
    }
}
