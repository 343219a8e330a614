//! From the URIs of reports to files.

use quell::repo::Repo;
use quell::repo::locate::{Files, Located, Locator};

use crate::support::tree::Tree;

const FILES: [(&str, &str); 9] = [
    ("setup.py", ""),
    ("app/models.py", ""),
    ("app/views/index.py", ""),
    ("lib/index.py", ""),
    ("web/app/main.ts", ""),
    ("api/app/main.ts", ""),
    ("web/src/only.ts", ""),
    ("a b/é#1.py", ""),
    ("tools/run.sh", ""),
];

/// Each case with a locator of its own: (URI, base, expected path, whether it is a file of the repository).
/// `ROOT` stands for the root.
fn check(cases: &[(&str, Option<&str>, &str, bool)]) {
    let tree = Tree::git(&FILES);
    let root = tree.root().canonicalize().unwrap();
    let fill = |text: &str| text.replace("ROOT", root.to_str().unwrap());
    for (uri, base, path, in_repo) in cases {
        let located = Locator::new(&tree.repo()).locate(&fill(uri), base.map(fill).as_deref());
        assert_eq!(located, Located { path: fill(path), in_repo: *in_repo }, "{uri} below {base:?}");
    }
}

#[test]
fn locators_of_one_load_share_the_list_of_files() {
    let tree = Tree::git(&[("app/models.py", "")]);
    let (repo, files) = (tree.repo(), Files::default());
    let found = |files: &Files| Locator::sharing(&repo, files.clone()).locate("models.py", None).path;
    assert_eq!(found(&files), "app/models.py");
    tree.write("other/models.py", "");
    assert_eq!(found(&files), "app/models.py", "read once");
    assert_eq!(found(&Files::default()), "models.py", "two files now, so none");
}

#[test]
fn usual_spellings_lead_to_the_file() {
    check(&[
        ("app/models.py", None, "app/models.py", true),
        ("./app/./models.py", None, "app/models.py", true),
        ("app/views/../models.py", None, "app/models.py", true),
        ("app\\models.py", None, "app/models.py", true),
        ("a%20b/%C3%A9%231.py", None, "a b/é#1.py", true),
        ("a b/é#1.py", None, "a b/é#1.py", true),
        ("file://ROOT/app/models.py", None, "app/models.py", true),
        ("file://localhostROOT/app/models.py", None, "app/models.py", true),
        ("file:ROOT/app/models.py", None, "app/models.py", true),
        ("FILE://ROOT/app/models.py", None, "app/models.py", true),
        ("ROOT/app/models.py", None, "app/models.py", true),
        ("ROOT/app/../setup.py", None, "setup.py", true),
        ("models.py", Some("file://ROOT/app/"), "app/models.py", true),
        ("models.py", Some("file://ROOT/app"), "app/models.py", true),
        ("models.py", Some("app/"), "app/models.py", true),
        ("../setup.py", Some("file://ROOT/app/"), "setup.py", true),
        ("app/models.py", Some("https://example.org/repo/"), "app/models.py", true),
        ("app/models.py", Some("file:///src/"), "app/models.py", true),
        ("setup.py", Some("file:///src/"), "setup.py", true),
    ]);
}

#[test]
fn paths_of_other_machines_lead_to_the_one_file_they_can_mean() {
    check(&[
        ("file:///src/shop/app/models.py", None, "app/models.py", true),
        ("/builds/group/shop/app/views/index.py", None, "app/views/index.py", true),
        ("C:\\ci\\shop\\app\\models.py", None, "app/models.py", true),
        ("file:///C:/ci/shop/app/models.py", None, "app/models.py", true),
        ("file://C:/ci/shop/app/models.py", None, "app/models.py", true),
        ("\\\\server\\share\\app\\models.py", None, "app/models.py", true),
        ("\\\\?\\C:\\ci\\app\\models.py", None, "app/models.py", true),
        ("/src/setup.py", None, "setup.py", true),
        ("src/only.ts", None, "web/src/only.ts", true),
        ("models.py", None, "app/models.py", true),
    ]);
}

#[test]
fn what_could_be_two_files_or_another_one_is_none() {
    check(&[
        // Two files end so.
        ("index.py", None, "index.py", false),
        ("app/main.ts", None, "app/main.ts", false),
        ("/src/main.ts", None, "/src/main.ts", false),
        // One file shares its end, but other folders lead there.
        ("old/app/models.py", None, "old/app/models.py", false),
        ("/src/old/only.ts", None, "/src/old/only.ts", false),
        ("/usr/lib/python3/setup.py", None, "/usr/lib/python3/setup.py", false),
        ("/src/run.sh", None, "/src/run.sh", false),
        // It is gone.
        ("app/gone.py", None, "app/gone.py", false),
        ("file://ROOT/app/gone.py", None, "app/gone.py", false),
        ("models.py", Some("file://ROOT/lib/"), "lib/models.py", false),
    ]);
}

#[test]
fn hostile_uris_stay_what_they_are() {
    check(&[
        ("../../etc/passwd", None, "../../etc/passwd", false),
        ("..\\..\\etc\\passwd", None, "..\\..\\etc\\passwd", false),
        ("%2e%2e/%2e%2e/etc/passwd", None, "../../etc/passwd", false),
        ("%252e%252e/etc/passwd", None, "%2e%2e/etc/passwd", false),
        ("app/../../app/models.py", None, "app/../../app/models.py", false),
        ("/etc/passwd", None, "/etc/passwd", false),
        ("file:///etc/passwd", None, "file:///etc/passwd", false),
        ("file://ROOT/../../../etc/passwd", None, "file://ROOT/../../../etc/passwd", false),
        ("ROOT-evil/x.py", None, "ROOT-evil/x.py", false),
        ("https://example.org/app/models.py", None, "https://example.org/app/models.py", false),
        ("https://example.org/a%20b", None, "https://example.org/a%20b", false),
        ("pkg:npm/lodash@4.17.20", None, "pkg:npm/lodash@4.17.20", false),
        ("file://ROOT/.git/config", None, ".git/config", false),
        (".GIT/config", None, ".GIT/config", false),
        ("app/models.py%00.txt", None, "app/models.py%00.txt", false),
        ("app/%ff.py", None, "app/%ff.py", false),
        ("app/%", None, "app/%", false),
        ("%zz", None, "%zz", false),
        ("file://", None, "file://", false),
        ("", None, "", false),
        (".", None, "", false),
        ("/", None, "/", false),
        ("app", None, "app", false),
        ("app/", None, "app", false),
    ]);
}

#[test]
fn a_folder_once_proven_maps_all_its_files() {
    let tree = Tree::git(&FILES);
    let mut locator = Locator::new(&tree.repo());
    let mut check = |uri: &str, path: &str, in_repo: bool| {
        assert_eq!(locator.locate(uri, None), Located { path: path.to_owned(), in_repo }, "{uri}");
    };
    check("/ci/shop/web/app/main.ts", "web/app/main.ts", true);
    check("/ci/shop/api/app/gone.ts", "api/app/gone.ts", false);
    check("/ci/shop/lib/index.py", "lib/index.py", true);
    check("/ci/shop/tools/../setup.py", "setup.py", true);
    check("/ci/shop/.git/config", ".git/config", false);
    check("/ci/other/gone.ts", "/ci/other/gone.ts", false);
    check("src/only.ts", "web/src/only.ts", true);
    check("app/main.ts", "web/app/main.ts", true);
}

#[test]
fn configured_prefixes_come_first_and_the_longest_wins() {
    let tree = Tree::git(&FILES);
    let paths = [
        ("/container", "."),
        ("/container/front", "web"),
        ("file:///C:/agent/", ""),
        ("gen", "api"),
        ("/evil", "../outside"),
        ("/root", "/etc"),
    ];
    let cases = [
        ("/container/setup.py", None, "setup.py", true),
        ("file:///container/front/app/main.ts", None, "web/app/main.ts", true),
        ("/container/front/gone.ts", None, "web/gone.ts", false),
        ("/container/frontier/x.ts", None, "frontier/x.ts", false),
        ("C:\\agent\\lib\\index.py", None, "lib/index.py", true),
        ("gen/app/main.ts", None, "api/app/main.ts", true),
        ("gen/../setup.py", None, "setup.py", true),
        ("app/main.ts", Some("/container/front/"), "web/app/main.ts", true),
        ("/evil/x.py", None, "/evil/x.py", false),
        ("/root/passwd", None, "/root/passwd", false),
    ];
    for (uri, base, path, in_repo) in cases {
        let mut locator = Locator::sharing(&tree.repo(), Files::mapping(paths.into_iter()));
        assert_eq!(locator.locate(uri, base), Located { path: path.to_owned(), in_repo }, "{uri} below {base:?}");
        assert_eq!(locator.learnt(), [""; 0], "{uri}");
    }
}

#[test]
fn what_was_found_by_its_end_is_said() {
    let tree = Tree::git(&FILES);
    let mut locator = Locator::new(&tree.repo());
    locator.locate("app/models.py", None);
    locator.locate("app/models.py", Some("file:///elsewhere/"));
    assert_eq!(locator.learnt(), [""; 0], "they stand where they say");
    locator.locate("/ci/shop/app/models.py", None);
    locator.locate("src/only.ts", None);
    assert_eq!(locator.learnt(), ["the repository for `/ci/shop`", "`web` for relative paths"]);
}

#[test]
fn the_root_is_known_by_both_its_names() {
    let tree = Tree::git(&[("app/models.py", ""), ("lib/models.py", "")]);
    let other = Tree::plain(&[]);
    let link = other.root().join("link");
    std::os::unix::fs::symlink(tree.root(), &link).unwrap();
    let (repo, _) = Repo::discover(&link.join("app"), true).unwrap();
    let uri = format!("file://{}/lib/gone.py", link.display());
    assert_eq!(Locator::new(&repo).locate(&uri, None).path, "lib/gone.py");
}

#[test]
fn untracked_files_count_and_ignored_ones_do_not() {
    let tree = Tree::git(&[(".gitignore", "build/\n"), ("app/models.py", "")]);
    tree.write("build/gen/out.py", "");
    tree.write("new/gen/fresh.py", "");
    let mut locator = Locator::new(&tree.repo());
    assert_eq!(locator.locate("/ci/new/gen/fresh.py", None).path, "new/gen/fresh.py");
    assert!(!Locator::new(&tree.repo()).locate("/ci/build/gen/out.py", None).in_repo);
    assert!(locator.locate("build/gen/out.py", None).in_repo, "as it stands it is a file of the tree");
}
