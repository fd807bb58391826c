#!/usr/bin/env bash
# Runs the tests of the page's logic, where there is a node.
set -euo pipefail

if ! command -v node >/dev/null; then
  echo "skipped: node is not installed"
  exit 77
fi
exec node --test "$(dirname "$0")"/*.test.mjs
