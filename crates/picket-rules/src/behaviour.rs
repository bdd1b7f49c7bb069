//! What Sigma cannot say: a ratio to what is usual, what is new, what rises, what does not follow, what is nearly equal.
//!
//! A document with such a block is about its own matches: those of its detection, or the moments at which its correlation
//! holds. Other rules refer to what comes out of the block, by the document's id or name.

use picket_behaviour::Season;

/// What is made of the matches of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Behaviour {
    /// They are more, or fewer, than is usual.
    Baseline(Baseline),
    /// A value is new.
    FirstSeen(FirstSeen),
    /// They become more.
    Trend(Trend),
    /// Something else does not come with them.
    Absent(Absent),
    /// They are nearly equal.
    NearDuplicate(NearDuplicate),
}

/// What is measured of the matches in a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measure {
    /// How many there are.
    Count,
    /// The sum of a field.
    Sum(String),
    /// The average of a field.
    Avg(String),
    /// About how many different values of a field.
    Distinct(String),
    /// Of how many of them another rule is true too, as a share of 1.
    Share(String),
    /// How far the distribution of a field is from the usual one (population stability index).
    Shift(String),
}

impl Measure {
    /// Whether a time without matches is one with a value of zero, rather than one without a value.
    pub(crate) fn counts_nothing(&self) -> bool {
        matches!(self, Self::Count | Self::Sum(_) | Self::Distinct(_))
    }

    /// As it is written.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Count => "count".to_owned(),
            Self::Sum(field) => format!("sum of {field}"),
            Self::Avg(field) => format!("avg of {field}"),
            Self::Distinct(field) => format!("distinct of {field}"),
            Self::Share(rule) => format!("share of {rule}"),
            Self::Shift(field) => format!("shift of {field}"),
        }
    }
}

/// More, or less, than a multiple of what is usual.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// What is measured.
    pub measure: Measure,
    /// Fields whose values have a baseline each.
    pub group_by: Vec<String>,
    /// In what time, in milliseconds.
    pub window_ms: i64,
    /// After what time it repeats itself.
    pub season: Season,
    /// Above 1: more than so many times what is usual; below 1: less. Of a shift: more than this index.
    pub ratio: f64,
    /// At least so much; of averages, shares and shifts: at least so many matches.
    pub at_least: f64,
    /// Windows that have to be known first.
    pub min_history: u64,
    /// As much may be no likelier than this by chance.
    pub p: Option<f64>,
}

/// A value that was not there before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstSeen {
    /// Whose values.
    pub fields: Vec<String>,
    /// For whom it is new; none: for everybody.
    pub by: Vec<String>,
    /// How long values are only learned, in milliseconds.
    pub learn_ms: i64,
    /// After what time a value is new again.
    pub expire_ms: i64,
}

/// Values that rise from one time to the next.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// What is measured.
    pub measure: Measure,
    /// Fields whose values have a trend each.
    pub group_by: Vec<String>,
    /// One time, in milliseconds.
    pub bucket_ms: i64,
    /// So many of them.
    pub buckets: usize,
    /// How likely such a rise may be by chance.
    pub p: f64,
    /// The smallest rise from one to the next that matters.
    pub slope: f64,
    /// What lies above the first third has to add up to so many standard deviations.
    pub cusum: Option<f64>,
    /// The newest is at least so large.
    pub at_least: f64,
}

/// Something that should have been there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Id or name of the rule that should have matched.
    pub rule: String,
    /// Fields in which both agree.
    pub group_by: Vec<String>,
    /// What such a field is called in the other rule's events, where it is called otherwise.
    pub fields: Vec<(String, String)>,
    /// At most so long afterwards, in milliseconds.
    pub within_ms: i64,
    /// Or so long before.
    pub before_ms: i64,
}

/// Many texts that are nearly equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NearDuplicate {
    /// The field with the text, or with its hash of 16 hexadecimal digits.
    pub field: String,
    /// Whether the field holds a hash.
    pub is_hash: bool,
    /// Hashes of nearly equal texts differ in so many bits at most.
    pub distance: u32,
    /// From so many on.
    pub count: usize,
    /// In what time, in milliseconds.
    pub window_ms: i64,
    /// Fields in which they have to agree.
    pub group_by: Vec<String>,
}

impl Behaviour {
    /// Fields that make a group.
    pub fn group_by(&self) -> &[String] {
        match self {
            Self::Baseline(baseline) => &baseline.group_by,
            Self::FirstSeen(first) => &first.by,
            Self::Trend(trend) => &trend.group_by,
            Self::Absent(absent) => &absent.group_by,
            Self::NearDuplicate(near) => &near.group_by,
        }
    }

    pub(crate) fn group_by_mut(&mut self) -> &mut Vec<String> {
        match self {
            Self::Baseline(baseline) => &mut baseline.group_by,
            Self::FirstSeen(first) => &mut first.by,
            Self::Trend(trend) => &mut trend.group_by,
            Self::Absent(absent) => &mut absent.group_by,
            Self::NearDuplicate(near) => &mut near.group_by,
        }
    }

    /// The time that a finding is about, in milliseconds.
    pub fn span_ms(&self) -> i64 {
        match self {
            Self::Baseline(baseline) => baseline.window_ms,
            Self::FirstSeen(first) => first.expire_ms,
            Self::Trend(trend) => trend.bucket_ms.saturating_mul(i64::try_from(trend.buckets).unwrap_or(i64::MAX)),
            Self::Absent(absent) => absent.within_ms.saturating_add(absent.before_ms),
            Self::NearDuplicate(near) => near.window_ms,
        }
    }

    fn measure(&self) -> Option<&Measure> {
        match self {
            Self::Baseline(baseline) => Some(&baseline.measure),
            Self::Trend(trend) => Some(&trend.measure),
            Self::FirstSeen(_) | Self::Absent(_) | Self::NearDuplicate(_) => None,
        }
    }

    /// Whose values it looks at.
    pub(crate) fn fields(&self) -> &[String] {
        match self {
            Self::FirstSeen(first) => &first.fields,
            Self::NearDuplicate(near) => std::slice::from_ref(&near.field),
            Self::Baseline(_) | Self::Trend(_) => match self.measure() {
                Some(Measure::Sum(field) | Measure::Avg(field) | Measure::Distinct(field) | Measure::Shift(field)) => {
                    std::slice::from_ref(field)
                }
                _ => &[],
            },
            Self::Absent(_) => &[],
        }
    }

    /// The rule whose share is measured.
    pub(crate) fn share_of(&self) -> Option<&str> {
        match self.measure() {
            Some(Measure::Share(rule)) => Some(rule),
            _ => None,
        }
    }
}
