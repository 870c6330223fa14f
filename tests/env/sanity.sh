#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make sanity: ansible-test sanity on a copy of the tree at ansible_collections/mlinfra/gpu_launch, without any ignore file.
# The copy and ansible-test's home lie in the cache: its virtual environments are made once.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cache=${GPU_LAUNCH_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mlinfra-gpu-launch}
home=$cache/sanity-home
core=$("$root/.venv/bin/python" -c 'import ansible.release; print(ansible.release.__version__)')
work=$cache/sanity/$(printf '%s' "$root" | sha1sum | cut -c1-8)
target=$work/ansible_collections/mlinfra/gpu_launch

# ansible-test downloads a get-pip script from a server of its own; the shim lets the interpreter's own pip do the same work.
install_shim() {
  local name
  mkdir -p "$home/.ansible/test/cache"
  for name in get_pip_24_2.py get_pip_25_1.py; do cp "$root/tests/env/get_pip_shim.py" "$home/.ansible/test/cache/$name"; done
}

# It also drops the variables that name an index or a certificate authority: pip's own file carries them over.
keep_pip_settings() {
  mkdir -p "$home/.config/pip"
  {
    echo '[global]'
    [ -z "${PIP_INDEX_URL:-}" ] || echo "index-url = $PIP_INDEX_URL"
    [ -z "${PIP_EXTRA_INDEX_URL:-}" ] || echo "extra-index-url = $PIP_EXTRA_INDEX_URL"
    [ -z "${PIP_CERT:-${SSL_CERT_FILE:-}}" ] || echo "cert = ${PIP_CERT:-$SSL_CERT_FILE}"
  } > "$home/.config/pip/pip.conf"
}

# The collection and its unit tests; not the programs beside it (the lab, the tools, their tests), which never run inside
# Ansible. ruff, mypy strict and shellcheck hold those.
copy_tree() {
  mkdir -p "$target/tests"
  find "$target" -mindepth 1 -maxdepth 1 ! -name tests -exec rm -rf {} +
  find "$target/tests" -mindepth 1 -maxdepth 1 ! -name output -exec rm -rf {} +
  (cd "$root" && git ls-files -z --cached --others --exclude-standard \
    ':!benchmarks' ':!molecule' ':!tests/lab' ':!tests/env' ':!tests/build' ':!tests/integration' \
    ':!tests/unit/lab' ':!tests/unit/env' ':!tests/unit/repository' | while IFS= read -r -d '' name; do
    [ ! -e "$name" ] || printf '%s\0' "$name"
  done | tar --null -T - -cf -) | tar -xf - -C "$target"
  # ansible-test needs a repository to list the files
  git -C "$target" init -q
  git -C "$target" add -A
  for name in "$cache"/collections/ansible_collections/*/; do
    ln -sfn "${name%/}" "$work/ansible_collections/$(basename "$name")"
  done
}

# A version manager's shims name interpreters that don't run.
plain_path() {
  printf '%s' "$PATH" | tr ':' '\n' | grep -v '/shims$' | paste -sd:
}

mkdir -p "$home" "$work"
exec 9> "$work/.lock"
flock 9
install_shim
keep_pip_settings
copy_tree
printf 'sanity: ansible-core %s\n' "$core"
unset ANSIBLE_COLLECTIONS_PATH ANSIBLE_HOME ANSIBLE_CONFIG
log=$work/log
cd "$target"
if HOME=$home PATH=$(plain_path) ansible-test sanity --venv --color no "$@" > "$log" 2>&1; then
  grep -E 'WARNING' "$log" || :
  echo 'sanity: no findings'
else
  cat "$log"
  exit 1
fi
