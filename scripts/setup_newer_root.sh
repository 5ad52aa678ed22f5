#!/bin/bash
# Makes the tree of a newer Debian (trixie: OpenSSH 10, sudo-rs) for tests that need
# a host of today, and installs nothing. It goes to FTL_TEST_NEWER_ROOT, by default
# in the user's cache folder; an existing one is kept. It takes root, debootstrap, a
# mirror, and 300 MB.
set -euo pipefail

# The repository of this machine's own packages; apt fills it in.
# shellcheck disable=SC2016
mirror=${FTL_TEST_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 "/debian/$")}
tree=${FTL_TEST_NEWER_ROOT:-${XDG_CACHE_HOME:-$HOME/.cache}/ftl-test-newer-root}

[[ -d "$tree" ]] && exit
mkdir -p "$(dirname "$tree")"
trap 'rm -rf --one-file-system "$tree.new"' EXIT
debootstrap --variant=minbase \
  --include=openssh-server,openssh-client,sudo-rs,python3,procps,libpam-modules \
  trixie "$tree.new" "$mirror"
mv -T "$tree.new" "$tree"
