//! What a policy forbids is refused before it is written, and counts for nothing where it was written all the same.
