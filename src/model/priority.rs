//! How the user wants findings put in order: the table that gives the lane, and the weights of the score.

use super::grade::vocabulary;

vocabulary! {
    /// Decision tables, as the SSVC project publishes them.
    #[derive(Default)]
    Table { #[default] Bod2604 = "bod-26-04", SsvcDeployer = "ssvc-deployer" }
}

impl Table {
    /// What it is called, and its version.
    pub fn title(self) -> &'static str {
        match self {
            Self::Bod2604 => "BOD 26-04",
            Self::SsvcDeployer => "SSVC deployer 1.0.0",
        }
    }
}

vocabulary! {
    /// What a failure of what runs would do to people and to the mission: human impact in SSVC.
    Impact { Low = "low", Medium = "medium", High = "high", VeryHigh = "very-high" }
}

vocabulary! {
    /// What points of the score are given for.
    Weight {
        Severity = "severity", Threat = "threat", Poc = "poc", Executed = "executed", Reachable = "reachable",
        TestOnly = "test-only", Unreached = "unreached", Internet = "internet", Internal = "internal",
        Secret = "secret", Fix = "fix",
    }
}

impl Weight {
    /// The points where nothing else is said.
    pub fn default_points(self) -> i32 {
        match self {
            Self::Severity => 40,
            Self::Threat | Self::Executed | Self::Secret => 20,
            Self::Poc => 8,
            Self::Reachable | Self::Internet => 15,
            Self::TestOnly | Self::Internal => -10,
            Self::Unreached => -25,
            Self::Fix => 3,
        }
    }

    /// Those between which it has to stay: what lowers never raises.
    pub fn bounds(self) -> std::ops::RangeInclusive<i32> {
        if self.default_points() < 0 { -100..=0 } else { 0..=100 }
    }
}

/// The points of each weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weights([i32; Weight::ALL.len()]);

impl Default for Weights {
    fn default() -> Self {
        let mut weights = [0; Weight::ALL.len()];
        for (points, weight) in weights.iter_mut().zip(Weight::ALL) {
            *points = weight.default_points();
        }
        Self(weights)
    }
}

impl Weights {
    pub fn get(&self, weight: Weight) -> i32 {
        self.0[weight as usize]
    }

    /// Sets the points of a weight; the reason where they cannot be those.
    pub fn set(&mut self, weight: Weight, points: i32) -> Result<(), String> {
        let bounds = weight.bounds();
        if !bounds.contains(&points) {
            let does = if weight.default_points() < 0 { "lowers" } else { "raises" };
            let (least, most) = (bounds.start(), bounds.end());
            return Err(format!("{} is {points}, and what {does} is from {least} to {most}", weight.name()));
        }
        self.0[weight as usize] = points;
        Ok(())
    }

    /// What of two weights does not fit together: of what is surer, or worse, the points count for more.
    pub fn conflicts(&self) -> Vec<String> {
        let pairs = [
            (Weight::Executed, Weight::Reachable),
            (Weight::Threat, Weight::Poc),
            (Weight::TestOnly, Weight::Unreached),
        ];
        let is_wrong = |(more, less): &(Weight, Weight)| self.get(*more) < self.get(*less);
        let words = |(more, less): (Weight, Weight)| {
            format!("{} is {}, below {} with {}", more.name(), self.get(more), less.name(), self.get(less))
        };
        pairs.into_iter().filter(is_wrong).map(words).collect()
    }

    /// Those that are not what they are without settings.
    pub fn changed(&self) -> impl Iterator<Item = (Weight, i32)> {
        let all = Weight::ALL.iter().map(|weight| (*weight, self.get(*weight)));
        all.filter(|(weight, points)| *points != weight.default_points())
    }
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Priority {
    pub table: Table,
    /// Of what runs here, where nothing else is said; the deployer's table needs it.
    pub impact: Option<Impact>,
    /// By the name of a service, as `service:` takes it: the highest of those of a finding counts.
    pub impacts: Vec<(String, Impact)>,
    pub weights: Weights,
    /// The file that says it.
    pub source: String,
}

impl Priority {
    /// What is not as without settings, and who says it; `None` where all is.
    pub fn words(&self) -> Option<String> {
        let table = (self.table != Table::default()).then(|| format!("table {}", self.table.name()));
        let weights = self.weights.changed().map(|(weight, points)| format!("{} {points}", weight.name()));
        let weights: Vec<String> = weights.collect();
        let weights = (!weights.is_empty()).then(|| format!("weights {}", weights.join(", ")));
        let said: Vec<String> = [table, weights].into_iter().flatten().collect();
        (!said.is_empty()).then(|| format!("{}: by {}", said.join("; "), self.source))
    }
}
