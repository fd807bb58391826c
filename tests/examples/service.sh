# Sourced by the tests of examples that serve HTTP: starts one, compares, stops.
#
#   start_service PROGRAM ARGUMENT...   sets $url and $service_pid
#   expect NAME WANTED GOT              exactly
#   expect_match NAME PATTERN GOT       a glob
#   stop_service                        SIGTERM; fails unless it ends well

said=
service_pid=

clean_up() {
  if [ -n "$service_pid" ]; then kill -KILL "$service_pid" 2>/dev/null || true; fi
}
trap clean_up EXIT

fail() {
  printf '%s\nthe service has said:\n%s' "$1" "$said"
  exit 1
}

start_service() {
  # shellcheck disable=SC2034 # its descriptors are used
  coproc service { exec "$@" 2>&1; }
  service_pid=$!
  exec {output}<&"${service[0]}"
  await_line '^listening on '
  url=${line##* }
}

next_line() {
  IFS= read -r -t 30 -u "$output" line && said+=$line$'\n'
}

# Leaves it in $line.
await_line() { # pattern
  while next_line; do
    if [[ $line =~ $1 ]]; then return; fi
  done
  fail "the service never says: $1"
}

expect() {
  if [ "$2" != "$3" ]; then fail "$1: expected $2, got $3"; fi
}

expect_match() {
  # shellcheck disable=SC2053 # it is a pattern
  if [[ $3 != $2 ]]; then fail "$1: expected $2, got $3"; fi
}

stop_service() {
  local status=0
  kill -TERM "$service_pid"
  while next_line; do :; done
  wait "$service_pid" || status=$?
  service_pid=
  expect "exit status" 0 "$status"
  expect_match "last words" $'*stopped\n' "$said"
}
