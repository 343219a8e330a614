//! SARIF as it is read: every field optional, every type lenient. Names follow the specification (2.1.0).

pub(super) mod full;
pub(super) mod part;
pub(super) mod result;
pub(super) mod run;
