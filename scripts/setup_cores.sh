#!/bin/bash
# Unpacks the ansible-core of several Debian suites for tests that need them, and
# installs nothing. They go to FTL_TEST_CORES/SUITE, by default in the user's cache
# folder; existing ones are kept. A suite that is not available is reported, and
# the others are still unpacked.
set -euo pipefail

# The repository of this machine's own packages; apt fills it in.
# shellcheck disable=SC2016
MIRROR=${FTL_TEST_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 "/debian/$")}
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
cores=${FTL_TEST_CORES:-${XDG_CACHE_HOME:-$HOME/.cache}/ftl-test-cores}

# Suite and package: ansible-core 2.10, 2.19 and (today) 2.22.
SUITES=(
  "bullseye ansible"
  "trixie ansible-core"
  "sid ansible-core"
)

mkdir -p "$cores"
cores=$(cd "$cores" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt reads lists as another user

# Runs apt-get for one suite, with separate lists.
apt_in() {
  local suite=$1
  shift
  timeout 300 apt-get -qq \
    -o Dir::Etc::sourcelist="$work/$suite.list" \
    -o Dir::Etc::sourceparts=- \
    -o Dir::State::lists="$work/$suite.lists" \
    -o Dir::Cache="$work/$suite.cache" \
    -o APT::Sandbox::User=root \
    "$@"
}

unpack() {
  local suite=$1 package=$2
  mkdir -p "$work/$suite" "$work/$suite.lists/partial" "$work/$suite.cache/archives/partial"
  echo "deb [signed-by=$KEYRING] $MIRROR $suite main" >"$work/$suite.list"
  apt_in "$suite" update &&
    (cd "$work/$suite" && apt_in "$suite" download "$package/$suite") &&
    dpkg -x "$work/$suite"/*.deb "$work/$suite/tree" &&
    mv -T "$work/$suite/tree" "$cores/$suite"
}

failed=0
for each in "${SUITES[@]}"; do
  read -r suite package <<<"$each"
  [[ -d "$cores/$suite" ]] && continue
  if ! unpack "$suite" "$package"; then
    echo "Cannot unpack $package of $suite: apt or dpkg failed" >&2
    failed=1
  fi
done
exit "$failed"
