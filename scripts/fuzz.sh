#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Fuzzes the decoders: scripts/fuzz.sh [SECONDS] [TARGET…], by default every target for 60 seconds.
# It installs what is missing and builds with libFuzzer. What is found goes to .build-fuzz/finds/TARGET and is
# used again; an input that breaks something is named with the command that repeats it, and the exit code is 1.
# With MERGE=1, nothing is fuzzed: the corpora in Fuzz/Corpora get what the finds reach on top, and lose what
# reaches nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/prepare.sh
source scripts/prepare.sh

seconds=60
if [[ ${1:-} =~ ^[0-9]+$ ]]; then
  seconds=$1
  shift
  [ "$seconds" -gt 0 ] || fail "So many seconds for each target: at least one."
fi
targets=("$@")
if [ "${#targets[@]}" -eq 0 ]; then
  for corpus in Fuzz/Corpora/*/; do targets+=("$(basename "$corpus")"); done
fi
for target in "${targets[@]}"; do
  [ -d "Fuzz/Corpora/$target" ] || fail "There is no target $target. There are: $(ls Fuzz/Corpora | tr '\n' ' ')"
done

need_packages libsqlite3-dev libsodium-dev libutf8proc-dev tzdata pkg-config
need_swift
# libFuzzer keeps the input of a trap, unless Swift takes the signal first.
export MUJAWARA_FUZZER=1 SWIFT_BACKTRACE=enable=no
build=(-c release --sanitize=fuzzer --scratch-path .build-fuzz --product mujawara-fuzz)
swift build "${build[@]}"
fuzzer=$(swift build "${build[@]}" --show-bin-path)/mujawara-fuzz

limits=(-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256)

merge() {
  local target=$1 merged=.build-fuzz/merged/$1
  rm -rf "$merged"
  mkdir -p "$merged" ".build-fuzz/finds/$target"
  MUJAWARA_FUZZ=$target "$fuzzer" -set_cover_merge=1 -use_counters=0 "${limits[@]}" "$merged" "Fuzz/Corpora/$target" ".build-fuzz/finds/$target" \
    2>".build-fuzz/$target.log"
  # What has a name of its own once broke something, and stays.
  find "Fuzz/Corpora/$target" -type f -regextype posix-egrep -regex '.*/[0-9a-f]{40}' -delete
  cp "$merged"/* "Fuzz/Corpora/$target/"
}

fuzz() {
  local target=$1 finds=.build-fuzz/finds/$1 crashes=.build-fuzz/crashes/$1 log=.build-fuzz/$1.log
  mkdir -p "$finds" "$crashes"
  if MUJAWARA_FUZZ=$target "$fuzzer" "$finds" "Fuzz/Corpora/$target" -max_total_time="$seconds" "${limits[@]}" \
    -artifact_prefix="$crashes/" -print_final_stats=1 >"$log" 2>&1; then
    printf '%-18s %s\n' "$target" "$(awk '/executed_units/ {n = $2} /exec_per_sec/ {s = $2}
      END {printf "%d inputs, %d a second", n, s}' "$log")"
    return
  fi
  local crash
  crash=$(sed -n 's/.*Test unit written to //p' "$log" | tail -n 1)
  printf '%-18s BROKEN: %s\n' "$target" "$(grep -a -m 1 -E 'Fatal error|ERROR: libFuzzer' "$log")"
  [ -z "$crash" ] || printf '  again: MUJAWARA_FUZZ=%s %s %s\n' "$target" "$fuzzer" "$crash"
  return 1
}

broken=0
for target in "${targets[@]}"; do
  if [ -n "${MERGE:-}" ]; then merge "$target"; else fuzz "$target" || broken=1; fi
done
exit "$broken"
