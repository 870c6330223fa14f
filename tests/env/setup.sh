#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make setup: Debian packages, uv, the Python tools of uv.lock in .venv, the collections of requirements.yml, the link tree,
# a link to the lab's docker client.
# Each step leaves a stamp with the hash of what it was made from, so that a second run takes well under a second.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${GPU_LAUNCH_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mlinfra-gpu-launch}
env_dir=$root/tests/env
began=$SECONDS

say() { printf 'setup: %s\n' "$*"; }

hash_of() { cat "$@" | sha256sum | cut -c1-16; }

missing_packages() {
  local name
  grep -v '^#' "$env_dir/packages.txt" | while read -r name; do
    dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || printf '%s ' "$name"
  done
}

# For the doctor's page. Ubuntu has it as a snap only: without a browser there those tests say why they are skipped.
missing_browser() {
  local name id
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && return
  done
  id=$(sed -n 's/^ID=//p' /etc/os-release)
  [ "$id" != debian ] || printf 'chromium '
}

install_packages() {
  local missing sudo=()
  command -v dpkg-query >/dev/null || { say "not Debian or Ubuntu: install the tools of tests/env/packages.txt yourself"; return; }
  missing=$(missing_packages)$(missing_browser)
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || { say "missing packages, and neither root nor sudo: apt-get install $missing"; exit 1; }
    sudo=(sudo)
  fi
  say "installing $missing"
  "${sudo[@]}" apt-get update -qq
  # shellcheck disable=SC2086  # a list of names
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Sets $uv. A user's own uv is not used: the lock file belongs to one version of it.
install_uv() {
  local version
  version=$(sed -n 's/^uv==\([0-9.]*\).*/\1/p' "$env_dir/uv.txt")
  uv=$cache/uv-$version/bin/uv
  [ -x "$uv" ] && return
  say "uv $version"
  rm -rf "$cache/uv-$version"
  python3 -m venv "$cache/uv-$version"
  "$cache/uv-$version/bin/python" -m pip install -q --disable-pip-version-check --require-hashes -r "$env_dir/uv.txt"
}

install_tools() {
  local stamp
  stamp="$(hash_of "$root/uv.lock" "$root/pyproject.toml") $root"
  [ -x "$root/.venv/bin/python" ] && [ "$(cat "$root/.venv/.stamp" 2>/dev/null)" = "$stamp" ] && return
  say "Python tools of uv.lock"
  (cd "$root" && UV_PROJECT_ENVIRONMENT=.venv "$uv" sync --quiet --frozen)
  printf '%s\n' "$stamp" > "$root/.venv/.stamp"
}

install_collections() {
  local stamp
  stamp=$(hash_of "$root/requirements.yml" "$env_dir/galaxy.py")
  [ "$(cat "$cache/collections/.stamp" 2>/dev/null)" = "$stamp" ] && return
  "$root/.venv/bin/python" "$env_dir/galaxy.py" "$root/requirements.yml" "$cache/collections"
  printf '%s\n' "$stamp" > "$cache/collections/.stamp"
}

# ./collections: links to the cached collections, and to this checkout under its own name.
link_collections() {
  local tree=$root/collections/ansible_collections path
  mkdir -p "$tree/mlinfra"
  for path in "$cache"/collections/ansible_collections/*/; do
    path=${path%/}
    [ -d "$tree/${path##*/}" ] && [ ! -L "$tree/${path##*/}" ] && continue      # installed there by the user: theirs wins
    ln -sfn "$path" "$tree/${path##*/}"
  done
  ln -sfn ../../.. "$tree/mlinfra/gpu_launch"
}

# The docker connection looks for `docker` on PATH. The link points nowhere until the lab's engine is built; a program that
# somebody put there stays.
link_docker() {
  local link=$root/.venv/bin/docker
  [ -e "$link" ] && [ ! -L "$link" ] || ln -sfn "$cache/bin/docker" "$link"
}

install_packages
mkdir -p "$cache"
exec 9> "$cache/.setup.lock"
flock 9
install_uv
install_tools
install_collections
link_collections
link_docker
say "ready after $((SECONDS - began)) s (tools in .venv, cache in $cache)"
