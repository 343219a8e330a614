//! Compose files, Dockerfiles, workflows, Terraform, and which files go into an image.

use quell::model::exposure::Exposure;

use super::{DOCKERFILE, chain, check, deployed, graph, verdicts};

/// A compose file beside the folders `a`, `b` and `c`.
#[track_caller]
fn compose(text: &str, expected: &[&str]) {
    let folders = ["a/Dockerfile", "b/Dockerfile", "c/Dockerfile"].map(|path| (path, DOCKERFILE));
    let graph = graph(&[&folders[..], &[("docker-compose.yml", text)]].concat());
    assert_eq!(graph.problems, []);
    check(&graph, expected);
}

const UNKNOWN_B: &str = "b/ unknown 1 … nothing";
const UNKNOWN_C: &str = "c/ unknown 1 … nothing";

#[test]
fn the_host_part_of_a_port_decides() {
    let cases = [
        ("'8080:80'", "a/ internet 3 … all addresses"),
        ("8080:80", "a/ internet 3 … all addresses"),
        ("'0.0.0.0:8080:80/tcp'", "a/ internet 3 … all addresses"),
        ("'[::]:8080:80'", "a/ internet 3 … all addresses"),
        ("'3000-3005:3000-3005'", "a/ internet 3"),
        ("'127.0.0.1:9229:9229'", "a/ internal 2 … the host itself"),
        ("'[::1]:9229:9229'", "a/ internal 2 … the host itself"),
        ("'localhost:9229:9229'", "a/ internal 2 … the host itself"),
        ("'127.0.0.1:${PORT:-80}:80'", "a/ internal 2 … the host itself only"),
        ("'${BIND:-127.0.0.1}:80:80'", "a/ possible 2 … unless a variable says otherwise"),
        ("'${BIND:-127.0.0.1:80}:80'", "a/ possible 2 … unless a variable says otherwise"),
        ("{target: 80, published: 8080, host_ip: '${BIND:-localhost}'}", "a/ possible 2 … unless a variable"),
        ("'${BIND}:80:80'", "a/ possible 2 … not known"),
        ("'${PORT:-8080}:80'", "a/ internet 3"),
        ("'192.168.1.4:80:80'", "a/ possible 2 … one address"),
        ("'80'", "a/ possible 2 … chosen"),
        ("80", "a/ possible 2 … chosen"),
        ("{target: 80, published: '8080'}", "a/ internet 3"),
        ("{target: 80, published: 8080, host_ip: 127.0.0.1}", "a/ internal 2"),
        ("{target: 80}", "a/ possible 2"),
    ];
    for (port, expected) in cases {
        compose(&format!("services:\n  a:\n    build: a\n    ports: [{port}]\n"), &[expected, UNKNOWN_B, UNKNOWN_C]);
    }
}

#[test]
fn what_only_others_reach_is_internal() {
    let text = "services:\n  a: {build: ./a, ports: ['80:80']}\n  b: {build: {context: b}, expose: [80]}\n  \
        c: {build: {context: ./c/}, profiles: [tools], ports: ['1:1']}\n";
    compose(
        text,
        &["a/ internet 3", "b/ internal 2 … no service, port or route", "c/ internet 3 … only with the profile tools"],
    );
}

#[test]
fn anchors_merge_keys_and_extends_are_carried_out() {
    let merged = "x-base: &base\n  ports: ['80:80']\nservices:\n  a:\n    <<: *base\n    build: a\n  \
        b: {<<: [*base], build: b, ports: []}\n";
    compose(merged, &["a/ internet 3", "b/ internal 2", UNKNOWN_C]);
    let extended = "services:\n  base: {image: x, ports: ['80:80']}\n  a: {extends: base, build: a}\n  \
        b: {extends: {service: a}}\n  c: {extends: c, build: c}\n";
    compose(extended, &["a/ internet 3", "b/ unknown 1", "c/ internal 2"]);
    let graph = graph(&[
        ("a/Dockerfile", DOCKERFILE),
        ("common/compose.yaml", "services:\n  base: {image: x, ports: ['80:80']}\n"),
        ("compose.yaml", "services:\n  a: {extends: {file: common/compose.yaml, service: base}, build: a}\n"),
    ]);
    check(&graph, &["a/ internet 3"]);
}

#[test]
fn files_of_one_folder_are_one_project() {
    let graph = graph(&[
        ("a/Dockerfile", DOCKERFILE),
        ("compose.yaml", "services:\n  a: {build: a}\n"),
        ("compose.override.yaml", "services:\n  a:\n    ports: ['80:80']\n    image: x/y\n"),
    ]);
    check(&graph, &["a/ internet 3"]);
    assert_eq!(chain(&graph), ["internet", "port 80:80 of a", "compose service a", "a", "x/y", "a/"]);
    let workload = graph.nodes.iter().find(|node| node.name.starts_with("compose")).unwrap();
    assert_eq!(workload.place(), "compose.yaml:2");
}

#[test]
fn networks_of_others_count() {
    let shared = r"services:
  vpn: {image: vpn, ports: ['80:80']}
  a: {build: a, network_mode: 'service:vpn'}
  b: {build: b, network_mode: host}
  c: {build: c, ports: ['1:1'], networks: [back]}
networks: {back: {internal: true}}
";
    compose(
        shared,
        &["a/ internet 3", "b/ possible 2 … network of the host", "c/ internet 3 … all its networks are internal"],
    );
    let proxy = r"services:
  front: {image: 'nginx:1', ports: ['80:80'], networks: [n]}
  a: {build: a, networks: [n]}
  b: {build: b, networks: [m]}
  c: {build: c, networks: [m], labels: ['traefik.http.routers.c.rule=Host(`c`)']}
";
    compose(proxy, &["a/ possible 2 … front is a proxy", "b/ internal 2", "c/ possible 2 … Traefik"]);
}

#[test]
fn what_a_dockerfile_copies_is_what_is_reached() {
    let graph = graph(&[
        (
            "Dockerfile",
            "FROM golang AS build\nCOPY go.mod ./\nCOPY [\"cmd/\", \"libs/*.go\", \"/src/\"]\nFROM base\n\
                COPY --from=build /x /x\n",
        ),
        (
            "docker/base/Dockerfile",
            "FROM debian\nADD https://x.example/y /y\nCOPY --chown=1:1 \\\n  common/ \\\n  /c\n",
        ),
        (
            "compose.yml",
            "services:\n  app: {build: ., ports: ['80:80']}\n  \
                base: {image: base, build: {context: ., dockerfile: docker/base/Dockerfile}}\n",
        ),
        ("go.mod", ""),
        ("cmd/main.go", ""),
        ("libs/a.go", ""),
        ("common/x", ""),
        ("tools/x", ""),
    ]);
    check(&graph, &["./ internet 3", "./ internet 3"]);
    let cases = [
        ("cmd/main.go", true),
        ("cmd/deep/er.go", true),
        ("libs/a.go", true),
        ("go.mod", true),
        ("common/x", true),
        ("Dockerfile", true),
        ("tools/x", false),
        ("docs/cmd/main.go", false),
    ];
    for (path, is_held) in cases {
        let found = graph.of(path).map(|context| context.exposure);
        assert_eq!(found, is_held.then_some(Exposure::Internet), "{path}");
    }
}

#[test]
fn the_longest_folder_that_holds_a_path_counts() {
    let graph = graph(&[
        ("Dockerfile", DOCKERFILE),
        ("a/Dockerfile", "FROM x\nCOPY $WHAT .\n"),
        ("a/in/Dockerfile", "FROM x\nCOPY ../up .\n"),
        ("compose.yml", "services:\n  root: {build: ., ports: ['80:80']}\n  a: {build: a}\n"),
    ]);
    let of = |path: &str| graph.of(path).map(|context| context.exposure.name());
    assert_eq!(of("x.py"), Some("internet"));
    assert_eq!(of("ab/x.py"), Some("internet"));
    assert_eq!(of("a/x.py"), Some("internal"));
    assert_eq!(of("a/in/x.py"), Some("unknown"));
}

/// What a system in a folder of its own holds is no part of what is built around it; what several share is part of each.
#[test]
fn code_that_goes_into_several_images_is_reached_where_one_of_them_is() {
    let graph = graph(&[
        ("web/Dockerfile", DOCKERFILE),
        ("worker/Dockerfile", "FROM x\nCOPY libs/common /c\nCOPY worker /w\n"),
        ("libs/common/x.py", ""),
        ("worker/x.py", ""),
        (
            "compose.yml",
            "services:\n  web: {build: {context: ., dockerfile: web/Dockerfile}, ports: ['80:80']}\n  \
                worker: {build: {context: ., dockerfile: worker/Dockerfile}}\n",
        ),
    ]);
    let of = |path: &str| graph.of(path).map(|context| context.exposure.name());
    assert_eq!(of("libs/common/x.py"), Some("internet"));
    assert_eq!(graph.holding("libs/common/x.py").len(), 2);
    assert_eq!(of("worker/x.py"), Some("internal"));
    assert_eq!(of("worker/Dockerfile"), Some("internal"));
    assert_eq!(of("libs/other.py"), Some("internet"));
}

#[test]
fn a_workflow_says_which_folder_an_image_is_built_from() {
    let workflow = r"on: push
jobs:
  one:
    steps:
    - uses: actions/checkout@v4
    - id: meta
      uses: docker/metadata-action@v5
      with: {images: ghcr.io/org/api}
    - uses: docker/build-push-action@v6
      with:
        context: code/api
        file: code/api/prod.Dockerfile
        tags: ${{ steps.meta.outputs.tags }}
    - uses: docker/build-push-action@v6
      with:
        context: code/ui
        tags: |
          ghcr.io/${{ github.repository_owner }}/ui:${{ github.sha }}
          ghcr.io/org/ui:latest
    - uses: docker/build-push-action@v6
      with: {context: '${{ matrix.app }}', tags: 'org/x'}
";
    let deploy = |name: &str, kind: &str| deployed(name, &format!("ghcr.io/org/{name}:1"), kind);
    let graph = graph(&[
        (".github/workflows/images.yml", workflow),
        ("code/api/prod.Dockerfile", DOCKERFILE),
        ("code/ui/Dockerfile", DOCKERFILE),
        ("k8s.yaml", &(deploy("api", "LoadBalancer") + &deploy("ui", "ClusterIP"))),
    ]);
    check(&graph, &["code/api/ internet 3", "code/ui/ internal 2"]);
    assert_eq!(graph.contexts[0].dockerfile.as_deref(), Some("code/api/prod.Dockerfile"));
    assert_eq!(graph.problems, []);
}

#[test]
fn plain_terraform_is_read_line_by_line() {
    let terraform = r#"
resource "aws_lb" "web" { # the front
  name     = "web"
  internal = false
}
resource "aws_lb" "inner" {
  internal = true
}
resource "aws_security_group" "open" {
  ingress {
    cidr_blocks = [
      "0.0.0.0/0", // everybody
    ]
  }
}
resource "aws_security_group" "shut" {
  egress {
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "google_cloud_run_v2_service" "api" {
  name    = "api-service"
  ingress = "INGRESS_TRAFFIC_ALL"
  template {
    containers {
      image = "eu.gcr.io/p/api:1"
    }
  }
}
resource "google_cloud_run_v2_service" "inner" {
  ingress = "INGRESS_TRAFFIC_INTERNAL_ONLY"
  template {
    containers {
      image = "inner"
    }
  }
}
resource "google_cloud_run_v2_service_iam_member" "all" {
  name   = google_cloud_run_v2_service.api.name
  role   = "roles/run.invoker"
  member = "allUsers"
}
"#;
    let files = [("api/Dockerfile", DOCKERFILE), ("inner/Dockerfile", DOCKERFILE), ("infra/main.tf", terraform)];
    let found = graph(&files);
    check(
        &found,
        &[
            "api/ internet 3 … allUsers",
            "inner/ internal 1 … inside only; not read, and may say otherwise: what aws_lb.web leads to",
        ],
    );
    let ways: Vec<&str> =
        found.edges.iter().filter(|edge| edge.from == 0).map(|edge| &*found.nodes[edge.to as usize].name).collect();
    assert_eq!(ways, ["aws_lb.web", "aws_security_group.open", "Cloud Run service api"]);
    let closed = terraform.replace("allUsers", "user:a@b.example");
    let found = graph(&[files[0], files[1], ("infra/main.tf", &closed)]);
    check(&found, &["api/ possible 2 … who may call it", "inner/ internal 1"]);
}

#[test]
fn ways_in_that_are_not_read_weaken_what_is_internal() {
    let compose = "services:\n  api:\n    build: ./api\n";
    let of = |kind: &str| {
        let terraform = format!("resource \"{kind}\" \"front\" {{\n  name = \"x\"\n}}\n");
        graph(&[("api/Dockerfile", DOCKERFILE), ("compose.yaml", compose), ("main.tf", &terraform)])
    };
    check(&of("aws_s3_bucket"), &["api/ internal 2"]);
    for kind in ["aws_cloudfront_distribution", "aws_lambda_function_url", "azurerm_application_gateway"] {
        check(&of(kind), &[&format!("api/ internal 1 … what {kind}.front leads to")]);
    }
}

#[test]
fn a_tree_without_such_files_has_no_graph() {
    let graph = graph(&[("src/main.rs", "fn main() {}\n"), ("values.yaml", "kind: x\n"), ("package.json", "{}")]);
    assert!(graph.is_empty() && verdicts(&graph).is_empty() && graph.problems.is_empty());
    assert!(graph.evidence().is_empty());
}
