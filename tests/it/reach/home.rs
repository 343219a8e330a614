//! Which services, workloads and images a finding belongs to: none, one or several.

use quell::model::exposure::Exposure;
use quell::model::home::{Home, Part};

use super::deployed;
use super::verdict::{Case, result, sarif};

const DOCKERFILE: &str = "FROM scratch\nCOPY . .\n";

fn home(case: &Case, rule: &str) -> Home {
    let home = case.why(rule).home;
    let record = case.loaded.board.lead(case.finding(rule));
    assert_eq!(case.loaded.board.reaches.homes.of(record).cloned().unwrap_or_default(), home);
    home
}

fn names(home: &Home) -> [Vec<&str>; 3] {
    [Part::Service, Part::Workload, Part::Image].map(|part| home.names(part).iter().map(|name| &**name).collect())
}

/// Of names that differ by a namespace alone the longer stands; of thousands the first are told.
#[test]
fn a_label_has_each_name_once_and_an_end() {
    let mut home = Home::default();
    for name in ["Service shop/web", "Service web", "jobs", "nginx:1"] {
        home.add(Part::Service, name);
    }
    assert_eq!(home.label(Part::Service), "Service shop/web, jobs, nginx:1");
    for number in 0..20_000 {
        home.add(Part::Workload, &format!("Deployment shop/w{number:05}"));
        home.add(Part::Workload, &format!("w{number:05}"));
    }
    let label = home.label(Part::Workload);
    assert!(label.starts_with("Deployment shop/w00000, Deployment shop/w00001"), "{label}");
    assert!(label.ends_with("Deployment shop/w00015 and 19984 more"), "{label}");
}

#[test]
fn a_file_belongs_to_what_its_folder_is_built_into() {
    let results = [
        result("front", "error", "front/app.py", ""),
        result("both", "error", "shared/log.py", ""),
        result("none", "error", "tools/release.py", ""),
    ];
    let own = "FROM scratch\nCOPY shared shared\nCOPY ";
    let case = Case::of(&[
        ("in/a.sarif", &sarif("scanner", &results)),
        ("front/Dockerfile", &format!("{own}front front\n")),
        ("back/Dockerfile", &format!("{own}back back\n")),
        (
            "compose.yaml",
            "services:\n  front: {build: {context: ., dockerfile: front/Dockerfile}, ports: ['80:80']}\n  \
             back: {build: {context: ., dockerfile: back/Dockerfile}}\n",
        ),
        ("k8s.yaml", &deployed("web", "registry.example/shop/front:1.2", "ClusterIP")),
        ("front/app.py", ""),
        ("shared/log.py", ""),
    ]);
    assert_eq!(
        names(&home(&case, "front")),
        [
            vec!["front", "web"],
            vec!["Deployment web", "compose service front"],
            vec!["front", "registry.example/shop/front:1.2"]
        ]
    );
    assert_eq!(names(&home(&case, "both"))[0], ["back", "front", "web"]);
    assert!(home(&case, "none").is_empty());
    assert_eq!(case.judged("both").exposure, Exposure::Internet, "one of them is reached");
    // The way is drawn once, from the internet to the folder.
    let chains = case.why("front").chains;
    assert_eq!(chains.len(), 1);
    let steps: Vec<String> = chains[0].frames.iter().map(quell::model::evidence::Frame::step).collect();
    assert_eq!(steps.first().map(String::as_str), Some("internet"));
    assert!(steps.last().is_some_and(|step| step.starts_with("folder ./ by front/Dockerfile")), "{steps:?}");
}

#[test]
fn an_image_that_may_be_built_from_several_folders_belongs_to_none() {
    let results = [result("a", "error", "a/cart/app.py", ""), result("b", "error", "b/cart/app.py", "")];
    let case = Case::of(&[
        ("in/a.sarif", &sarif("scanner", &results)),
        ("a/cart/Dockerfile", DOCKERFILE),
        ("b/cart/Dockerfile", DOCKERFILE),
        ("k8s.yaml", &deployed("cart", "registry.example/cart", "LoadBalancer")),
    ]);
    assert!(home(&case, "a").is_empty() && home(&case, "b").is_empty());
}

/// A report about an image: as Trivy states it, or as Grype says it in each message.
fn of_image(tool: &str, image: &str) -> String {
    let package = r#", "properties": {"packageName": "zlib", "packageVersion": "1.2.0"}"#;
    let finding = result("CVE-2022-1", "error", "cart/lib/apk/db/installed", package);
    let text = format!("A high vulnerability in apk package: zlib, version 1.2.0 was found in image {image} at: /lib");
    let finding = if tool == "grype" { finding.replace("m CVE-2022-1", &text) } else { finding };
    let properties = format!(r#""properties": {{"imageName": "{image}"}}, "results""#);
    let report = sarif(tool, &[finding]);
    if tool == "grype" { report } else { report.replace(r#""results""#, &properties) }
}

#[test]
fn a_scanned_image_belongs_to_what_runs_it() {
    let files = [
        ("cart/Dockerfile", DOCKERFILE),
        ("skaffold.yaml", "apiVersion: skaffold/v4beta6\nbuild: {artifacts: [{image: team/cart, context: cart}]}\n"),
        ("k8s.yaml", &*deployed("cart", "registry.example/team/cart:1", "LoadBalancer")),
    ];
    let case = |tool: &str, image: &str| {
        let report = of_image(tool, image);
        Case::of(&[&files[..], &[("in/a.sarif", report.as_str())]].concat())
    };
    for tool in ["Trivy", "grype"] {
        for image in ["registry.example/team/cart:2", "team/cart", "cart:latest", "mirror.example:5000/team/cart"] {
            let case = case(tool, image);
            let home = home(&case, "CVE-2022-1");
            assert_eq!(names(&home)[..2], [vec!["cart"], vec!["Deployment cart"]], "{tool} {image}");
            assert_eq!(case.judged("CVE-2022-1").exposure, Exposure::Internet, "{tool} {image}");
        }
        for image in ["other/cart:2", "team/cart-worker", "nginx"] {
            let case = case(tool, image);
            let home = home(&case, "CVE-2022-1");
            assert_eq!(names(&home), [vec![], vec![], vec![image]], "{tool}: it is only known by its name");
            assert_eq!(case.judged("CVE-2022-1").exposure, Exposure::Unknown, "{tool} {image}");
        }
    }
}
