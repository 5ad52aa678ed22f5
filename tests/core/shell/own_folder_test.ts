// Which folder of a host is ours: sh (own_folder.ts) and Python (folder.py) must
// give the same answer, so each case is put to both.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import {
  FOLDER_RULE,
  inOwnFolder,
} from "../../../src/core/shell/own_folder.ts";
import { runtimeFiles } from "../../../src/gate/format/runtime_files.ts";
import { findProgram } from "../../support/need.ts";
import { needPython, SUPPORTED } from "../../support/interpreters.ts";
import { newUsers, planting } from "../../support/planting.ts";

const IN_SHELL = `set -f;IFS=;${FOLDER_RULE}` +
  `{ ${inOwnFolder(":")};} 2>/dev/null&&pwd -P`;
const IN_PYTHON = `${runtimeFiles.get("ftl_gate/folder.py")}
print(next((path for path in candidates() if is_ours(path)), ""))`;

/** Becomes a user, whom an interpreter in root's home need not let in. */
const IN_PYTHON_AS = `import os, sys
os.setgroups([])
os.setgid(int(sys.argv[1]))
os.setuid(int(sys.argv[1]))
${IN_PYTHON}`;

/** What tells a user which folder is ours. */
type Teller = (user: string) => readonly string[];

const TELLERS: readonly (readonly [name: string, Teller])[] = [
  ...SUPPORTED.map((version) => [version, needPython(version)] as const)
    .filter(([, { ignore }]) => !ignore)
    .map(([version, { path }]): [string, Teller] => [
      `Python ${version}`,
      (user) => [path, "-I", "-c", IN_PYTHON_AS, user],
    ]),
  ...[["sh"], ["dash"], ["bash"], ["busybox", "sh"], ["zsh"]]
    .filter(([program]) => findProgram(program!) !== undefined)
    .map((words): [string, Teller] => [
      words.join(" "),
      (user) => [
        ...["setpriv", "--reuid", user, "--regid", user, "--clear-groups"],
        ...words,
        ...["-c", IN_SHELL],
      ],
    ]),
];

interface Case {
  readonly what: string;
  /**
   * Makes what is there, as root: `$1` a folder of root's, `$2` in it the user's
   * home, `$u` the user, `$o` another one.
   */
  readonly setUp?: string;
  /** The variables; `%` stands for the folder. Default: HOME is `%/home`. */
  readonly env?: Readonly<Record<string, string>>;
  /** `%` stands for the folder, `$` for the user. Empty for none. */
  readonly wanted: string;
}

const ELSEWHERE = "/var/tmp/ftl-$";

const CASES: readonly Case[] = [
  { what: "nothing is there yet", wanted: "%/home/.ftl" },
  {
    what: "a folder that others may read",
    setUp: "mkdir -m 755 $2/.ftl; chown $u:$u $2/.ftl",
    wanted: "%/home/.ftl",
  },
  {
    what: "a folder that its group may write to",
    setUp: "mkdir -m 770 $2/.ftl; chown $u:$u $2/.ftl",
    wanted: ELSEWHERE,
  },
  {
    what: "a folder of another user",
    setUp: "mkdir -m 777 $2/.ftl; chown $o:$o $2/.ftl",
    wanted: ELSEWHERE,
  },
  {
    what: "a link to a folder of ours",
    setUp: "mkdir -m 700 $2/x; chown $u:$u $2/x; ln -s x $2/.ftl",
    wanted: ELSEWHERE,
  },
  {
    what: "a link to a folder of another user",
    setUp: "mkdir -m 777 $1/x; chown $o:$o $1/x; ln -s $1/x $2/.ftl",
    wanted: ELSEWHERE,
  },
  {
    what: "a file",
    setUp: ": >$2/.ftl; chown $u:$u $2/.ftl",
    wanted: ELSEWHERE,
  },
  {
    what: "a home of another user",
    setUp: "chown $o:$o $2; chmod 777 $2",
    wanted: ELSEWHERE,
  },
  { what: "a home of root's", setUp: "chown 0:0 $2", wanted: ELSEWHERE },
  {
    what: "a home of root's that is like /tmp",
    setUp: "chown 0:0 $2; chmod 1777 $2",
    wanted: "%/home/.ftl",
  },
  {
    what: "a home that others may write to",
    setUp: "chmod 777 $2",
    wanted: ELSEWHERE,
  },
  {
    what: "a home that others may write to, with a folder of ours",
    setUp: "chmod 777 $2; mkdir -m 700 $2/.ftl; chown $u:$u $2/.ftl",
    wanted: ELSEWHERE,
  },
  {
    what: "a home that another user can replace",
    setUp: "chown $o:$o $1",
    wanted: ELSEWHERE,
  },
  {
    what: "a home that a group can replace",
    setUp: "chmod 775 $1",
    wanted: ELSEWHERE,
  },
  {
    what: "a home below a folder that another user can replace",
    setUp: "mkdir -p $1/x/y; mv $2 $1/x/y/home; chown $o:$o $1/x",
    env: { HOME: "%/x/y/home" },
    wanted: ELSEWHERE,
  },
  {
    what: "a home by way of a link of another user",
    setUp: "mkdir $1/x; ln -s $2 $1/x/link; chown -h $o:$o $1/x $1/x/link",
    env: { HOME: "%/x/link" },
    wanted: "%/home/.ftl",
  },
  { what: "a home that is not there", env: { HOME: "%/x" }, wanted: ELSEWHERE },
  { what: "no home", env: {}, wanted: ELSEWHERE },
  { what: "an empty home", env: { HOME: "" }, wanted: ELSEWHERE },
  { what: "a relative home", env: { HOME: "home" }, wanted: ELSEWHERE },
  {
    what: "a home with a slash after it, and an odd name",
    setUp: "mv $2 $1/ho\\ m\\'ä\\*",
    env: { HOME: "%/ho m'ä*/" },
    wanted: "%/ho m'ä*/.ftl",
  },
  {
    what: "a cache, where HOME is another user's",
    setUp: "mkdir $1/c; chown $u:$u $1/c; chown $o:$o $2",
    env: { HOME: "%/home", XDG_CACHE_HOME: "%/c" },
    wanted: "%/c/ftl",
  },
  {
    what: "folders of another user in HOME and /var/tmp",
    setUp: "chown $o:$o $2; mkdir -m 777 /var/tmp/ftl-$u; " +
      "chown $o:$o /var/tmp/ftl-$u",
    wanted: "/tmp/ftl-$",
  },
  {
    what: "folders of another user everywhere",
    setUp: "chown $o:$o $2; for d in /var/tmp /tmp; do " +
      "mkdir -m 777 $d/ftl-$u; chown $o:$o $d/ftl-$u; done",
    wanted: "",
  },
];

async function run(words: readonly string[], env: Record<string, string>) {
  const { stdout, stderr } = await new Deno.Command(words[0]!, {
    args: words.slice(1),
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", LC_ALL: "C.UTF-8", ...env },
    stdin: "null",
    cwd: "/",
  }).output();
  const [said, why] = [stdout, stderr].map((b) => new TextDecoder().decode(b));
  return said! + why!;
}

/** Sets a case up, and asks one of the tellers as the user. */
async function tell(it: Case, teller: Teller) {
  const [user, other] = await newUsers();
  const top = await Deno.realPath(await Deno.makeTempDir());
  const fill = (text: string) =>
    text.replaceAll("%", top).replaceAll("$", String(user));
  try {
    const setUp = `set -e; u=${user}; o=${other}; chmod 755 $1; mkdir $2; ` +
      `chown $u:$u $2; chmod 755 $2; ${it.setUp ?? ":"}`;
    const words = ["sh", "-c", setUp, "sh", top, join(top, "home")];
    assertEquals(await run(words, {}), "");
    const env = Object.entries(it.env ?? { HOME: "%/home" })
      .map(([name, value]) => [name, fill(value)]);
    const said = await run(teller(String(user)), Object.fromEntries(env));
    const found = said.trim();
    assertEquals(found, fill(it.wanted));
    if (found === "") return;
    const { mode, uid } = await Deno.lstat(found);
    assertEquals([mode! & 0o7777, uid], [0o700, user]);
  } finally {
    for (const path of [top, `/var/tmp/ftl-${user}`, `/tmp/ftl-${user}`]) {
      await Deno.remove(path, { recursive: true }).catch(() => {}); // few made all
    }
  }
}

for (const it of CASES) {
  Deno.test({
    name: `sh and Python agree on ${it.what}${planting.suffix}`,
    ignore: planting.ignore,
    fn: async (t) => {
      for (const [name, teller] of TELLERS) {
        await t.step(name, () => tell(it, teller));
      }
    },
  });
}
