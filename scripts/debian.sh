# Sourced by the other scripts: talks to Debian's archive without touching the
# user's own apt configuration.
#
#   debian_suite deb     bookworm-backports WORKDIR
#   debian_suite deb-src experimental       WORKDIR
#
# prepares WORKDIR for one suite; `debian_apt WORKDIR ...` then runs apt-get in
# that private world. The mirror, proxies and keys stay those of the machine.

debian_mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Label: Debian' | sort -u | head -n 1
}

debian_suite() {
  local type=$1 suite=$2 work=$3 mirror
  mirror=$(debian_mirror)
  if [ -z "$mirror" ] && can_be_root; then
    as_root apt-get -qq update # a fresh container has no package lists yet
    mirror=$(debian_mirror)
  fi
  if [ -z "$mirror" ]; then
    echo "setup: no Debian mirror to take $suite from; run as root: apt-get update" >&2
    return 1
  fi
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial"
  echo "$type [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]" \
    "$mirror $suite main" >"$work/sources.list"
  debian_apt "$work" -qq update
}

debian_apt() {
  local work=$1
  shift
  # Root's apt would drop to a user who may not enter a private directory.
  apt-get -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
    -o Dir::Etc::sourcelist="$work/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null \
    -o APT::Sandbox::User="$(id -un)" "$@"
}

# Runs a command as root, directly or by a sudo that asks for no password.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_be_root() {
  [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null
}
