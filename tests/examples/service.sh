# Sourced by the tests of examples that serve HTTP: starts one, compares, stops.
#
#   start_service PROGRAM ARGUMENT...   sets $url and $service_pid
#   expect NAME WANTED GOT              exactly
#   expect_match NAME PATTERN GOT       a glob
#   stop_service                        SIGTERM; fails unless it ends well

log=$(mktemp)
service_pid=

clean_up() {
  if [ -n "$service_pid" ]; then kill -KILL "$service_pid" 2>/dev/null || true; fi
  rm -f "$log"
}
trap clean_up EXIT

fail() {
  echo "$1"
  echo "the service has said:"
  cat "$log"
  exit 1
}

# Waits until the service has written a line.
await_line() { # pattern
  timeout 30 tail -n +1 -F --pid="$service_pid" "$log" 2>/dev/null |
    grep -m 1 -e "$1" || fail "the service never says: $1"
}

start_service() {
  "$@" >"$log" 2>&1 &
  service_pid=$!
  url=$(await_line '^listening on ' | cut -d ' ' -f 3)
}

expect() {
  if [ "$2" != "$3" ]; then fail "$1: expected $2, got $3"; fi
}

expect_match() {
  # shellcheck disable=SC2053 # it is a pattern
  if [[ $3 != $2 ]]; then fail "$1: expected $2, got $3"; fi
}

stop_service() {
  kill -TERM "$service_pid"
  local status=0
  wait "$service_pid" || status=$?
  service_pid=
  expect "exit status" 0 "$status"
  expect "last words" stopped "$(tail -n 1 "$log")"
}
