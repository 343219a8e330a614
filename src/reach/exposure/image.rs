//! Names of images: `registry:5000/team/cart:1.2@sha256:…` is `team/cart`, and `cart` for short.

/// A name without registry, tag and digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) full: String,
    /// Its last component.
    pub(super) last: String,
}

/// Whether two names mean the same image, whatever its version: by the whole name, or by its last component where one of
/// them has no more. Two digests that are stated have to be the same.
pub fn is_same_image(one: &str, other: &str) -> bool {
    let digest = |image: &str| image.split_once('@').map(|(_, digest)| digest.to_owned());
    if let (Some(one), Some(other)) = (digest(one), digest(other))
        && one != other
    {
        return false;
    }
    let (Some(one), Some(other)) = (Name::parse(one), Name::parse(other)) else { return false };
    one.full == other.full || one.last == other.last && (one.full == one.last || other.full == other.last)
}

impl Name {
    /// `None` for what is no name before something else is known. A variable in front of the last component and in the
    /// tag does not matter.
    pub(super) fn parse(image: &str) -> Option<Self> {
        let image = image.trim().split('@').next()?;
        let last_part = image.rsplit('/').next()?;
        let last = last_part.split(':').next()?;
        let is_known = |text: &str| {
            !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/'))
        };
        if !is_known(last) {
            return None;
        }
        let before = image.strip_suffix(last_part)?.trim_end_matches('/');
        let parts: Vec<&str> = before.split('/').filter(|part| !part.is_empty()).collect();
        let is_registry = |part: &&str| part.contains(['.', ':']) || *part == "localhost";
        let path = if parts.first().is_some_and(is_registry) { parts.get(1..)? } else { parts.as_slice() };
        let last = last.to_ascii_lowercase();
        let path = path.join("/").to_ascii_lowercase();
        let full = if is_known(&path) { format!("{path}/{last}") } else { last.clone() };
        Some(Self { full, last })
    }
}
