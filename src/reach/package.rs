//! Whether two names of packages mean the same.

use std::str::FromStr;

use packageurl::PackageUrl;

use crate::model::backlog::Package;

/// A package as far as it is stated: in lower case, without qualifiers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Coordinates {
    /// `npm`, `golang`; empty where it is not known.
    kind: String,
    /// Namespace and name, with `/` between.
    name: String,
    version: Option<String>,
}

impl Coordinates {
    /// Of a package URL (<https://github.com/package-url/purl-spec>); `None` where it is none.
    pub(super) fn of_purl(purl: &str) -> Option<Self> {
        let purl = PackageUrl::from_str(purl).ok()?;
        let name = match purl.namespace() {
            Some(namespace) => format!("{namespace}/{}", purl.name()),
            None => purl.name().to_owned(),
        };
        Some(Self { kind: purl.ty().to_owned(), name: plain(&name), version: purl.version().map(version) })
    }

    /// Of what a result names.
    pub(super) fn of(package: &Package) -> Self {
        let by_purl = package.purl.as_deref().and_then(Self::of_purl);
        by_purl.unwrap_or_else(|| Self {
            kind: String::new(),
            name: plain(&package.name),
            version: package.version.as_deref().map(version),
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The ecosystem, by the type of a package URL; empty where it is not known.
    pub(super) fn kind(&self) -> &str {
        &self.kind
    }

    /// Whether what is said of `self` may be about `other`: all that both state has to be equal.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        let kinds = self.kind.is_empty() || other.kind.is_empty() || self.kind == other.kind;
        let names = self.name == other.name || last(&self.name) == other.name || self.name == last(&other.name);
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
