#!/bin/sh
# Makes the pictures of the README anew, each beside the terminal text that it is drawn from.
#
#   screenshots/make.sh [QUELL]     the program, else the one that `cargo build` makes
#
# Needs tmux 3.3 or later, and a PYTHON (else python3) with pyte and Pillow; `render.py` names the fonts.
set -euf

here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
quell=${1:-}
if [ -z "$quell" ]; then
    cargo build --locked --manifest-path "$here/../Cargo.toml"
    quell=$here/../target/debug/quell
fi
quell=$(realpath "$quell")

work=$(mktemp -d)
socket=quell-pictures-$$
term() { tmux -L "$socket" -f /dev/null "$@"; }
trap 'term kill-server 2>/dev/null || true; rm -rf "$work"' EXIT
# Nothing of this machine's settings gets into a picture.
export LC_ALL=C.UTF-8 HOME="$work" XDG_STATE_HOME="$work/state" GIT_CONFIG_GLOBAL=/dev/null
unset NO_COLOR COLORTERM TMUX XDG_CONFIG_HOME

# The sample shop in a folder of that name, with one file that was edited after the scan; and a patch of several hunks.
fresh() {
    rm -rf "$work/shop"
    "$quell" demo --no-open "$work/shop" >"$work/where"
    (
        cd "$work/shop"
        sed -i -e 's/hashlib.sha1(/hashlib.sha256(/' -e 's/book=\[\]/book=None/' \
            -e 's/hash_password(password, salt) == stored/hmac.compare_digest(hash_password(password, salt), stored)/' \
            -e 's/usedforsecurity=False/usedfor\xe2\x80\x8bsecurity=False/' backend/accounts.py
        git diff backend/accounts.py >"$work/agent.diff"
        git checkout -q backend/accounts.py
    )
    sed -i 's/timeout=10/timeout=30/' "$work/shop/backend/mailer.py"
}

screen() { term capture-pane -t s -p; }

# Waits until the screen shows a text and nothing on it changes any more, such as colours that come late.
wait_for() {
    before=; same=0; tries=0
    while [ "$same" -lt 4 ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 300 ]; then
            echo "waited for: $1" >&2
            screen >&2
            exit 1
        fi
        now=$(term capture-pane -t s -e -p -N)
        if [ "$now" = "$before" ] && screen | grep -qF -- "$1"; then same=$((same + 1)); else same=0; fi
        before=$now
        sleep 0.05
    done
}

# shoot NAME WIDTHxHEIGHT GROUND 'SETTINGS AND OPTIONS' [KEYS TEXT]…: presses keys, waits for a text after each. Keys
# that begin with `=` are typed as they are.
shoot() {
    name=$1 size=$2 ground=$3 settings=$4
    shift 4
    fresh
    (cd "$work/shop" && term new-session -d -s s -x "${size%x*}" -y "${size#*x}" \
        "exec env TERM=tmux-256color ${settings%%--*} '$quell' $(echo "$settings" | grep -o -- '--.*' || true)")
    term set -g status off
    term resize-window -t s -x "${size%x*}" -y "${size#*x}"
    wait_for '? help'
    wait_for '124 open'
    while [ $# -gt 0 ]; do
        case $1 in
        =*) term send-keys -t s -l -- "${1#=}" ;;
        *) term send-keys -t s -- $1 ;;
        esac
        wait_for "$2"
        shift 2
    done
    term capture-pane -t s -e -p -N >"$here/$name.ansi"
    term kill-server
    "$python" "$here/render.py" "$size" "$ground" "$here/$name.ansi" "$here/$name.png"
    echo "$name"
}

shoot list 120x40 dark '' \
    j '2/124'
shoot why 120x40 dark '' \
    w 'Ladder'
shoot services 120x40 dark '' \
    'b v' 'group service' 'z l' '+++++++'
shoot dashboard 120x40 dark '' \
    D 'Came in'
shoot flow 120x40 dark '' \
    / 'Enter keep' '=rule:sql-from-input' '4 of 124' Enter '1/4' t 'step 1 of' n 'step 2 of'
shoot review 120x40 dark "--fixes $work/agent.diff" \
    / 'Enter keep' '=severity:high is:fixable tool:semgrep' 'of 124' Enter 'f keeps it' 'S s' 'sort severity' \
    '*' 'sel' f 'fixes kept' F 'writes ' '] c' 'hunk 1 of' y '1 of 3 hunks' y '2 of 3 hunks'
shoot accept-risk 120x40 dark '' \
    / 'Enter keep' '=weak hash' 'of 124' Enter 'open' \
    a 'Accept risk' '=the hash names a cache entry, nothing secret' 'nothing secret' Tab '> Until' + '+ - move'
shoot help 120x40 dark '' \
    '?' 'Marks'
shoot palette 120x40 dark '' \
    : 'Commands' '=fix' 'batch'
shoot list-80x24 80x24 dark '' \
    j '2/124'
shoot detail-80x24 80x24 dark '' \
    / 'Enter keep' '=is:fixable severity:high' 'of 124' Enter '1/' Enter 'f keeps it'
shoot light 120x40 light 'COLORTERM=truecolor --theme light' \
    'b f' 'group file' j 'HIGH' j 'HIGH' Space 'sel' Space 'sel'
shoot mono 80x24 dark 'NO_COLOR=1' \
    / 'Enter keep' '=severity:high is:fixable' 'of 124' Enter '1/' '*' 'sel' f 'fixes kept' F 'writes '
