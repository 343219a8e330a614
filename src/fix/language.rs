//! What is known of the languages of files, by name.

use super::block::Kind;

/// Formats in which blocks are known by their names.
const CODE: [&str; 30] = [
    "py", "pyi", "js", "jsx", "mjs", "cjs", "ts", "tsx", "java", "kt", "kts", "scala", "go", "rs", "c", "h", "cc", "cpp",
    "cxx", "hpp", "cs", "rb", "php", "swift", "sh", "bash", "lua", "pl", "dart", "m",
];

/// Whether a file holds code or data; what is not known is data, where less is taken for the same.
pub(super) fn kind(path: &str) -> Kind {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    if CODE.contains(&ending.as_str()) { Kind::Code } else { Kind::Data }
}
