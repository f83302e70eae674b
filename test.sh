#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Installs what is missing, builds once in release with testability, and runs every room's tests.
# Arguments are names of rooms, to run those alone:  ./test.sh CRDTTests CLITests
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/prepare.sh
source scripts/prepare.sh

need_packages libsqlite3-dev libsodium-dev libutf8proc-dev tzdata pkg-config python3 python3-venv
need_swift

prepare_python() {
  local python=.venv/bin/python
  if ! cmp -s Tests/requirements.txt .venv/installed 2>/dev/null; then
    if ! { python3 -m venv .venv && "$python" -m pip install -q --disable-pip-version-check -r Tests/requirements.txt; }; then
      printf 'The Python packages of Tests/requirements.txt could not be installed: tests against them are skipped.\n'
      return
    fi
    cp Tests/requirements.txt .venv/installed
  fi
  MUJAWARA_PYTHON=$PWD/$python
  export MUJAWARA_PYTHON
}
prepare_python

began=$(date +%s)
flags=(-c release -Xswiftc -enable-testing)
printf '== build\n'
swift build "${flags[@]}" --build-tests
printf '== build: %d s\n' $(($(date +%s) - began))

rooms=("$@")
[ "${#rooms[@]}" -gt 0 ] ||
  rooms=(CRDTTests CryptoTests SQLiteTests SyncEngineTests KindsTests ExchangeTests TransportTests FuzzTests CLITests SimulatorTests)
failed=()
for room in "${rooms[@]}"; do
  start=$(date +%s)
  printf '== %s\n' "$room"
  swift test "${flags[@]}" --skip-build --filter "^$room\\." || failed+=("$room")
  printf '== %s: %d s\n' "$room" $(($(date +%s) - start))
done
printf '== in all: %d s\n' $(($(date +%s) - began))
[ "${#failed[@]}" -eq 0 ] || fail "Failed: ${failed[*]}"
