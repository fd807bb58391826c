#!/usr/bin/env bash
# The bus as a service: processes that find each other, and an end by signal.
#
#   service.sh COSMO
set -euo pipefail
cosmo=$(realpath "$1")
scratch=$(mktemp -d)
bus=
trap '[[ -z $bus ]] || kill -KILL "$bus" 2>/dev/null || true; rm -rf "$scratch"' EXIT
cd "$scratch"

fail() {
  printf '%s\n' "$*"
  exit 1
}

# Reads lines until one matches, for 20 seconds at most. The match is in $found.
await() { # file descriptor, pattern
  local line
  while IFS= read -r -t 20 -u "$1" line; do
    if [[ $line =~ $2 ]]; then
      found=${BASH_REMATCH[1]:-$line}
      return
    fi
  done
  fail "no line like '$2'"
}

# Sets $bus, $url and $metrics.
start_bus() {
  rm -f said
  mkfifo said
  "$cosmo" synapse start memory --port 0 --metrics-port 0 \
    --log-format json >said 2>log &
  bus=$!
  exec {out}<said
  await "$out" 'URL: +(.*)'
  url=$found
  await "$out" 'Metrics: +http://([0-9.:]*)/'
  metrics=$found
}

# Ends it and checks how.
end_bus() { # signal
  kill -"$1" "$bus"
  local status=0
  wait "$bus" || status=$?
  bus=
  [[ $status == 0 ]] || fail "SIG$1: exit code $status"
  await "$out" 'Synapse stopped  namespace=dev  signals=([0-9]+)'
  exec {out}<&-
}

start_bus
mkfifo seen
"$cosmo" doppler --url "$url" --type TASK >seen 2>&1 &
observer=$!
exec {seen}<seen
await "$seen" 'observing'
"$cosmo" dispatch --url "$url" --neuron nobody --no-wait >/dev/null
await "$seen" '  TASK  '
exec {page}<>"/dev/tcp/${metrics%:*}/${metrics#*:}"
printf 'GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' >&"$page"
await "$page" '^cosmo_signals_received_total ([0-9]+)'
exec {page}<&-
kill -TERM "$observer"
status=0
wait "$observer" || status=$?
[[ $status == 0 ]] || fail "the observer: exit code $status"
end_bus TERM
[[ $found -ge 1 ]] || fail "the Signals were not counted: $found"
grep -q '"event":"started"' log || fail "no log: $(cat log)"
grep -q '"event":"stopped"' log || fail "no log: $(cat log)"

start_bus
end_bus INT

# Nobody reads what the bus prints; it goes on, and ends all the same.
start_bus
exec {out}<&-
"$cosmo" dispatch --url "$url" --neuron nobody --no-wait >/dev/null
"$cosmo" synapse view --url "$url" --json >/dev/null || fail "the bus has gone"
"$cosmo" synapse stop --url "$url" -n dev >/dev/null
wait "$bus" || true
bus=

# Whoever reads what it prints has stopped reading: it does not wait for that.
start_bus
dd if=/dev/zero of=said bs=4096 count=64 oflag=nonblock status=none 2>/dev/null || true
kill -TERM "$bus"
status=0
wait "$bus" || status=$?
bus=
[[ $status == 1 ]] || fail "printing in vain: exit code $status"
exec {out}<&-
