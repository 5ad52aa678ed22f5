// Commands as another user, on a real OpenSSH server with real sudo, doas and su,
// where the host has Python and where it has none.
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import type { Become } from "../../../src/core/become/become.ts";
import { elevate } from "../../../src/core/become/elevate.ts";
import type { BecomeVerdict } from "../../../src/core/become/password_trials.ts";
import { runShell } from "../../../src/core/shell/run_shell.ts";
import { GateError } from "../../../src/errors.ts";
import type { Connection } from "../../../src/transport/transport.ts";
import { needProgram } from "../../support/need.ts";
import {
  becomeNeed,
  type BecomeSite,
  makeBecomeSite,
  PASSWORD,
  ROOT_PASSWORD,
} from "./site.ts";

const ABOUT = { host: "web1", duration_ms: 0, phases_ms: {} };
const WRONG = "not-the-right-one";

/** A program that asks for more than a password. */
const OTP = `#!/bin/sh
stty -echo </dev/tty
printf "Verification code: " >/dev/tty
read -r code </dev/tty
`;

/** A sudo that never asks, and notes what it is given if it may ask. */
const LETS = `#!/bin/sh
case " $* " in *" -n "*) ;; *) cat >>/etc/given ;; esac
while [ "$1" != /bin/sh ]; do shift; done
exec "$@"
`;

/** Its own limit of a core, then those of the Python above it. */
const CORE_LIMITS = `ulimit -c
p=$$
while [ $p -gt 1 ]; do
  read -r name </proc/$p/comm
  case $name in python*) sed -n 's/^Max core file size *//p' /proc/$p/limits ;; esac
  p=$(sed -n 's/^PPid:[^0-9]*//p' /proc/$p/status)
done | head -1 | sed 's/ *bytes *$//;s/  */ /g'`;

interface Case {
  /** The login user. */
  readonly login: string;
  readonly become: Partial<Become>;
  readonly password?: string;
  /** Only on hosts with Python; else only on hosts without it. */
  readonly python?: boolean;
}

interface Refused extends Case {
  readonly message: string;
  readonly verdict?: BecomeVerdict;
}

interface Told {
  readonly connection: Connection;
  readonly verdicts: BecomeVerdict[];
}

const logins = new WeakMap<BecomeSite, Map<string, Promise<Connection>>>();

/** The one connection of a user, which ends with the site. */
function logIn(site: BecomeSite, user: string): Promise<Connection> {
  const known = logins.get(site) ?? new Map<string, Promise<Connection>>();
  logins.set(site, known);
  let login = known.get(user);
  if (login === undefined) known.set(user, login = site.logIn(user));
  return login;
}

async function open(
  site: BecomeSite,
  it: Case,
  python: boolean,
  interpreter?: string,
) {
  const login = await logIn(site, it.login);
  const verdicts: BecomeVerdict[] = [];
  const connection = elevate(login, {
    become: {
      method: "sudo",
      user: "root",
      password: () => Promise.resolve(it.password),
      ...it.become,
    },
    // What is not there is not found: the same as on a host without Python.
    python: python ? interpreter : "/nowhere/python3",
    timeoutMs: 10_000,
    takePassword: () =>
      Promise.resolve({
        password: it.password,
        end: (verdict) => verdicts.push(verdict),
      }),
  });
  return { connection, verdicts };
}

function shell({ connection }: Told, command: string, timeoutMs = 20_000) {
  return runShell(connection, {
    command,
    env: {},
    timeoutMs,
    signal: new AbortController().signal,
    callContext: { ...ABOUT, phases_ms: {} },
  });
}

function manners({ python }: Case): readonly boolean[] {
  return python === undefined ? [true, false] : [python];
}

function describe({ login, become, password }: Case, python: boolean): string {
  const { method = "sudo", user = "root" } = become;
  return `${login} by ${method} to ${user} ${
    password === undefined ? "without" : "with"
  } ` +
    `a password${python ? "" : ", no Python"}`;
}

/** The cases that succeed. */
const THROUGH: readonly Case[] = [
  ...["asks", "nopty", "stars", "prompts", "lectured", "keeps"]
    .map((login) => ({ login, become: {}, password: PASSWORD })),
  { login: "wants", become: {}, password: PASSWORD },
  { login: "german", become: {}, password: PASSWORD },
  { login: "german", become: { method: "su" }, password: ROOT_PASSWORD },
  { login: "wantsfree", become: {} },
  { login: "touches", become: {}, password: "" },
  { login: "touches", become: {}, password: PASSWORD, python: true },
  { login: "asks", become: { user: "app" }, password: PASSWORD },
  { login: "free", become: {} },
  { login: "free", become: { user: "app" }, password: PASSWORD },
  { login: "asks", become: { method: "su" }, password: ROOT_PASSWORD },
  {
    login: "asks",
    become: { method: "su", user: "app" },
    password: ROOT_PASSWORD,
  },
  { login: "root", become: { method: "su", user: "app" } },
  { login: "dofree", become: { method: "doas" } },
  { login: "dofree", become: { method: "doas", user: "app" }, password: "no" },
  {
    login: "dodo",
    become: { method: "doas" },
    password: PASSWORD,
  },
];

/** The cases that fail, and their errors. */
const REFUSED: readonly Refused[] = [
  ...(["sudo", "su"] as const).map((method) => ({
    login: "asks",
    become: { method },
    password: WRONG,
    message: `Cannot become root: ${method} refused the password`,
    verdict: "refused" as const,
  })),
  {
    login: "dodo",
    become: { method: "doas" },
    password: WRONG,
    message: "Cannot become root: doas refused the password",
    verdict: "refused",
  },
  ...(["sudo", "su"] as const).map((method) => ({
    login: "asks",
    become: { method },
    message: `Cannot become root: ${method} asks for a password`,
  })),
  {
    login: "dodo",
    become: { method: "doas" },
    message: "Cannot become root: doas asks for a password",
  },
  {
    login: "outsider",
    become: {},
    password: PASSWORD,
    message:
      "Cannot become root: the host's sudoers do not allow it for the login user",
  },
  {
    login: "asks",
    become: { method: "doas" },
    password: PASSWORD,
    message: "Cannot become root: the host's rules for doas do not allow it",
  },
  ...(["sudo", "su", "doas"] as const).map((method) => ({
    login: method === "doas" ? "dofree" : "asks",
    become: { method, user: "nobodyelse" },
    password: PASSWORD,
    message: "Cannot become nobodyelse: the host has no such user",
  })),
  {
    login: "asks",
    become: { method: "su", user: "gone" },
    password: PASSWORD,
    message: "Cannot become gone: the account has expired or is locked",
  },
  {
    login: "asks",
    become: { method: "su", user: "stale" },
    password: PASSWORD,
    python: true,
    message: "Cannot become stale: the password has expired",
  },
  {
    login: "german",
    become: {},
    password: WRONG,
    python: true,
    message: "Cannot become root: sudo refused the password",
    verdict: "refused",
  },
  {
    login: "german",
    become: { method: "su" },
    password: WRONG,
    python: true,
    message: "Cannot become root: su refused the password",
    verdict: "refused",
  },
  {
    login: "asks",
    become: { executable: "/etc/otp" },
    password: PASSWORD,
    python: true,
    message:
      'Cannot become root: sudo asks for something other than a password: "Verification code:"',
  },
  {
    login: "asks",
    become: { executable: "/usr/local/bin/no-sudo" },
    password: PASSWORD,
    message: "Cannot become root: the host has no /usr/local/bin/no-sudo",
  },
  {
    login: "wants",
    become: {},
    password: WRONG,
    message: "Cannot become root: sudo refused the password",
    verdict: "refused",
  },
  {
    login: "wants",
    become: {},
    message: "Cannot become root: sudo asks for a password",
  },
  {
    login: "mute",
    become: {},
    password: PASSWORD,
    python: false,
    message:
      "Cannot become root: sudo needs a terminal to ask for the password, " +
      "and the host's SSH server opens none",
  },
];

async function letsThrough(t: Deno.TestContext, site: BecomeSite, it: Case) {
  for (const python of manners(it)) {
    await t.step(`lets through ${describe(it, python)}`, async () => {
      const told = await open(site, it, python);
      const result = await shell(
        told,
        'id -un; echo "$HOME" "${LC_ALL-unset}"; echo err >&2; exit 3',
      );
      const locale = it.login === "german" ? "C.UTF-8" : "unset";
      const { user = "root", method } = it.become;
      const home = user === "root" ? "/root" : site.homeOf(user);
      assertEquals(result.result, {
        rc: 3,
        stdout: `${user}\n${home} ${locale}\n`,
        stderr: "err\n",
      }, method);
      assertEquals(told.verdicts, ["accepted"]);
    });
  }
}

async function refuses(t: Deno.TestContext, site: BecomeSite, it: Refused) {
  for (const python of manners(it)) {
    await t.step(`refuses ${describe(it, python)}`, async () => {
      const told = await open(site, it, python);
      const error = await assertRejects(
        () => shell(told, "id"),
        GateError,
        it.message,
      );
      assertEquals(error.phase, "become");
      assertEquals(typeof error.hint, "string");
      assertEquals(told.verdicts, [it.verdict ?? "unknown"]);
    });
  }
}

Deno.test({
  name: `elevate()${becomeNeed.suffix}`,
  ignore: becomeNeed.ignore,
  fn: async (t) => {
    await using site = await makeBecomeSite();
    await site.etc.write("otp", OTP, 0o755);

    for (const it of THROUGH) await letsThrough(t, site, it);
    for (const it of REFUSED) await refuses(t, site, it);

    await t.step("gives a wrong password to sudo once", async () => {
      const tries = (await site.log()).split("\n")
        .filter((line) => line.includes("incorrect password attempt"));
      assertEquals(tries.length >= 2, true);
      for (const line of tries) {
        assertStringIncludes(line, "1 incorrect password attempt");
      }
    });

    await t.step("carries any bytes, more than a terminal takes", async () => {
      for (const python of [true, false]) {
        const it = { login: "asks", become: {}, password: PASSWORD };
        const { connection } = await open(site, it, python);
        const { signal } = new AbortController();
        const stream = await connection.exec("exec /bin/cat", { signal });
        const sent = new Uint8Array(300_000).map((_, i) => i * 7 % 256);
        const writer = stream.stdin.getWriter();
        writer.write(sent).then(() => writer.close());
        const got = await new Response(stream.stdout).bytes();
        assertEquals(got.length, sent.length);
        assertEquals(got, sent);
        assertEquals((await stream.exit).code, 0);
      }
    });

    await t.step("runs a command of several lines", async () => {
      const it = { login: "free", become: {} };
      const { connection } = await open(site, it, true);
      const { signal } = new AbortController();
      const stream = await connection.exec("echo 'a\nb'\nid -un", { signal });
      assertEquals(await new Response(stream.stdout).text(), "a\nb\nroot\n");
    });

    await t.step(
      "without Python, sends no password to a program that does not ask",
      async () => {
        await site.etc.write("lets", LETS, 0o755);
        await site.etc.write("given", "", 0o666);
        const it = { login: "asks", become: { executable: "/etc/lets" } };
        const told = await open(site, { ...it, password: PASSWORD }, false);
        const { result } = await shell(told, "id -un");
        assertEquals(result, { rc: 0, stdout: "asks\n", stderr: "" });
        assertEquals(await Deno.readTextFile(`${site.etc.folder}/given`), "");
      },
    );

    await t.step("a Python that is of no use is as good as none", async () => {
      await site.etc.write("bare", '#!/bin/sh\nexec python3 -I "$@"\n', 0o700);
      const lacks = "#!/bin/sh\necho No module named termios >&2\nexit 1\n";
      await site.etc.write("lacks", lacks, 0o755);
      const it = { login: "asks", become: {}, password: PASSWORD };
      for (const path of ["/etc/bare", "/etc/lacks"]) {
        const told = await open(site, it, true, path);
        const { result } = await shell(told, "id -un");
        assertEquals(result, { rc: 0, stdout: "root\n", stderr: "" }, path);
      }
    });

    await t.step("an empty password answers no question for one", async () => {
      for (const python of [true, false]) {
        const it = { login: "asks", become: {}, password: "" };
        const told = await open(site, it, python);
        await assertRejects(
          () => shell(told, "id"),
          GateError,
          "Cannot become root: sudo asks for a password",
        );
      }
    });

    await t.step("leaves no core that holds the password", async () => {
      const it = { login: "asks", become: {}, password: PASSWORD };
      const told = await open(site, it, true);
      const { result } = await shell(told, CORE_LIMITS);
      const { stdout } = result as { stdout: string };
      const [, own, helper] = /^(.*)\n([01]) [01]$/.exec(stdout.trim()) ?? [];
      assert(helper, stdout);
      const limit = await new Deno.Command("sh", { args: ["-c", "ulimit -c"] })
        .output();
      assertEquals(own, new TextDecoder().decode(limit.stdout).trim());
    });

    await t.step("does not wait for a program that hangs", async () => {
      await site.etc.write("hangs", "#!/bin/sh\nexec sleep 30\n", 0o755);
      for (const python of [true, false]) {
        const login = await logIn(site, "asks");
        const connection = elevate(login, {
          become: {
            method: "sudo",
            user: "root",
            executable: "/etc/hangs",
            password: () => Promise.resolve(PASSWORD),
          },
          python: python ? undefined : "/nowhere/python3",
          timeoutMs: 300,
          takePassword: () =>
            Promise.resolve({ password: PASSWORD, end: () => {} }),
        });
        await assertRejects(
          () => shell({ connection, verdicts: [] }, "id"),
          GateError,
          "sudo neither asked for a password nor ran the command for 0.3 s",
        );
      }
    });
  },
});

/** Hosts whose shell, tools or su are not those of most. */
for (
  const { name, programs } of [
    { name: "busybox", programs: { sh: "busybox", su: "busybox" } },
    { name: "toybox", programs: { su: "toybox" } },
  ]
) {
  const lack = [becomeNeed, needProgram(name)].find(({ ignore }) => ignore);
  Deno.test({
    name: `elevate() on a host with ${
      Object.keys(programs).join(" and ")
    } of ${name}${lack?.suffix ?? ""}`,
    ignore: lack !== undefined,
    fn: async (t) => {
      await using site = await makeBecomeSite(programs);
      const su = { method: "su" } as const;
      const toApp = { ...su, user: "app" };
      const cases: readonly Case[] = [
        { login: "asks", become: su, password: ROOT_PASSWORD },
        { login: "asks", become: toApp, password: ROOT_PASSWORD },
        { login: "root", become: toApp },
        ...("sh" in programs
          ? [
            { login: "asks", become: {}, password: PASSWORD },
            { login: "wants", become: {}, password: PASSWORD },
            { login: "free", become: { user: "app" } },
          ]
          : []),
      ];
      for (const it of cases) await letsThrough(t, site, it);
      for (
        const it of [
          {
            login: "asks",
            become: su,
            password: WRONG,
            message: "Cannot become root: su refused the password",
            verdict: "refused" as const,
          },
          {
            login: "asks",
            become: su,
            message: "Cannot become root: su asks for a password",
          },
          {
            login: "asks",
            become: { ...su, user: "nobodyelse" },
            password: PASSWORD,
            message: "Cannot become nobodyelse: the host has no such user",
          },
        ]
      ) await refuses(t, site, it);
    },
  });
}
