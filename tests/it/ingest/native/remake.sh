#!/bin/sh
# Makes the reports in reports/ and the fixed files in fixed/ again: copies code/ to /src/native and runs each tool
# there, so that no path of a person's machine gets into a report.
#
#   sh tests/it/ingest/native/remake.sh PYTHON_BIN OLD_SEMGREP_BIN NODE_PREFIX
#
# PYTHON_BIN has bandit[sarif] 1.9.4, ruff 0.17.5 and semgrep 1.182.0; OLD_SEMGREP_BIN has semgrep 1.99.0, whose free
# engine still writes flows; NODE_PREFIX has eslint 8.57.1, @microsoft/eslint-formatter-sarif 3.1.0 and
# eslint-plugin-security 1.7.1. Clippy is that of the toolchain.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
python=$1
old_semgrep=$2
node=$3
tree=/src/native
SEMGREP_SETTINGS_FILE=$(mktemp -u)
export SEMGREP_SETTINGS_FILE ESLINT_USE_FLAT_CONFIG=false

fresh() {
    rm -rf "$tree" /src/rules
    mkdir -p /src
    cp -R "$here/code" "$tree"
    cp -R "$here/rules" /src/rules
    git -C "$tree" init --quiet
    git -C "$tree" -c core.autocrlf=false add --all
    git -C "$tree" -c user.name=a -c user.email=a@example.org -c commit.gpgsign=false commit --quiet --message first
    cd "$tree"
}

keep() {
    mkdir -p "$here/fixed/$1/$(dirname "$2")"
    cp "$tree/$2" "$here/fixed/$1/$2"
}

semgrep() {
    bin=$1
    shift
    PATH="$bin:$PATH" command semgrep scan --quiet --metrics=off --disable-version-check --jobs 1 "$@" .
}

eslint() {
    "$node/node_modules/.bin/eslint" --no-eslintrc -c web/eslintrc.json --resolve-plugins-relative-to "$node" "$@" web || true
}

out="$here/reports"
rm -rf "$here/fixed" "$out"
mkdir -p "$out"

fresh
"$python/bandit" --quiet -f json -o "$out/bandit.json" shop/app.py || true
"$python/bandit" --quiet -f sarif -o "$out/bandit.sarif" shop/app.py || true
for format in json sarif; do
    "$python/ruff" check --isolated --no-cache --select E,F,UP,B,S --output-format $format -o "$out/ruff.$format" shop/app.py || true
done
semgrep "$python" --config ../rules/fix.yml --json -o "$out/semgrep.json"
semgrep "$python" --config ../rules/fix.yml --autofix --dryrun --sarif -o "$out/semgrep.sarif"
semgrep "$old_semgrep" --config ../rules/taint.yml --dataflow-traces --json -o "$out/semgrep-taint.json"
semgrep "$old_semgrep" --config ../rules/taint.yml --dataflow-traces --sarif -o "$out/semgrep-taint.sarif"
eslint -f json -o "$out/eslint.json"
eslint -f "$node/node_modules/@microsoft/eslint-formatter-sarif/sarif.js" -o "$out/eslint.sarif"
cargo clippy --quiet --message-format=json > "$out/clippy.json"

"$python/ruff" check --quiet --isolated --no-cache --select F401,F841,E711,UP003 --fix --unsafe-fixes shop/app.py || true
keep ruff shop/app.py
fresh
semgrep "$python" --config ../rules/fix.yml --autofix
keep semgrep shop/app.py
fresh
eslint --fix
keep eslint web/cart.js
keep eslint web/list.js
fresh
cargo clippy --quiet --fix --allow-dirty --allow-staged || true
keep clippy src/lib.rs
