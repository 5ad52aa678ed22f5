// Calls of modules that Ansible runs on its controller.
import type { Case } from "./case.ts";

const TREE = {
  "src/a": "one\n",
  "src/b/c": "two\n",
  "src/b/empty/.keep": "",
  "src/link@": "a",
};

/** A service whose state is a file. */
const INIT_SCRIPT = `cat > /etc/init.d/ftl-s <<'END'
#!/bin/sh
case $1 in
  start) touch /var/ftl-s ;;
  stop) rm -f /var/ftl-s ;;
  status) test -e /var/ftl-s && echo running || { echo stopped; exit 3; } ;;
esac
END
chmod 755 /etc/init.d/ftl-s`;

export const ACTION_CASES: readonly Case[] = [
  {
    does: "runs a command",
    module: "raw",
    words: "echo a | tr a b; echo c >&2",
  },
  {
    does: "fails with its status",
    module: "raw",
    words: "echo x; exit 4",
    isShort: true,
  },
  {
    does: "uses another shell",
    module: "raw",
    words: "echo ${BASH_VERSION%%.*} 'a  b' executable=/bin/bash",
  },
  {
    does: "runs a file",
    module: "script",
    words: "$D/s.sh one 'two three'",
    files: { "s.sh": '#!/bin/sh\necho "$#" "$2"; pwd >&2\n' },
    isShort: true,
  },
  {
    does: "keeps to chdir and executable",
    module: "script",
    words: "$D/s.py x chdir=/ executable=/usr/bin/python3",
    files: { "s.py": "import os, sys\nprint(os.getcwd(), sys.argv[1:])\n" },
  },
  {
    does: "fails with its status",
    module: "script",
    words: "$D/s.sh",
    files: { "s.sh": "#!/bin/sh\necho no >&2\nexit 5\n" },
  },
  {
    does: "is skipped by creates",
    module: "script",
    words: "$D/s.sh creates=$D/s.sh",
    files: { "s.sh": "#!/bin/sh\n" },
  },
  {
    does: "would run with removes",
    module: "script",
    words: "$D/s.sh removes=$D/s.sh",
    files: { "s.sh": "#!/bin/sh\n" },
    only: "check",
  },
  { does: "says a text", module: "debug", args: { msg: "größe" } },
  { does: "says a list", module: "debug", args: { msg: ["a", 1] } },
  { does: "says a variable", module: "debug", args: { var: "ansible_host" } },
  { does: "knows no variable", module: "debug", args: { var: "no_such" } },
  {
    does: "says what an expression is",
    module: "debug",
    args: { var: "[ansible_host] | map('upper') | list" },
  },
  { does: "fails for another option", module: "debug", args: { vars: "x" } },
  {
    does: "fails for both",
    module: "debug",
    args: { msg: "a", var: "b" },
  },
  {
    does: "sends a file",
    module: "copy",
    args: { src: "$D/src/a", dest: "$D/new", mode: "0640" },
    files: TREE,
    isShort: true,
  },
  {
    does: "sends a file into a folder and keeps its mode",
    module: "copy",
    args: { src: "$D/src/a", dest: "$D/d/", mode: "preserve" },
    files: { ...TREE, "d/x": "" },
    before: "chmod 751 $D/src/a",
  },
  {
    does: "keeps a copy of what it replaces",
    module: "copy",
    args: { src: "$D/src/a", dest: "$D/f", backup: true },
    files: { ...TREE, f: "old\n" },
  },
  {
    does: "leaves a file that is the same",
    module: "copy",
    args: { src: "$D/src/a", dest: "$D/f", mode: "0644" },
    files: { ...TREE, f: "one\n" },
  },
  {
    does: "does not replace without force",
    module: "copy",
    args: { src: "$D/src/a", dest: "$D/f", force: false },
    files: { ...TREE, f: "old\n" },
  },
  {
    does: "follows a link",
    module: "copy",
    args: { src: "$D/src/a", dest: "$D/l", follow: true },
    files: { ...TREE, f: "one\n", "l@": "f" },
  },
  {
    does: "writes a text",
    module: "copy",
    args: { content: "x\n", dest: "$D/f" },
    files: { f: "old\n" },
  },
  {
    does: "writes an object",
    module: "copy",
    args: { content: { a: [1, "ü"] }, dest: "$D/f" },
  },
  {
    does: "sends a folder",
    module: "copy",
    args: { src: "$D/src", dest: "$D/new", directory_mode: "0700" },
    files: TREE,
  },
  {
    does: "sends what is in a folder",
    module: "copy",
    args: { src: "$D/src/", dest: "$D/new", local_follow: false },
    files: TREE,
  },
  {
    does: "finds a folder there already",
    module: "copy",
    args: { src: "$D/src/b", dest: "$D/d" },
    files: { ...TREE, "d/b/c": "two\n", "d/b/empty/.keep": "" },
  },
  {
    does: "copies on the host",
    module: "copy",
    args: { src: "$D/src/a", dest: "$D/new", remote_src: true },
    files: TREE,
  },
  {
    does: "validates before it writes",
    module: "copy",
    args: { content: "x", dest: "$D/new", validate: "/bin/false %s" },
    only: "real",
  },
  {
    does: "fails for a text into a folder",
    module: "copy",
    args: { content: "x", dest: "$D/d" },
    files: { "d/x": "" },
  },
  { does: "fails without dest", module: "copy", args: { content: "x" } },
  {
    does: "fails for src and content",
    module: "copy",
    args: { content: "x", src: "a", dest: "$D/f" },
  },
  {
    does: "fails where there is no folder",
    module: "copy",
    args: { content: "x", dest: "$D/no/such/f" },
    only: "real",
  },
  {
    does: "brings a file",
    module: "fetch",
    args: { src: "$D/src/a", dest: "$D/got" },
    files: TREE,
    isShort: true,
  },
  {
    does: "finds a file brought already",
    module: "fetch",
    args: { src: "$D/src/a", dest: "$D/got/", flat: true },
    files: { ...TREE, "got/a": "one\n" },
  },
  {
    does: "fails for a file that is not there",
    module: "fetch",
    args: { src: "$D/none", dest: "$D/got" },
  },
  {
    does: "goes on without a file",
    module: "fetch",
    args: { src: "$D/none", dest: "$D/got", fail_on_missing: false },
  },
  {
    does: "fails for a folder",
    module: "fetch",
    args: { src: "$D/src", dest: "$D/got" },
    files: TREE,
  },
  { does: "waits", module: "wait_for_connection", args: { timeout: 5 } },
  {
    does: "finds the package manager",
    module: "package",
    args: { name: "bash", state: "present" },
  },
  {
    does: "takes the manager that is named",
    module: "package",
    args: { name: "no-such-package-of-ftl", use: "apt" },
    only: "check",
  },
  {
    does: "finds the service manager",
    module: "service",
    args: { name: "ftl-s", state: "started" },
    before: INIT_SCRIPT,
    changesSystem: true,
  },
  {
    does: "stops and starts",
    module: "service",
    args: { name: "ftl-s", state: "restarted", sleep: 1 },
    before: INIT_SCRIPT,
    changesSystem: true,
  },
  {
    does: "fails for a service that is not there",
    module: "service",
    args: { name: "no-such-service-of-ftl", state: "stopped" },
    only: "check",
  },
  {
    does: "unpacks what is sent",
    module: "unarchive",
    args: { src: "$D/x.tar", dest: "$D/d" },
    files: { ...TREE, "d/x": "" },
    before: "tar -C $D/src -cf $D/x.tar a b",
  },
  {
    does: "unpacks on the host",
    module: "unarchive",
    args: { src: "$D/x.tar", dest: "$D/d", remote_src: true, list_files: true },
    files: { ...TREE, "d/x": "" },
    before: "tar -C $D/src -cf $D/x.tar a b",
  },
  {
    does: "fails without a folder",
    module: "unarchive",
    args: { src: "$D/x.tar", dest: "$D/none" },
    files: TREE,
    before: "tar -C $D/src -cf $D/x.tar a b",
  },
  {
    does: "joins files of the host",
    module: "assemble",
    args: { src: "$D/src", dest: "$D/new", remote_src: true },
    files: { "src/1": "a\n", "src/2": "b\n" },
  },
];
