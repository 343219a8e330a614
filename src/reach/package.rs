//! Whether two names of packages mean the same.

use std::str::FromStr;

use packageurl::PackageUrl;

use crate::model::backlog::Package;

/// A package as far as it is stated, in lower case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coordinates {
    /// `npm`, `golang`; empty where it is not known.
    kind: String,
    /// Namespace and name, with `/` between.
    name: String,
    version: Option<String>,
    /// Qualifiers that say on what it runs.
    platform: Vec<(&'static str, String)>,
}

/// Their names.
const PLATFORM: &[&str] = &["arch", "os", "distro"];
/// Ecosystems where a name without its first part is the name of another package.
const WHOLE: &[&str] = &["npm", "golang", "composer"];
/// Values of the first that are for all.
const ANY_ARCH: &[&str] = &["all", "any", "noarch"];

impl Coordinates {
    /// Of a package URL (<https://github.com/package-url/purl-spec>); `None` where it is none.
    pub(super) fn of_purl(purl: &str) -> Option<Self> {
        let purl = PackageUrl::from_str(purl).ok()?;
        let name = match purl.namespace() {
            Some(namespace) => format!("{namespace}/{}", purl.name()),
            None => purl.name().to_owned(),
        };
        let qualifier = |key: &&'static str| Some((*key, purl.qualifiers().get(*key)?.to_lowercase()));
        Some(Self {
            kind: purl.ty().to_owned(),
            name: plain(&name),
            version: purl.version().map(version),
            platform: PLATFORM.iter().filter_map(qualifier).collect(),
        })
    }

    /// Of a package URL, or of a name of the CPE dictionary: `cpe:2.3:a:vendor:name:version:…`, `cpe:/a:vendor:name:version`.
    pub(super) fn of_id(id: &str) -> Option<Self> {
        if let Some(purl) = Self::of_purl(id) {
            return Some(purl);
        }
        let parts = id.strip_prefix("cpe:2.3:").or_else(|| id.strip_prefix("cpe:/"))?;
        let mut parts = parts.split(':').skip(2);
        let name = parts.next().filter(|name| !matches!(*name, "" | "*" | "-"))?;
        let stated = parts.next().filter(|version| !matches!(*version, "" | "*" | "-"));
        Some(Self { name: plain(name), version: stated.map(version), ..Self::default() })
    }

    /// Of what a result names.
    pub(super) fn of(package: &Package) -> Self {
        let by_purl = package.purl.as_deref().and_then(Self::of_purl);
        by_purl.unwrap_or_else(|| Self {
            kind: String::new(),
            name: plain(&package.name),
            version: package.version.as_deref().map(version),
            platform: Vec::new(),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The ecosystem, by the type of a package URL; empty where it is not known.
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    pub(super) fn has_version(&self) -> bool {
        self.version.is_some()
    }

    /// Whether both state on what they run, and it is not the same. `debian-11` holds `debian-11.7`.
    pub(super) fn is_of_other_platform(&self, other: &Self) -> bool {
        let holds = |whole: &str, part: &str| {
            part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.platform.iter().any(|(key, one)| {
            let mut stated = other.platform.iter().filter(|(known, _)| known == key).map(|(_, two)| two);
            let is_any = |arch: &str| *key == "arch" && ANY_ARCH.contains(&arch);
            stated.any(|two| !is_any(one) && !is_any(two) && !holds(one, two) && !holds(two, one))
        })
    }

    /// Whether what is said of `self` may be about `other`: all that both state has to be equal.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        let kinds = self.kind.is_empty() || other.kind.is_empty() || self.kind == other.kind;
        // A scope is always stated; a group or a distribution is often left out.
        let is_whole = self.kind == other.kind && WHOLE.contains(&&*self.kind);
        let short = || last(&self.name) == other.name || self.name == last(&other.name);
        let names = self.name == other.name || !is_whole && short();
        let versions = match (&self.version, &other.version) {
            (Some(one), Some(two)) => one == two,
            _ => true,
        };
        kinds && names && versions
    }
}

/// Names of Maven have `:` where package URLs have `/`; the Python index does not tell `-`, `_` and `.` apart.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(':', "/").replace('_', "-")
}

fn version(version: &str) -> String {
    version.strip_prefix('v').unwrap_or(version).to_owned()
}

fn last(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}
