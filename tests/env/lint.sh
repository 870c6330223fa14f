#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make lint: every static check. All of them run, also after a failure, so that one run tells everything.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit

failed=()
check() { # name, command
  local name=$1 began=$SECONDS log
  shift
  log=$(mktemp)
  if "$@" >"$log" 2>&1; then
    printf 'lint: %-20s ok   %3d s\n' "$name" $((SECONDS - began))
  else
    printf 'lint: %-20s FAIL %3d s\n' "$name" $((SECONDS - began))
    sed 's/^/    /' "$log"
    failed+=("$name")
  fi
  rm -f "$log"
}

typed() {
  local folder status=0
  MYPYPATH=collections python -m mypy -p ansible_collections.mlinfra.gpu_launch.plugins || status=1
  for folder in tests/env tests/lab benchmarks; do
    [ -z "$(find "$folder" -name '*.py' -print -quit 2>/dev/null)" ] || python -m mypy "$folder" || status=1
  done
  return "$status"
}

shell_scripts() {
  git ls-files --cached --others --exclude-standard -z -- '*.sh' .ci/run | xargs -0r shellcheck --severity=warning
}

check "ruff check" ruff check --no-cache --quiet .
check "ruff format" ruff format --no-cache --check --quiet .
check "mypy" typed
check "yamllint" yamllint --strict .
check "shellcheck" shell_scripts
check "changelog fragments" antsibull-changelog lint
check "pages on the checks" python -m tests.env.check_pages --check
check "licences" python -m tests.env.licences
check "ansible-lint" ansible-lint --offline --strict --nocolor -q
check "docs" tests/env/docs.sh lint

[ "${#failed[@]}" -eq 0 ] || { printf 'lint: failed: %s\n' "${failed[*]}"; exit 1; }
