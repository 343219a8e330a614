//! The sample project, inside the program. A test compares these tables with the folders.

/// A path and its bytes.
pub(super) type Embedded = (&'static str, &'static [u8]);

macro_rules! embedded {
    ($folder:literal: $($path:literal),+ $(,)?) => {
        &[$(($path, include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/demo/", $folder, "/", $path)))),+]
    };
}

/// Which commit writes which file; the format is described at its head.
pub(super) const HISTORY: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/demo/history.toml"));

/// The tree after the last commit.
pub(super) const SHOP: &[Embedded] = embedded!["shop":
    ".dockerignore",
    ".semgrepignore",
    "README.md",
    "backend/Dockerfile",
    "backend/__init__.py",
    "backend/accounts.py",
    "backend/admin.py",
    "backend/app.py",
    "backend/db.py",
    "backend/exports.py",
    "backend/greetings.py",
    "backend/images.py",
    "backend/invoices.py",
    "backend/labels.py",
    "backend/mailer.py",
    "backend/orders.py",
    "backend/pricing.py",
    "backend/redirects.py",
    "backend/requirements.txt",
    "backend/scripts/backup.py",
    "backend/scripts/nightly_reports.py",
    "backend/search.py",
    "backend/sessions.py",
    "backend/settings.py",
    "backend/suppliers.py",
    "backend/templates/order.html",
    "backend/templates/report.html",
    "backend/tests/__init__.py",
    "backend/tests/test_accounts.py",
    "backend/tests/test_admin.py",
    "backend/tests/test_pricing.py",
    "backend/tests/test_sessions.py",
    "backend/webhooks.py",
    "deploy/k8s/00-namespace.yaml",
    "deploy/k8s/10-backend.yaml",
    "deploy/k8s/20-storefront.yaml",
    "deploy/k8s/30-payments.yaml",
    "deploy/k8s/40-reports.yaml",
    "deploy/k8s/50-ingress.yaml",
    "docker-compose.yml",
    "payments/Dockerfile",
    "payments/go.mod",
    "payments/main.go",
    "payments/processor.go",
    "payments/reference.go",
    "payments/reference_test.go",
    "payments/store.go",
    "storefront/Dockerfile",
    "storefront/lib/backend.js",
    "storefront/lib/format.js",
    "storefront/lib/messages.js",
    "storefront/lib/session.js",
    "storefront/lib/templates.js",
    "storefront/lib/validate.js",
    "storefront/package.json",
    "storefront/public/app.js",
    "storefront/routes/account.js",
    "storefront/routes/cart.js",
    "storefront/routes/images.js",
    "storefront/routes/pages.js",
    "storefront/routes/search.js",
    "storefront/routes/tools.js",
    "storefront/server.js",
    "storefront/test/session.test.js",
    "storefront/test/validate.test.js",
];

/// First versions of files that a later commit changes.
pub(super) const EARLIER: &[Embedded] = embedded!["earlier":
    "backend/search.py",
    "deploy/k8s/10-backend.yaml",
    "storefront/routes/account.js",
];

/// What is known of the flaws beside the reports; which of it is real stands in its README.
pub(super) const EVIDENCE: &[Embedded] = embedded!["evidence":
    "backend-october.openvex.json",
    "backend.openvex.json",
    "falco.json",
    "hubble.json",
    "production.coverage.json",
    "socket.facts.json",
    "trivy-storefront.json",
    "trivy.json",
    "zap.json",
];

/// What the scanners wrote.
pub(super) const REPORTS: &[Embedded] = embedded!["reports":
    "bandit.sarif",
    "checkov.sarif.gz",
    "eslint.sarif",
    "ruff.sarif",
    "semgrep-taint.sarif",
    "semgrep.sarif",
];
