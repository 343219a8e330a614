//! The role of a file, by its path.

use quell::model::role::Role;

#[test]
fn the_role_of_a_file_is_told_by_its_path() {
    let paths: &[(&str, Role)] = &[
        ("", Role::Source),
        ("src/main.rs", Role::Source),
        ("app/routes/contest.js", Role::Source),
        ("src/attest/protest.py", Role::Source),
        ("latest.ts", Role::Source),
        ("src/Contest.java", Role::Source),
        ("src/IT.md5/audit.java", Role::Source),
        ("testers.js", Role::Source),
        ("Dockerfile", Role::Source),
        ("package.json", Role::Source),
        ("builder/index.js", Role::Source),
        ("docs.go", Role::Source),
        ("test/security/profile-test.js", Role::Test),
        ("test/e2e/integration/allocations_spec.js", Role::Test),
        ("Tests/a.cs", Role::Test),
        ("src/__tests__/a.jsx", Role::Test),
        ("src/a.spec.ts", Role::Test),
        ("src/A.TEST.JS", Role::Test),
        ("pkg/server_test.go", Role::Test),
        ("pkg/testdata/a.go", Role::Test),
        ("lib/test_views.py", Role::Test),
        ("conftest.py", Role::Test),
        ("src/CartTest.java", Role::Test),
        ("src/CartIT.java", Role::Test),
        ("spec/models/user_spec.rb", Role::Test),
        ("jest.config.mjs", Role::Test),
        ("Gruntfile.js", Role::Build),
        ("gulpfile.babel.js", Role::Build),
        ("webpack.config.js", Role::Build),
        ("tools/setup.py", Role::Build),
        (".github/workflows/ci.yml", Role::Build),
        ("build.rs", Role::Build),
        ("Makefile", Role::Build),
        ("examples/server.go", Role::Example),
        ("docs/conf.py", Role::Documentation),
        ("README.md", Role::Documentation),
        ("docs/examples/a.py", Role::Example),
        ("examples/tests/a.py", Role::Test),
        ("api/v1/user.pb.go", Role::Generated),
        ("static/jquery.min.js", Role::Generated),
        ("web/dist/app.js", Role::Generated),
        ("node_modules/a/test/b.js", Role::Vendored),
        ("vendor/github.com/x/y_test.go", Role::Vendored),
        ("web/third_party/jquery.min.js", Role::Vendored),
        ("\u{130}\u{130}/\u{fc}.test.js", Role::Test),
        ("a/\u{fc}t.js", Role::Source),
    ];
    for (path, role) in paths {
        assert_eq!(Role::of(path), *role, "{path}");
    }
}
