#!/usr/bin/env bash
# Looks at Prism in a headless Chromium, where there is one.
#
#   browser.sh PROGRAM FOLDER_WITH_NODE_MODULES FOLDER_FOR_PICTURES
set -euo pipefail

skip() {
  echo "skipped: $1"
  exit 77
}

command -v node >/dev/null || skip "node is not installed"
[ -e "$2/node_modules/playwright-core" ] ||
  skip "the npm package playwright-core is not in $2; scripts/setup --test fetches it"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
  skip "chromium is not installed; on Debian: apt-get install chromium"
exec node "$(dirname "$0")/browser.mjs" "$1" "$2" "$browser" "$3"
