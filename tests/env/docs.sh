#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make docs: the reference of all plugins and roles and the guides as HTML in docs/build; "docs.sh lint" only checks them.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# The tools want a collection that lies in .../ansible_collections/mlinfra/gpu_launch; the link tree is one.
cd collections/ansible_collections/mlinfra/gpu_launch
antsibull-docs lint-collection-docs --plugin-docs --validate-collection-refs all --skip-rstcheck .
[ "${1:-build}" = build ] || exit 0

rm -rf docs/build
mkdir -p docs/build
antsibull-docs sphinx-init --use-current --squash-hierarchy --dest-dir docs/build --project mlinfra.gpu_launch \
  --title 'mlinfra.gpu_launch' --copyright 'contributors to mlinfra.gpu_launch' mlinfra.gpu_launch
cd docs/build
antsibull-docs --config-file antsibull-docs.cfg collection --use-current --squash-hierarchy \
  --dest-dir rst mlinfra.gpu_launch
# Cross references to other projects need their indexes from the network: without it they stay plain text.
sphinx-build -q -b html -D suppress_warnings=ref.ref -c . rst html
printf 'docs: docs/build/html/index.html\n'
