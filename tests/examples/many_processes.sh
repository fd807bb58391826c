#!/usr/bin/env bash
# A bus, a worker, and others who ask, each in a process of its own; in the end
# the bus is stopped and started again under them.
#
#   many_processes.sh EXAMPLE COSMO
set -euo pipefail
example=$1
cosmo=$2
scratch=$(mktemp -d)
pids=()

clean_up() {
  for pid in "${pids[@]}"; do kill -KILL "$pid" 2>/dev/null || true; done
  rm -rf "$scratch"
}
trap clean_up EXIT

fail() {
  echo "$1"
  tail -n 50 "$scratch"/*.log
  exit 1
}

expect() { # name, wanted, got
  if [ "$2" != "$3" ]; then fail "$1: expected $2, got $3"; fi
}

# Starts a program in the background; its output goes to NAME.log.
start() { # name, program, argument...
  local name=$1
  shift
  : >"$scratch/$name.log"
  "$@" >"$scratch/$name.log" 2>&1 &
  pids+=($!)
}

# Waits for a line; tail ends with its reader. Prints the line.
await() { # name, pattern
  timeout 30 grep -m1 -E -- "$2" \
    < <(exec tail --pid=$$ -n +1 -F "$scratch/$1.log" 2>/dev/null) ||
    fail "$1 never says: $2"
}

stop() { # pid
  kill -TERM "$1"
  local status=0
  wait "$1" || status=$?
  expect "exit status" 0 "$status"
}

start bus "$cosmo" synapse start memory --port 0 -n demo
bus=${pids[-1]}
url=$(await bus 'URL:' | grep -o 'cosmo://.*')

start worker "$example" worker "$url"
worker=${pids[-1]}
await worker '^serving on ' >/dev/null

expect "the example asks" "Hello, Ada!" "$("$example" ask "$url" Ada)"
expect "the shell asks" '{"text":"Hello, Bob!"}' \
  "$("$cosmo" dispatch --url "$url" -n demo --neuron greeter \
    --input '{"name": "Bob"}' | tail -n +2 | tr -d '\n ' |
    sed 's/Hello,Bob/Hello, Bob/')"
expect "who is there" greeter \
  "$("$cosmo" registry list --url "$url" -n demo --json | grep -o '"greeter"' |
    tr -d '"')"
await bus ' FINAL .*cosmonapse.demo.FINAL' >/dev/null

# The worker finds the new bus by itself.
stop "$bus"
start again "$cosmo" synapse start memory --port "${url##*:}" -n demo
bus=${pids[-1]}
await again ' REGISTER .*greeter' >/dev/null
expect "the example asks again" "Hello, Eve!" "$("$example" ask "$url" Eve)"

stop "$worker"
"$cosmo" synapse stop --url "$url" -n demo >/dev/null
wait "$bus" || fail "the bus has ended badly"
