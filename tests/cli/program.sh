#!/usr/bin/env bash
# What only the real program can show: its exit code, its output where nobody
# reads it, its memory.
#
#   program.sh COSMO
set -euo pipefail
cosmo=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"

expect() { # name, wanted, got
  if [ "$2" != "$3" ]; then
    printf '%s: expected %s, got %s\n' "$1" "$2" "$3"
    exit 1
  fi
}

# Sets $status, and $said to what is on standard error.
run() {
  status=0
  "$@" 2>said || status=$?
  said=$(cat said)
}

run "$cosmo" --version >out
expect "the version" 0 "$status"
expect "one line of it" 1 "$(grep -c '^cosmo, version [0-9.]*$' out)"

run "$cosmo" nonsense
expect "a usage error" 2 "$status"

run "$cosmo" schema >/dev/full
expect "a full disk" 1 "$status"
expect "a full disk" "error: standard output cannot be written" "$said"

run "$cosmo" schema >&-
expect "no output at all" 1 "$status"

# A reader that has gone before the first byte.
mkfifo pipe
exec {reader}<>pipe {writer}>pipe {reader}<&-
run "$cosmo" schema >&"$writer"
exec {writer}>&-
expect "a broken pipe" 1 "$status"
expect "a broken pipe" "error: standard output cannot be written" "$said"

# Ends early: nobody reads the verdicts on a file without end.
yes '{}' | { run "$cosmo" validate /dev/stdin; echo "$status" >code; } |
  head -n 1 >/dev/null || true
expect "an endless file" 1 "$(cat code)"

# 600 MB in one line, in less memory than that.
if ! [[ ${ASAN_OPTIONS:-}${TSAN_OPTIONS:-} ]]; then
  run bash -c 'ulimit -v 400000; tr "\0" x </dev/zero | head -c 600M |
    "$1" validate /dev/stdin >out' - "$cosmo"
  expect "a long line" "" "$said"
  expect "a long line" 1 "$(grep -c 'longer than 16777216 bytes' out)"
fi

# The folder is the one it was called in.
mkdir project
(cd project && run "$cosmo" init . --no-git >out &&
  expect "init here" "Scaffolded project in $PWD" "$(head -n 1 out)")
