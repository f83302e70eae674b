# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# What the story of the demonstration is told with. Sourced.

program=${MUJAWARA_BINARY:?names the program}
work=$(mktemp -d "${TMPDIR:-/tmp}/mujawara-demonstration.XXXXXX")
stick=$work/stick
mkdir "$stick"
printf 'bocal tempête lundi safran quai\n' >"$work/passphrase"
chmod 600 "$work/passphrase"
server=
address=
claims=()

finish() {
  if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
    kill "$server"
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'printf "\nThe demonstration failed in this step.\n" >&2; exit 1' ERR

say() { printf '\n%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
flop() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# C runs in a network namespace without interfaces where that is allowed.
alone=()
if unshare --net true 2>/dev/null; then alone=(unshare --net); fi

# Runs the program as one of the places: a process of its own, with a folder of its own.
as() {
  local place=$1
  shift
  local run=(env "MUJAWARA_HOME=$work/$place" "$program" "$@" --no-input)
  case $place in
    B) "${run[@]}" --passphrase-file "$work/passphrase" ;;
    C) "${alone[@]}" "${run[@]}" ;;
    *) "${run[@]}" ;;
  esac
}

# One value of the first JSON line that a command prints: json PLACE PATH COMMAND…
json() {
  local place=$1 path=$2
  shift 2
  local printed
  printed=$(as "$place" "$@" --json)
  python3 - "$path" "$printed" <<'PY'
import json, sys
path, printed = sys.argv[1:]
value = json.loads(printed.splitlines()[0])
for part in path.split("."):
    value = len(value) if part == "length" else value[int(part) if isinstance(value, list) else part]
print(value if isinstance(value, str) else json.dumps(value))
PY
}

digest() { json "$1" digest status; }
count() { as "$1" "$2" ls --all --json | wc -l; }

# The exit code of a command that is to fail; its sentence is shown.
status_of() {
  local code=0
  as "$@" >&2 || code=$?
  printf '%s' "$code"
}

# A copy with one bit of another value, somewhere in the middle.
damage() {
  python3 - "$1" "$2" <<'PY'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[len(data) // 2] ^= 1
open(sys.argv[2], "wb").write(data)
PY
}

# Starts `serve` for a place and waits until it listens.
start_serving() {
  local log=$work/$1.serve
  MUJAWARA_HOME=$work/$1 "$program" serve --listen 127.0.0.1:0 --json >"$log" 2>&1 &
  server=$!
  for _ in $(seq 200); do
    address=$(sed -n 's/.*"address":"\([^"]*\)".*/\1/p' "$log" | head -n 1)
    [ -n "$address" ] && return
    kill -0 "$server" 2>/dev/null || flop "serve ended: $(cat "$log")"
    sleep 0.05
  done
  flop "serve doesn't listen"
}

# Compares what came with what must come, and keeps the claim for the summary.
expect() {
  [ "$2" = "$3" ] || flop "$1: expected $3, got $2"
  claims+=("$1")
  printf '   ✔ %s\n' "$1"
}

summary() {
  printf '\n== Shown and asserted: %d claims\n' "${#claims[@]}"
  printf '   ✔ %s\n' "${claims[@]}"
  if [ "${#alone[@]}" -gt 0 ]; then
    printf '   ✔ C ran without any network interface\n'
  else
    printf '   (C had no network namespace of its own here: no command of it names a socket)\n'
  fi
}
