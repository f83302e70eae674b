#!/usr/bin/env bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Three places, one network: builds the program and plays its whole path with real data, by its public commands
# alone. MUJAWARA_BINARY names a program that is built already.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=scripts/prepare.sh
source scripts/prepare.sh

if [ -z "${MUJAWARA_BINARY:-}" ]; then
  need_packages libsqlite3-dev libsodium-dev libutf8proc-dev tzdata pkg-config python3
  need_swift
  printf '== Building (the first time takes some minutes)\n'
  swift build -c release --static-swift-stdlib --product mujawara
  MUJAWARA_BINARY=$(swift build -c release --static-swift-stdlib --product mujawara --show-bin-path)/mujawara
fi
command -v python3 >/dev/null || fail "python3 is missing: the demonstration reads the program's JSON with it."
export MUJAWARA_BINARY
exec bash scripts/three-places.sh
