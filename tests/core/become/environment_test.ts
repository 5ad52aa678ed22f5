// What is the login user's and would decide what the other user's programs run
// or where they write: it must not come along, whatever sudo, su or doas let
// through, and the other user's own must.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { join } from "@std/path";
import type { Become } from "../../../src/core/become/become.ts";
import { elevate } from "../../../src/core/become/elevate.ts";
import { runShell } from "../../../src/core/shell/run_shell.ts";
import { openGate } from "../../../src/gate/open/open_gate.ts";
import type { Connection } from "../../../src/transport/transport.ts";
import { makeArchive } from "../../gate/login_shell.ts";
import { removeFolder } from "../../support/remove_folder.ts";
import {
  becomeNeed,
  type BecomeSite,
  makeBecomeSite,
  PASSWORD,
  ROOT_PASSWORD,
} from "./site.ts";

interface Way {
  readonly login: string;
  readonly become: Pick<Become, "method"> & Partial<Become>;
  readonly password?: string;
}

/** Each lets the login user's environment through. */
const WAYS: readonly Way[] = [
  { login: "free", become: { method: "sudo", flags: ["-E"] } },
  {
    login: "asks",
    become: { method: "su", flags: ["-m"] },
    password: ROOT_PASSWORD,
  },
  { login: "keepsenv", become: { method: "doas" } },
];
const VARIABLES = [
  "BASH_ENV",
  "CDPATH",
  "ENV",
  "PYTHONHOME",
  "PYTHONPATH",
  "PYTHONPLATLIBDIR",
  "PYTHONPYCACHEPREFIX",
  "PYTHONUSERBASE",
  "TMPDIR",
  "TEMP",
  "TMP",
];
const { signal } = new AbortController();

/** The same login, whose files have set some variables. */
function withVariables(
  login: Connection,
  env: Readonly<Record<string, string>>,
  seen: string[] = [],
): Connection {
  const words = Object.entries(env).map(([name, value]) =>
    `export ${name}='${value}';`
  );
  return {
    closed: login.closed,
    close: () => login.close(),
    exec: (command, options) => {
      seen.push(command);
      return login.exec(words.join("") + command, options);
    },
  };
}

function become(
  login: Connection,
  { become, password }: Way,
  python?: string,
): Connection {
  return elevate(login, {
    become: {
      user: "root",
      password: () => Promise.resolve(password),
      ...become,
    },
    python,
    timeoutMs: 20_000,
    takePassword: () => Promise.resolve({ password, end: () => {} }),
  });
}

async function shell(connection: Connection, command: string) {
  const { result } = await runShell(connection, {
    command,
    env: {},
    timeoutMs: 20_000,
    signal,
    callContext: { host: "web1", duration_ms: 0, phases_ms: {} },
  });
  return (result as { stdout: string }).stdout;
}

/** Makes a home's Python note as whom it runs, before our first line. */
async function plant(site: BecomeSite, user: string, notes: string) {
  const note = `open(${JSON.stringify(notes)}, "a").write("%d " % ` +
    "__import__('os').geteuid())";
  const script = `d=$(HOME=$2 /usr/bin/python3 -c ` +
    `'import site; print(site.getusersitepackages())'); mkdir -p "$d" &&` +
    `printf '%s\\n' "$1" >"$d/planted.pth"`;
  const args = ["-c", script, "sh", `import os; ${note}`, site.homeOf(user)];
  const { success } = await new Deno.Command("sh", { args }).output();
  assert(success);
}

Deno.test({
  name: `elevate() drops the login user's environment${becomeNeed.suffix}`,
  ignore: becomeNeed.ignore,
  fn: async (t) => {
    await using site = await makeBecomeSite();
    const archive = await makeArchive({ "site/x": crypto.randomUUID() });
    const notes = join(site.etc.files, "notes");
    const lib = join(site.etc.files, "lib");
    await Deno.writeTextFile(notes, "");
    await Deno.chmod(notes, 0o666);
    await Deno.mkdir(lib);
    await Deno.writeTextFile(
      join(lib, "sitecustomize.py"),
      `open(${JSON.stringify(notes)}, "a").write("path ")`,
    );
    const uidOf = async (user: string) =>
      (await Deno.stat(site.homeOf(user))).uid;
    const noted = async () => {
      const text = await Deno.readTextFile(notes);
      await Deno.truncate(notes);
      return text.trim().split(" ").filter((word) => word !== "");
    };
    const open = async (connection: Connection) => {
      const gate = await openGate(connection, {
        archive,
        hasArchive: false,
        signal,
      });
      const { uid, folder } = gate.hello;
      await gate.close();
      // Where HOME does not count, it lies in a folder of the whole machine.
      const kept = `${folder}/host/gates/${archive.id}`;
      await removeFolder(kept);
      return uid;
    };

    for (const way of WAYS) {
      const { method } = way.become;
      const python = ["/usr/bin/python3", "/nowhere/python3"];
      for (const [at, interpreter] of python.entries()) {
        await t.step(`by ${method}${at ? ", no Python" : ""}`, async () => {
          const home = site.homeOf(way.login);
          const theirs = Object.fromEntries(VARIABLES.map((n) => [n, home]));
          // The login user's own Python must run, with all this.
          if (at === 0) delete theirs.PYTHONHOME;
          if (at === 0) delete theirs.PYTHONPLATLIBDIR;
          const login = await site.logIn(way.login);
          const dirty = withVariables(login, { ...theirs, KEPT: "kept" });
          const said = await shell(become(dirty, way, interpreter), "env");
          assertMatch(said, /^KEPT=kept$/m, "what is passed on is not tested");
          for (const name of VARIABLES) {
            assert(!said.includes(`\n${name}=`), `${name}: ${said}`);
          }
          const own = withVariables(login, { TMP: "/root" });
          const kept = await shell(become(own, way, interpreter), "env");
          assertMatch(kept, /^TMP=\/root$/m);
          login.close();
        });
      }
      await t.step(`a gate by ${method} runs nothing of it`, async () => {
        await plant(site, way.login, notes);
        const login = await site.logIn(way.login);
        // Its own Python reads all of this, so that one must not count.
        const dirty = withVariables(login, { PYTHONPATH: lib });
        assertEquals(await open(become(dirty, way, "/nowhere/python3")), 0);
        assertEquals(await noted(), [], method);
        login.close();
      });
    }

    await t.step("a user's own packages count, of whomever it is", async () => {
      await plant(site, "app", notes);
      const login = await site.logIn("free");
      const [free, app] = [await uidOf("free"), await uidOf("app")];
      assertEquals(await open(login), free);
      assertEquals(await noted(), [String(free)]);
      const way: Way = {
        login: "free",
        become: { method: "sudo", user: "app" },
      };
      assertEquals(await open(become(login, way, "/nowhere/python3")), app);
      assertEquals(await noted(), [String(app)]);
      login.close();
    });

    await t.step(
      "the pipes for a terminal lie where nobody can swap them",
      async () => {
        const folder = join(site.etc.files, "theirs");
        await Deno.mkdir(folder);
        await Deno.chmod(folder, 0o777);
        const login = await site.logIn("dodo");
        const seen: string[] = [];
        const dirty = withVariables(login, { TMPDIR: folder }, seen);
        const way: Way = {
          login: "dodo",
          become: { method: "doas" },
          password: PASSWORD,
        };
        const said = await shell(
          become(dirty, way, "/nowhere/python3"),
          "id -u",
        );
        assertEquals(said, "0\n");
        const runs = seen.filter((command) => command.endsWith("/run"));
        assertEquals(runs.length, 1);
        assertMatch(
          runs[0]!,
          /^exec \/bin\/sh \/(var\/)?tmp\/ftl-\w{10}\/run$/,
        );
        login.close();
      },
    );
  },
});
