//! Words and numbers that formats have in common.

use serde_json::Value;

/// SARIF's level for a severity in the words of scanners.
pub(super) fn level(severity: Option<&str>) -> &'static str {
    match severity.unwrap_or_default().to_ascii_lowercase().as_str() {
        "critical" | "high" | "error" => "error",
        "low" | "info" | "information" | "note" | "negligible" | "unknown" | "inventory" | "experiment" => "note",
        "none" => "none",
        _ => "warning",
    }
}

/// The last part of the address of an advisory, which is its id.
pub(super) fn last_part(address: &str) -> Option<String> {
    let last = address.trim_end_matches('/').rsplit('/').next()?;
    (!last.is_empty()).then(|| last.to_owned())
}

/// Advice to take one of these versions; `None` where there is none.
pub(super) fn upgrade(package: &str, versions: &[String]) -> Option<String> {
    let versions: Vec<&str> = versions.iter().map(|text| text.trim()).filter(|text| !text.is_empty()).collect();
    (!versions.is_empty()).then(|| format!("upgrade {package} to {}", versions.join(" or ")))
}

/// The versions before which a range ends: the first good ones, where the range holds the bad ones.
pub(super) fn ends(range: &str) -> Vec<String> {
    let parts = range.replace("< ", "<");
    let ends = parts.split([' ', ',', '|']).filter_map(|part| part.strip_prefix('<'));
    ends.filter(|end| end.starts_with(|c: char| c.is_ascii_digit())).map(str::to_owned).collect()
}

/// Texts as a property.
pub(super) fn texts(texts: impl IntoIterator<Item = String>) -> Value {
    let mut list: Vec<String> = Vec::new();
    for text in texts {
        if !text.is_empty() && !list.contains(&text) {
            list.push(text);
        }
    }
    Value::from(list)
}

/// `pkg:type/name@version`; the name may have a namespace in front. An `@` in it is a scope.
pub(in crate::ingest) fn purl(kind: &str, name: &str, version: Option<&str>) -> String {
    let name = name.replace('@', "%40");
    match version.filter(|version| !version.is_empty()) {
        Some(version) => format!("pkg:{kind}/{name}@{version}"),
        None => format!("pkg:{kind}/{name}"),
    }
}
