#!/bin/sh
# ftl as one file: this script, and after its first 16384 bytes a compressed
# archive of a runtime and the program. It is unpacked once, into a folder that
# no other user can write to or replace, and run from there: the first usable one
# of $FTL_RUNTIME_DIR, ~/.cache/ftl, /var/tmp/ftl-UID and /tmp/ftl-UID. A runtime
# that root unpacked for all users is used too, also in /usr/lib/ftl. A runtime
# gets its name only after a check that it is whole and runs on this machine.

# Filled in when the file is built.
name='@NAME@'           # ends with the SHA-256 of the archive's list of sums
installed='@INSTALLED@' # where a package has unpacked it; empty: nowhere
size='@SIZE@'           # of the runtime, in bytes
files='@FILES@'         # of the program, their number
flags='@OPTIONS@'
machine='@MACHINE@'     # as uname -sm prints it; empty: any

# zsh splits words like other shells only in emulation mode. Its own variables path,
# options and status are not used here.
[ -z "${ZSH_VERSION:-}" ] || emulate sh

newline='
'
why=
me=   # the user ID, while a folder for unpacking is searched
lock= # see wait_for_first

# Ends with the exit status of a usage error.
die() {
  echo "ftl: Cannot $1" >&2
  [ -z "${2:-}" ] || echo "     $2" >&2
  exit 2
}

need() {
  for tool; do
    command -v "$tool" >/dev/null ||
      die "start: $tool is not in PATH" "Install $tool"
  done
}

# Asks this shell for its limits and variables, all in one child process.
ask_shell() {
  # shellcheck disable=SC3045 # shells without -H or -v print nothing
  answer=$(
    ulimit -Hn 2>/dev/null
    echo /
    ulimit -v 2>/dev/null
    echo /
    export -p
  )
  open_files=${answer%%"$newline"/*}
  answer=${answer#*/"$newline"}
  addresses=${answer%%"$newline"/*}
  exported=${answer#*/"$newline"}
}

# Removes variables of Deno, Node, V8, OpenTelemetry and Rust. They load code, write
# files and send data, and were set for other programs.
clean_environment() {
  IFS=$newline
  for line in $exported; do
    line=${line%%=*}
    case ${line##* } in
      *[!A-Za-z0-9_]*) ;;
      DENO_* | NODE_* | OTEL_* | RUST_* | TOKIO_* | V8_* | ICU_* | COMPLETE)
        unset "${line##* }"
        ;;
    esac
  done
  unset IFS
}

# Whether only this user and root can write to a path and the folders above it, or
# replace one of them; sets `owner`, and `bytes` to the size, and `closed` when others
# cannot enter one of the folders. More paths may follow, for which `owner` and `bytes`
# mean nothing.
guarded() {
  closed=
  part=$1
  shift
  while [ -n "$part" ]; do
    set -- "$part" "$@"
    part=${part%/*}
  done
  lines=$(ls -ldn / "$@" 2>/dev/null) || return
  owners=
  IFS=$newline
  for line in $lines; do
    unset IFS
    # shellcheck disable=SC2086 # mode, links, owner, group, size, …
    set -- $line
    case $1 in
      drwx------ | drwx------.) closed=1 ;;
      -????-??-* | d????-??-* | d????????[tT]*) ;;
      *) return 1 ;;
    esac
    owner=$3 bytes=$5
    owners="$owners $3"
  done
  for each in $owners; do
    case $each in 0 | "${me:-$owner}") ;; *) return 1 ;; esac
  done
}

# The same, for a file that belongs to this user or to root.
trusted() {
  # shellcheck disable=SC3067 # dash, bash, busybox, ksh and zsh all have -O
  guarded "$@" && { [ "$owner" = 0 ] || [ -O "$1" ]; }
}

# Whether a folder contains the whole runtime and is trusted; sets `place`.
is_ready() {
  [ -x "$1/deno" ] || return
  place=$1
  set -- "$1"/app/*
  [ $# = "$files" ] && [ -r "$1" ] || return
  for file; do
    [ -s "$file" ] || return
  done
  { [ "${place#/}" != "$place" ] && trusted "$place/deno"; } || {
    # There may be a link on the way.
    place=$(cd -P -- "$place" && pwd -P) && trusted "$place/deno" || return
  }
  [ "$bytes" = "$size" ] && {
    # A runtime of this user is in a folder that is closed to others.
    [ "$owner" != 0 ] || [ -n "$closed" ] || is_root_only "$place/app"
  }
}

# Whether only root can write to a folder and to what it contains.
is_root_only() {
  if command -v find >/dev/null; then # takes a third of the time
    [ -z "$(find "$1" '(' ! -user 0 -o -perm -020 -o -perm -002 ')' 2>&1)" ]
  else
    trusted "$1"/*
  fi
}

# Finds the runtime in a folder. The second name is used when the first is damaged,
# because a program may still run from it.
find_in() {
  is_ready "$1/$name" || is_ready "$1/$name-2"
}

# Finds the folder on the way to another that exists; sets `nearest`.
find_nearest() {
  nearest=$1
  until [ -d "$nearest" ]; do
    case $nearest in
      /* | */*) nearest=${nearest%/*} ;;
      *) nearest=. ;;
    esac
    nearest=${nearest:-/}
  done
}

# Unpacks the archive into a folder, in a subshell; prints why it cannot.
unpack_in() (
  umask 077
  me=$(id -u) new=
  find_nearest "$1"
  # HOME can be another user's, as after sudo -E.
  guarded "$(cd -P -- "$nearest" && pwd -P)" || fail 'other users can write to it'
  wanted=$1
  trap 'tidy_up "$wanted" "$nearest" ${new:+"$new"} ${lock:+"$lock"}' EXIT
  mkdir -p -- "$1" 2>/dev/null
  at=$(cd -P -- "$1" 2>/dev/null && pwd -P) || fail 'it cannot be created'
  case $1 in
    /var/tmp/* | /tmp/*) # any user can put a link to another folder here
      [ "$at" = "$(cd -P -- "${1%/*}" && pwd -P)/${1##*/}" ] || fail 'it is a link'
      ;;
  esac
  guarded "$at" || fail 'other users can write to it'
  # shellcheck disable=SC3067
  [ -O "$at" ] || fail 'it belongs to another user'
  trap 'exit 1' HUP INT TERM
  wait_for_first "$at"
  find_in "$1" && exit
  remove_old "$at"
  made=$at/.ftl-unpacking-$$
  while ! mkdir "$made" 2>/dev/null; do
    [ -d "$made" ] || fail 'it is not writable'
    made=$made-
  done
  new=$made
  true >"$new/used"
  printf '#!/bin/sh\n' >"$new/probe" && chmod 700 "$new/probe"
  "$new/probe" 2>/dev/null || fail 'programs may not run there'
  rm "$new/probe"
  if ! archive | gzip -dc 2>/dev/null | (cd "$new" && tar -xof -) 2>/dev/null ||
    ! is_whole "$new"; then
    archive | gzip -t 2>/dev/null || fail "$0 is damaged; download it again"
    case $(ulimit -f) in
      *[!0-9]*) ;;
      *)
        [ "$(ulimit -f)" -gt $((size / 512)) ] ||
          fail 'the file size limit (ulimit -f) is too low'
        ;;
    esac
    fail "it needs $((size / 1000000 + 5)) MB of free space"
  fi
  try_run "$new"
  for to in "$at/$name" "$at/$name-2"; do
    is_ready "$to" && exit
    [ -e "$to" ] && continue
    mv "$new" "$to" 2>/dev/null
    # When another start was faster, mv moved it into that one's folder.
    rm -rf "${to:?}/${new##*/}"
    exit 0
  done
  fail 'its content is damaged; remove it'
)

fail() {
  echo "$1"
  exit 1
}

# Waits for up to a minute while another start unpacks into a folder, since each
# needs a hundred megabytes. Sets `lock`, a link whose target is a process ID.
wait_for_first() {
  lock=$1/.ftl-unpacking.lock
  waits=0
  until ln -s "$$" "$lock" 2>/dev/null; do
    if [ $waits -ge 300 ] || ! [ -L "$lock" ]; then
      lock=
      return
    fi
    holder=$(ls -l "$lock" 2>/dev/null)
    if [ -n "$holder" ] && ! kill -0 "${holder##* }" 2>/dev/null; then
      rm -f "$lock"
    else
      sleep 0.2 2>/dev/null || {
        sleep 1
        waits=$((waits + 4))
      }
    fi
    waits=$((waits + 1))
  done
}

# Removes what unpacking needed, and the empty folders from one up to another, which
# stays.
tidy_up() {
  left=$1 top=$2
  shift 2
  [ $# = 0 ] || rm -rf "$@"
  while [ "$left" != "$top" ] && rmdir -- "$left" 2>/dev/null; do
    left=${left%/*}
  done
}

# Runs the program once where it was unpacked. If it cannot run here, it cannot run
# from any other folder: prints why, and ends with a special status.
try_run() {
  errors=$(start "$1" --version 2>&1 >/dev/null) && return
  code=$?
  [ "${machine:-$(uname -sm)}" = "$(uname -sm)" ] ||
    cannot_run "it was made for $machine, and this is $(uname -sm)"
  case $errors in
    *GLIBC_*)
      errors=${errors#*GLIBC_}
      cannot_run "it needs glibc ${errors%%[!0-9.]*} or later"
      ;;
    *'loading shared libraries: '*)
      errors=${errors#*loading shared libraries: }
      cannot_run "this system lacks the library ${errors%%:*}"
      ;;
  esac
  [ $code != 127 ] ||
    cannot_run 'it needs glibc, and this system has another C library'
  cannot_run "the runtime ended with status $code: ${errors%%"$newline"*}"
}

cannot_run() {
  echo "$1"
  exit 3
}

# Removes runtimes that were not used for a month, and the remains of crashes.
remove_old() {
  for used in "$1"/ftl-runtime-*/used "$1"/.ftl-unpacking-*/used; do
    case $used in
      *unpacking*) old=$(find "$used" -mmin +60 2>/dev/null) ;;
      *) old=$(find "$used" -mtime +30 2>/dev/null) ;;
    esac
    [ -n "$old" ] || continue
    # A session renews `used` daily, but it may be suspended.
    running=$({ ls -l /proc/[0-9]*/exe || ps -A -o args=; } 2>/dev/null)
    case $running in
      *"${used%/used}/deno"*) ;;
      *) rm -rf "${used%/used}" ;;
    esac
  done
}

archive() {
  dd bs=16384 skip=1 <"$0" 2>/dev/null
}

# Whether the unpacked files match their sums.
is_whole() (
  cd "$1" || exit
  if command -v sha256sum >/dev/null; then
    sum() { sha256sum "$@"; }
  elif command -v shasum >/dev/null; then
    sum() { shasum -a 256 "$@"; }
  else
    archive | gzip -t # checks less, but is always present
    exit
  fi
  case $(sum <sums) in
    "${name#ftl-runtime-}"*) sum -c sums >/dev/null 2>&1 ;;
    *) exit 1 ;;
  esac
)

unpack_and_find_in() {
  reason=$(unpack_in "$1" 2>/dev/null) && find_in "$1" && return
  [ $? != 3 ] || die "run the program: $reason"
  why="$why$newline     $1: $reason"
  return 1
}

# Calls a function with one folder after the other until it succeeds.
try() {
  for folder in "${FTL_RUNTIME_DIR:-}" "${HOME:+$HOME/.cache/ftl}" /var/tmp /tmp; do
    case $folder in
      '') continue ;;
      /var/tmp | /tmp) folder=$folder/ftl-$(id -u 2>/dev/null) ;;
    esac
    "$1" "$folder" && return
  done
  return 1
}

# Whether a folder of this user can keep the code that V8 compiles and later runs
# without a look at it; sets `cache`. It is created in a HOME that exists.
keeps_code() {
  cache=$1
  case ${HOME:-} in
    /?*) [ -d "$HOME" ] || return ;;
    *) return 1 ;;
  esac
  [ -d "$cache" ] || (make_code_folder "$cache") >/dev/null 2>&1 || return
  guarded "$cache" || {
    # There may be a link on the way.
    cache=$(cd -P -- "$cache" && pwd -P) && guarded "$cache" || return
  }
  # shellcheck disable=SC3067
  [ -O "$cache" ] && [ -n "$closed" ] && { true >"$cache/used"; } 2>/dev/null
}

make_code_folder() {
  umask 077
  me=$(id -u)
  find_nearest "$1"
  guarded "$(cd -P -- "$nearest" && pwd -P)" && mkdir -p -- "$1" &&
    remove_old "${1%/*}"
}

# Runs the program from a folder.
start() {
  place=$1 keeps=
  shift
  case $place in
    # Nothing is written beside what a package has installed, not even by root.
    /usr/lib/ftl/*) ;;
    *)
      cache=$place/cache
      { true >"$place/used"; } 2>/dev/null && keeps=1
      ;;
  esac
  [ -n "$keeps" ] || {
    keeps_code "${HOME:-}/.cache/ftl/$name-code" && keeps=1
  } || cache=$place/deno/none
  # Deno keeps what V8 compiles before it runs a file: then all of it.
  [ -z "$keeps" ] || flags=$flags,--no-lazy,--no-enable-lazy-source-positions
  # Without --quiet, Deno clears the terminal's line while it loads itself.
  # shellcheck disable=SC2086 # several options
  DENO_DIR=$cache DENO_NO_UPDATE_CHECK=1 exec "$place/deno" run \
    --quiet --no-config --no-lock --no-npm --no-remote --cached-only --no-prompt \
    $flags "$place/app/main.js" "$@"
}

# Refuses what would make the runtime crash at its start, before ftl can say why.
check_system() {
  case $open_files in
    [0-9] | [1-5][0-9] | 6[0-3])
      die "start: at most $open_files files may be open (ulimit -n)" \
        'Allow 64 or more'
      ;;
  esac
  # V8 reserves 32 GiB of addresses when it starts; 34.5 GB are enough.
  case $addresses in
    '' | *[!0-9]*) ;;
    *)
      [ "$addresses" -ge 36000000 ] ||
        die "start: the memory limit (ulimit -v) is $((addresses / 1000)) MB" \
          'Allow 36000 MB or more: ftl reserves addresses, and uses few of them'
      ;;
  esac
  [ -e /proc/self/exe ] || case ${machine:-$(uname -sm)} in
    Linux*) die 'start: /proc is not mounted' 'Mount it' ;;
  esac
  # shellcheck disable=SC3013 # dash, bash, busybox, ksh and zsh all have -ef
  case ${PWD:-} in
    /*) [ . -ef "$PWD" ] ;;
    *) false ;;
  esac || case $(ls -ld /proc/self/cwd 2>/dev/null) in
    *' (deleted)') die 'start: the working folder was removed' 'Change to another' ;;
  esac
}

need ls
ask_shell
check_system
clean_environment
# Deno fails when HOME is not a folder: service users have /dev/null.
[ ! -e "${HOME:-/}" ] || [ -d "${HOME:-/}" ] || unset HOME
if [ -n "$installed" ]; then
  find_in "$installed" ||
    die "start: the files in $installed are damaged, or other users can change them" \
      'Install the package again'
else
  try find_in || find_in /usr/lib/ftl || {
    need chmod dd gzip id mkdir mv rm tar
    try unpack_and_find_in
  } || die "unpack the program: no folder is usable$why" \
    'Set FTL_RUNTIME_DIR to a folder of your own'
fi
start "$place" "$@"
