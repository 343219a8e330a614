//! How much is tried: a little in a usual run, and all of it with `QUELL_THOROUGH`.

use std::env;

use proptest::test_runner::Config;

pub(crate) fn is_thorough() -> bool {
    env::var_os("QUELL_THOROUGH").is_some()
}

/// So many random cases, or twenty times as many.
pub(crate) fn count(usual: u32) -> u32 {
    if is_thorough() { 20 * usual } else { usual }
}

/// A property with so many cases.
pub(crate) fn cases(usual: u32) -> Config {
    Config::with_cases(count(usual))
}
