//! The closed vocabularies of SARIF and of Quell: severity, level, kind, baseline, category.

use std::fmt;

/// Makes an enum with the one name that each value has in queries, JSON and on screen.
macro_rules! vocabulary {
    ($(#[$meta:meta])* $name:ident { $($(#[$value_meta:meta])* $value:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[$value_meta])* $value),+ }

        impl $name {
            /// All values, in their order.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The name in queries, JSON and on screen.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $text),+ }
            }

            /// The value with this name, in any case.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.name().eq_ignore_ascii_case(text))
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// How bad it is, least first, so that `>=` reads as it is spoken.
    Severity { Info = "info", Low = "low", Medium = "medium", High = "high", Critical = "critical" }
}

vocabulary! {
    /// SARIF `level` (2.1.0, 3.27.10), least first.
    Level { None = "none", Note = "note", Warning = "warning", Error = "error" }
}

vocabulary! {
    /// SARIF `kind` (2.1.0, 3.27.9).
    Kind {
        Fail = "fail", Open = "open", Review = "review",
        Pass = "pass", NotApplicable = "notApplicable", Informational = "informational",
    }
}

vocabulary! {
    /// SARIF `baselineState` (2.1.0, 3.27.24); `Unstated` where the report has none.
    Baseline {
        Unstated = "unstated", New = "new", Unchanged = "unchanged", Updated = "updated", Absent = "absent",
    }
}

vocabulary! {
    /// What kind of thing is wrong.
    Category {
        Other = "other", Code = "code", Secret = "secret", Dependency = "dependency", Iac = "iac", Agent = "agent",
    }
}

/// What a report and Quell say of one result, in 16 bits: a million results keep them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Grades(u16);

/// The parts of [`Grades`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graded {
    pub level: Level,
    pub kind: Kind,
    pub severity: Severity,
    pub baseline: Baseline,
    pub category: Category,
    pub is_suppressed: bool,
}

impl Grades {
    // Three bits each, the last takes one.
    const KIND: u32 = 3;
    const SEVERITY: u32 = 6;
    const BASELINE: u32 = 9;
    const CATEGORY: u32 = 12;
    const SUPPRESSED: u32 = 15;

    pub fn new(of: Graded) -> Self {
        let Graded { level, kind, severity, baseline, category, is_suppressed } = of;
        Self(
            level as u16
                | (kind as u16) << Self::KIND
                | (severity as u16) << Self::SEVERITY
                | (baseline as u16) << Self::BASELINE
                | (category as u16) << Self::CATEGORY
                | u16::from(is_suppressed) << Self::SUPPRESSED,
        )
    }

    pub fn parts(self) -> Graded {
        Graded {
            level: self.level(),
            kind: self.kind(),
            severity: self.severity(),
            baseline: self.baseline(),
            category: self.category(),
            is_suppressed: self.is_suppressed(),
        }
    }

    pub fn level(self) -> Level {
        self.part(0, Level::ALL, Level::None)
    }

    pub fn kind(self) -> Kind {
        self.part(Self::KIND, Kind::ALL, Kind::Fail)
    }

    pub fn severity(self) -> Severity {
        self.part(Self::SEVERITY, Severity::ALL, Severity::Info)
    }

    pub fn baseline(self) -> Baseline {
        self.part(Self::BASELINE, Baseline::ALL, Baseline::Unstated)
    }

    pub fn category(self) -> Category {
        self.part(Self::CATEGORY, Category::ALL, Category::Other)
    }

    pub fn is_suppressed(self) -> bool {
        self.0 >> Self::SUPPRESSED == 1
    }

    fn part<T: Copy>(self, from: u32, all: &[T], none: T) -> T {
        all.get(usize::from(self.0 >> from & 7)).copied().unwrap_or(none)
    }
}

impl fmt::Debug for Grades {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.parts().fmt(f)
    }
}

impl Severity {
    /// Severity of a CVSS-like score from 0 to 10, with the bounds of `security-severity`.
    pub fn of_score(score: f64) -> Self {
        match score {
            s if s >= 9.0 => Self::Critical,
            s if s >= 7.0 => Self::High,
            s if s >= 4.0 => Self::Medium,
            s if s > 0.0 => Self::Low,
            _ => Self::Info,
        }
    }

    /// Severity where only a level is known.
    pub fn of_level(level: Level) -> Self {
        match level {
            Level::Error => Self::High,
            Level::Warning => Self::Medium,
            Level::Note => Self::Low,
            Level::None => Self::Info,
        }
    }

    /// Four letters for a column.
    pub fn short(self) -> &'static str {
        match self {
            Self::Critical => "CRIT",
            Self::High => "HIGH",
            Self::Medium => "MED",
            Self::Low => "LOW",
            Self::Info => "INFO",
        }
    }
}

impl Kind {
    /// Whether a result of this kind is something to work on; `pass` and `notApplicable` are not.
    pub fn is_problem(self) -> bool {
        !matches!(self, Self::Pass | Self::NotApplicable)
    }
}
