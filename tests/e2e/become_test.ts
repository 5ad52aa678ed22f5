// Becoming another user from the command line: the typed password, where it must
// not appear, and the end of processes of the become user.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import {
  becomeNeed,
  type BecomeSite,
  makeBecomeSite,
  PASSWORD,
  ROOT_PASSWORD,
} from "../core/become/site.ts";
import { needAnsible, runAnsible } from "../support/ansible.ts";
import {
  type Account,
  createAccount,
  eventually,
  mainCommand,
  NASTY,
  type Outcome,
  readEvents,
  untilEvent,
} from "../support/ftl.ts";

const ansible = needAnsible();
const isThorough = Deno.env.get("FTL_TEST_FLEET") === "all";
const SUPPORT = fromFileUrl(new URL("../support", import.meta.url));
const WAYS = [
  { login: "asks", method: "sudo", password: PASSWORD },
  { login: "asks", method: "su", password: ROOT_PASSWORD },
  { login: "dodo", method: "doas", password: PASSWORD },
] as const;

/** Runs ftl in a terminal and answers its questions. */
async function type(
  account: Account,
  args: readonly string[],
  answers: readonly (readonly [question: string, answer: string])[],
): Promise<Outcome> {
  const { command, env } = mainCommand(account.home);
  const child = new Deno.Command("python3", {
    args: [join(SUPPORT, "typing.py")],
    clearEnv: true,
    env,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const argv = [...command, ...args];
  const { code, stdout, stderr } = await tell(child, { argv, answers });
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

async function tell(child: Deno.ChildProcess, data: unknown) {
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(data) + "\n"));
  await writer.close();
  return await child.output();
}

/** Watches all processes until it is stopped. */
async function watchProcesses(texts: readonly string[]) {
  const child = new Deno.Command("python3", {
    args: [join(SUPPORT, "watch_processes.py")],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(texts) + "\n"));
  const reader = child.stdout.getReader();
  await reader.read(); // "up"
  return async () => {
    await writer.close();
    const chunks: Uint8Array[] = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      chunks.push(value);
    }
    await child.status;
    return await new Response(new Blob(chunks as BlobPart[])).json() as {
      rounds: number;
      seen: [string, string][];
    };
  };
}

/** Finds new files that contain one of the texts. */
async function filesWith(
  texts: readonly string[],
  { since, below }: { since: string; below: readonly string[] },
): Promise<string[]> {
  const { stdout } = await new Deno.Command("find", {
    args: [...below, "-xdev", "-type", "f", "-newer", since, "-print0"],
    stderr: "null",
  }).output();
  const names = new TextDecoder().decode(stdout).split("\0").filter(Boolean);
  const found: string[] = [];
  for (const name of new Set(names)) {
    const bytes = await Deno.readFile(name).catch(() => new Uint8Array());
    const text = new TextDecoder().decode(bytes);
    if (texts.some((secret) => text.includes(secret))) found.push(name);
  }
  return found;
}

/** Each live process with its parent. */
async function parents(): Promise<Map<number, number>> {
  const found = new Map<number, number>();
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`)
      .catch(() => ""); // it has ended since
    const [state = "Z", parent] = stat.slice(stat.lastIndexOf(")") + 2)
      .split(" ");
    if (state !== "Z") found.set(Number(name), Number(parent));
  }
  return found;
}

async function alive(): Promise<Set<number>> {
  return new Set((await parents()).keys());
}

async function descendantsOf(pid: number): Promise<Set<number>> {
  const all = await parents();
  const found = new Set([pid]);
  for (let size = 0; size !== found.size;) {
    size = found.size;
    for (const [child, parent] of all) if (found.has(parent)) found.add(child);
  }
  found.delete(pid);
  return found;
}

let shared: BecomeSite | undefined;
Deno.test.beforeAll(async () => {
  if (!becomeNeed.ignore) shared = await makeBecomeSite();
});
Deno.test.afterAll(async () => {
  await shared?.[Symbol.asyncDispose]();
});

function becomeTest(
  name: string,
  body: (site: BecomeSite, account: Account) => Promise<void>,
): void {
  Deno.test({
    name: name + (becomeNeed.suffix || ansible.suffix),
    ignore: becomeNeed.ignore || ansible.ignore,
    fn: async () => {
      await using account = await createAccount();
      await body(shared!, account);
    },
  });
}

becomeTest(
  "a password typed for -K appears in no process, file, log or output",
  async (site, account) => {
    const secrets = [PASSWORD, ROOT_PASSWORD]
      .flatMap((text) => [
        text,
        JSON.stringify(text).slice(1, -1),
        btoa(
          String.fromCharCode(...new TextEncoder().encode(text)),
        ),
      ]);
    const words = join(site.etc.folder, "become/words");
    const stamp = join(account.home, "stamp");
    await Deno.writeTextFile(stamp, "");
    const stop = await watchProcesses(secrets);
    const outputs: string[] = [];
    for (const { login, method, password } of WAYS) {
      const become = ["-b", "-K", "--become-method", method, "-vvv"];
      const flags = [...site.flagsFor(login), ...become, "--format", "json"];
      await Deno.writeTextFile(words, `It is ${password}!\n`);
      const isWhole = isThorough || method === "sudo";
      for (
        const args of [
          ...(isWhole
            ? [["run", "ping", "-M", ansible.modules, ...flags, "--record"]]
            : []),
          // What a command prints of it is masked.
          ...(method === "su" && isWhole
            ? []
            : [["exec", ...flags, "--", "id -un; cat /etc/become/words"]]),
          ...(!isWhole ? [] : [[
            ...["exec", ...flags, "-e", "ansible_python_interpreter=/nowhere"],
            ...["--", "id -un; cat /proc/$$/environ"],
          ]]),
        ]
      ) {
        const outcome = await type(account, args, [["password", password]]);
        assertEquals(outcome.code, 0, outcome.stdout + outcome.stderr);
        if (args[0] === "exec") assertStringIncludes(outcome.stdout, "root");
        outputs.push(outcome.stdout, outcome.stderr);
      }
      if (!isWhole) continue;
      const wrong = await type(
        account,
        ["exec", ...flags, "--", "id"],
        [["password", `${password}x`]],
      );
      assertEquals(wrong.code, 3, wrong.stderr);
      outputs.push(wrong.stdout, wrong.stderr);
    }
    await Deno.remove(words);
    const { rounds, seen } = await stop();
    assert(rounds > 20, `looked ${rounds} times`);
    assertEquals(seen, []);
    outputs.push(await site.log());
    for (const secret of secrets) {
      for (const output of outputs) assert(!output.includes(secret), output);
    }
    const below = ["/", "/dev/shm", "/run", account.home, site.etc.folder];
    assertEquals(await filesWith(secrets, { since: stamp, below }), []);
    // The same search finds a leak.
    await Deno.writeTextFile(join(account.home, "leak"), secrets[0]!);
    const leak = join(account.home, "leak");
    assertEquals(
      await filesWith(secrets, { since: stamp, below: [account.home] }),
      [leak],
    );
  },
);

becomeTest(
  "-K asks once, and an empty answer uses the SSH password",
  async (site, account) => {
    const { code, stdout, stderr } = await type(
      account,
      ["exec", ...site.flagsFor("asks"), "-k", "-K", "-b", "--", "id -un"],
      [["SSH password", PASSWORD], ["Become password", ""]],
    );
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "root");
  },
);

becomeTest(
  "commands of the become user end at the deadline, at ^C, and with ftl",
  async (site, account) => {
    const file = join(account.home, "password");
    await Deno.writeTextFile(file, `${PASSWORD}\n`, { mode: 0o600 });
    const flags = [
      ...site.flagsFor("asks"),
      ...["-b", "--become-password-file", file, "--format", "ndjson"],
      "--stream",
    ];
    const mark = `sleep ${3_000_000 + Math.floor(Math.random() * 900_000)}`;
    const running = async () => {
      const { stdout } = await new Deno.Command("ps", { args: ["-eo", "args"] })
        .output();
      return new TextDecoder().decode(stdout).includes(mark);
    };
    const command = `trap '' TERM HUP; echo up; ${mark}`;
    const none = ["-e", "ansible_python_interpreter=/nowhere"];
    for (
      const more of [[], none, [...none, ...site.flagsFor("wants").slice(2)]]
    ) {
      const exec = ["exec", ...flags, ...more];
      const { code, stdout } = await account.ftl([
        ...[...exec, "--timeout", "1s", "--", command],
      ]);
      assertEquals(code, 4, stdout);
      const kill = async (signal: Deno.Signal) => {
        await using ftl = account.start([...exec, "--", command]);
        await eventually(`the command runs before ${signal}`, running);
        ftl.kill(signal);
        await eventually(
          `nothing runs after ${signal}`,
          async () => !await running(),
        );
      };
      await kill("SIGKILL");
      await kill("SIGINT");
    }
    await using ftl = account.start(["run", "sleeps", "-M", NASTY, ...flags]);
    await untilEvent(readEvents(ftl.stdout), ({ event }) => event === "output");
    const there = await descendantsOf(site.sshd.pid);
    assert(there.size >= 5, "sshd, helper, sudo, gate, module");
    ftl.kill("SIGKILL");
    await eventually(
      "no process of it remains",
      async () => (await alive()).intersection(there).size === 0,
    );
  },
);

if (isThorough) {
  becomeTest(
    "commands of the become user end when ftl goes silent, as after a dead link",
    async (site, account) => {
      const file = join(account.home, "password");
      await Deno.writeTextFile(file, PASSWORD, { mode: 0o600 });
      const flags = [
        ...site.flagsFor("asks"),
        ...["-b", "--become-password-file", file, "--format", "ndjson"],
        "--stream",
      ];
      const before = await descendantsOf(site.sshd.pid);
      const command = [
        "--timeout",
        "5s",
        "--",
        "trap '' TERM; echo; sleep 300",
      ];
      for (
        const words of [
          ["run", "sleeps", "-M", NASTY, ...flags],
          ["exec", ...flags, ...command],
        ]
      ) {
        await using ftl = account.start(words);
        const isOutput = ({ event }: { event: string }) => event === "output";
        await untilEvent(readEvents(ftl.stdout), isOutput);
        const there = (await descendantsOf(site.sshd.pid)).difference(before);
        ftl.kill("SIGSTOP");
        // Only sshd may still wait for the connection.
        for (let tries = 0;; tries++) {
          const left = (await descendantsOf(site.sshd.pid))
            .intersection(there);
          const names = await Promise.all(
            [...left].map((pid) =>
              Deno.readTextFile(`/proc/${pid}/comm`).catch(() => "sshd\n")
            ),
          );
          if (names.every((name) => name === "sshd\n")) break;
          assert(tries < 100, `after ${tries} s: ${names}`);
          await new Promise((resolve) => setTimeout(resolve, 1000));
        }
        ftl.kill("SIGKILL");
      }
    },
  );
}

becomeTest(
  "the console switches users on one connection, each with their own gate",
  async (site, account) => {
    const file = join(account.home, "password");
    await Deno.writeTextFile(file, `${PASSWORD}\n`, { mode: 0o600 });
    const lines = [
      "command id -un",
      ":become on",
      "command id -un",
      ":gates",
      ":become app",
      "command id -un",
      ":become off",
      "command id -un",
      ":gates",
    ];
    const before = site.sshd.log().split("Accepted publickey").length;
    const { code, stdout, stderr } = await account.ftl([
      ...["console", "-M", ansible.modules, "--become-password-file", file],
      ...site.flagsFor("asks"),
    ], lines.join("\n"));
    assertEquals(code, 0, stdout + stderr);
    const users = stdout.match(/^ {2}(?:asks|root|app)$/gm);
    assertEquals(users, ["  asks", "  root", "  app", "  asks"], stdout);
    assertEquals(stdout.match(/^127\.0\.0\.1 .* open$/gm)?.length, 2, stdout);
    const after = site.sshd.log().split("Accepted publickey").length;
    assertEquals(after - before, 1);
  },
);

becomeTest(
  "becoming root gives the same results in ftl and Ansible",
  async (site, account) => {
    const file = join(account.home, "password");
    await Deno.writeTextFile(file, PASSWORD, { mode: 0o600 });
    const folder = join(account.home, "made");
    for (
      const [module, args] of [
        ["command", "sh -c 'id; echo $HOME $USER $LOGNAME; umask; pwd'"],
        ["file", `path=${folder} state=directory mode=0750`],
        ["setup", "filter=ansible_user_*"],
      ].slice(0, isThorough ? 3 : 1) as [string, string][]
    ) {
      const hosts = await runAnsible([
        ...["all", "-i", "127.0.0.1,", "-u", "asks", "-b", "-m", module],
        ...["-a", args, "--become-password-file", file],
        ...["--private-key", site.sshd.identityFile],
        ...["-e", `ansible_port=${site.sshd.port}`],
        ...["-e", "ansible_python_interpreter=/usr/bin/python3"],
      ], { HOME: account.home, ANSIBLE_HOST_KEY_CHECKING: "False" });
      await Deno.remove(folder).catch(() => {});
      const expected = hosts["127.0.0.1"]!;
      const { stdout } = await account.ftl([
        ...["run", module, "-M", ansible.modules, "-a", args, "-b"],
        ...["--become-password-file", file, "--format", "json"],
        ...site.flagsFor("asks"),
      ]);
      const { result } = JSON.parse(stdout).results["127.0.0.1"];
      assertEquals(
        telling(result),
        telling(expected),
        JSON.stringify(expected),
      );
    }
  },
);

/** The members of a module's result that are the same in every run. */
function telling(result: Record<string, unknown>): Record<string, unknown> {
  const names = ["stdout", "rc", "uid", "gid", "owner", "group", "mode"];
  const facts = result.ansible_facts as Record<string, unknown> | undefined;
  return Object.fromEntries([
    ...names.map((name) => [name, result[name]]),
    ...Object.entries(facts ?? {})
      .filter(([name]) => name.startsWith("ansible_user_")),
  ]);
}
