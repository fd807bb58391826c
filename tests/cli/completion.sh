#!/usr/bin/env bash
# Completes command lines as the shells themselves do. Shells that are not
# installed are left out.
#
#   completion.sh COSMO
set -euo pipefail
cosmo=$(realpath "$1")
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
mkdir folder
touch file.json "with space.json"

expect() { # name, wanted, got
  if [ "$2" != "$3" ]; then
    printf '%s: expected\n%s\ngot\n%s\n' "$1" "$2" "$3"
    exit 1
  fi
}

# shellcheck disable=SC1090 # made on the spot
source <("$cosmo" completion bash)

# Prints what bash offers for the last of these words, in one line.
offered() {
  COMP_WORDS=(cosmo "$@")
  COMP_CWORD=$#
  COMPREPLY=()
  _cosmo
  local IFS=,
  echo "${COMPREPLY[*]}"
}

commands=init,synapse,dispatch,answer,registry,validate,schema,doppler,prism,completion
expect "commands" "$commands,--help,-h,--version" "$(offered '')"
expect "a command begun" "validate" "$(offered v)"
expect "options" "--strict" "$(offered validate --s)"
expect "files" "with space.json" "$(offered validate w)"
expect "the file of an option" "with space.json" "$(offered schema -o w)"
expect "the same with =" "with space.json" "$(offered schema --output = w)"
expect "nothing but files there" "" "$(offered schema --output --)"
expect "values" "bash,zsh,fish" "$(offered completion '' | cut -d, -f1-3)"
expect "a value begun" "zsh" "$(offered completion z)"
expect "values of an option" "all,terminal" "$(offered dispatch --scope '')"
expect "types" "TOOL_CALL,TOOL_RESULT" "$(offered doppler --type TOOL)"
expect "below a group" "list" "$(offered registry l)"
expect "values there" "memory,nats,kafka" \
  "$(offered synapse start '' | cut -d, -f1-3)"
expect "what nobody can know" "" "$(offered init --namespace '')"
expect "behind a value" "--force" "$(offered init --namespace x --f)"
expect "no such command" "" "$(offered nonsense x)"

if command -v zsh >/dev/null; then
  "$cosmo" completion zsh >script.zsh
  zsh -n script.zsh
fi

if command -v fish >/dev/null; then
  "$cosmo" completion fish >script.fish
  # Prints what fish offers, without descriptions, in one line.
  fished() {
    fish --no-config -c "source script.fish; complete -C '$1'" |
      cut -f 1 | paste -sd ,
  }
  expect "fish: commands" "$(tr , '\n' <<<"$commands" | sort | paste -sd ,)" \
    "$(fished 'cosmo ')"
  expect "fish: options" "--strict" "$(fished 'cosmo validate --s')"
  expect "fish: values" "bash,fish,zsh" "$(fished 'cosmo completion ')"
fi
