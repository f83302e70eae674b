# shellcheck shell=bash
# SPDX-License-Identifier: AGPL-3.0-or-later
# Installs what the build needs on Debian, quietly where it is there already. Sourced by the other scripts.

fail() {
  printf '%s\n' "$*" >&2
  exit 1
}

need_packages() {
  local missing=()
  local name
  for name in "$@"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done
  [ "${#missing[@]}" -eq 0 ] && return
  command -v apt-get >/dev/null || fail "These packages are missing, and there is no apt-get to install them: ${missing[*]}"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "These packages are missing: ${missing[*]}. Install them as root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  printf 'Installing %s\n' "${missing[*]}"
  "${as_root[@]}" apt-get update -qq >/dev/null || true
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}"
}

need_swift() {
  command -v swift >/dev/null ||
    fail "There is no Swift toolchain: install Swift 6.3 or newer (swift.org/install) and put it on the PATH."
  local version
  version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\)\.\([0-9]*\).*/\1 \2/p' | head -n 1)
  local major minor
  read -r major minor <<<"$version"
  if [ -z "$major" ] || [ "$major" -lt 6 ] || { [ "$major" -eq 6 ] && [ "$minor" -lt 3 ]; }; then
    fail "Swift 6.3 or newer is needed; found: $(swift --version 2>/dev/null | head -n 1)"
  fi
}
