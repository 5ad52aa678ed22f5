#!/bin/sh
# Places ftl, its manual page and the completions of bash, zsh and fish; takes
# them away again with --uninstall. Needs no network: binary and SHA256SUMS are
# beside it, as they were downloaded, and no other folder is searched. The binary
# is copied to a private folder first, and what is checked, run and placed is that
# copy. What was placed is written down with its sums, so that nothing else is
# ever removed or overwritten.
set -eu

usage() {
  cat <<'END'
Usage: sh install.sh [OPTIONS]

Places the ftl beside this script, after checking it against the SHA256SUMS
beside it.

  --prefix DIR   Place below this folder: bin/ftl, share/man, completions.
                 Default: $PREFIX, else /usr/local for root and ~/.local
                 for other users
  --binary FILE  Place this file, checked against the SHA256SUMS beside it
  --unchecked    With --binary: place it without a check
  --uninstall    Remove what was placed below the prefix, and nothing else
  --help

DESTDIR, when set, is put before the prefix: for making packages.
END
}

die() {
  echo "install.sh: $1" >&2
  [ -z "${2:-}" ] || echo "     $2" >&2
  exit 1
}

here=$(cd -P -- "$(dirname -- "$0")" && pwd -P)
prefix=${PREFIX:-}
binary=
unchecked=
uninstall=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --binary)
      [ -n "${2:-}" ] || die "$1 wants a value" 'See: sh install.sh --help'
      if [ "$1" = --prefix ]; then prefix=$2; else binary=$2; fi
      shift
      ;;
    --prefix=*) prefix=${1#*=} ;;
    --binary=*) binary=${1#*=} ;;
    --unchecked) unchecked=yes ;;
    --uninstall) uninstall=yes ;;
    --help | -h)
      usage
      exit
      ;;
    *) die "Unknown argument: $1" 'See: sh install.sh --help' ;;
  esac
  shift
done
[ -z "$unchecked" ] || [ -n "$binary" ] ||
  die '--unchecked needs --binary' 'Name the file: --binary FILE --unchecked'
if [ -z "$prefix" ]; then
  if [ "$(id -u)" = 0 ]; then
    prefix=/usr/local
  else
    prefix=${HOME:?is not set, and no --prefix is given}/.local
  fi
fi
newline='
'
case $prefix in
  # What was placed is written down line by line.
  *"$newline"*) die 'The prefix holds a line break' 'Choose another one' ;;
  /*) ;;
  *) prefix=$(pwd -P)/$prefix ;;
esac
prefix=${prefix%/}
root=${DESTDIR:-}
root=${root%/}
# One line for each file: its sum, two blanks, its path. And for each folder
# that was made: `folder`, two blanks, its path.
list=$prefix/share/ftl/installed

if command -v sha256sum >/dev/null; then
  sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }
elif command -v shasum >/dev/null; then
  sum_of() { shasum -a 256 <"$1" | cut -d ' ' -f 1; }
else
  die 'Cannot check what is installed: there is neither sha256sum nor shasum'
fi

# What the list has for a path; nothing when it was not placed by us.
listed() {
  [ ! -f "$root$list" ] || while read -r sum path; do
    [ "$path" != "$1" ] || echo "$sum"
  done <"$root$list"
}

remove() {
  [ -f "$root$list" ] || die "Nothing of ftl is installed below $root$prefix" \
    'Was it another --prefix?'
  folders=
  while read -r sum path; do
    if [ "$sum" = folder ]; then
      # The innermost first.
      folders="$path
$folders"
    elif [ ! -e "$root$path" ]; then
      :
    elif [ "$(sum_of "$root$path")" = "$sum" ]; then
      rm -f "$root$path"
      echo "removed $root$path"
    else
      echo "install.sh: left $root$path: it was changed since" >&2
    fi
  done <"$root$list"
  rm -f "$root$list"
  echo "$folders" | while read -r path; do
    [ -z "$path" ] || rmdir "$root$path" 2>/dev/null || true
  done
}

# The binary beside this script that is for this machine, and no other.
find_binary() {
  case $(uname -s) in
    Linux) os=linux ;;
    Darwin) os=macos ;;
    *) os=none ;;
  esac
  case $(uname -m) in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) machine=none ;;
  esac
  for name in "ftl-$os-$machine" ftl; do
    [ ! -f "$here/$name" ] || {
      echo "$here/$name"
      return
    }
  done
  die "Cannot find the binary: neither ftl-$os-$machine nor ftl is beside $0" \
    'Name it: --binary FILE'
}

# The user number of a file, or of the link that it is.
owner_of() (
  # shellcheck disable=SC2046 # mode, links, owner, …
  set -- $(ls -ldn -- "$1")
  echo "$3"
)

# Copies a file that no other user has put there: it is ours, root's, or of
# the user who downloaded this script. A pipe would have us wait.
copy_in() {
  [ -f "$1" ] || die "Cannot read $1: there is no such file"
  case $(owner_of "$1") in
    0 | "$(id -u)" | "$(owner_of "$0")") ;;
    *) die "Cannot use $1: it belongs to user $(owner_of "$1")" \
      'Download into a folder of your own' ;;
  esac
  cp -- "$1" "$2"
}

# A private folder that programs may run in: /tmp is often closed to them.
# Sets `temporary`.
make_temporary() {
  for folder in "${TMPDIR:-/tmp}" /var/tmp "${HOME:-/}" "$root$prefix" "$here"; do
    temporary=$(mktemp -d "$folder/ftl-install.XXXXXX" 2>/dev/null) || continue
    printf '#!/bin/sh\n' >"$temporary/probe"
    chmod 700 "$temporary/probe"
    ! "$temporary/probe" 2>/dev/null || return 0
    rm -rf "$temporary"
  done
  temporary=
  die 'Cannot run the binary: there is no folder where programs may run' \
    'Name one: TMPDIR=DIR sh install.sh'
}

# Checks the copy of a binary.
check_sums() {
  [ -z "$unchecked" ] || return 0
  sums=$(dirname -- "$1")/SHA256SUMS
  name=$(basename -- "$1")
  [ -f "$sums" ] || die "Cannot check $1: there is no SHA256SUMS beside it" \
    'Download it too, or place a file as it is: --binary FILE --unchecked'
  copy_in "$sums" "$temporary/SHA256SUMS"
  wanted=
  while read -r sum file; do
    [ "${file#\*}" != "$name" ] || wanted=$sum
  done <"$temporary/SHA256SUMS"
  [ -n "$wanted" ] || die "Cannot check $1: $sums does not name it"
  [ "$(sum_of "$temporary/ftl")" = "$wanted" ] ||
    die "$1 is not what $sums says" 'Download it again: do not run this one'
}

# Makes a folder and those above it, and lists what was not there.
make_folder() {
  [ ! -d "$root$1" ] || return 0
  case $1 in */*) make_folder "${1%/*}" ;; esac
  mkdir "$root$1"
  echo "folder  $1" >>"$new_list"
}

# Stops where a file is in the way of ours.
check_place() {
  from=$1 to=$2
  [ -e "$root$to" ] || [ -L "$root$to" ] || return 0
  [ -n "$(listed "$to")" ] || [ "$(sum_of "$root$to")" = "$(sum_of "$from")" ] ||
    die "Cannot place $root$to: there is one that is not ours" 'Move it away'
}

# Puts a file at a path, whole or not at all, under a new name first that
# nobody can have put a link at.
put() {
  new=$(mktemp "${2%/*}/.ftl-install.XXXXXX" 2>/dev/null) ||
    die "Cannot place $2: the folder cannot be written to"
  if ! { cp -- "$1" "$new" && chmod "$3" "$new" && mv -f -- "$new" "$2"; }; then
    rm -f "$new"
    die "Cannot place $2" 'May you write there, and is there room?'
  fi
}

# Puts a file in its place, and lists it.
place() {
  from=$1 to=$2 mode=$3
  make_folder "${to%/*}"
  put "$from" "$root$to" "$mode"
  echo "$(sum_of "$from")  $to" >>"$new_list"
  echo "placed $root$to"
}

if [ -n "$uninstall" ]; then
  remove
  exit
fi

[ -n "$binary" ] || binary=$(find_binary)
temporary=
trap '[ -z "$temporary" ] || rm -rf "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
make_temporary
copy_in "$binary" "$temporary/ftl"
check_sums "$binary"
new_list=$temporary/installed
# Folders that an earlier installation made are still its to remove.
: >"$new_list"
[ ! -f "$root$list" ] || grep '^folder  ' "$root$list" >"$new_list" || true
chmod 755 "$temporary/ftl"
# A portable binary unpacks itself to print these; that does not stay.
ftl() { FTL_RUNTIME_DIR=$temporary/runtime "$temporary/ftl" "$@"; }
version=$(ftl --version) || die "Cannot run $binary"
ftl man >"$temporary/ftl.1"
for shell in bash zsh fish; do
  ftl completions "$shell" >"$temporary/completion.$shell"
done

umask 022
[ -z "$root" ] || mkdir -p "$root"
for_each_file() {
  "$1" "$temporary/ftl" "$prefix/bin/ftl" 755
  "$1" "$temporary/ftl.1" "$prefix/share/man/man1/ftl.1" 644
  "$1" "$temporary/completion.bash" \
    "$prefix/share/bash-completion/completions/ftl" 644
  "$1" "$temporary/completion.zsh" "$prefix/share/zsh/site-functions/_ftl" 644
  "$1" "$temporary/completion.fish" \
    "$prefix/share/fish/vendor_completions.d/ftl.fish" 644
}
for_each_file check_place # all before the first: all or nothing
for_each_file place
make_folder "${list%/*}"
put "$new_list" "$root$list" 644

echo "$version is installed below $root$prefix"
case :$PATH: in
  *":$prefix/bin:"*) ;;
  *) echo "     Add $prefix/bin to PATH" ;;
esac
