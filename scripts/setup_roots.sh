#!/bin/bash
# Makes trees of Debian for tests: of trixie (OpenSSH 10, sudo-rs), or of the suites
# named as arguments. Installs nothing. They go to FTL_TEST_ROOTS, by default in the
# user's cache folder; existing ones are kept. It takes root, debootstrap, a mirror,
# and 300 MB each. FTL_TEST_MIRROR names a mirror that has older suites.
set -euo pipefail

# The repository of this machine's own packages; apt fills it in.
# shellcheck disable=SC2016
mirror=${FTL_TEST_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' | grep -m 1 "/debian/$")}
roots=${FTL_TEST_ROOTS:-${XDG_CACHE_HOME:-$HOME/.cache}/ftl-test-roots}
packages=openssh-server,openssh-client,python3,procps,libpam-modules

mkdir -p "$roots"
tree=
trap '[[ -z "$tree" ]] || rm -rf --one-file-system "$tree.new"' EXIT
for suite in "${@:-trixie}"; do
  tree=$roots/$suite
  [[ -d "$tree" ]] && continue
  case $suite in
    buster | bullseye | bookworm) sudo= ;;
    *) sudo=,sudo-rs ;;
  esac
  debootstrap --variant=minbase --include="$packages$sudo" \
    "$suite" "$tree.new" "$mirror"
  mv -T "$tree.new" "$tree"
done
