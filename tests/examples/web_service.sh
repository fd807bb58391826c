#!/usr/bin/env bash
# Tries an example of a web service with curl.
#
#   web_service.sh PROGRAM [--notices-hang-up | --answers-at-the-end]
set -euo pipefail
. "$(dirname "$0")/service.sh"

start_service "$1" 0 2000

# Prints the body, a space and the status, each byte when it comes.
ask() { # body, curl option...
  local body=$1
  shift
  stdbuf -o0 curl -sS --max-time 20 -w ' %{http_code}' \
    -H 'Content-Type: application/json' -d "$body" "$@" "$url/ask"
}

# Another one is served meanwhile, which also gives a request whose head has
# come the time to begin its wait.
expect_beside() {
  expect "a prompt beside it" '{"response":"Hello"} 200' "$(ask '{"prompt": "Hello"}')"
}

expect "a prompt" '{"response":"Hello there"} 200' "$(ask '{"prompt": "Hello there"}')"
expect "no prompt" '{"error":"prompt required"} 400' "$(ask '{}')"
expect "an empty prompt" '{"error":"prompt required"} 400' "$(ask '{"prompt": ""}')"
expect "a list" '{"error":"prompt required"} 400' "$(ask '["prompt"]')"
expect_match "broken JSON" '{"error":"*"} 400' "$(ask '{"prompt": ')"
expect "a Neuron that fails" \
  '{"error":"the model has no answer","code":"NEURON_EXCEPTION"} 502' \
  "$(ask '{"prompt": "fail"}')"
expect_match "a Neuron that is too slow" '{"error":"*"} 504' \
  "$(ask '{"prompt": "wait"}')"
expect_match "another path" '* 404' \
  "$(curl -sS --max-time 20 -w ' %{http_code}' "$url/")"

expect "a stream" 'event: delta
data: {"delta":"Hello"}

event: delta
data: {"delta":" there"}

event: answer
data: {"response":"Hello there"}

 200' "$(ask '{"prompt": "Hello there", "stream": true}' -N)"
expect_match "a stream that fails" \
  'event: error
data: {"error":"the model has no answer","code":"NEURON_EXCEPTION"}*' \
  "$(ask '{"prompt": "fail", "stream": true}' -N)"
expect_match "a stream that is too slow" 'event: error
data: {"error":"*' "$(ask '{"prompt": "wait", "stream": true}' -N)"

if [ "${2:-}" = --notices-hang-up ]; then
  if ask '{"prompt": "wait"}' --max-time 1 >/dev/null 2>&1; then
    fail "curl has not hung up"
  fi
  await_line '^a client has gone$'
fi

# A request under way is finished first: here, by its own timeout.
exec {last}< <(ask '{"prompt": "wait", "stream": true}' -N -i)
IFS= read -r -t 30 -u "$last" head
expect "the last request" $'HTTP/1.1 200 OK\r' "$head"
expect_beside
stop_service
expect_match "the last answer" '*event: error*' "$(cat <&"$last")"

# But not for ever: after its grace the service ends what goes on.
start_service "$1" 0 60000
exec {stream}< <(ask '{"prompt": "wait", "stream": true}' -N -i)
IFS= read -r -t 30 -u "$stream" head
expect "a long stream" $'HTTP/1.1 200 OK\r' "$head"
if [ "${2:-}" = --answers-at-the-end ]; then
  # The word to go on shows that the server has it.
  exec {whole}< <(ask '{"prompt": "wait"}' -i -H 'Expect: 100-continue')
  IFS= read -r -t 30 -u "$whole" head
  expect "a long request" $'HTTP/1.1 100 Continue\r' "$head"
fi
expect_beside
begin=$SECONDS
stop_service
if ((SECONDS - begin > 15)); then fail "it waits for long requests"; fi
if [ "${2:-}" = --answers-at-the-end ]; then
  expect_match "a stream cut short" '*event: error*' "$(cat <&"$stream")"
  expect_match "an answer cut short" '*{"error":"*"} 503' "$(cat <&"$whole")"
fi
