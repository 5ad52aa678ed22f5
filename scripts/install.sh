#!/bin/sh
# Places ftl, its manual page and the completions of bash, zsh and fish; takes
# them away again with --uninstall. Needs no network: it stands beside the
# binary, as it was downloaded, and checks that against SHA256SUMS when that was
# downloaded too. What it placed is written down with its sums, so that nothing
# else is ever removed or written over.
set -eu

usage() {
  cat <<'END'
Usage: sh install.sh [OPTIONS]

Places the ftl that lies beside this script.

  --prefix DIR   Below here: bin/ftl, share/man, completions.
                 Default: $PREFIX, else /usr/local for root and ~/.local
                 for everybody else
  --binary FILE  This one, and not the one beside this script
  --uninstall    Remove what was placed below the prefix, and nothing else
  --help

DESTDIR, when set, stands before the prefix: for who makes a package.
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
    --uninstall) uninstall=yes ;;
    --help | -h)
      usage
      exit
      ;;
    *) die "Cannot tell what $1 means" 'See: sh install.sh --help' ;;
  esac
  shift
done
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

# The binary beside this script that is for this machine.
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
    for folder in "$here" "$here/../dist"; do
      [ ! -f "$folder/$name" ] || {
        echo "$folder/$name"
        return
      }
    done
  done
  die "Cannot find the binary: neither ftl-$os-$machine nor ftl is beside $0" \
    'Name it: --binary FILE'
}

check_sums() {
  sums=$(dirname -- "$1")/SHA256SUMS
  name=$(basename -- "$1")
  if [ ! -f "$sums" ]; then
    echo "install.sh: $1 is not checked: there is no SHA256SUMS beside it" >&2
    return
  fi
  wanted=
  while read -r sum file; do
    [ "${file#\*}" != "$name" ] || wanted=$sum
  done <"$sums"
  [ -n "$wanted" ] || die "Cannot check $1: $sums does not name it"
  [ "$(sum_of "$1")" = "$wanted" ] ||
    die "$1 is not what $sums says" 'Get it anew: do not run this one'
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

# Puts a file in its place, whole or not at all.
place() {
  from=$1 to=$2 mode=$3
  make_folder "${to%/*}"
  if ! { cp "$from" "$root$to.new" && chmod "$mode" "$root$to.new"; }; then
    rm -f "$root$to.new"
    die "Cannot place $root$to" 'May you write there, and is there room?'
  fi
  mv -f "$root$to.new" "$root$to"
  echo "$(sum_of "$root$to")  $to" >>"$new_list"
  echo "placed $root$to"
}

if [ -n "$uninstall" ]; then
  remove
  exit
fi

[ -n "$binary" ] || binary=$(find_binary)
[ -f "$binary" ] || die "Cannot read $binary: there is no such file"
check_sums "$binary"

temporary=$(mktemp -d)
trap 'rm -rf "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
new_list=$temporary/installed
# Folders that an earlier installation made are still its to remove.
: >"$new_list"
[ ! -f "$root$list" ] || grep '^folder  ' "$root$list" >"$new_list" || true
cp "$binary" "$temporary/ftl"
chmod 755 "$temporary/ftl"
# A portable binary unpacks itself to print these; that is not to stay.
ftl() { FTL_RUNTIME_DIR=$temporary/runtime "$temporary/ftl" "$@"; }
version=$(ftl --version) || die "Cannot run $binary: is it for this machine?"
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
cp "$new_list" "$root$list.new"
mv -f "$root$list.new" "$root$list"

echo "$version is installed below $root$prefix"
case :$PATH: in
  *":$prefix/bin:"*) ;;
  *) echo "     Add $prefix/bin to PATH" ;;
esac
