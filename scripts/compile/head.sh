#!/bin/sh
# ftl as one file: this script, and behind its first 8192 bytes a compressed
# archive of a runtime and the program. It is unpacked once, into a folder that
# nobody else can write to or put another in the place of, and run from there:
# the first usable one of $FTL_RUNTIME_DIR, ~/.cache/ftl, /var/tmp/ftl-UID and
# /tmp/ftl-UID. What is there is whole: it is checked before it gets its name.

# Filled in when the file is made.
name='@NAME@'   # ends with the SHA-256 of the archive's list of sums
size='@SIZE@'   # of the runtime, in bytes
files='@FILES@' # of the program
options='@OPTIONS@'

newline='
'
why=

# Whether a file or folder is ours, and neither it nor any folder above it can
# be written to by others than us and root. A file must have the size of the
# runtime.
ours() {
  # shellcheck disable=SC3067 # dash, bash, busybox, ksh and zsh all know -O
  [ -O "$1" ] || return
  path=$1
  set --
  while [ -n "$path" ]; do
    set -- "$path" "$@"
    path=${path%/*}
  done
  lines=$(ls -ldn / "$@" 2>/dev/null) || return
  owners=
  IFS=$newline
  for line in $lines; do
    unset IFS
    # shellcheck disable=SC2086 # mode, links, owner, group, size, …
    set -- $line
    case $1 in
      -rwx------*) [ "$5" = "$size" ] || return ;;
      d????-??-* | d????????[tT]*) ;;
      *) return 1 ;;
    esac
    owners="$owners $3"
  done
  for owner in $owners; do
    case $owner in 0 | "$3") ;; *) return 1 ;; esac
  done
}

# Whether a place holds the runtime, whole, and for us alone; sets `place`.
is_ready() {
  [ -x "$1/deno" ] || return
  for file in $files; do
    [ -s "$1/$file" ] || return
  done
  place=$(cd -P -- "$1" && pwd -P) && ours "$place/deno"
}

# Finds the runtime in a folder. The second name is for when what has the first
# is damaged: somebody may still run from it.
find_in() {
  is_ready "$1/$name" || is_ready "$1/$name-2"
}

# Unpacks the archive into a folder, in a process of its own; says on its
# standard output why it cannot.
unpack_in() (
  umask 077
  mkdir -p -- "$1" 2>/dev/null
  at=$(cd -P -- "$1" 2>/dev/null && pwd -P) || fail 'it cannot be made'
  case $1 in
    /var/tmp/* | /tmp/*) # where anybody can lead us to another folder of ours
      [ "$at" = "$(cd -P -- "${1%/*}" && pwd -P)/${1##*/}" ] || fail 'it is a link'
      ;;
  esac
  ours "$at" || fail 'others could write to it'
  remove_old "$at"
  new=$at/.ftl-unpacking-$$
  while ! mkdir "$new" 2>/dev/null; do
    [ -d "$new" ] || fail 'it cannot be written to'
    new=$new-
  done
  trap 'rm -rf "$new"' EXIT
  trap 'exit 1' HUP INT TERM
  true >"$new/used"
  printf '#!/bin/sh\n' >"$new/probe" && chmod 700 "$new/probe"
  "$new/probe" 2>/dev/null || fail 'no program may run there'
  rm "$new/probe"
  if ! archive | gzip -dc 2>/dev/null | (cd "$new" && tar -xof -) 2>/dev/null ||
    ! is_whole "$new"; then
    archive | gzip -t 2>/dev/null || fail "$0 is damaged: get it anew"
    fail "it has no room: $((size / 1000000 + 5)) MB are needed"
  fi
  for to in "$at/$name" "$at/$name-2"; do
    is_ready "$to" && exit
    [ -e "$to" ] && continue
    mv "$new" "$to" 2>/dev/null
    # Where another start was faster, it went into the folder of that one.
    rm -rf "${to:?}/${new##*/}"
    exit 0
  done
  fail 'what is in it is damaged: remove that'
)

fail() {
  echo "$1"
  exit 1
}

# Removes what was not used for a month, and what a crash left behind.
remove_old() {
  for used in "$1"/ftl-runtime-*/used "$1"/.ftl-unpacking-*/used; do
    case $used in
      *unpacking*) old=$(find "$used" -mmin +60 2>/dev/null) ;;
      *) old=$(find "$used" -mtime +30 2>/dev/null) ;;
    esac
    [ -z "$old" ] || rm -rf "${used%/used}"
  done
}

archive() {
  dd bs=8192 skip=1 <"$0" 2>/dev/null
}

# Whether what was unpacked is what was packed.
is_whole() (
  cd "$1" || exit
  if command -v sha256sum >/dev/null; then
    sum() { sha256sum "$@"; }
  elif command -v shasum >/dev/null; then
    sum() { shasum -a 256 "$@"; }
  else
    archive | gzip -t # knows less, and is there
    exit
  fi
  case $(sum <sums) in
    "${name#ftl-runtime-}"*) sum -c sums >/dev/null 2>&1 ;;
    *) exit 1 ;;
  esac
)

unpack_and_find_in() {
  said=$(unpack_in "$1") && find_in "$1" && return
  why="$why$newline     $1: $said"
  return 1
}

# Does something with one folder after the other until it succeeds.
try() {
  for folder in "${FTL_RUNTIME_DIR:-}" "${HOME:+$HOME/.cache/ftl}" /var/tmp /tmp; do
    case $folder in
      '') continue ;;
      /var/tmp | /tmp) folder=$folder/ftl-$(id -u) ;;
    esac
    "$1" "$folder" && return
  done
  return 1
}

try find_in || try unpack_and_find_in || {
  echo "ftl: Cannot unpack the program: no folder can be used$why
     Name one of your own: FTL_RUNTIME_DIR=DIR" >&2
  exit 2
}
{ true >"$place/used"; } 2>/dev/null
# Deno gives up where HOME is no folder: users of services have /dev/null.
[ ! -e "${HOME:-/}" ] || [ -d "${HOME:-/}" ] || unset HOME
# Without --quiet it would wipe the terminal's line for what it reads of itself.
# shellcheck disable=SC2086 # several words
DENO_DIR=$place/cache DENO_NO_UPDATE_CHECK=1 exec "$place/deno" run \
  --quiet --no-config --no-lock --no-npm --no-remote --cached-only --no-prompt \
  $options "$place/app/main.js" "$@"
