//! Compose files (<https://github.com/compose-spec/compose-spec>): what is built, and which ports of the host lead to
//! it. Services of one name in one folder are one service: that is what override files are for.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::model::yaml::Document;

use super::facts::{
    Build, ComposeFile, Container, Entry, Facts, Front, MAX_OF_EACH, Named, OF_FILES, Place, Source, Target, Way,
    Workload,
};
use super::files::Tree;
use super::image::Name;
use super::path::{To, below, folder_of};
use super::port::{Port, filled};
use super::value::{entries, is_true, list, text, texts};

const KIND: &str = "compose service";
/// How often a service may extend one that extends another.
const MAX_EXTENDS: usize = 8;
/// Programs that pass requests on to others of their network.
const PROXIES: &[&str] = &["nginx", "caddy", "traefik", "haproxy", "envoy", "kong", "httpd", "apache", "openresty"];

/// The services of a file; `None` where it is no compose file.
pub(super) fn read(value: &Value, place: &Place, document: Option<&Document<'_>>) -> Option<ComposeFile> {
    let is_service = |value: &Value| ["image", "build", "extends"].iter().any(|key| value.get(key).is_some());
    if !entries(value, "/services").any(|(_, service)| is_service(service)) {
        return None;
    }
    let line = |name: &str| document.map_or(0, |document| document.line_at(&["services", name]));
    let services = entries(value, "/services").map(|(name, service)| (name.clone(), line(name), service.clone()));
    let internal = entries(value, "/networks").filter(|(_, network)| is_true(network, "/internal"));
    Some(ComposeFile {
        file: place.file.clone(),
        services: services.collect(),
        internal: internal.map(|(name, _)| name.clone()).collect(),
    })
}

/// One service, of all files that name it.
#[derive(Clone, Debug, Default)]
struct Service {
    place: Place,
    image: Option<String>,
    source: Option<Source>,
    ports: Vec<Port>,
    networks: BTreeSet<String>,
    network_mode: Option<String>,
    depends: BTreeSet<String>,
    profiles: Vec<String>,
    /// What tells a proxy to pass requests on to it.
    route: Option<&'static str>,
}

impl Service {
    /// Adds what another has and this one does not say.
    fn fill(&mut self, other: Self) {
        self.image = self.image.take().or(other.image);
        self.source = self.source.take().or(other.source);
        self.ports.extend(other.ports);
        self.networks.extend(other.networks);
        self.network_mode = self.network_mode.take().or(other.network_mode);
        self.depends.extend(other.depends);
        self.route = self.route.or(other.route);
    }
}

/// Services of all files, by the folder and the name.
type Services = BTreeMap<(String, String), Service>;

/// Turns the compose files into workloads and entries.
pub(super) fn resolve(tree: &Tree<'_>, facts: &mut Facts) {
    let mut files = std::mem::take(&mut facts.composes);
    // The plain name before those of overrides: what both say stands there.
    files.sort_by_key(|file| (folder_of(&file.file).to_owned(), file.file.len()));
    limit(&mut files, facts);
    let mut services = Services::new();
    for file in &files {
        let folder = folder_of(&file.file).to_owned();
        for (name, line, _) in &file.services {
            let place = Place { file: file.file.clone(), line: *line, pointer: String::new() };
            let service = whole(&files, &file.file, name, &place, tree, facts, MAX_EXTENDS);
            match services.get_mut(&(folder.clone(), name.clone())) {
                Some(known) => known.fill(service),
                None => drop(services.insert((folder.clone(), name.clone()), service)),
            }
        }
    }
    let internal: BTreeSet<(&str, &String)> =
        files.iter().flat_map(|file| file.internal.iter().map(|name| (folder_of(&file.file), name))).collect();
    for ((folder, name), service) in &services {
        let is_shut = |network: &String| internal.contains(&(folder.as_str(), network));
        let is_inside = !service.networks.is_empty() && service.networks.iter().all(is_shut);
        add(folder, name, service, is_inside, &services, facts);
    }
}

/// Drops the services of the last files where there are too many.
fn limit(files: &mut Vec<ComposeFile>, facts: &mut Facts) {
    let mut room = MAX_OF_EACH;
    for file in files {
        if file.services.len() > room {
            let reason = format!("more than {MAX_OF_EACH} services of compose files; the rest was left out");
            facts.problem(&file.file, 0, reason, "");
            facts.unread.push(file.file.clone());
            file.services.truncate(room);
        }
        room -= file.services.len();
    }
}

/// A service with those that it extends.
fn whole(
    files: &[ComposeFile],
    file: &str,
    name: &str,
    place: &Place,
    tree: &Tree<'_>,
    facts: &mut Facts,
    depth: usize,
) -> Service {
    let of_file = files.iter().find(|known| known.file == file);
    let found = of_file.and_then(|known| known.services.iter().find(|(known, ..)| known == name));
    let Some((_, _, value)) = found else { return Service::default() };
    let mut service = own(value, file, place, tree, facts);
    let base = text(value, "/extends").or_else(|| text(value, "/extends/service"));
    if let Some(base) = base.filter(|_| depth > 0) {
        let other =
            text(value, "/extends/file").map_or(To::Inside(file.to_owned()), |path| below(folder_of(file), &path));
        if let To::Inside(other) = other {
            service.fill(whole(files, &other, &base, place, tree, facts, depth - 1));
        }
    }
    service
}

/// What a service says itself.
fn own(value: &Value, file: &str, place: &Place, tree: &Tree<'_>, facts: &mut Facts) -> Service {
    let context = text(value, "/build").or_else(|| {
        let is_map = value.pointer("/build").is_some_and(Value::is_object);
        text(value, "/build/context").or_else(|| is_map.then(|| ".".to_owned()))
    });
    let dockerfile = text(value, "/build/dockerfile").map(|path| filled(&path));
    let folder = folder_of(file);
    let source =
        context.and_then(|context| tree.source(folder, &filled(&context), dockerfile.as_deref(), place, facts));
    let names = |pointer: &str| match value.pointer(pointer) {
        Some(Value::Object(map)) => map.keys().cloned().collect(),
        _ => texts(value, pointer).into_iter().collect(),
    };
    Service {
        place: place.clone(),
        image: text(value, "/image").map(|image| filled(&image)),
        source,
        ports: list(value, "/ports").iter().filter_map(Port::read).collect(),
        networks: names("/networks"),
        network_mode: text(value, "/network_mode"),
        depends: names("/depends_on"),
        profiles: texts(value, "/profiles"),
        route: route(value),
    }
}

/// What tells a proxy in front to pass requests on.
fn route(value: &Value) -> Option<&'static str> {
    let has = |pointer: &str, sign: &str| {
        let keys = entries(value, pointer).any(|(key, _)| key.starts_with(sign));
        keys || texts(value, pointer).iter().any(|text| text.starts_with(sign))
    };
    let is_off = texts(value, "/labels").iter().any(|label| label == "traefik.enable=false");
    if has("/labels", "traefik.http.routers.") && !is_off {
        return Some("its labels name a router of Traefik");
    }
    has("/environment", "VIRTUAL_HOST").then_some("its environment names a VIRTUAL_HOST")
}

fn add(folder: &str, name: &str, service: &Service, is_inside: bool, all: &Services, facts: &mut Facts) {
    let id = Named::new(&format!("{OF_FILES}{folder}"), name);
    let place = &service.place;
    let mut claims = Vec::new();
    if is_inside {
        claims.push("all its networks are internal".to_owned());
    }
    if !service.profiles.is_empty() {
        claims.push(format!("it runs only with the profile {}", service.profiles.join(" or ")));
    }
    let mut enter = |what: String, way: Way, why: String| {
        let to = [Target::Workload(id.clone())];
        let entry = Entry::new(format!("{what} of {name}"), (way, why), to, place);
        facts.entries.push(Entry { claims: claims.clone(), is_local: true, ..entry });
    };
    for port in &service.ports {
        let (way, why) = port.way();
        enter(format!("port {}", port.shown), way, why);
    }
    if service.network_mode.as_deref() == Some("host") {
        let why = "it uses the network of the host; on which ports it listens is not known";
        enter("host network".to_owned(), Way::Possible, why.to_owned());
    }
    if let Some(why) = service.route {
        enter(
            "route".to_owned(),
            Way::Possible,
            format!("{why}; whether the internet reaches that proxy is not known"),
        );
    }
    let image = service.image.clone().or_else(|| service.source.is_some().then(|| name.to_owned()));
    if let (Some(image), Some(source)) = (&image, &service.source) {
        facts.builds.push(Build { image: image.clone(), source: source.clone(), place: place.clone() });
    }
    facts.workloads.push(Workload {
        behind: fronts(folder, name, service, all),
        made_by: None,
        id,
        kind: KIND.to_owned(),
        labels: BTreeMap::new(),
        containers: vec![Container { name: name.to_owned(), image, source: service.source.clone(), is_first: false }],
        place: place.clone(),
    });
}

/// The services whose network it shares, and the proxies that may pass requests on to it.
fn fronts(folder: &str, name: &str, service: &Service, all: &Services) -> Vec<Front> {
    let mut fronts = Vec::new();
    if let Some(other) = service.network_mode.as_deref().and_then(|mode| mode.strip_prefix("service:")) {
        let why = format!("it shares the network of {other}");
        fronts.push(Front { name: other.to_owned(), why, is_possible: false });
    }
    let of_folder = all.iter().filter(|((known, other), _)| known == folder && other != name);
    for ((_, other), proxy) in of_folder.filter(|(_, proxy)| is_proxy(proxy)) {
        let shares = !proxy.networks.is_disjoint(&service.networks)
            || (proxy.networks.is_empty() && service.networks.is_empty());
        if shares || proxy.depends.contains(name) {
            let why = format!("{other} is a proxy that it shares a network with; what it passes on is not read");
            fronts.push(Front { name: other.clone(), why, is_possible: true });
        }
    }
    fronts
}

fn is_proxy(service: &Service) -> bool {
    let name = service.image.as_deref().and_then(Name::parse);
    name.is_some_and(|name| PROXIES.iter().any(|proxy| name.last.contains(proxy)))
}
