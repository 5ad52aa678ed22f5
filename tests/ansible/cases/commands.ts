// Calls that run programs on the host.
import type { Case } from "./case.ts";

export const COMMAND_CASES: readonly Case[] = [
  { does: "answers", module: "ping", isShort: true },
  { does: "answers with a word", module: "ping", args: { data: "größe" } },
  { does: "crashes on demand", module: "ping", args: { data: "crash" } },
  {
    does: "runs words",
    module: "command",
    words: "echo one 'two three' $HOME",
    isShort: true,
  },
  {
    does: "keeps to chdir, creates and stdin",
    module: "command",
    words: "cat chdir=$D creates=$D/none stdin='a b'",
  },
  {
    does: "is skipped by creates",
    module: "command",
    words: "touch x creates=$D",
  },
  { does: "takes argv", module: "command", args: { argv: ["echo", "a  b"] } },
  {
    does: "takes free form as a parameter",
    module: "command",
    args: { _raw_params: "echo a b", chdir: "/" },
  },
  {
    does: "fails with its status",
    module: "command",
    words: "sh -c 'echo out; echo err >&2; exit 3'",
    isShort: true,
  },
  { does: "fails without a program", module: "command", words: "no-such a b" },
  {
    does: "finds nothing on stdin",
    module: "shell",
    words: "cat",
    isShort: true,
  },
  { does: "fails without a command", module: "command", args: { argv: [] } },
  {
    does: "runs a pipe",
    module: "shell",
    words: "echo a b | tr a-z A-Z; echo $0 $((1+1))",
    isShort: true,
  },
  {
    does: "uses another shell",
    module: "shell",
    words: "echo ${BASH_VERSION%%.*} executable=/bin/bash chdir=/",
  },
  {
    does: "fails with its status",
    module: "shell",
    words: "echo x; exit 7",
  },
  {
    does: "prints bytes that are not text",
    module: "shell",
    words: "printf '\\377\\n\\0x'",
  },
  { does: "is skipped by removes", module: "shell", words: "ls removes=$D/x" },
  {
    does: "sees no locale but C",
    module: "shell",
    words: "locale 2>/dev/null | grep LC_ALL; umask; tty",
  },
  { does: "gathers a little", module: "setup", args: { gather_subset: "min" } },
  {
    does: "gathers by filter",
    module: "setup",
    args: { gather_subset: ["!all", "network"], filter: "ansible_lo" },
  },
  { does: "gathers all", module: "setup", only: "real" },
  {
    does: "fails for an unknown subset",
    module: "setup",
    args: { gather_subset: "nothing" },
  },
  { does: "reads passwd", module: "getent", args: { database: "passwd" } },
  {
    does: "fails for a key that is not there",
    module: "getent",
    args: { database: "passwd", key: "no-such-user" },
  },
  {
    does: "waits for a file",
    module: "wait_for",
    args: { path: "$D/f", search_regex: "t(w)o" },
    files: { f: "one\ntwo\n" },
  },
  {
    does: "fails when nothing comes",
    module: "wait_for",
    args: { path: "$D/none", timeout: 1, msg: "Nothing came" },
  },
  {
    does: "clones a repository",
    module: "git",
    args: { repo: "$D/origin", dest: "$D/clone", version: "main" },
    before: repository("$D/origin"),
    only: "real",
  },
  {
    does: "says what it would clone",
    module: "git",
    args: { repo: "$D/origin", dest: "$D/clone" },
    before: repository("$D/origin"),
    only: "check",
  },
  {
    does: "fails without a repository",
    module: "git",
    args: { repo: "$D/none", dest: "$D/clone" },
  },
  {
    does: "says that a package is not there",
    module: "pip",
    args: { name: "no-such-package-of-ftl", state: "absent" },
  },
  {
    does: "installs into an environment",
    module: "pip",
    args: { name: "$D/thing", virtualenv: "$D/env", extra_args: "--no-index" },
    files: {
      "thing/setup.py":
        "from setuptools import setup\nsetup(name='thing', version='1')\n",
    },
    before: "python3 -m venv --system-site-packages $D/env",
    only: "real",
  },
  {
    does: "says what it would install",
    module: "pip",
    args: { name: "no-such-package-of-ftl", virtualenv: "$D/env" },
    before: "python3 -m venv --system-site-packages $D/env",
    only: "check",
  },
  {
    does: "fails without a name",
    module: "pip",
    args: { state: "latest" },
  },
];

/** A script that makes a repository with one commit. */
function repository(path: string): string {
  return `git init -q -b main ${path}
cd ${path}
echo x > f
git add f
export GIT_AUTHOR_DATE=2020-01-01T00:00:00Z GIT_COMMITTER_DATE=2020-01-01T00:00:00Z
git -c user.name=a -c user.email=a@b commit -q -m x`;
}
