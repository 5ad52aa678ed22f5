// The file of settings, as users meet it: found, checked, overridden, shown.
import { assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount, type Outcome } from "../../support/ftl.ts";

interface World extends AsyncDisposable {
  readonly folder: string;
  readonly home: string;
  write(path: string, text: string, mode?: number): Promise<void>;
  ftl(args: readonly string[]): Promise<Outcome>;
}

/** A folder with an inventory of one host, in which ftl runs. */
async function createWorld(
  settings?: string,
  env: Record<string, string> = {},
): Promise<World> {
  const folder = await Deno.makeTempDir({ prefix: "ftl-settings-" });
  const account = await createAccount({ cwd: folder, env });
  const write = async (path: string, text: string, mode = 0o600) => {
    const full = path.startsWith("/") ? path : join(folder, path);
    await Deno.mkdir(join(full, ".."), { recursive: true });
    await Deno.writeTextFile(full, text);
    await Deno.chmod(full, mode);
  };
  await write("hosts.ini", "web1 ansible_connection=local\n");
  if (settings !== undefined) await write("ftl.yml", settings);
  return {
    folder,
    home: account.home,
    write,
    ftl: (args) => account.ftl(args),
    async [Symbol.asyncDispose]() {
      await account[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** What `ftl config` shows: the value and the origin of each setting. */
function shown(stdout: string): Record<string, [unknown, string]> {
  const list = JSON.parse(stdout) as {
    name: string;
    value: unknown;
    from: string;
  }[];
  return Object.fromEntries(
    list.map(({ name, value, from }) => [name, [value, from]]),
  );
}

const JSON_FORMAT = ["--format", "json"];

Deno.test("a run takes its inventory from ftl.yml in the current folder", async () => {
  await using world = await createWorld("inventory: hosts.ini\n");
  const { code, stdout } = await world.ftl(["exec", "--", "echo", "hi"]);
  assertEquals([code, stdout.split("\n")[0]], [0, "web1: ok, rc 0"]);
});

Deno.test("~/.config/ftl/ftl.yml holds where the folder has none, with paths from its own folder", async () => {
  await using world = await createWorld();
  const file = join(world.home, ".config/ftl/ftl.yml");
  await world.write(file, "inventory: [inv/a.ini, 'db1,db2']\n");
  const { stdout } = await world.ftl(["config", ...JSON_FORMAT]);
  assertEquals(shown(stdout).inventory, [
    [join(world.home, ".config/ftl/inv/a.ini"), "db1,db2"],
    `${file}:1`,
  ]);
});

Deno.test("FTL_CONFIG names another file, none when it is empty, and an absent one is an error", async () => {
  await using world = await createWorld("user: a\n", { FTL_CONFIG: "o.yml" });
  const absent = await world.ftl(["config"]);
  assertEquals(absent.code, 2);
  assertStringIncludes(absent.stderr, "there is no file o.yml");
  await world.write("o.yml", "user: b\n");
  const { stdout } = await world.ftl(["config", ...JSON_FORMAT]);
  assertEquals(shown(stdout).user, ["b", "o.yml:1"]);
  await using none = await createWorld("user: a\n", { FTL_CONFIG: "" });
  const empty = await none.ftl(["config", ...JSON_FORMAT]);
  assertEquals(shown(empty.stdout).user, undefined);
});

Deno.test("the command line overrides the environment, and the environment the file", async () => {
  const file = "user: file\nport: 1\nfanout: 2\nbecome: true\n";
  await using world = await createWorld(file, {
    FTL_PORT: "11",
    FTL_FANOUT: "12",
    FTL_BECOME: "0",
  });
  const { stdout } = await world.ftl([
    "config",
    "--fanout",
    "22",
    ...JSON_FORMAT,
  ]);
  const { user, port, fanout, become } = shown(stdout);
  assertEquals({ user, port, fanout, become }, {
    user: ["file", "ftl.yml:1"],
    port: [11, "FTL_PORT"],
    fanout: [22, "command line"],
    become: ["0", "FTL_BECOME"],
  });
});

Deno.test("-M adds to the file's folders, -i replaces the file's inventory", async () => {
  await using world = await createWorld(
    "module-dir: mods\ninventory: hosts.ini\nextra-vars: a=1\n",
  );
  const { stdout } = await world.ftl(
    ["config", "-M", "x", "-i", "db1,", "-e", "a=2", ...JSON_FORMAT],
  );
  const settings = shown(stdout);
  assertEquals(settings["module-dir"], [
    ["x", join(world.folder, "mods")],
    "command line, ftl.yml:1",
  ]);
  assertEquals(settings.inventory, [["db1,"], "command line"]);
  // Of variables, the last one wins.
  assertEquals(settings["extra-vars"]![0], ["a=1", "a=2"]);
});

Deno.test("values are those of the command line: flags, no-flags, choices that YAML reads as booleans", async () => {
  await using world = await createWorld(
    "host-keys: off\nno-record: true\nverbose: 2\nserial: 10%\ntimeout: 5m\n",
  );
  const { stdout } = await world.ftl(["config", ...JSON_FORMAT]);
  const settings = shown(stdout);
  assertEquals(settings["host-keys"]![0], "off");
  assertEquals(settings["no-record"]![0], true);
  assertEquals(settings["verbose"]![0], 2);
  assertEquals(settings["serial"]![0], { percent: 10 });
  assertEquals(settings["timeout"]![0], 300);
});

for (
  const [text, error] of [
    [
      "moduledir: x",
      "ftl.yml:1: unknown setting 'moduledir'\n     Did you mean module-dir?",
    ],
    [
      "a: 1",
      "ftl.yml:1: unknown setting 'a'\n     Use the names of the long options that `ftl config --help` lists",
    ],
    [
      "user: x\nport: many",
      "ftl.yml:2: port: it is not a whole number above 0",
    ],
    ["user: [a, b]", "ftl.yml:1: user: it takes one value, not a list"],
    ["become: maybe", "ftl.yml:1: become: it is neither true nor false"],
    ["user:", "ftl.yml:1: user has no value"],
    ["user: ''", "ftl.yml:1: user: it is empty"],
    ['inventory: ""', "ftl.yml:1: inventory: it is empty"],
    [
      "user: 007",
      "ftl.yml:1: YAML reads user as 7\n     Put the value in quotes",
    ],
    ["fanout: 010", "ftl.yml:1: YAML reads fanout as 8"],
    ["user: 1.0", "ftl.yml:1: YAML reads user as 1.0"],
    [
      "user: true",
      "ftl.yml:1: user: it is a text, not the boolean true\n     Put the value in quotes",
    ],
    ["- user", "ftl.yml: it is not a mapping"],
    ["user: a\nuser: b", "ftl.yml:2: "],
    ["user: {a: 1}", "ftl.yml:1: user is neither text nor a list of texts"],
    ["user: [", "ftl.yml:2:"],
    ["list-hosts: true", "ftl.yml:1: unknown setting 'list-hosts'"],
  ] as const
) {
  Deno.test(`a file with ${JSON.stringify(text)} is an error with its line`, async () => {
    await using world = await createWorld(`${text}\n`);
    const { code, stderr } = await world.ftl([
      "exec",
      "-i",
      "web1,",
      "--",
      "x",
    ]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `ftl: Cannot use ${error}`);
  });
}

Deno.test("an ftl.yml that another user could write is not used, with a warning", async () => {
  await using world = await createWorld("user: planted\n");
  await Deno.chmod(join(world.folder, "ftl.yml"), 0o666);
  await world.write(join(world.home, ".config/ftl/ftl.yml"), "port: 7\n");
  const { code, stdout, stderr } = await world.ftl(["config", ...JSON_FORMAT]);
  assertEquals(code, 0);
  assertStringIncludes(
    stderr,
    "ftl.yml is not used: everybody can write to it",
  );
  assertEquals(shown(stdout).user, undefined);
  assertEquals(shown(stdout).port![0], 7);
});

Deno.test("an ftl.yml that another group can write is not used either", async () => {
  await using world = await createWorld("user: planted\n");
  await Deno.chown(join(world.folder, "ftl.yml"), null, 12345);
  await Deno.chmod(join(world.folder, "ftl.yml"), 0o660);
  const { stdout, stderr } = await world.ftl(["config", ...JSON_FORMAT]);
  assertStringIncludes(stderr, "group 12345 can write to it");
  assertEquals(shown(stdout).user, undefined);
});

Deno.test("an own file in ~/.config that another user could write is an error", async () => {
  await using world = await createWorld();
  await world.write(
    join(world.home, ".config/ftl/ftl.yml"),
    "port: 7\n",
    0o666,
  );
  const { code, stderr } = await world.ftl(["exec", "-i", "web1,", "--", "x"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "ftl.yml: everybody can write to it");
});

Deno.test("a wrong file keeps neither the doctor, help nor completion scripts from working", async () => {
  await using world = await createWorld("port: many\n");
  const doctor = await world.ftl(["doctor"]);
  assertStringIncludes(doctor.stdout, "ftl.yml:1: port");
  assertEquals((await world.ftl(["completions", "bash"])).code, 0);
  assertEquals((await world.ftl(["run", "--help"])).code, 0);
});

Deno.test("columns of the file do not break another format of the command line", async () => {
  await using world = await createWorld(
    "inventory: hosts.ini\nformat: table\ncolumns: [host, status]\n",
  );
  const table = await world.ftl(["exec", "--", "true"]);
  assertEquals(table.stdout.split("\n")[0], "HOST  STATUS");
  const json = await world.ftl(["exec", "--format", "json", "--", "true"]);
  assertEquals([json.code, json.stderr], [0, ""]);
  // A table concerns only commands that have one.
  assertEquals((await world.ftl(["inventory", "show", "web1"])).code, 0);
});

Deno.test("passwords in extra-vars of the file are not shown", async () => {
  await using world = await createWorld("extra-vars: db_password=s3cret\n");
  const { stdout } = await world.ftl(["config"]);
  assertEquals(stdout.includes("s3cret"), false);
  assertStringIncludes(stdout, "db_password: (hidden)");
});

Deno.test("completion knows the hosts of the file's inventory", async () => {
  await using world = await createWorld("inventory: hosts.ini\n");
  const { stdout } = await world.ftl(
    ["complete", "patterns", "we", "exec", "-l", "we", "--"],
  );
  assertEquals(stdout, "web1\n");
});

Deno.test("facts, background and poll of a run can be set, and wait where they do not apply", async () => {
  await using world = await createWorld(
    "inventory: hosts.ini\nfacts: true\nbackground: 1h\npoll: 0\n",
  );
  const known = shown((await world.ftl(["config", ...JSON_FORMAT])).stdout);
  assertEquals(known.facts, [true, "ftl.yml:2"]);
  assertEquals(known.background?.[1], "ftl.yml:3");
  assertEquals(known.poll?.[1], "ftl.yml:4");
  // A module that is missing is the first error: nothing else was wrong.
  for (const more of [[], ["--check"], ["--stream"]]) {
    const { code, stderr } = await world.ftl(["run", "missing", ...more]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, "Cannot find module missing");
  }
  await world.write("ftl.yml", "inventory: hosts.ini\npoll: 5\n");
  const { stderr } = await world.ftl(["run", "missing"]);
  assertStringIncludes(stderr, "Cannot find module missing");
});

Deno.test("--no-NAME turns off a flag of the file, and --log turns one on", async () => {
  await using world = await createWorld(
    "become: true\ncheck: true\nno-log: true\nverbose: 2\nquiet: true\n",
  );
  const { stdout, code } = await world.ftl([
    "config",
    "--no-become",
    "--no-check",
    "--log",
    "--no-verbose",
    ...JSON_FORMAT,
  ]);
  const { become, check, verbose, quiet, ...more } = shown(stdout);
  assertEquals([code, become, check, verbose, quiet, more["no-log"]], [
    0,
    [false, "command line"],
    [false, "command line"],
    [0, "command line"],
    [true, "ftl.yml:5"],
    [false, "command line"],
  ]);
  await world.write("ftl.yml", "inventory: hosts.ini\ncheck: true\n");
  const run = await world.ftl(["exec", "--no-check", "--", "echo", "hi"]);
  assertEquals(run.stdout.split("\n")[0], "web1: ok, rc 0");
});

Deno.test("--become-user on the command line becomes that user, and elsewhere only names one", async () => {
  await using world = await createWorld("become-user: file\n", {
    FTL_BECOME_METHOD: "su",
  });
  const config = async (...args: string[]) => {
    const { stdout } = await world.ftl(["config", ...args, ...JSON_FORMAT]);
    const { become, "become-user": user } = shown(stdout);
    return [become, user];
  };
  assertEquals(await config(), [undefined, ["file", "ftl.yml:1"]]);
  const app: [unknown, string] = ["app", "command line"];
  assertEquals(await config("--become-user", "app"), [
    [true, "command line"],
    app,
  ]);
  assertEquals(await config("--no-become", "--become-user", "app"), [
    [false, "command line"],
    app,
  ]);
});

Deno.test("what is not a file is not used, and that is reported", async () => {
  await using world = await createWorld();
  const own = join(world.home, ".config/ftl/ftl.yml");
  await Deno.mkdir(own, { recursive: true });
  const path = join(world.folder, "ftl.yml");
  await Deno.mkdir(path);
  const warned = async (text: string) => {
    const { code, stderr } = await world.ftl(["config"]);
    assertEquals(code, 0);
    assertStringIncludes(stderr, text);
    return stderr;
  };
  const stderr = await warned(
    `${path} is not used: it is a folder, not a file`,
  );
  assertStringIncludes(stderr, `${own} is not used: it is a folder`);
  await Deno.remove(path);
  await Deno.symlink("nowhere", path);
  await warned(`${path} is not used: it is a link to nowhere, which`);
  await Deno.remove(path);
  await new Deno.Command("mkfifo", { args: [path] }).output();
  await warned(`${path} is not used: it is a pipe or a device`);
});

Deno.test("FTL_CONFIG may be /dev/null, and not another device or a folder", async () => {
  await using none = await createWorld("user: a\n", {
    FTL_CONFIG: "/dev/null",
  });
  assertEquals((await none.ftl(["config"])).code, 0);
  await using folder = await createWorld("", { FTL_CONFIG: "/tmp" });
  const { code, stderr } = await folder.ftl(["config"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "FTL_CONFIG: /tmp is a folder, not a file");
});

Deno.test("config and doctor refuse what only a call would read, with its place", async () => {
  for (const line of ["query: 'a['", "shard: 9/3", "env: [OK=1, none]"]) {
    await using world = await createWorld(`fanout: 5\n${line}\n`);
    const name = line.split(":")[0];
    const { code, stderr } = await world.ftl(["config"]);
    assertEquals(code, 2);
    assertStringIncludes(stderr, `Cannot use ftl.yml:2: ${name} `);
    const doctor = await world.ftl(["doctor"]);
    assertStringIncludes(doctor.stdout, `Cannot use ftl.yml:2: ${name} `);
  }
});

Deno.test("--output-format without --output is an error, and in the file it waits", async () => {
  await using world = await createWorld(
    "inventory: hosts.ini\noutput-format: text\ncolumns: host\n",
    { FTL_COLUMNS: "status" },
  );
  assertEquals((await world.ftl(["exec", "--", "true"])).code, 0);
  const { code, stderr } = await world.ftl([
    "exec",
    "--output-format",
    "both",
    "--",
    "true",
  ]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "Cannot use --output-format: it needs --output");
});
