//! Whether code runs in something that the internet can reach.

use super::grade::vocabulary;

vocabulary! {
    /// By the deployment files.
    #[derive(Default)]
    Exposure { #[default] Unknown = "unknown", Internal = "internal", Internet = "internet" }
}
