#!/bin/sh
# Installs ftl, its manual page and the completions of bash, zsh and fish, and
# removes them with --uninstall. Needs no network: the binary, SHA256SUMS and its
# signature are beside this script, and no other folder is searched. The binary is
# copied to a private folder first, and that copy is checked, run and installed.
# Installed files are listed with their sums, so that no other file is ever removed
# or overwritten.
set -eu
unset CDPATH # cd would search other folders

# The keys that sign releases, as allowed signers of ssh-keygen, one a line. Only
# the install.sh of a release has them, from the file release_signers.
signers=''

usage() {
  cat <<'END'
Usage: sh install.sh [OPTIONS]

Installs the ftl beside this script, after checking it against the SHA256SUMS
beside it, and those against SHA256SUMS.sig and the keys in this script.

  --prefix DIR   install below this folder: bin/ftl, share/man, completions
                 (default: $PREFIX, else /usr/local for root and ~/.local for
                 other users)
  --binary FILE  install this file, checked against the SHA256SUMS beside it
  --verify FILE  check this file of a release in the same way, a package for
                 instance, and install nothing
  --signers FILE use the keys in this file, not those in this script
  --sha256 SUM   check the file against this sum, and nothing else
  --unsigned     check the sums, and not who signed them
  --unchecked    with --binary: install it without a check
  --uninstall    remove what was installed below the prefix, and nothing else
  --help         print this help

DESTDIR, if set, is prepended to the prefix, for building packages.
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
verify=
sum_wanted=
unsigned=
signed=
unchecked=
uninstall=
option=
while [ $# -gt 0 ]; do
  case $1 in
    --prefix | --binary | --verify | --signers | --sha256)
      [ -n "${2:-}" ] || die "Missing value of $1" 'Run sh install.sh --help'
      option=$1 value=$2
      shift
      ;;
    --prefix=* | --binary=* | --verify=* | --signers=* | --sha256=*)
      option=${1%%=*} value=${1#*=}
      ;;
    --unsigned) unsigned=yes ;;
    --unchecked) unchecked=yes ;;
    --uninstall) uninstall=yes ;;
    --help | -h)
      usage
      exit
      ;;
    *) die "Unknown argument: $1" 'Run sh install.sh --help' ;;
  esac
  case $option in
    --prefix) prefix=$value ;;
    --binary) binary=$value ;;
    --verify) verify=$value ;;
    --sha256) sum_wanted=$value ;;
    --signers)
      signers=$(cat -- "$value") || die "Cannot read the signers in $value"
      ;;
  esac
  option=
  shift
done
case $sum_wanted in
  *[A-F]*) sum_wanted=$(printf %s "$sum_wanted" | tr A-F a-f) ;;
esac
case $sum_wanted in
  *[!0-9a-f]*) die '--sha256 is not a SHA-256 sum' 'Give 64 hexadecimal digits' ;;
esac
[ -z "$sum_wanted" ] || [ ${#sum_wanted} = 64 ] ||
  die '--sha256 is not a SHA-256 sum' 'Give 64 hexadecimal digits'
[ -z "$unchecked" ] || [ -n "$binary" ] ||
  die '--unchecked requires --binary' 'Add --binary FILE'
if [ -z "$prefix" ]; then
  if [ "$(id -u)" = 0 ]; then
    prefix=/usr/local
  else
    prefix=${HOME:?is not set, and neither is --prefix}/.local
  fi
fi
newline='
'
case $prefix in
  # The list of installed files has one path per line.
  *"$newline"*)
    die 'Cannot use the prefix: it contains a line break' 'Choose another one'
    ;;
  /*) ;;
  *) prefix=$(pwd -P)/$prefix ;;
esac
prefix=${prefix%/}
root=${DESTDIR:-}
root=${root%/}
# One line per file: its sum, two spaces, its path. One line per created folder:
# `folder`, two spaces, its path.
list=$prefix/share/ftl/installed

if command -v sha256sum >/dev/null; then
  sum_of() { sha256sum <"$1" | cut -d ' ' -f 1; }
elif command -v shasum >/dev/null; then
  sum_of() { shasum -a 256 <"$1" | cut -d ' ' -f 1; }
else
  die 'Cannot check files: neither sha256sum nor shasum is installed' \
    'Install one of them'
fi

# The listed sum of a path; empty when this script did not install it.
listed() {
  [ ! -f "$root$list" ] || while read -r sum path; do
    [ "$path" != "$1" ] || echo "$sum"
  done <"$root$list"
}

remove() {
  [ -f "$root$list" ] ||
    die "Cannot uninstall ftl: it is not installed below $root$prefix" \
      'Give its prefix with --prefix DIR'
  folders=
  while read -r sum path; do
    if [ "$sum" = folder ]; then
      # Innermost first.
      folders="$path
$folders"
    elif [ ! -e "$root$path" ]; then
      :
    elif [ "$(sum_of "$root$path")" = "$sum" ]; then
      rm -f "$root$path"
      echo "removed $root$path"
    else
      echo "install.sh: kept $root$path: it was changed" >&2
    fi
  done <"$root$list"
  rm -f "$root$list"
  echo "$folders" | while read -r path; do
    [ -z "$path" ] || rmdir "$root$path" 2>/dev/null || true
  done
}

# Prints the binary beside this script that is for this machine.
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
    'Give its path with --binary FILE'
}

# Prints the owner's user ID of a file or link.
owner_of() (
  # shellcheck disable=SC2046 # mode, links, owner, …
  set -- $(ls -ldn -- "$1")
  echo "$3"
)

# Whether this user, root, or the owner of this script has a user ID.
is_trusted() {
  case $1 in
    0 | "$(id -u)" | "$(owner_of "$0")") ;;
    *) return 1 ;;
  esac
}

# Whether no other user can replace what is in a folder: the folder and all above
# it belong to trusted users, and have a mode like the pattern or are sticky.
guarded() (
  each=$(cd -P -- "$1" 2>/dev/null && pwd -P) || return
  pattern=$2
  while :; do
    # shellcheck disable=SC2046 # mode, links, owner, …
    set -- $(ls -ldn -- "${each:-/}")
    # shellcheck disable=SC2254 # a pattern
    case $1 in
      $pattern | d????????[tT]*) ;;
      *) return 1 ;;
    esac
    is_trusted "$3" || return 1
    [ -n "$each" ] || return 0
    each=${each%/*}
  done
)

# Copies a file that no other user planted, or can exchange meanwhile. A pipe is
# refused, because reading it would block.
copy_in() {
  [ -f "$1" ] || die "Cannot read $1: the file does not exist"
  is_trusted "$(owner_of "$1")" ||
    die "Cannot use $1: it belongs to user $(owner_of "$1")" \
      'Download it into a folder of your own'
  guarded "$(dirname -- "$1")" 'd???????-?*' ||
    die "Cannot use $1: other users can replace it" \
      'Download it into a folder of your own'
  cp -- "$1" "$2"
}

# Creates a private folder that no other user can replace, and where programs may
# run, which is often not so in /tmp. Sets `temporary`.
make_temporary() {
  for folder in "${TMPDIR:-/tmp}" /tmp /var/tmp "${HOME:-/}" "$root$prefix" "$here"; do
    guarded "$folder" 'd????-??-*' || continue
    temporary=$(mktemp -d "$folder/ftl-install.XXXXXX" 2>/dev/null) || continue
    [ -z "$verify" ] || return 0
    printf '#!/bin/sh\n' >"$temporary/probe"
    chmod 700 "$temporary/probe"
    ! "$temporary/probe" 2>/dev/null || return 0
    rm -rf "$temporary"
  done
  temporary=
  die 'Cannot run the binary: no folder is safe and allows programs to run' \
    'Set TMPDIR to a folder of your own'
}

# Checks who signed the copy of the sums.
check_signature() {
  [ -z "$unsigned" ] || return 0
  other='Give the sum of the file with --sha256, or add --unsigned to trust the folder'
  printf '%s\n' "$signers" | grep -qv -e '^ *#' -e '^ *$' ||
    die "Cannot verify $1: this release is not signed" "$other"
  [ -f "$1.sig" ] ||
    die "Cannot verify $1: there is no SHA256SUMS.sig beside it" "$other"
  copy_in "$1.sig" "$temporary/SHA256SUMS.sig"
  # What knows -Y misses its other arguments.
  case $(LC_ALL=C ssh-keygen -Y verify </dev/null 2>&1) in
    *'Too few arguments'*) ;;
    *)
      die "Cannot verify $1: ssh-keygen of OpenSSH 8.2 or later is not installed" \
        'Verify it on another machine, and add --unsigned or --sha256 here'
      ;;
  esac
  printf '%s\n' "$signers" >"$temporary/signers"
  said=$(ssh-keygen -Y verify -f "$temporary/signers" -I ftl -n file \
    -s "$temporary/SHA256SUMS.sig" <"$temporary/SHA256SUMS" 2>&1) ||
    die "Cannot trust $1: none of the release's signers signed it: ${said%%"$newline"*}" \
      'Download it again, and use nothing that came with it'
  signed=$said
}

# Checks the copy of a file against the sums beside the original.
check_sums() {
  [ -z "$unchecked" ] || return 0
  if [ -n "$sum_wanted" ]; then
    [ "$(sum_of "$temporary/ftl")" = "$sum_wanted" ] ||
      die "Cannot use $1: its sum is not the one of --sha256" \
        'Download it again, and do not run this file'
    return 0
  fi
  sums=$(dirname -- "$1")/SHA256SUMS
  name=$(basename -- "$1")
  [ -f "$sums" ] || die "Cannot check $1: there is no SHA256SUMS beside it" \
    'Download it too, or give the sum of the file with --sha256'
  copy_in "$sums" "$temporary/SHA256SUMS"
  check_signature "$sums"
  wanted=
  while read -r sum file; do
    [ "${file#\*}" != "$name" ] || wanted=$sum
  done <"$temporary/SHA256SUMS"
  [ -n "$wanted" ] || die "Cannot check $1: it is not in $sums"
  [ "$(sum_of "$temporary/ftl")" = "$wanted" ] ||
    die "Cannot use $1: its sum differs from the one in $sums" \
      'Download it again, and do not run this file'
}

# Creates a folder and its parents, and lists those that were missing.
make_folder() {
  [ ! -d "$root$1" ] || return 0
  case $1 in */*) make_folder "${1%/*}" ;; esac
  mkdir "$root$1"
  echo "folder  $1" >>"$new_list"
}

# Refuses to replace a file that this script did not install.
check_place() {
  from=$1 to=$2
  [ -e "$root$to" ] || [ -L "$root$to" ] || return 0
  [ -n "$(listed "$to")" ] || [ "$(sum_of "$root$to")" = "$(sum_of "$from")" ] ||
    die "Cannot install $root$to: another file is already there" 'Move it away'
}

# Writes a file whole or not at all: under a new name first, where no other user
# can have put a link.
put() {
  new=$(mktemp "${2%/*}/.ftl-install.XXXXXX" 2>/dev/null) ||
    die "Cannot install $2: the folder is not writable"
  if ! { cp -- "$1" "$new" && chmod "$3" "$new" && mv -f -- "$new" "$2"; }; then
    rm -f "$new"
    die "Cannot install $2: writing failed" 'Check permissions and free space'
  fi
}

# Installs a file, and lists it.
place() {
  from=$1 to=$2 mode=$3
  make_folder "${to%/*}"
  put "$from" "$root$to" "$mode"
  echo "$(sum_of "$from")  $to" >>"$new_list"
  echo "installed $root$to"
}

if [ -n "$uninstall" ]; then
  remove
  exit
fi

temporary=
trap '[ -z "$temporary" ] || rm -rf "$temporary"' EXIT
trap 'exit 1' HUP INT TERM
if [ -n "$verify" ]; then
  make_temporary
  copy_in "$verify" "$temporary/ftl"
  check_sums "$verify"
  [ -z "$signed" ] || echo "$signed"
  echo "$verify is the file that was released"
  exit
fi
[ -n "$binary" ] || binary=$(find_binary)
make_temporary
copy_in "$binary" "$temporary/ftl"
check_sums "$binary"
new_list=$temporary/installed
# Folders that an earlier installation created are still removed later.
: >"$new_list"
[ ! -f "$root$list" ] || grep '^folder  ' "$root$list" >"$new_list" || true
chmod 755 "$temporary/ftl"
# A portable binary unpacks itself to print these, here only for a while.
ftl() { FTL_RUNTIME_DIR=$temporary/runtime "$temporary/ftl" "$@"; }
version=$(ftl --version) || die "Cannot run $binary: it failed"
ftl man >"$temporary/ftl.1"
topics="patterns inventory modules console jobs"
for topic in $topics; do
  ftl man "$topic" >"$temporary/ftl-$topic.7"
done
for shell in bash zsh fish; do
  ftl completions "$shell" >"$temporary/completion.$shell"
done

umask 022
[ -z "$root" ] || mkdir -p "$root"
for_each_file() {
  "$1" "$temporary/ftl" "$prefix/bin/ftl" 755
  "$1" "$temporary/ftl.1" "$prefix/share/man/man1/ftl.1" 644
  for topic in $topics; do
    "$1" "$temporary/ftl-$topic.7" "$prefix/share/man/man7/ftl-$topic.7" 644
  done
  "$1" "$temporary/completion.bash" \
    "$prefix/share/bash-completion/completions/ftl" 644
  "$1" "$temporary/completion.zsh" "$prefix/share/zsh/site-functions/_ftl" 644
  "$1" "$temporary/completion.fish" \
    "$prefix/share/fish/vendor_completions.d/ftl.fish" 644
}
for_each_file check_place # before the first is written: all or nothing
for_each_file place
make_folder "${list%/*}"
put "$new_list" "$root$list" 644

[ -z "$signed" ] || echo "$signed"
echo "$version is installed below $root$prefix"
case :$PATH: in
  *":$prefix/bin:"*) ;;
  *) echo "     Add $prefix/bin to PATH" ;;
esac
