#!/bin/sh
# Makes the reports of the sample shop again: installs the scanners into a scratch
# folder, copies the shop to /src/shop, runs each scanner there, and writes
# reports/ and autofixed/ beside this script.
#
#   sh tests/demo/remake.sh            scratch folder: ${TMPDIR:-/tmp}/quell-demo
#   QUELL_DEMO_SCRATCH=DIR sh tests/demo/remake.sh
#
# It needs python3 with venv, node with npm, git, gzip, and the right to write /src.
# The versions are pinned. The reports are written as the scanners made them. Two runs
# give the same bytes, but for the time in bandit's report.
set -eu
LC_ALL=C.UTF-8
export LC_ALL

SEMGREP=1.182.0
SEMGREP_TAINT=1.99.0     # the free engine of later versions writes no code flows
BANDIT=1.9.4
RUFF=0.17.5
CHECKOV=3.3.30
ESLINT=8.57.1
ESLINT_SECURITY=1.7.1
ESLINT_SARIF=3.1.0

RUFF_SELECT=B,E,F,I,UP,S506,S608
RUFF_IGNORE=E501,UP031
BANDIT_SKIP=B101,B104,B403,B404,B603,B607
CHECKOV_CHECKS=CKV_DOCKER_3,CKV_DOCKER_4,CKV_DOCKER_7,CKV_DOCKER_8,CKV_K8S_13,CKV_K8S_14,CKV_K8S_16,CKV_K8S_20,CKV_K8S_23,CKV2_K8S_6

here=$(cd "$(dirname "$0")" && pwd)
scratch=${QUELL_DEMO_SCRATCH:-${TMPDIR:-/tmp}/quell-demo}
shop=/src/shop
mkdir -p "$scratch" /src

# A virtual environment NAME with the given packages, made once.
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

# A fresh copy of the shop under /src/shop, in git, because semgrep lists its files
# through git.
fresh() {
    rm -rf "$shop"
    cp -R "$here/shop" "$shop"
    chmod 755 "$shop/backend/scripts/backup.py"
    git -C "$shop" init --quiet
    git -C "$shop" -c core.autocrlf=false add --all
    git -C "$shop" -c user.name=shop -c user.email=shop@shop.example \
        -c commit.gpgsign=false commit --quiet --message "the shop"
}

# The rules lie in /src, so that their ids have no path in front.
semgrep() {
    version=$1
    shift
    (
        cd "$shop"
        PATH="$scratch/semgrep-$version/bin:$PATH"
        SEMGREP_SETTINGS_FILE="$scratch/semgrep-settings.yml"
        SEMGREP_VERSION_CACHE_PATH="$scratch/semgrep-version"
        export PATH SEMGREP_SETTINGS_FILE SEMGREP_VERSION_CACHE_PATH
        nice semgrep scan --quiet --metrics=off --disable-version-check --jobs 1 "$@" .
    )
}

ruff() {
    (cd "$shop" && nice "$scratch/python/bin/ruff" check --isolated --no-cache \
        --exit-zero --select "$RUFF_SELECT" --ignore "$RUFF_IGNORE" --unsafe-fixes "$@" .)
}

# The files of /src/shop that differ from the shop, with their bytes, below autofixed/TOOL.
keep_changed() {
    out="$here/autofixed/$1"
    rm -rf "$out"
    git -C "$shop" -c core.quotepath=false diff --name-only | while IFS= read -r path; do
        mkdir -p "$out/$(dirname "$path")"
        cp -p "$shop/$path" "$out/$path"
    done
}

echo "installing the scanners into $scratch"
venv "semgrep-$SEMGREP" "semgrep==$SEMGREP"
venv "semgrep-$SEMGREP_TAINT" "semgrep==$SEMGREP_TAINT"
venv python "bandit[sarif]==$BANDIT" "ruff==$RUFF"
venv checkov "checkov==$CHECKOV"
if [ ! -x "$scratch/npm/node_modules/.bin/eslint" ]; then
    mkdir -p "$scratch/npm"
    npm install --silent --no-audit --no-fund --prefix "$scratch/npm" \
        "eslint@$ESLINT" "eslint-plugin-security@$ESLINT_SECURITY" \
        "@microsoft/eslint-formatter-sarif@$ESLINT_SARIF"
fi

reports="$scratch/reports"
rm -rf "$reports"
mkdir -p "$reports"
cp "$here/rules/semgrep.yml" /src/semgrep.yml
cp "$here/rules/semgrep-taint.yml" /src/semgrep-taint.yml
cp "$here/rules/eslint.json" /src/eslint.json
fresh

echo "semgrep"
semgrep "$SEMGREP" --config ../semgrep.yml --autofix --dryrun \
    --sarif --output "$reports/semgrep.sarif" > /dev/null
semgrep "$SEMGREP_TAINT" --config ../semgrep-taint.yml --dataflow-traces \
    --sarif --output "$reports/semgrep-taint.sarif" > /dev/null

echo "bandit"
(cd "$shop" && nice "$scratch/python/bin/bandit" --quiet --exit-zero --recursive \
    --skip "$BANDIT_SKIP" --format sarif --output "$reports/bandit.sarif" .)

echo "ruff"
ruff --output-format sarif --output-file "$reports/ruff.sarif"

echo "eslint"
(cd "$shop" && ESLINT_USE_FLAT_CONFIG=false nice "$scratch/npm/node_modules/.bin/eslint" \
    --no-eslintrc --config /src/eslint.json --resolve-plugins-relative-to "$scratch/npm" \
    --format "$scratch/npm/node_modules/@microsoft/eslint-formatter-sarif/sarif.js" \
    --output-file "$reports/eslint.sarif" storefront) || test $? -eq 1

echo "checkov"
# One process and a sorted list of files: the order of the results is then the same.
files=$(cd "$shop" && find . -name Dockerfile -o -path './deploy/*.yaml' |
    sort | sed 's#^\./#--file #')
# shellcheck disable=SC2086 # the list is words on purpose
(cd "$shop" && PYTHONHASHSEED=0 CHECKOV_PARALLELIZATION_TYPE=none \
    nice "$scratch/checkov/bin/checkov" $files \
    --framework dockerfile kubernetes --check "$CHECKOV_CHECKS" --quiet --compact \
    --soft-fail --skip-download --output sarif --output-file-path "$scratch/checkov-out" \
    > /dev/null)
gzip -n -9 < "$scratch/checkov-out/results_sarif.sarif" > "$reports/checkov.sarif.gz"

echo "the tools' own fixes"
fresh
semgrep "$SEMGREP" --config ../semgrep.yml --autofix > /dev/null
keep_changed semgrep
fresh
ruff --fix --output-format concise > /dev/null
keep_changed ruff
fresh

# No path of this machine may stand in a report.
for report in "$reports"/*; do
    if gzip -dcf "$report" | grep -nE "$scratch|${HOME:-/none}/" > "$scratch/leak"; then
        echo "a path of this machine stands in $report:" >&2
        head -3 "$scratch/leak" >&2
        exit 1
    fi
done
rm -rf "$here/reports"
mkdir -p "$here/reports"
cp "$reports"/* "$here/reports/"

python3 "$here/check_autofix.py"
