//! What each kind of object means for the folder behind it.

use quell::model::exposure::NodeKind;

use super::{DOCKERFILE, chain, check, deployed, graph, with_dump};

const WEB: &str = r"apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web, tier: front}}
    spec:
      containers:
      - {name: web, image: 'r.example:5000/t/web:1'}
";

/// The folder `web/`, a deployment of it, and one more document.
#[track_caller]
fn with(document: &str, expected: &str) {
    let graph = graph(&[("web/Dockerfile", DOCKERFILE), ("k8s/web.yaml", WEB), ("k8s/more.yaml", document)]);
    assert_eq!(graph.problems, [], "{document}");
    check(&graph, &[expected]);
}

fn service(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop}}\nspec: {spec}\n")
}

#[test]
fn the_type_of_a_service_decides() {
    let cases = [
        ("{selector: {app: web}}", "web/ internal 2 … type ClusterIP"),
        ("{type: ClusterIP, selector: {app: web, tier: front}}", "web/ internal 2 … type ClusterIP"),
        ("{type: LoadBalancer, selector: {app: web}}", "web/ internet 3 … LoadBalancer"),
        ("{type: NodePort, selector: {app: web}}", "web/ possible 2 … NodePort"),
        ("{selector: {app: web}, externalIPs: [8.8.8.8]}", "web/ internet 3 … 8.8.8.8"),
        ("{selector: {app: web}, externalIPs: [10.0.0.1]}", "web/ possible 2 … 10.0.0.1"),
        ("{type: LoadBalancer, selector: {app: other}}", "web/ internal 2 … no service"),
        ("{type: LoadBalancer, selector: {app: web, tier: back}}", "web/ internal 2 … no service"),
        ("{type: LoadBalancer}", "web/ internal 1 … which pods LoadBalancer web leads to by Service web"),
        ("{}", "web/ internal 2 … no service"),
        ("{type: '${TYPE}', selector: {app: web}}", "web/ possible 2 … type ${TYPE} is none that is known"),
        ("{type: '<%= type %>', selector: {app: web}}", "web/ possible 2"),
        (
            "{type: LoadBalancer, selector: {app: web}, loadBalancerSourceRanges: [10.0.0.0/8]}",
            "web/ internet 3 … lets in only 10.0.0.0/8",
        ),
    ];
    for (spec, expected) in cases {
        with(&service(spec), expected);
    }
}

#[test]
fn a_load_balancer_may_be_internal() {
    for annotation in [
        "service.beta.kubernetes.io/aws-load-balancer-internal: 'true'",
        "service.beta.kubernetes.io/aws-load-balancer-scheme: internal",
        "networking.gke.io/load-balancer-type: Internal",
        "service.beta.kubernetes.io/azure-load-balancer-internal: true",
    ] {
        let document = format!(
            "apiVersion: v1\nkind: Service\nmetadata: {{name: web, namespace: shop, annotations: {{{annotation}}}}}\n\
             spec: {{type: LoadBalancer, selector: {{app: web}}}}\n"
        );
        with(&document, "web/ internal 2 … internal");
    }
}

#[test]
fn a_service_selects_only_in_its_namespace() {
    let elsewhere = service("{type: LoadBalancer, selector: {app: web}}").replace("shop", "other");
    with(&elsewhere, "web/ internal 2 … no service");
    // Where it is said when it is deployed, it may be the same.
    let anywhere = service("{type: LoadBalancer, selector: {app: web}}").replace(", namespace: shop", "");
    with(&anywhere, "web/ internet 3 … LoadBalancer");
}

#[test]
fn a_patch_of_a_service_counts_for_the_service() {
    let both = service("{selector: {app: web}}") + "---\n" + &service("{type: LoadBalancer}");
    with(&both, "web/ internet 3 … LoadBalancer");
}

#[test]
fn an_external_name_leads_to_the_service_that_it_names() {
    let alias = "---\napiVersion: v1\nkind: Service\nmetadata: {name: alias, namespace: shop}\n\
        spec: {type: ExternalName, externalName: web.shop.svc.cluster.local, externalIPs: [8.8.8.8]}\n";
    with(&(service("{selector: {app: web}}") + alias), "web/ internet 3 … 8.8.8.8");
}

#[test]
fn routes_lead_through_services() {
    let inside = service("{selector: {app: web}}");
    let ingress = |head: &str, backend: &str| {
        format!(
            "{inside}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\n\
                metadata: {{name: i, namespace: shop{head}}}\nspec: {backend}\n"
        )
    };
    let path = "{rules: [{http: {paths: [{backend: {service: {name: web}}}]}}]}";
    let old = "{backend: {serviceName: web}}";
    let internal = ", annotations: {alb.ingress.kubernetes.io/scheme: internal}";
    let gateway = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\n\
        metadata: {name: g, namespace: net}\n\
        spec: {gatewayClassName: nginx}\n";
    let route = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\n\
        metadata: {name: r, namespace: shop}\n\
        spec: {parentRefs: [{name: g, namespace: net}], rules: [{backendRefs: [{name: web}]}]}\n";
    let istio = "---\napiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: {name: g, namespace: net}\n\
        spec: {selector: {istio: ingressgateway}}\n---\napiVersion: networking.istio.io/v1\nkind: VirtualService\n\
        metadata: {name: v, namespace: shop}\n\
        spec: {gateways: [net/g], http: [{route: [{destination: {host: web.shop.svc.cluster.local}}]}]}\n";
    let mirrored = route.replace(
        "[{backendRefs: [{name: web}]}]",
        "[{backendRefs: [{name: other}], filters: [{type: RequestMirror, requestMirror: {backendRef: {name: web}}}]}]",
    );
    let listeners = route.replace("{name: g, namespace: net}", "{kind: ListenerSet, name: l}");
    let of_mesh = route.replace("{name: g, namespace: net}", "{kind: Service, group: '', name: other}");
    let delegated = istio
        .replace("{route: [{destination: {host: web.shop.svc.cluster.local}}]}", "{delegate: {name: d}}")
        + "---\napiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: d, namespace: shop}\n\
        spec: {http: [{route: [{destination: {host: web}}]}]}\n";
    let openshift = "---\napiVersion: route.openshift.io/v1\nkind: Route\nmetadata: {name: r, namespace: shop}\n\
        spec: {to: {kind: Service, name: web}}\n";
    let traefik = "---\napiVersion: traefik.io/v1alpha1\nkind: IngressRoute\nmetadata: {name: r, namespace: shop}\n\
        spec: {routes: [{services: [{name: web}]}]}\n";
    let cases = [
        (ingress("", path), "web/ internet 3 … Ingress"),
        (ingress("", old), "web/ internet 3 … Ingress"),
        (ingress(internal, path), "web/ internal 2 … internal"),
        (
            ingress("", "{ingressClassName: nginx-internal, backend: {serviceName: web}}"),
            "web/ possible 2 … nginx-internal",
        ),
        (ingress("", "{backend: {serviceName: other}}"), "web/ internal 2"),
        (format!("{inside}{gateway}{route}"), "web/ internet 3 … gateway g"),
        (format!("{inside}{route}"), "web/ possible 2 … gateway g is not in the files"),
        (format!("{inside}{}{route}", gateway.replace("nginx", "gke-l7-rilb")), "web/ possible 2 … gke-l7-rilb"),
        (format!("{inside}{istio}"), "web/ internet 3 … gateway g"),
        (format!("{inside}{}", istio.replace("[net/g]", "[mesh]")), "web/ internal 2"),
        (format!("{inside}{}", istio.replace("ingressgateway", "egressgateway")), "web/ internal 2"),
        (
            format!("{inside}{}", istio.replace("route: [{destination: {host:", "mirrors: [{destination: {host:")),
            "web/ internet 3",
        ),
        (format!("{inside}{delegated}"), "web/ internet 3 … gateway g"),
        (format!("{inside}{gateway}{mirrored}"), "web/ internet 3 … gateway g"),
        (format!("{inside}{listeners}"), "web/ possible 2 … gateway l is not in the files"),
        (format!("{inside}{of_mesh}"), "web/ internal 2"),
        (format!("{inside}{openshift}"), "web/ internet 3 … Route"),
        (format!("{inside}{traefik}"), "web/ internet 3 … IngressRoute"),
    ];
    for (documents, expected) in cases {
        with(&documents, expected);
    }
}

#[test]
fn a_policy_is_a_claim_that_changes_no_verdict() {
    let open = service("{type: NodePort, selector: {app: web}}");
    let policy = |spec: &str| {
        format!(
            "{open}---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n\
                metadata: {{name: p, namespace: shop}}\nspec: {spec}\n"
        )
    };
    let claim = "web/ possible 2 … NetworkPolicy p lets in ";
    with(&policy("{podSelector: {}, policyTypes: [Ingress]}"), &format!("{claim}nobody"));
    let pods = "{podSelector: {matchLabels: {app: web}}, ingress: [{from: [{podSelector: {}}]}]}";
    with(&policy(pods), &format!("{claim}only pods"));
    let block = "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]}";
    with(&policy(block), &format!("{claim}only pods and 10.0.0.0/8"));
    let some = "{podSelector: {matchExpressions: [{key: tier, operator: NotIn, values: [back]}, \
                {key: app, operator: Exists}]}, ingress: []}";
    with(&policy(some), &format!("{claim}nobody"));
    for nothing in [
        "{podSelector: {}, ingress: [{}]}",
        "{podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 0.0.0.0/0}}]}]}",
        "{podSelector: {matchLabels: {app: other}}, ingress: []}",
        "{podSelector: {}, policyTypes: [Egress]}",
        "{podSelector: {matchExpressions: [{key: app, operator: In, values: [other]}]}, ingress: []}",
        "{podSelector: {matchExpressions: [{key: app, operator: DoesNotExist}]}, ingress: []}",
        "{podSelector: {matchExpressions: [{key: app, operator: Resembles, values: [web]}]}, ingress: []}",
    ] {
        let text = policy(nothing);
        with(&text, "web/ possible 2");
        let graph = graph(&[("web/Dockerfile", DOCKERFILE), ("k8s/web.yaml", WEB), ("k8s/more.yaml", &text)]);
        assert!(graph.contexts[0].claims.is_empty(), "{nothing}");
    }
}

#[test]
fn every_kind_that_runs_pods_is_a_workload() {
    let pod = "{metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: web}]}}";
    let mut cases = vec![format!(
        "kind: Pod\nmetadata: {{name: web, labels: {{app: web}}}}\nspec: {{containers: [{{image: web}}]}}\n"
    )];
    for kind in
        ["StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job", "Rollout", "DeploymentConfig"]
    {
        cases.push(format!("kind: {kind}\nmetadata: {{name: web}}\nspec: {{template: {pod}}}\n"));
    }
    cases.push(format!(
        "kind: CronJob\nmetadata: {{name: web}}\nspec: {{jobTemplate: {{spec: {{template: {pod}}}}}}}\n"
    ));
    for case in cases {
        let manifest = format!(
            "apiVersion: any/v1\n{case}---\n{}",
            service("{type: LoadBalancer, selector: {app: web}}").replace(", namespace: shop", "")
        );
        check(&graph(&[("web/Dockerfile", DOCKERFILE), ("a.yaml", &manifest)]), &["web/ internet 3"]);
    }
}

#[test]
fn ports_of_a_node_may_be_reached() {
    let deployment = |spec: &str| {
        format!(
            "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: web}}\n\
            spec: {{template: {{spec: {spec}}}}}\n"
        )
    };
    let cases = [
        ("{hostNetwork: true, containers: [{image: web}]}", "web/ possible 2 … hostNetwork"),
        ("{containers: [{image: web, ports: [{hostPort: 80}]}]}", "web/ possible 2 … hostPort"),
        ("{containers: [{image: web, ports: [{hostPort: 80, hostIP: 127.0.0.1}]}]}", "web/ internal 2"),
        ("{containers: [{image: web, ports: [{containerPort: 80}]}]}", "web/ internal 2"),
    ];
    for (spec, expected) in cases {
        check(&graph(&[("web/Dockerfile", DOCKERFILE), ("a.yml", &deployment(spec))]), &[expected]);
    }
}

#[test]
fn an_image_finds_its_folder_by_builds_and_by_name() {
    let deploy = |image: &str| deployed("x", image, "LoadBalancer");
    let skaffold = "apiVersion: skaffold/v4beta1\nkind: Config\nbuild:\n  artifacts:\n  \
        - {image: gcr.io/p/front, context: code/ui}\n";
    for image in ["front", "gcr.io/p/front:v1", "localhost:5000/other/front@sha256:00", "'${REGISTRY}/front:${TAG}'"] {
        let files = [("code/ui/Dockerfile", DOCKERFILE), ("skaffold.yaml", skaffold), ("d.yaml", &deploy(image))];
        check(&graph(&files), &["code/ui/ internet 3"]);
    }
    let renamed = "images:\n- {name: front, newName: gcr.io/p/shop-ui}\n";
    let files = [
        ("code/ui/Dockerfile", DOCKERFILE),
        ("skaffold.yaml", skaffold),
        ("kustomization.yaml", renamed),
        ("d.yaml", &deploy("gcr.io/p/shop-ui:7")),
    ];
    check(&graph(&files), &["code/ui/ internet 3"]);
    check(
        &graph(&[("code/ui/Dockerfile", DOCKERFILE), ("d.yaml", &deploy("redis:7"))]),
        &["code/ui/ unknown 1 … nothing"],
    );
}

#[test]
fn several_folders_of_one_name_are_only_possible() {
    let graph = graph(&[
        ("a/web/Dockerfile", DOCKERFILE),
        ("b/web/Dockerfile", DOCKERFILE),
        ("d.yaml", &(WEB.to_owned() + "---\n" + &service("{type: LoadBalancer, selector: {app: web}}"))),
    ]);
    check(&graph, &["a/web/ possible 2 … one of several", "b/web/ possible 2 … one of several"]);
}

#[test]
fn a_dump_of_a_cluster_is_read_beside_the_files() {
    let dump = r#"{"apiVersion": "v1", "kind": "List", "items": [
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "web", "namespace": "shop"},
         "spec": {"type": "LoadBalancer", "selector": {"app": "web"}}},
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web-1", "namespace": "shop",
         "ownerReferences": [{"kind": "Deployment", "name": "web", "controller": true}]},
         "spec": {"template": {"spec": {"containers": [{"image": "web"}]}}}}]}"#;
    let files = [("web/Dockerfile", DOCKERFILE), ("k8s/web.yaml", WEB)];
    let found = with_dump(&files, "cluster.json", dump);
    check(&found, &["web/ internet 3 … LoadBalancer"]);
    assert!(!found.nodes.iter().any(|node| node.name.contains("web-1")), "what a deployment made is told by it");
    let entry = found.nodes.iter().find(|node| node.name.starts_with("LoadBalancer")).unwrap();
    assert_eq!(entry.place(), "cluster.json#/items/0");
    assert_eq!(chain(&found)[0], "internet");
}

/// What a way leads to may be pods of its namespace that no service which was read stands before.
#[test]
fn a_way_to_something_that_was_not_read_weakens_what_is_internal() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: i, namespace: shop}\n\
        spec: {defaultBackend: {service: {name: other}}}\n";
    with(ingress, "web/ internal 1 … may say otherwise: which pods Ingress i leads to by Service other");
    with(&ingress.replace("shop", "bank"), "web/ internal 2 … no service");
    with(&format!("{ingress}---\n{}", service("{selector: {app: web}}")), "web/ internal 2 … type ClusterIP");
    let alias = "---\napiVersion: v1\nkind: Service\nmetadata: {name: other, namespace: shop}\n\
        spec: {type: ExternalName, externalName: ";
    with(&format!("{ingress}{alias}db.example.com}}\n"), "web/ internal 2 … no service");
    with(&format!("{ingress}{alias}lost.shop}}\n"), "web/ internal 1 … Service other");
    let delegate = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: v, namespace: shop}\n\
        spec: {gateways: [g], http: [{delegate: {name: lost}}]}\n";
    with(delegate, "web/ internal 1 … which pods VirtualService v leads to by a route lost");
}

/// What an operator made is told by nothing else.
#[test]
fn what_something_made_that_is_not_there_is_read() {
    let made = |by: &str| format!("ownerReferences: [{{kind: {by}, name: maker, controller: true}}]");
    let ingress = format!(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: i, namespace: shop, {}}}\n\
         spec: {{defaultBackend: {{service: {{name: web}}}}}}\n---\n{}",
        made("WebApp"),
        service("{selector: {app: web}}")
    );
    with(&ingress, "web/ internet 3 … Ingress");
    let pod = |name: &str, by: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, namespace: shop, labels: {{app: web}}, {}}}\n\
             spec: {{hostNetwork: true, containers: [{{name: c, image: web}}]}}\n---\n",
            made(by)
        )
    };
    for by in ["ReplicaSet", "Prometheus"] {
        let pods = pod("web-1", by) + &pod("web-2", by) + &service("{type: LoadBalancer, selector: {app: web}}");
        let found = graph(&[("web/Dockerfile", DOCKERFILE), ("pods.yaml", &pods)]);
        check(&found, &["web/ internet 3 … LoadBalancer"]);
        let workloads: Vec<&str> =
            found.nodes.iter().filter(|node| node.kind == NodeKind::Workload).map(|node| &*node.name).collect();
        let expected: &[&str] =
            if by == "ReplicaSet" { &["ReplicaSet shop/maker"] } else { &["Pod shop/web-1", "Pod shop/web-2"] };
        assert_eq!(workloads, expected);
    }
    // Of what is there, what it made says nothing more.
    let all = pod("maker-1", "DaemonSet")
        + "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: maker, namespace: shop}\n\
           spec: {template: {spec: {containers: [{name: c, image: web}]}}}\n";
    check(&graph(&[("web/Dockerfile", DOCKERFILE), ("all.yaml", &all)]), &["web/ internal 2 … DaemonSet shop/maker"]);
}

#[test]
fn two_kinds_of_one_name_are_two_workloads() {
    let job = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: web, namespace: shop}\n\
        spec: {jobTemplate: {spec: {template: {spec: {containers: [{name: web, image: job}]}}}}}\n---\n";
    let text = job.to_owned() + &service("{type: LoadBalancer, selector: {app: web}}");
    let files = [
        ("web/Dockerfile", DOCKERFILE),
        ("job/Dockerfile", DOCKERFILE),
        ("k8s/web.yaml", WEB),
        ("k8s/more.yaml", &text),
    ];
    check(&graph(&files), &["job/ internal 2 … CronJob shop/web", "web/ internet 3 … LoadBalancer"]);
}

/// As a server answers, and as programs write several answers one behind the other.
#[test]
fn dumps_are_read_in_every_form() {
    let services = r#"{"kind": "ServiceList", "apiVersion": "v1", "items": [{"metadata": {"name": "web", "namespace": "shop"},
        "spec": {"type": "LoadBalancer", "selector": {"app": "web"}}}]}"#;
    let files = [("web/Dockerfile", DOCKERFILE), ("k8s/web.yaml", WEB)];
    check(&with_dump(&files, "services.json", services), &["web/ internet 3 … LoadBalancer"]);
    let nodes = r#"{"kind": "NodeList", "apiVersion": "v1", "items": [{"metadata": {"name": "n"}}]}"#;
    let found = with_dump(&files, "all.json", &format!("{nodes}\n{services}\n"));
    check(&found, &["web/ internet 3 … LoadBalancer"]);
    let entry = found.nodes.iter().find(|node| node.name.starts_with("LoadBalancer")).unwrap();
    assert_eq!(entry.place(), "all.json:2#/items/0");
    let found = with_dump(&files, "all.json", &format!("{nodes}\n==== START logs\n{services}\n"));
    check(&found, &["web/ internal 1 … all.json"]);
    assert_eq!((found.problems.len(), &*found.problems[0].place), (1, "line 2"));
}

/// Its kind stands behind the items of a list that `kubectl` prints as YAML: without it, the end is not there.
#[test]
fn a_dump_that_is_cut_off_weakens_what_is_internal() {
    let dump =
        "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Service\n  metadata: {name: other, namespace: shop}\n";
    let files = [("web/Dockerfile", DOCKERFILE), ("k8s/web.yaml", WEB)];
    check(&with_dump(&files, "all.yaml", &format!("{dump}kind: List\n")), &["web/ internal 2"]);
    let found = with_dump(&files, "all.yaml", dump);
    check(&found, &["web/ internal 1 … the end of all.yaml"]);
    assert!(found.problems[0].reason.contains("cut off"), "{:?}", found.problems);
}

#[test]
fn what_is_not_read_weakens_what_is_internal() {
    let chart = "apiVersion: v1\nkind: Service\nmetadata:\n  name: {{ .Values.name }}\nspec:\n  type: LoadBalancer\n";
    let begins = "{{- if .Values.web }}\napiVersion: v1\nkind: Service\n{{- end }}\n";
    let quoted =
        "apiVersion: v1\nkind: Service\nmetadata: {name: \"{{ .Values.name }}\"}\nspec: {selector: {app: web}}\n";
    let graph = graph(&[
        ("web/Dockerfile", DOCKERFILE),
        ("k8s/web.yaml", WEB),
        ("chart/templates/a.yaml", chart),
        ("chart/templates/b.yaml", quoted),
        ("chart/templates/c.yaml", begins),
    ]);
    check(&graph, &["web/ internal 1 … templates in chart/templates/"]);
    let [problem] = graph.problems.as_slice() else { panic!("{:?}", graph.problems) };
    assert_eq!(problem.file, "chart/templates/");
    assert!(problem.reason.starts_with("3 templates") && problem.hint.contains("helm template"), "{problem}");
}

/// Of proxies and clouds there are more kinds than are known.
#[test]
fn a_kind_that_may_let_in_requests_weakens_what_is_internal() {
    let other = |kind: &str, version: &str| {
        let web = service("{selector: {app: web}}");
        let object =
            format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: front}}\nspec: {{service: web}}\n");
        graph(&[("web/Dockerfile", DOCKERFILE), ("k8s/web.yaml", WEB), ("k8s/all.yaml", &(object + "---\n" + &web))])
    };
    for (kind, version) in [
        ("Mapping", "getambassador.io/v3alpha1"),
        ("VirtualServer", "k8s.nginx.org/v1"),
        ("ApisixRoute", "apisix.apache.org/v2"),
        ("VirtualService", "appmesh.k8s.aws/v1beta2"),
    ] {
        let found = other(kind, version);
        check(&found, &[&format!("web/ internal 1 … {kind} front")]);
        assert!(found.problems[0].reason.contains(kind) && found.problems[0].file == "k8s/all.yaml");
    }
    for (kind, version) in [("IngressClass", "networking.k8s.io/v1"), ("DestinationRule", "networking.istio.io/v1")] {
        let found = other(kind, version);
        check(&found, &["web/ internal 2"]);
        assert_eq!(found.problems, []);
    }
}

#[test]
fn a_chart_that_is_given_rendered_is_read() {
    let template = "apiVersion: v1\nkind: Service\nmetadata: {name: {{ .Values.name }}}\n";
    let files = [
        ("web/Dockerfile", DOCKERFILE),
        ("k8s/web.yaml", WEB),
        ("charts/front/Chart.yaml", "apiVersion: v2\nname: the-front\n"),
        ("charts/front/templates/a.yaml", template),
    ];
    check(&graph(&files), &["web/ internal 1 … templates in charts/front/templates/"]);
    let rendered =
        |chart: &str| format!("---\n# Source: {chart}/templates/a.yaml\n{}", service("{selector: {app: web}}"));
    let found = with_dump(&files, "rendered.yaml", &rendered("the-front"));
    check(&found, &["web/ internal 2 … type ClusterIP"]);
    assert_eq!(found.problems, []);
    check(&with_dump(&files, "rendered.yaml", &rendered("other")), &["web/ internal 1"]);
}

#[test]
fn a_document_that_is_broken_costs_itself_alone() {
    let text =
        format!("{WEB}---\napiVersion: v1\nkind: [\n---\n{}", service("{type: LoadBalancer, selector: {app: web}}"));
    let graph = graph(&[("web/Dockerfile", DOCKERFILE), ("k8s/all.yaml", &text)]);
    check(&graph, &["web/ internet 3"]);
    assert_eq!(graph.problems.len(), 1);
    assert_eq!((&*graph.problems[0].file, &*graph.problems[0].place), ("k8s/all.yaml", "line 11"));
}

#[test]
fn of_several_builds_the_nearest_is_meant() {
    let skaffold = "apiVersion: skaffold/v4beta1\nkind: Config\nbuild: {artifacts: [{image: front, context: ui}]}\n";
    let open = deployed("front", "front", "LoadBalancer");
    let shut = deployed("front", "front", "ClusterIP").replace("name: front", "name: front, namespace: two");
    let graph = graph(&[
        ("one/ui/Dockerfile", DOCKERFILE),
        ("one/skaffold.yaml", skaffold),
        ("one/k8s/all.yaml", &open.replace("name: front", "name: front, namespace: one")),
        ("two/ui/Dockerfile", DOCKERFILE),
        ("two/skaffold.yaml", skaffold),
        ("two/k8s/all.yaml", &shut),
    ]);
    // Both run an image of one name.
    check(&graph, &["one/ui/ internet 3", "two/ui/ internal 2"]);
}
