#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Kills the program so many times (2,000 unless told otherwise) while it edits, and a fifth as often in the midst of
# init, sync and bundles, and tries so many outcomes of each power cut (20); says what was survived.
set -euo pipefail
cd "$(dirname "$0")/.."
export MUJAWARA_KILLS=${1:-2000} MUJAWARA_CRASHES=${2:-20}
flags=(-c release -Xswiftc -enable-testing)
swift build "${flags[@]}" --build-tests
swift test "${flags[@]}" --skip-build --filter '^(CLITests\.KillTests|SyncEngineTests\.(PowerCut|DiskFault|KilledProcess)Tests)' |
  grep -E '^==|✘|Test run'
