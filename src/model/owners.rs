//! Who owns the files of findings by the rules of the repository itself (CODEOWNERS).

use std::collections::HashMap;
use std::sync::Arc;

/// The owners of the paths of a backlog; most repositories have few distinct ones. Empty without rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owners {
    /// By path: 0 for none, else the place in `all` and one.
    of: Vec<u32>,
    all: Vec<Together>,
}

/// Those who own something together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Together {
    pub names: Vec<Box<str>>,
    /// All names, for people.
    pub label: Arc<str>,
}

impl Owners {
    /// From the owners of each path, in the order of the paths.
    pub fn new(of_paths: impl IntoIterator<Item = Vec<Box<str>>>) -> Self {
        let mut owners = Self::default();
        let mut known: HashMap<Vec<Box<str>>, u32> = HashMap::new();
        for names in of_paths {
            let number = match known.get(&names) {
                _ if names.is_empty() => 0,
                Some(number) => *number,
                None => {
                    owners.all.push(Together { label: names.join(" ").into(), names: names.clone() });
                    let number = u32::try_from(owners.all.len()).unwrap_or(0);
                    known.insert(names, number);
                    number
                }
            };
            owners.of.push(number);
        }
        owners
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Everybody who owns something.
    pub fn all(&self) -> &[Together] {
        &self.all
    }

    /// The place in [`all`](Self::all) of those who own a path.
    pub fn place(&self, path: u32) -> Option<u32> {
        self.of.get(path as usize).and_then(|number| number.checked_sub(1))
    }

    /// Those who own a path.
    pub fn of(&self, path: u32) -> Option<&Together> {
        self.all.get(self.place(path)? as usize)
    }
}
