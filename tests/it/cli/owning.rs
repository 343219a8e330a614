//! Whose a finding is: by an assignment, else by CODEOWNERS; in queries, groups, the register and files for each.

use std::fs;

use super::shop::{id, quell, shop};
use crate::support::tree::Tree;

fn owned() -> Tree {
    let tree = shop();
    tree.write(".github/CODEOWNERS", "/src/ @shop/back @mo\n/src/keys.py @../../out\n");
    tree
}

fn count(tree: &Tree, query: &str) -> usize {
    quell(tree, &["list", "-q", query, "--format", "json"]).ok().json().as_array().unwrap().len()
}

#[test]
fn owners_come_from_the_rules_of_the_code_until_somebody_is_assigned() {
    let tree = owned();
    let one = id(&tree, "rule:A1");
    let all = count(&tree, "owner:*");
    let mo = count(&tree, "owner:@mo");
    assert!(mo > 0 && mo == count(&tree, "owner:@shop/*") && mo < all, "{mo} of {all}");
    assert_eq!(all, count(&tree, "path:src/**"), "all of src has owners");
    let owner = |id: &str| quell(&tree, &["show", id, "--format", "json"]).ok().json()["owner"].clone();
    assert_eq!(owner(&one), "@shop/back @mo");
    quell(&tree, &["decide", "assign", &one, "--owner", "@new"]).ok();
    assert_eq!((owner(&one), count(&tree, "owner:@mo"), count(&tree, "owner:@new")), ("@new".into(), mo - 1, 1));
    let groups = quell(&tree, &["list", "--group-by", "owner"]).ok().out;
    for label in ["@shop/back @mo  ", "@new  1", "@../../out  "] {
        assert!(groups.lines().any(|line| line.starts_with(label)), "{label}: {groups}");
    }
}

#[test]
fn an_export_is_split_into_a_file_for_each_owner() {
    let tree = owned();
    let folder = tree.state().join("out");
    fs::create_dir(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let ran = quell(&tree, &["export", "--format", "csv", "--split-by", "owner", "-o", folder]).ok();
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    assert_eq!(names, ["out.csv", "shop-back--mo.csv"], "{ran:?}");
    let lines = |name: &str| fs::read_to_string(format!("{folder}/{name}")).unwrap().lines().count() - 1;
    assert_eq!(names.iter().map(|name| lines(name)).sum::<usize>(), count(&tree, ""));
    assert_eq!(lines("shop-back--mo.csv"), count(&tree, "owner:@mo"));
    let nowhere = quell(&tree, &["export", "--format", "csv", "--split-by", "owner", "-o", "nowhere"]);
    assert!(nowhere.code == 2 && nowhere.err.contains("folder that is there"), "{nowhere:?}");
    let without = quell(&tree, &["export", "--format", "csv", "--split-by", "owner"]);
    assert!(without.code == 2 && without.err.contains("-o"), "{without:?}");
}

#[test]
fn what_nobody_owns_is_a_group_of_its_own() {
    let tree = shop();
    tree.write("CODEOWNERS", "* @all\n/src/keys.py\n");
    assert_eq!((count(&tree, "is:open -owner:*"), count(&tree, "path:src/keys.py")), (1, 1));
    let groups = quell(&tree, &["list", "--group-by", "owner"]).ok().out;
    assert!(groups.lines().any(|line| line == "no owner  1"), "{groups}");
}

#[test]
fn a_register_knows_the_owners_of_its_day() {
    let tree = owned();
    let accept = ["--reason", "r", "--until", "2099-01-31"];
    quell(&tree, &[&["decide", "accept-risk", &id(&tree, "rule:A1")], accept.as_slice()].concat()).ok();
    let then = tree.commit("accept", 1_790_000_000).to_string();
    tree.write(".github/CODEOWNERS", "* @later\n");
    let now = quell(&tree, &["report"]).ok().out;
    let then = quell(&tree, &["report", "--as-of", &then]).ok().out;
    assert!(now.contains("| @later |") && !then.contains("@later") && then.contains("| @shop/back @mo |"), "{then}");
}
