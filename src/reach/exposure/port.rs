//! Published ports of compose files: what stands for the host decides who reaches them.

use std::net::IpAddr;

use serde_json::Value;

use super::facts::Way;
use super::value::{plain, text};

/// One port, or a range of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Port {
    /// As written.
    pub(super) shown: String,
    /// The address of the host that it listens on; empty for all.
    host: String,
    /// The port of the host; empty where Docker chooses one.
    published: String,
    /// Whether the address is the same whatever the variables of the environment are.
    is_stated: bool,
}

impl Port {
    /// The short and the long form.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let Some(port) = plain(value) else {
            let field = |pointer: &str| text(value, pointer).unwrap_or_default();
            let [host, published, target] = ["/host_ip", "/published", "/target"].map(|name| filled(&field(name)));
            let is_stated = host == unfilled(&field("/host_ip"));
            let parts = [&host, &published, &target].into_iter().filter(|part| !part.is_empty());
            let shown = parts.map(String::as_str).collect::<Vec<_>>().join(":");
            return (!target.is_empty()).then_some(Self { shown, host, published, is_stated });
        };
        let shown = filled(&port);
        let (host, published) = outside(&shown);
        let is_stated = host == outside(&unfilled(&port)).0;
        Some(Self { shown, host, published, is_stated })
    }

    /// Whether the internet reaches it, and why.
    pub(super) fn way(&self) -> (Way, String) {
        let host = self.host.as_str();
        let address = host.parse::<IpAddr>();
        let is_inside = host == "localhost" || address.as_ref().is_ok_and(IpAddr::is_loopback);
        match address {
            _ if is_inside && self.is_stated => {
                (Way::Closed, format!("the port {} is open on the host itself only", self.shown))
            }
            _ if is_inside => (
                Way::Possible,
                format!("the port {} is open on the host itself, unless a variable says otherwise", self.shown),
            ),
            Ok(ip) if !ip.is_unspecified() => {
                (Way::Possible, format!("the port {} is open on one address of the host", self.shown))
            }
            Err(_) if !host.is_empty() => {
                (Way::Possible, format!("the address of the port {} is not known before it runs", self.shown))
            }
            _ if self.published.is_empty() => (
                Way::Possible,
                format!("the port {} is open on a port of the host that is chosen at its start", self.shown),
            ),
            _ => (Way::Open, format!("the port {} is open on all addresses of the host", self.shown)),
        }
    }
}

/// Address and port of the host in the short form of a port.
fn outside(port: &str) -> (String, String) {
    let ports = port.split('/').next().unwrap_or_default();
    let outside = ports.rsplit_once(':').map_or("", |(outside, _)| outside);
    // The last colon of an address in brackets is part of it.
    let (host, published) = match outside.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => ("", outside),
    };
    (host.trim_matches(['[', ']']).to_owned(), published.to_owned())
}

/// A text with its variables replaced by their defaults; what has none becomes `$`, which no name and no path has.
pub(super) fn filled(text: &str) -> String {
    replaced(text, |default| default.unwrap_or("$"))
}

/// A text with all its variables replaced by `$`: what stands whatever they are.
fn unfilled(text: &str) -> String {
    replaced(text, |_| "$")
}

/// A text with other text for its variables, of each of which the default is given.
fn replaced<'t>(text: &'t str, value: impl Fn(Option<&'t str>) -> &'t str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (default, behind) = match after.strip_prefix('{') {
            Some(braced) => {
                let (inside, behind) = braced.split_once('}').unwrap_or((braced, ""));
                let default = inside.split_once(":-").or_else(|| inside.split_once('-'));
                (default.map(|(_, default)| default), behind)
            }
            None => (None, after.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_')),
        };
        out.push_str(value(default));
        rest = behind;
    }
    out.push_str(rest);
    out
}
