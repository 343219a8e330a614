#!/bin/sh
# Makes the reports of the three projects with a known truth again: copies each to /src, runs the scanners there, its tests
# and its programs, and writes LANGUAGE/reports.
#
#   sh tests/truth/remake.sh             scratch folder: ${TMPDIR:-/tmp}/quell-truth
#   QUELL_TRUTH_SCRATCH=DIR sh tests/truth/remake.sh
#
# It needs python3 with venv, node 20 with npm, Go 1.22 or later, git, curl, the right to write /src, and govulncheck
# (GOVULNCHECK=FILE, else `go install golang.org/x/vuln/cmd/govulncheck@v1.6.0`). The reports are written as the tools made
# them. The advisories come from advisories/advisories.json by advisories/serve.py: what pip-audit, npm audit and
# govulncheck find is that of the tools, the database that they ask is ours.
set -eu
LC_ALL=C.UTF-8
export LC_ALL

SEMGREP=1.182.0
BANDIT=1.9.4
COVERAGE=7.10.6
PIP_AUDIT=2.10.1
PIP_TOOLS=7.5.0
ESLINT=8.57.1
ESLINT_SECURITY=1.7.1
ESLINT_SARIF=3.1.0
C8=10.1.3
PORT=8911

here=$(cd "$(dirname "$0")" && pwd)
scratch=${QUELL_TRUTH_SCRATCH:-${TMPDIR:-/tmp}/quell-truth}
mkdir -p "$scratch" /src

venv() {
    name=$1
    shift
    stamp="$scratch/$name/.installed"
    if [ "$(cat "$stamp" 2>/dev/null || true)" != "$*" ]; then
        rm -rf "${scratch:?}/$name"
        python3 -m venv "$scratch/$name"
        "$scratch/$name/bin/pip" install --quiet --disable-pip-version-check "$@"
        echo "$*" > "$stamp"
    fi
}

# A fresh copy of a project in git, because scanners list its files through git. No file is left out for being a test.
fresh() {
    rm -rf "${2:?}"
    cp -R "$here/$1/project" "$2"
    : > "$2/.semgrepignore"
    git -C "$2" init --quiet
    git -C "$2" add --all
    git -C "$2" -c user.name=truth -c user.email=truth@truth.example -c commit.gpgsign=false \
        commit --quiet --message "the project"
}

semgrep() {
    (
        cd "$1"
        PATH="$scratch/semgrep/bin:$PATH"
        SEMGREP_SETTINGS_FILE="$scratch/semgrep-settings.yml"
        export PATH SEMGREP_SETTINGS_FILE
        nice semgrep scan --quiet --metrics=off --disable-version-check --jobs 1 \
            --config ../semgrep.yml --sarif --output "$2" . > /dev/null
    )
}

# Waits until a port answers, at most ten seconds.
up() {
    curl --silent --output /dev/null --retry 50 --retry-connrefused --retry-delay 0 --retry-max-time 10 \
        "http://127.0.0.1:$1/" || true
}

ask() {
    curl --silent --output /dev/null --max-time 10 "$@" || true
}

echo "installing the scanners into $scratch"
venv semgrep "semgrep==$SEMGREP"
venv tools "bandit[sarif]==$BANDIT" "pip-audit==$PIP_AUDIT" "pip-tools==$PIP_TOOLS"
if [ ! -x "$scratch/npm/node_modules/.bin/c8" ]; then
    mkdir -p "$scratch/npm"
    npm install --silent --no-audit --no-fund --prefix "$scratch/npm" "eslint@$ESLINT" \
        "eslint-plugin-security@$ESLINT_SECURITY" "@microsoft/eslint-formatter-sarif@$ESLINT_SARIF" "c8@$C8"
fi
cp "$here/rules/semgrep.yml" /src/semgrep.yml
cp "$here/rules/eslint.json" /src/eslint.json

REGISTRY=$(npm config get registry) python3 "$here/advisories/serve.py" "$PORT" &
service=$!
trap 'kill $service 2> /dev/null || true' EXIT
up "$PORT"

out="$scratch/reports"
rm -rf "$out"
mkdir -p "$out/python" "$out/javascript" "$out/go"

echo "python"
project=/src/parcels
fresh python "$project"
cd "$project"
venv parcels setuptools wheel "coverage==$COVERAGE"
"$scratch/parcels/bin/pip" install --quiet --disable-pip-version-check --no-build-isolation \
    -r web/requirements.txt -r printer/requirements.txt -r requirements-dev.txt
semgrep "$project" "$out/python/semgrep.sarif"
nice "$scratch/tools/bin/bandit" --quiet --exit-zero --recursive --format sarif \
    --output "$out/python/bandit.sarif" .
for list in web/requirements.txt printer/requirements.txt requirements-dev.txt; do
    "$scratch/tools/bin/pip-audit" --requirement "$list" --no-deps --disable-pip --progress-spinner off \
        --vulnerability-service osv --osv-url "http://127.0.0.1:$PORT/v1/query" --desc on --aliases on \
        --format json --output "$out/python/$(echo "$list" | tr / - | sed 's/\.txt$//').pip-audit.json" || true
done
cat > "$scratch/coveragerc" << RC
[run]
relative_files = true
sigterm = true
source = .
RC
# In place of the shell that calls it, so that a signal gets there.
covered() { exec "$scratch/parcels/bin/coverage" run --rcfile "$scratch/coveragerc" --data-file "$scratch/$1.coverage" -m "$2"; }
json() {
    "$scratch/parcels/bin/coverage" json --quiet --rcfile "$scratch/coveragerc" --data-file "$scratch/$1.coverage" \
        -o "$out/python/$1.coverage.json"
}
(covered tests pytest) > /dev/null
json tests
rm -f "$scratch"/staging*.coverage*
export PARCELS_DB="$scratch/parcels.db"
covered staging web.app > "$scratch/web.log" 2>&1 &
web=$!
up 8000
ask "http://127.0.0.1:8000/track?number=1"
ask "http://127.0.0.1:8000/hello?name=x"
ask "http://127.0.0.1:8000/document?file=none"
ask "http://127.0.0.1:8000/logo?url=http://127.0.0.1:$PORT/"
ask "http://127.0.0.1:8000/label?number=1"
ask --data-binary "a: 1" "http://127.0.0.1:8000/rates"
ask --form "photo=@web/app.py" "http://127.0.0.1:8000/photo"
ask --data "user=office&password=x" "http://127.0.0.1:8000/login"
kill -TERM "$web"
wait "$web" || true
json staging
cd "$here"

echo "javascript"
project=/src/noticeboard
fresh javascript "$project"
cd "$project"
npm ci --silent --no-audit --no-fund
semgrep "$project" "$out/javascript/semgrep.sarif"
ESLINT_USE_FLAT_CONFIG=false nice "$scratch/npm/node_modules/.bin/eslint" --no-eslintrc --config /src/eslint.json \
    --resolve-plugins-relative-to "$scratch/npm" \
    --format "$scratch/npm/node_modules/@microsoft/eslint-formatter-sarif/sarif.js" \
    --output-file "$out/javascript/eslint.sarif" . || test $? -eq 1
npm audit --json --registry "http://127.0.0.1:$PORT/" > "$out/javascript/npm-audit.json" || true
c8() {
    label=$1
    shift
    "$scratch/npm/node_modules/.bin/c8" --clean --temp-directory "$scratch/c8-$label" --reporter lcovonly \
        --reports-dir "$scratch/c8-$label-report" --all --src . "$@"
    cp "$scratch/c8-$label-report/lcov.info" "$out/javascript/$label.lcov.info"
}
c8 tests node --test test/ > /dev/null
cat > "$scratch/staging.js" << JS
const url = "http://127.0.0.1:8080";
const paths = ["/notices?filter=true", "/search?q=a", "/page?title=a", "/picture?name=a", "/thumbnail?name=a",
  "/preview?url=http://127.0.0.1:$PORT/"];
const server = require("$project/web/server").listen(8080, async () => {
  for (const path of paths) await fetch(url + path).then((answer) => answer.text());
  server.close();
  server.closeAllConnections();
});
JS
c8 staging node "$scratch/staging.js" > /dev/null 2>&1
cd "$here"

echo "go"
project=/src/metering
fresh go "$project"
cd "$project"
semgrep "$project" "$out/go/semgrep.sarif"
python3 "$here/advisories/serve.py" --go "/src/vulndb"
govulncheck=${GOVULNCHECK:-}
if [ -z "$govulncheck" ]; then
    GOBIN="$scratch/bin" go install golang.org/x/vuln/cmd/govulncheck@v1.6.0
    govulncheck="$scratch/bin/govulncheck"
fi
"$govulncheck" -db "file:///src/vulndb" -test -format json ./... > "$out/go/govulncheck.json"
"$govulncheck" -db "file:///src/vulndb" -test -format sarif ./... > "$out/go/govulncheck.sarif"
go test -coverpkg ./... -coverprofile "$out/go/tests.cover.out" ./... > /dev/null
rm -rf "$scratch/staging"
mkdir -p "$scratch/staging"
go build -cover -coverpkg ./... -o "$scratch/api" ./cmd/api
METERING_KEY=k GOCOVERDIR="$scratch/staging" "$scratch/api" > "$scratch/api.log" 2>&1 &
api=$!
up 8080
for path in hello?name=a bill?number=a chart?title=a whoami "import?url=http://127.0.0.1:$PORT/"; do
    ask --header "Accept-Language: de" "http://127.0.0.1:8080/$path"
done
# {"alg":"HS256","typ":"JWT"} and {"aud":"metering"}, signed with the key above.
token=$(python3 -c '
import base64, hashlib, hmac
pack = lambda data: base64.urlsafe_b64encode(data).rstrip(b"=")
body = pack(b"{\"alg\":\"HS256\",\"typ\":\"JWT\"}") + b"." + pack(b"{\"aud\":\"metering\"}")
print((body + b"." + pack(hmac.new(b"k", body, hashlib.sha256).digest())).decode())')
ask --header "Authorization: $token" "http://127.0.0.1:8080/whoami"
kill -TERM "$api"
wait "$api" || true
go tool covdata textfmt -i "$scratch/staging" -o "$out/go/staging.cover.out"
cd "$here"

# No path of this machine may stand in a report.
if grep -rnE "$scratch|${HOME:-/none}/" "$out" > "$scratch/leak"; then
    echo "a path of this machine stands in a report:" >&2
    head -3 "$scratch/leak" >&2
    exit 1
fi
for language in python javascript go; do
    rm -rf "$here/$language/reports"
    cp -R "$out/$language" "$here/$language/reports"
done
