//! What is looked for.

/// A kind of name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// People, by whatever part of their name.
    Person,
    /// Towns, regions, countries.
    Location,
    /// Companies, offices, schools, clubs.
    Organization,
    /// An address: a street with what belongs to it.
    Address,
}

impl Kind {
    /// Every kind, in the order of their tags.
    pub const ALL: [Self; 4] = [Self::Person, Self::Location, Self::Organization, Self::Address];

    /// Its name among kinds of personal data. Addresses have the name of those that patterns find.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "PERSON",
            Self::Location => "LOCATION",
            Self::Organization => "ORGANIZATION",
            Self::Address => "POSTAL_ADDRESS",
        }
    }

    /// A kind by its name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}
