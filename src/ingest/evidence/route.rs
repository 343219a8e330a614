//! A route of a service, from the address that somebody attacked.

/// Host (with its port, where it is stated) and path of an address, without what the attack put into the query.
pub(super) fn of_address(address: &str) -> (&str, &str) {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    // Credentials are no part of the host.
    (host.rsplit('@').next().unwrap_or(host), path)
}

/// `GET /search`.
pub(super) fn words(method: &str, path: &str) -> String {
    if method.is_empty() { path.to_owned() } else { format!("{} {path}", method.to_ascii_uppercase()) }
}
