#!/bin/bash
# Unpacks the ansible-cores of several of Debian's suites, for tests that need
# them; nothing is installed. They come to lie in FTL_TEST_CORES/SUITE, by
# default in the user's cache folder; what is there already is left as it is.
# A suite that cannot be had is named, and the others are still made.
set -euo pipefail

# Where this machine itself has its packages from; apt fills that in.
# shellcheck disable=SC2016
MIRROR=${FTL_TEST_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 "/debian/$")}
KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
cores=${FTL_TEST_CORES:-${XDG_CACHE_HOME:-$HOME/.cache}/ftl-test-cores}

# suite, package, where both are: 2.10, 2.19 and (today) 2.22
SUITES=(
  "bullseye ansible"
  "trixie ansible-core"
  "sid ansible-core"
)

mkdir -p "$cores"
cores=$(cd "$cores" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work" # apt reads lists as a user of its own

# apt-get for one suite, with lists of its own.
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
    echo "Cannot unpack $package of $suite" >&2
    failed=1
  fi
done
exit "$failed"
