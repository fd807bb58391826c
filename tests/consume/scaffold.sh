#!/usr/bin/env bash
# Follows the README of a project that the installed `cosmo init` has made, and
# talks to what comes of it.
#
#   scaffold.sh PREFIX FOLDER
set -euo pipefail
# As on the machine of a user: CMake finds the package beside the program.
PATH=$1/bin:$PATH
rm -rf "$2"
mkdir "$2"
cd "$2"

# A CAF that was installed along is the one that is used.
if [ -e "$1/lib/libcaf_core.so" ] &&
  ldd "$1/bin/cosmo" | grep libcaf | grep -v "$1/"; then
  exit 1
fi

cosmo init my-app --no-git
cd my-app
sed -n '/^```sh$/,/^```$/{//!p}' README.md >commands
[ "$(wc -l <commands)" = 2 ] || { echo "README.md has other commands"; exit 1; }

printf 'Ada\nZoë\nAda\n' | env -u SYNAPSE_URL sh -eu commands | tee said
wanted='Hello, Ada! Your name has 3 letters.
Hello, Zoë! Your name has 3 letters.
Welcome back, Ada! Your name has 3 letters.'
[ "$(tail -n 3 said)" = "$wanted" ] || { echo "expected: $wanted"; exit 1; }

# A bus that cannot be had is one line and a failure.
for url in smoke://signals cosmo://127.0.0.1:1; do
  if SYNAPSE_URL=$url ./build/brain </dev/null 2>said; then
    echo "it runs on $url"
    exit 1
  fi
  grep -q "${url##*/}" said
  [ "$(wc -l <said)" = 1 ] || { cat said; exit 1; }
done
