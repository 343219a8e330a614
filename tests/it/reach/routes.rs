//! Attacks on addresses: about the findings in the one handler that declares the address, or about none.

use quell::model::evidence::Rung;
use quell::model::reach::{Held, Reach};

use super::verdict::{Case, sarif};

fn finding(rule: &str, path: &str, line: u32, cwe: u32) -> String {
    format!(
        r#"{{"ruleId": "{rule}", "level": "error", "message": {{"text": "m"}}, "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "{path}"}}, "region": {{"startLine": {line}}}}}}}], "properties": {{"tags": ["CWE-{cwe}"]}}}}"#
    )
}

/// An alert of ZAP that an attack provoked.
fn alert(method: &str, address: &str, cwe: u32, attack: &str) -> String {
    format!(
        r#"{{"@version": "2.14.0", "site": [{{"@name": "http://shop", "alerts": [{{"name": "A", "riskdesc": "High (Medium)", "confidence": "2", "cweid": "{cwe}", "instances": [{{"uri": "http://shop{address}", "method": "{method}", "param": "q", "attack": "{attack}"}}]}}]}}]}}"#
    )
}

/// Whether an attack is about a finding in a line of a file.
fn met(files: &[(&str, &str)], (path, line, cwe): (&str, u32, u32), zap: &str) -> bool {
    let report = sarif("scanner", &[finding("here", path, line, cwe)]);
    let case = Case::of(&[files, &[("in/a.sarif", report.as_str()), ("in/zap.json", zap)]].concat());
    let judged = case.judged("here");
    let is_met = judged.rungs.get(Rung::Controllable) == Held::Yes;
    assert_eq!(judged.reach == Reach::Reachable, is_met);
    if is_met {
        let why = case.why("here");
        let row = why.evidence.iter().find(|row| row.rung == Rung::Controllable).unwrap();
        assert!(row.strength == 4 && row.scope.as_deref().is_some_and(|scope| scope.contains(path)), "{row:?}");
    }
    is_met
}

const FLASK: &str = "\
from flask import Flask
app = Flask(__name__)

@app.route(\"/search\")
def search():
    q = request.args[\"q\"]

    return db.run(q)

@app.route(\"/users/<int:id>/mail\", methods=[\"POST\"])
@login_required
def mail(
    id,
):
    return db.run(id)

def helper(q):
    return db.run(q)

requests.get(\"/search\")
";

const EXPRESS: &str = "\
const router = express.Router();
router.get('/orders/:id', auth, async (req, res) => {
  const id = req.params.id;
  db.query(`select ${id}`);
});
router.post('/orders', create);

function create(req, res) {
  db.query(req.body.q);
}
axios.get('/orders/1');
";

const GO: &str = "\
func routes(s *server) {
\tmux.HandleFunc(\"POST /pay\", s.pay)
\thttp.HandleFunc(\"/refund\", refund)
}

func (s *server) pay(w http.ResponseWriter, r *http.Request) {
\trun(r.FormValue(\"q\"))
}

func refund(w http.ResponseWriter, r *http.Request) {
\trun(r.FormValue(\"q\"))
}
";

const SPRING: &str = "\
@RestController
@RequestMapping(\"/api\")
class Shop {
    @GetMapping(\"/items/{id}\")
    String item(@PathVariable String id) {
        return db.run(id);
    }

    String other(String id) {
        return db.run(id);
    }
}
";

#[test]
fn the_handler_of_an_address_is_found_by_its_literal() {
    for (path, text, line, method, address, is_met) in [
        ("a/app.py", FLASK, 8, "GET", "/search?q=1", true),
        ("a/app.py", FLASK, 8, "HEAD", "/search/", true),
        ("a/app.py", FLASK, 8, "POST", "/search", false),
        ("a/app.py", FLASK, 8, "GET", "/search/more", false),
        ("a/app.py", FLASK, 8, "GET", "/Search", false),
        ("a/app.py", FLASK, 15, "POST", "/users/7/mail", true),
        ("a/app.py", FLASK, 15, "GET", "/users/7/mail", false),
        ("a/app.py", FLASK, 15, "GET", "/search", false),
        ("a/app.py", FLASK, 18, "GET", "/search", false),
        ("a/app.py", FLASK, 18, "POST", "/users/7/mail", false),
        ("a/orders.js", EXPRESS, 4, "GET", "/orders/1", true),
        ("a/orders.js", EXPRESS, 9, "GET", "/orders/1", false),
        ("a/orders.js", EXPRESS, 9, "POST", "/orders", true),
        ("a/pay.go", GO, 7, "POST", "/pay", true),
        ("a/pay.go", GO, 7, "GET", "/pay", false),
        ("a/pay.go", GO, 11, "POST", "/pay", false),
        ("a/pay.go", GO, 11, "POST", "/refund", true),
        ("a/Shop.java", SPRING, 6, "GET", "/api/items/3", true),
        ("a/Shop.java", SPRING, 6, "GET", "/items/3", false),
        ("a/Shop.java", SPRING, 10, "GET", "/api/items/3", false),
        // The same in a test is no handler.
        ("tests/app.py", FLASK, 8, "GET", "/search", false),
    ] {
        let zap = alert(method, address, 89, "' OR 1");
        assert_eq!(met(&[(path, text)], (path, line, 89), &zap), is_met, "{path}:{line} {method} {address}");
    }
}

/// Declarations over several lines, as formatters write them.
const BLACK: &str = "\
bp = Blueprint(
    \"shop\",
    __name__,
    url_prefix=\"/shop\",
)

@bp.route(
    # the address
    \"/search\",
    methods=[\"POST\"],
    endpoint=\"GET one\",
)
@limited(
    \"5/m\",
)
def search(
    q: str = \"(\",
):
    return db.run(q)

@bp.get(\"/old\",
        tags=[\"x\"])
async def old(q):
    return db.run(q)
";

const PRETTIER: &str = "\
const router = express.Router();
router.get(
  '/orders/:id',
  auth,
  async (req, res) => {
    db.query(req.params.id);
  },
);
router.post(
  '/orders',
  create,
);
router.put(
  '/orders', // (all of them
  (req, res) => res.send(db.query(req.body.q)),
);

function create(req, res) {
  db.query(req.body.q);
}
";

const GOFMT: &str = "\
func routes(s *server) {
\tmux.HandleFunc(
\t\t\"POST /pay\",
\t\ts.pay,
\t)
\tr.GET(\"/one\", func(c *gin.Context) { run(c.Query(\"q\")) })
}

func (s *server) pay(w http.ResponseWriter, r *http.Request) {
\trun(r.FormValue(\"q\"))
}
";

const JAVA: &str = "\
@RestController
@RequestMapping(
    \"/api\")
class Shop {
    @GetMapping(
        value = \"/items/{id}\",
        produces = MediaType.APPLICATION_JSON_VALUE)
    String item(@PathVariable String id) {
        return db.run(id);
    }
}
";

#[test]
fn a_route_may_be_declared_over_several_lines() {
    for (path, text, line, method, address, is_met) in [
        ("a/app.py", BLACK, 19, "POST", "/shop/search", true),
        ("a/app.py", BLACK, 19, "GET", "/shop/search", false),
        ("a/app.py", BLACK, 19, "POST", "/search", false),
        ("a/app.py", BLACK, 24, "GET", "/shop/old", true),
        ("a/app.py", BLACK, 24, "POST", "/shop/search", false),
        ("a/orders.js", PRETTIER, 6, "GET", "/orders/1", true),
        ("a/orders.js", PRETTIER, 6, "POST", "/orders", false),
        ("a/orders.js", PRETTIER, 19, "POST", "/orders", true),
        ("a/orders.js", PRETTIER, 15, "PUT", "/orders", true),
        ("a/orders.js", PRETTIER, 15, "POST", "/orders", false),
        ("a/pay.go", GOFMT, 10, "POST", "/pay", true),
        ("a/pay.go", GOFMT, 10, "GET", "/one", false),
        ("a/pay.go", GOFMT, 6, "GET", "/one", true),
        ("a/Shop.java", JAVA, 9, "GET", "/api/items/3", true),
        ("a/Shop.java", JAVA, 9, "GET", "/items/3", false),
    ] {
        let zap = alert(method, address, 89, "' OR 1");
        assert_eq!(met(&[(path, text)], (path, line, 89), &zap), is_met, "{path}:{line} {method} {address}");
    }
    // What puts a path before others counts over several lines too.
    let zap = alert("GET", "/search", 89, "' OR 1");
    let server = "app.use(\n  '/search',\n  require('./search'),\n);\n";
    assert!(!met(&[("a/app.py", FLASK), ("b/server.js", server)], ("a/app.py", 8, 89), &zap));
}

#[test]
fn the_weakness_has_to_be_of_the_same_family() {
    let files = [("a/app.py", FLASK)];
    let meets = |of_finding: u32, of_alert: u32| {
        met(&files, ("a/app.py", 8, of_finding), &alert("GET", "/search", of_alert, "' OR 1"))
    };
    assert!(meets(89, 89) && meets(943, 89) && meets(78, 77));
    assert!(!meets(89, 79) && !meets(79, 89) && !meets(89, 0) && !meets(200, 200));
}

#[test]
fn an_address_that_two_declare_is_about_neither() {
    let zap = alert("GET", "/search", 89, "' OR 1");
    assert!(!met(&[("a/app.py", FLASK), ("b/app.py", FLASK)], ("a/app.py", 8, 89), &zap));
    // What is declared literally goes before what a parameter allows.
    let any = FLASK.replace("\"/search\"", "\"/<name>\"");
    assert!(met(&[("a/app.py", FLASK), ("b/app.py", &any)], ("a/app.py", 8, 89), &zap));
    // Part of the address is said by a blueprint, once.
    let blueprint = FLASK.replace("app = Flask(__name__)", "app = Blueprint(\"x\", url_prefix=\"/admin\")");
    let inner = alert("GET", "/admin/search", 89, "' OR 1");
    assert!(met(&[("a/app.py", &blueprint)], ("a/app.py", 8, 89), &inner));
    assert!(!met(&[("a/app.py", &blueprint)], ("a/app.py", 8, 89), &zap));
    let two = blueprint.replace(
        "\n\n@app.route(\"/search\")",
        "\nother = Blueprint(\"y\", url_prefix=\"/y\")\n@app.route(\"/search\")",
    );
    assert!(!met(&[("a/app.py", &two)], ("a/app.py", 8, 89), &inner));
}

#[test]
fn what_was_seen_without_an_attack_is_about_none() {
    assert!(!met(&[("a/app.py", FLASK)], ("a/app.py", 8, 89), &alert("GET", "/search", 89, "")));
    let nuclei = r#"{"template-id":"sqli","info":{"name":"SQL injection","severity":"high","classification":{"cwe-id":["cwe-89"]}},"host":"http://shop","matched-at":"http://shop/search?q=1","request":"GET /search?q=1 HTTP/1.1\r\n","matcher-status":true,"timestamp":"2026-04-24T14:00:00Z"}"#;
    assert!(met(&[("a/app.py", FLASK)], ("a/app.py", 8, 89), nuclei));
    assert!(!met(&[("a/app.py", FLASK)], ("a/app.py", 8, 89), &nuclei.replace("\"high\"", "\"info\"")));
}

#[test]
fn odd_sources_cost_nothing() {
    let zap = alert("GET", "/search", 89, "' OR 1");
    for text in [
        "@app.route(\"/search\")",
        "@app.route(\"/search",
        "@app.route(\"/search\")\n@",
        "app.get('/search', )\n",
        "app.get('/é/*', x)\n",
        "app.get(\n",
        "app.get(\n  '/search',\n",
        "@app.route(\n  '/search',\n",
    ] {
        assert!(!met(&[("a/app.py", text)], ("a/app.py", 1, 79), &zap), "{text}");
    }
    let long = format!("{}{FLASK}", "# a line\n".repeat(200_000));
    assert!(!met(&[("a/app.py", &long)], ("a/app.py", 200_008, 89), &zap), "it is too large to be looked at");
}

#[test]
fn an_address_under_a_path_that_another_file_puts_before_it_is_about_none() {
    let server = "app.use('/search', require('./search'));\napp.use(express.json());\n";
    let zap = |host: &str| alert("GET", "/search", 89, "' OR 1").replace("http://shop", host);
    let deployed = "services:\n  one: {build: ./a}\n  two: {build: ./b}\n";
    let files = |server: &'static str| {
        [
            ("a/app.py", FLASK),
            ("b/server.js", server),
            ("a/Dockerfile", "FROM scratch\nCOPY . .\n"),
            ("b/Dockerfile", "FROM scratch\nCOPY . .\n"),
            ("compose.yaml", deployed),
        ]
    };
    let at = ("a/app.py", 8, 89);
    assert!(met(&files(""), at, &zap("http://shop")));
    assert!(!met(&files(server), at, &zap("http://shop")), "it may be that of the other file");
    // The host says which of the two is meant.
    assert!(met(&files(server), at, &zap("http://one:5000")));
    assert!(met(&files(server), at, &zap("http://one.prod.svc.cluster.local")));
    assert!(
        !met(&files(server), at, &zap("http://two:5000")) && !met(&files(server), at, &zap("http://one.example.com"))
    );
    let group = "r.Route(\"/api\", func(r chi.Router) {\n\tr.Get(\"/pay\", func(w W, r *R) {\n\t\trun(r.FormValue(\"q\"))\n\t})\n})\n";
    for path in ["/pay", "/api/pay"] {
        assert!(!met(&[("a/pay.go", group)], ("a/pay.go", 3, 89), &alert("GET", path, 89, "' OR 1")), "{path}");
    }
}
