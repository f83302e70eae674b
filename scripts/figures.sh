#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Measures whole processes of the program: start, status and one edit on 10,000 records, an import, a cold sync of
# 100,000 records between two processes, and that bundle's size. MUJAWARA_BINARY names a release build.
set -euo pipefail
cd "$(dirname "$0")/.."
program=${MUJAWARA_BINARY:?names a release build}
records=${RECORDS:-100000}
work=$(mktemp -d "${TMPDIR:-/tmp}/mujawara-figures.XXXXXX")
trap 'rm -rf "$work"' EXIT
export MUJAWARA_HOME

sheet() {
  python3 - "$1" <<'PY'
import random, sys
rng = random.Random(7)
words = ["".join(rng.choice("bdfghjklmnprst") + rng.choice("aeiou") for _ in range(rng.randint(2, 4))) for _ in range(512)]
print("name,area,url")
for i in range(int(sys.argv[1])):
    print(f"{' '.join(rng.choice(words) for _ in range(3))} {i},{rng.choice(words)},https://example.org/{i}")
PY
}

# The wall and CPU milliseconds of a command: median of so many runs.
median() {
  local runs=$1
  shift
  python3 - "$runs" "$@" <<'PY'
import os, resource, statistics, subprocess, sys, time
runs, command = int(sys.argv[1]), sys.argv[2:]
wall, cpu, peak = [], [], 0
for i in range(runs):
    argv = [part.replace("%", str(i)) for part in command]
    start = time.perf_counter()
    child = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall.append((time.perf_counter() - start) * 1000)
    cpu.append((usage.ru_utime + usage.ru_stime) * 1000)
    peak = max(peak, usage.ru_maxrss)
    assert status == 0, argv
print(f"wall {statistics.median(wall):.1f} ms  cpu {statistics.median(cpu):.1f} ms  peak {peak / 1024:.0f} MB")
PY
}

printf 'version                          %s\n' "$(median 30 "$program" version)"
MUJAWARA_HOME=$work/small
"$program" init Small --device a --no-passphrase >/dev/null
sheet 10000 >"$work/small.csv"
"$program" import "$work/small.csv" --as organisation --yes >/dev/null
printf 'status, 10,000 records           %s\n' "$(median 20 "$program" status)"
printf 'one durable edit                 %s\n' "$(median 20 "$program" need add "Riz %")"

MUJAWARA_HOME=$work/examples
"$program" init Examples --device a --no-passphrase >/dev/null
for pair in calendar-2017.csv:event commitments-2017.csv:list spaces.csv:organisation; do
  printf 'import %-25s %s\n' "${pair%%:*}" "$(median 1 "$program" import "Examples/${pair%%:*}" --as "${pair##*:}" --yes)"
done

MUJAWARA_HOME=$work/a
"$program" init A --device a --no-passphrase >/dev/null
sheet "$records" >"$work/large.csv"
printf 'import of %-22s %s\n' "$records rows" "$(median 1 "$program" import "$work/large.csv" --as organisation --yes)"
python3 - "$program" "$work" <<'PY'
import json, os, resource, subprocess, sys, time
program, work = sys.argv[1:]
def run(home, *args, **kw):
    return subprocess.run([program, *args], env={**os.environ, "MUJAWARA_HOME": f"{work}/{home}"}, check=True, capture_output=True, text=True, **kw).stdout
a = {**os.environ, "MUJAWARA_HOME": f"{work}/a"}
changes = json.loads(run("a", "status", "--json"))["changes"]
server = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", "--json"], env=a, stdout=subprocess.PIPE, text=True)
address = json.loads(server.stdout.readline())["address"]
code = json.loads(run("a", "invite", "--json"))["code"]
start = time.perf_counter()
child = subprocess.Popen([program, "join", code, "--at", address, "--name", "B", "--device", "b", "--no-passphrase"], env={**os.environ, "MUJAWARA_HOME": f"{work}/b"}, stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
assert status == 0
wall = time.perf_counter() - start
records = json.loads(run("b", "status", "--json"))["records"]
ops = records * 4
cpu = usage.ru_utime + usage.ru_stime
print(f"cold sync, receiving: {records} records, {changes} changes, about {ops} ops: wall {wall:.1f} s  cpu {cpu:.1f} s  {changes / cpu:.0f} changes and {ops / cpu:.0f} ops per CPU-second  peak {usage.ru_maxrss / 1024:.0f} MB")
server.terminate()
_, _, usage = os.wait4(server.pid, 0)
cpu = usage.ru_utime + usage.ru_stime
print(f"cold sync, sending:   cpu {cpu:.1f} s  {changes / cpu:.0f} changes and {ops / cpu:.0f} ops per CPU-second  peak {usage.ru_maxrss / 1024:.0f} MB")
run("a", "bundle", "write", f"{work}/bundle.mjb")
size = os.path.getsize(f"{work}/bundle.mjb")
print(f"bundle of all: {size / 1e6:.1f} MB, {size / ops:.1f} bytes an op")
assert json.loads(run("a", "status", "--json"))["digest"] == json.loads(run("b", "status", "--json"))["digest"]
PY
