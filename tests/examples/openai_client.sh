#!/usr/bin/env bash
# Tries the gateway example with the npm client `openai`, where there is one.
#
#   openai_client.sh PROGRAM FOLDER_WITH_NODE_MODULES
set -euo pipefail

skip() {
  echo "skipped: $1"
  exit 77
}

command -v node >/dev/null || skip "node is not installed"
[ -e "$2/node_modules/openai" ] ||
  skip "the npm package openai is not in $2; scripts/setup --test fetches it"
exec node "$(dirname "$0")/openai_client.mjs" "$1" "$2"
