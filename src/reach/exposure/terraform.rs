//! Terraform, as far as resources are written plainly: a small reader of blocks and of `name = value` in them. No
//! expression is evaluated; what is not a plain value is not known.

use super::facts::{Container, Entry, Facts, Gateway, Labels, Named, Place, Target, Way, Workload};

/// A resource with the plain values in it.
struct Resource {
    kind: String,
    name: String,
    line: u32,
    /// `ingress.cidr_blocks` and its text; the names of blocks may come several times.
    values: Vec<(String, String)>,
}

impl Resource {
    fn all<'r>(&'r self, key: &'r str) -> impl Iterator<Item = &'r str> {
        self.values.iter().filter(move |(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    fn get<'r>(&'r self, key: &'r str) -> &'r str {
        self.all(key).next().unwrap_or_default()
    }
}

pub(super) fn read(path: &str, text: &str, facts: &mut Facts) {
    for resource in resources(text) {
        let place = Place { file: path.to_owned(), line: resource.line, pointer: String::new() };
        one(&resource, place, facts);
    }
}

fn one(resource: &Resource, place: Place, facts: &mut Facts) {
    let found = match resource.kind.as_str() {
        "aws_lb" | "aws_alb" | "aws_elb" => Some(match resource.get("internal") {
            "true" => (Way::Closed, "it is internal"),
            "" | "false" => (Way::Open, "it is not internal"),
            _ => (Way::Possible, "whether it is internal is not a plain value"),
        }),
        "aws_security_group" => resource.all("ingress.cidr_blocks").any(is_everybody).then_some(EVERYBODY),
        "aws_security_group_rule" if resource.get("type") == "ingress" => {
            resource.all("cidr_blocks").any(is_everybody).then_some(EVERYBODY)
        }
        "aws_vpc_security_group_ingress_rule" => is_everybody(resource.get("cidr_ipv4")).then_some(EVERYBODY),
        "google_compute_forwarding_rule" | "google_compute_global_forwarding_rule" => {
            let scheme = resource.get("load_balancing_scheme");
            Some(match scheme {
                "" => (Way::Open, "its scheme is external by default"),
                _ if scheme.starts_with("EXTERNAL") => (Way::Open, "its scheme is external"),
                _ if scheme.starts_with("INTERNAL") => (Way::Closed, "its scheme is internal"),
                _ => (Way::Possible, "its scheme is not a plain value"),
            })
        }
        "google_cloud_run_service" | "google_cloud_run_v2_service" => return cloud_run(resource, place, facts),
        kind if kind.starts_with("google_cloud_run") && kind.contains("_iam_") => return invoker(resource, facts),
        kind if OTHERS.contains(&kind) => {
            facts.unread.push(format!("what {kind}.{} leads to", resource.name));
            None
        }
        _ => None,
    };
    if let Some((way, why)) = found {
        let name = format!("{}.{}", resource.kind, resource.name);
        // A group of rules leads nowhere; what a balancer leads to may be anything that runs.
        if way != Way::Closed && !name.contains("security_group") {
            facts.unread.push(format!("what {name} leads to"));
        }
        let why = format!("{why}; what it leads to is not read");
        facts.entries.push(Entry::new(name, (way, why), [], &place));
    }
}

/// Other resources that let in requests, and are not read.
const OTHERS: &[&str] = &[
    "aws_api_gateway_rest_api",
    "aws_apigatewayv2_api",
    "aws_apprunner_service",
    "aws_cloudfront_distribution",
    "aws_elastic_beanstalk_environment",
    "aws_globalaccelerator_accelerator",
    "aws_lambda_function_url",
    "aws_lightsail_container_service",
    "azurerm_api_management",
    "azurerm_application_gateway",
    "azurerm_cdn_frontdoor_profile",
    "azurerm_container_app",
    "azurerm_container_group",
    "azurerm_frontdoor",
    "azurerm_lb",
    "azurerm_linux_web_app",
    "azurerm_windows_web_app",
    "cloudflare_tunnel",
    "digitalocean_app",
    "digitalocean_loadbalancer",
    "google_api_gateway_gateway",
    "google_app_engine_standard_app_version",
    "google_cloudfunctions_function",
    "google_cloudfunctions2_function",
    "hcloud_load_balancer",
    "heroku_app",
    "linode_nodebalancer",
    "oci_load_balancer_load_balancer",
    "scaleway_lb",
];

const EVERYBODY: (Way, &str) = (Way::Open, "it lets in every address");

fn is_everybody(blocks: &str) -> bool {
    blocks.contains("0.0.0.0/0") || blocks.contains("::/0")
}

const SCOPE: &str = "files of terraform";

/// A service of Cloud Run: who may call it is said elsewhere.
fn cloud_run(resource: &Resource, place: Place, facts: &mut Facts) {
    let id = Named::new(SCOPE, &resource.name);
    let images = resource.values.iter().filter(|(key, _)| key.ends_with("containers.image"));
    let containers = images.map(|(_, image)| Container {
        name: resource.name.clone(),
        image: Some(image.clone()),
        source: None,
        is_first: false,
    });
    let containers = containers.collect();
    let ingress = resource.values.iter().find(|(key, _)| key.ends_with("run.googleapis.com/ingress"));
    let ingress = ingress.map_or(resource.get("ingress"), |(_, value)| value).to_ascii_lowercase();
    let is_inside = ingress.contains("internal");
    let (way, why) = if is_inside {
        (Way::Closed, "it takes requests from inside only")
    } else {
        (Way::Possible, "it has an address of its own; who may call it is not in the files")
    };
    let called = [resource.name.as_str(), resource.get("name")];
    let called = called.iter().filter(|name| !name.is_empty() && !is_inside);
    let to = [Target::Workload(id.clone())];
    let entry = Entry::new(format!("Cloud Run service {}", resource.name), (way, why.to_owned()), to, &place);
    facts.entries.push(Entry { gateways: called.map(|name| Named::new(SCOPE, name)).collect(), ..entry });
    let kind = "Cloud Run service".to_owned();
    let (labels, behind) = (Labels::new(), Vec::new());
    facts.workloads.push(Workload { id, kind, labels, containers, place, behind, made_by: None });
}

/// Who may call a service of Cloud Run.
fn invoker(resource: &Resource, facts: &mut Facts) {
    let is_public = ["member", "members"].iter().any(|key| resource.get(key).contains("allUsers"));
    if !is_public || !resource.get("role").ends_with("run.invoker") {
        return;
    }
    // `google_cloud_run_service.api.name`, or the name itself.
    let service =
        ["service", "name"].iter().map(|key| resource.get(key)).find(|name| !name.is_empty()).unwrap_or_default();
    let name = if service.starts_with("google_cloud_run") { service.split('.').nth(1) } else { Some(service) };
    let id = Named::new(SCOPE, name.unwrap_or_default());
    facts.gateways.push(Gateway { id, way: Way::Open, why: "everybody may call it (allUsers)".to_owned() });
}

/// The resources of a file.
fn resources(text: &str) -> Vec<Resource> {
    let mut found: Vec<Resource> = Vec::new();
    // Names of the blocks that are open; the first is the resource, or another block at the top.
    let mut blocks: Vec<String> = Vec::new();
    let mut is_resource = false;
    let mut lines = (1..).zip(text.lines());
    while let Some((number, line)) = lines.next() {
        let line = without_comment(line).trim();
        if let Some((_, mark)) = line.split_once("<<") {
            let mark = mark.trim_start_matches('-').trim();
            lines.by_ref().find(|(_, line)| line.trim() == mark);
        } else if let Some(head) = line.strip_suffix('{') {
            let words: Vec<&str> = head.split(['"', ' ', '\t', '=']).filter(|word| !word.is_empty()).collect();
            if blocks.is_empty() {
                is_resource = words.first() == Some(&"resource");
                if let (true, [_, kind, name, ..]) = (is_resource, words.as_slice()) {
                    let (kind, name) = ((*kind).to_owned(), (*name).to_owned());
                    found.push(Resource { kind, name, line: number, values: Vec::new() });
                }
            }
            blocks.push(words.first().map_or_else(String::new, |word| (*word).to_owned()));
        } else if line.starts_with('}') {
            blocks.pop();
        } else if let (Some((key, value)), true) = (line.split_once('='), is_resource && !blocks.is_empty()) {
            let mut value = value.trim().to_owned();
            while value.matches('[').count() > value.matches(']').count() {
                let Some((_, next)) = lines.next() else { break };
                value.push_str(without_comment(next).trim());
            }
            let path = blocks.iter().skip(1).map(String::as_str).chain([key.trim().trim_matches('"')]);
            let path = path.collect::<Vec<_>>().join(".");
            if let Some(resource) = found.last_mut() {
                resource.values.push((path, value.trim_matches('"').to_owned()));
            }
        }
    }
    found
}

/// A line without what is said behind `#` or `//`, where that is not in a string.
fn without_comment(line: &str) -> &str {
    let mut is_string = false;
    for (at, c) in line.char_indices() {
        let rest = line.get(at..).unwrap_or_default();
        match c {
            '"' => is_string = !is_string,
            '#' if !is_string => return line.get(..at).unwrap_or(line),
            '/' if !is_string && rest.starts_with("//") => return line.get(..at).unwrap_or(line),
            _ => {}
        }
    }
    line
}
