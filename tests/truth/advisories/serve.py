"""Answers scanners that ask for advisories, with the facts of advisories.json.

The scanners of dependencies ask their registries for advisories. Where these cannot be reached, and so that a run next
year finds the same, pip-audit and npm audit ask this service instead, and govulncheck a folder that it writes.

    python3 serve.py PORT          on 127.0.0.1: OSV's query for pip-audit, the bulk endpoint for npm
    python3 serve.py --go FOLDER   a database for govulncheck -db file://FOLDER
"""

import gzip
import json
import os
import pathlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ALL = json.loads(pathlib.Path(__file__).with_name("advisories.json").read_text())
STAMP = "2024-12-31T00:00:00Z"


def of(kind):
    return [one for one in ALL if one["kind"] == kind]


def osv(one):
    events = [{"introduced": one["introduced"]}]
    if one["fixed"]:
        events.append({"fixed": one["fixed"]})
    kind = "SEMVER" if one["kind"] == "Go" else "ECOSYSTEM"
    affected = {
        "package": {"ecosystem": one["kind"], "name": one["package"]},
        "ranges": [{"type": kind, "events": events}],
    }
    if "imports" in one:
        pairs = one["imports"].items()
        affected["ecosystem_specific"] = {"imports": [{"path": path, "symbols": names} for path, names in pairs]}
    return {
        "schema_version": "1.3.1",
        "id": one["id"],
        "aliases": one["aliases"],
        "modified": STAMP,
        "published": STAMP,
        "summary": one["title"],
        "details": one["title"],
        "affected": [affected],
    }


def version(text):
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def is_hit(one, package, installed):
    low, high = version(one["introduced"]), one["fixed"]
    is_above = version(installed) >= low
    return one["package"] == package.lower() and is_above and (not high or version(installed) < version(high))


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        asked = json.loads(body)
        if "advisories/bulk" in self.path:
            answer = {}
            for number, one in enumerate(of("npm"), 1):
                if one["package"] in asked:
                    answer[one["package"]] = [
                        {
                            "id": 1_000_000 + number,
                            "url": "https://github.com/advisories/" + one["id"],
                            "title": one["title"],
                            "severity": one["severity"],
                            "vulnerable_versions": one["range"],
                            "cwe": one["cwe"],
                            "cvss": {"score": one["score"], "vectorString": one["vector"]},
                        }
                    ]
        else:
            package, installed = asked["package"]["name"], asked["version"]
            answer = {"vulns": [osv(one) for one in of("PyPI") if is_hit(one, package, installed)]}
        answer = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def do_GET(self):
        # npm asks what versions there are; its own registry knows.
        self.send_response(307)
        self.send_header("Location", os.environ.get("REGISTRY", "").rstrip("/") + self.path)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def write_go(folder):
    folder = pathlib.Path(folder)
    (folder / "index").mkdir(parents=True, exist_ok=True)
    (folder / "ID").mkdir(exist_ok=True)
    modules = {}
    for one in of("Go"):
        (folder / "ID" / (one["id"] + ".json")).write_text(json.dumps(osv(one)))
        entry = {"id": one["id"], "modified": STAMP}
        if one["fixed"]:
            entry["fixed"] = one["fixed"]
        modules.setdefault(one["package"], []).append(entry)
    listed = [{"path": path, "vulns": vulns} for path, vulns in sorted(modules.items())]
    (folder / "index" / "modules.json").write_text(json.dumps(listed))
    vulns = [{"id": one["id"], "modified": STAMP, "aliases": one["aliases"]} for one in of("Go")]
    (folder / "index" / "vulns.json").write_text(json.dumps(vulns))
    (folder / "index" / "db.json").write_text(json.dumps({"modified": STAMP}))


if __name__ == "__main__":
    if sys.argv[1] == "--go":
        write_go(sys.argv[2])
    else:
        ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
