//! JSON pointers (RFC 6901).

use std::borrow::Cow;

/// A key as a part of a pointer.
pub(super) fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}
