//! What was seen while it ran. The texts are by hand, in the form of the producers' own.

use super::said::read;

#[test]
fn an_alert_of_falco_was_seen_in_a_container() {
    let lines = [
        r#"{"hostname":"n1","output":"x","priority":"Warning","rule":"Shell","time":"2026-05-17T15:31:56.746609046Z","output_fields":{"container.image.repository":"acme/web","container.image.tag":"1.2","k8s.ns.name":"prod","k8s.pod.name":"web-1","proc.pid":7}}"#,
        r#"{"hostname":"n1","output":"x","priority":"Error","rule":"Write","output_fields":{"container.name":"host","container.image.repository":"<NA>"}}"#,
        r#"{"hostname":"n1","output":"x","priority":"Error"}"#,
    ];
    let read = read(lines.join("\n"));
    assert_eq!(
        read.statements(),
        [
            "line 1: image acme/web:1.2 service prod/web-1 executed yes 4 (Shell, Warning)",
            "line 2: service n1 executed yes 4 (Write, Error)",
        ]
    );
    assert_eq!(read.evidence.statements[0].made.unwrap().to_string(), "2026-05-17T15:31:56.746609046Z");
}

#[test]
fn what_hubble_saw_come_in_is_exposed() {
    let flow = |verdict: &str, source: &str, direction: &str, port: u32, more: &str| {
        format!(
            r#"{{"flow":{{"verdict":"{verdict}","source":{{"labels":["{source}"]}},"destination":{{"namespace":"shop","pod_name":"web-1","workloads":[{{"name":"web"}}]}},"l4":{{"TCP":{{"destination_port":{port}}}}},"traffic_direction":"{direction}"{more}}},"time":"2026-04-24T14:00:00Z"}}"#
        )
    };
    let world = "reserved:world";
    let lines = [
        flow("DROPPED", world, "INGRESS", 22, ""),
        flow("FORWARDED", world, "INGRESS", 80, r#","l7":{"http":{"method":"GET","url":"http://a/search?q=1"}}"#),
        flow("FORWARDED", world, "INGRESS", 80, ""),
        flow("FORWARDED", "k8s:app=client", "INGRESS", 81, ""),
        flow("FORWARDED", world, "EGRESS", 82, ""),
        flow("FORWARDED", world, "INGRESS", 83, r#","is_reply":true"#),
        flow("FORWARDED", "reserved:world-ipv4", "INGRESS", 84, ""),
        flow("NEW_WORD", world, "INGRESS", 85, ""),
    ];
    assert_eq!(
        read(lines.join("\n")).statements(),
        [
            "line 2: service shop/web exposed yes 4 (traffic from outside came in on port 80, GET /search)",
            "line 7: service shop/web exposed yes 4 (traffic from outside came in on port 84)",
            "line 8: service shop/web exposed unknown 0 (traffic from outside on port 85, verdict NEW_WORD)",
        ]
    );
}

#[test]
fn a_binary_that_tetragon_saw_ran_in_its_image() {
    let event = |kind: &str, more: &str| {
        format!(
            r#"{{"{kind}":{{"process":{{"binary":"/usr/sbin/nginx","pod":{{"name":"web-1","container":{{"image":{{"id":"docker-pullable://nginx@sha256:0d","name":"nginx:latest"}}}}}}}}{more}}},"time":"2026-01-19T11:05:54.415Z"}}"#
        )
    };
    let lines = [
        event("process_exec", ""),
        event("process_exec", ""),
        event("process_listen", r#","port":80"#),
        event("process_exit", ""),
    ];
    let nginx = "/usr/sbin/nginx image nginx@sha256:0d service web-1 executed yes 4";
    assert_eq!(
        read(lines.join("\n")).statements(),
        [format!("line 1: {nginx}"), format!("line 3: {nginx} (it listens on port 80)")]
    );
    // One event over several lines.
    let pretty = lines[0].replace(',', ",\n").replacen('{', "{\n", 1);
    assert_eq!(read(&pretty).statements(), [format!(": {nginx}")]);
    // Several, and one that is cut off.
    let listens = lines[2].replace(',', ",\n");
    let several = read(format!("{pretty}\n\n{listens}{pretty}{{\n\"process_exec\": "));
    let line = pretty.lines().count() + 2;
    let expected = [format!("line 1: {nginx}"), format!("line {line}: {nginx} (it listens on port 80)")];
    assert_eq!(several.statements(), expected);
    assert_eq!(several.problems(), ["wrong punctuation, such as a trailing comma", "the end is missing"]);
}
