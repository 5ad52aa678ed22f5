import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { openInventorySources } from "../../../src/core/input/inventory_sources.ts";
import { InventoryError } from "../../../src/errors.ts";
import { loadInventory } from "../../../src/inventory/load.ts";

async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Writes an executable script and gives its path. */
async function writeScript(folder: string, body: string): Promise<string> {
  const path = join(folder, "inventory.sh");
  await Deno.writeTextFile(path, `#!/bin/sh\n${body}\n`);
  await Deno.chmod(path, 0o755);
  return path;
}

Deno.test("stat() tells files, folders, scripts and absent paths apart", () =>
  withFolder(async (folder) => {
    const sources = openInventorySources();
    const script = await writeScript(folder, "");
    await Deno.writeTextFile(join(folder, "hosts"), "");
    assertEquals(await sources.stat(folder), {
      kind: "folder",
      executable: true,
    });
    assertEquals(await sources.stat(script), {
      kind: "file",
      executable: true,
    });
    assertEquals(await sources.stat(join(folder, "hosts")), {
      kind: "file",
      executable: false,
    });
    assertEquals(await sources.stat(join(folder, "nope")), undefined);
    assertEquals(await sources.stat(join(folder, "hosts", "nope")), undefined);
    assertEquals(await sources.stat(`${"web,".repeat(2000)}`), undefined);
  }));

Deno.test("loadInventory() reads a folder with a script and vars from the disk", () =>
  withFolder(async (folder) => {
    await writeScript(
      folder,
      `echo '{"web": ["web1"], "_meta": {"hostvars": {"web1": {"a": 1}}}}'`,
    );
    await Deno.mkdir(join(folder, "group_vars"));
    await Deno.writeTextFile(join(folder, "group_vars", "web.yml"), "b: 0o2\n");
    const { hosts } = await loadInventory([folder], openInventorySources());
    assertEquals(hosts.get("web1")?.vars, { a: 1, b: "0o2" });
  }));

Deno.test("run() asks a script without --host answers from _meta for each host", () =>
  withFolder(async (folder) => {
    const script = await writeScript(
      folder,
      `case $1 in --list) echo '{"web": ["web1", "web2"]}';; --host) echo "{\\"name\\": \\"$2\\"}";; esac`,
    );
    const { hosts } = await loadInventory([script], openInventorySources());
    assertEquals([...hosts.values()].map(({ vars }) => vars.name), [
      "web1",
      "web2",
    ]);
  }));

const faults: [why: string, body: string, complaint: string][] = [
  [
    "fails",
    "echo one >&2; echo two >&2; exit 3",
    "it ended with status 3: two",
  ],
  ["prints too much", "yes", "it printed more than 1000 bytes"],
  ["hangs", "sleep 60 & wait", "it took longer than 0.3 s"],
  [
    "prints no JSON",
    "echo hello",
    'its output for --list is not JSON: it starts with "hello\\n"',
  ],
];

for (const [why, body, complaint] of faults) {
  Deno.test(`run() refuses a script that ${why}`, () =>
    withFolder(async (folder) => {
      const script = await writeScript(folder, body);
      const sources = openInventorySources({ timeoutMs: 300, maxBytes: 1000 });
      await assertRejects(
        () => loadInventory([script], sources),
        InventoryError,
        complaint,
      );
    }));
}

Deno.test("run() refuses a script whose interpreter is missing", () =>
  withFolder(async (folder) => {
    const script = join(folder, "x");
    await Deno.writeTextFile(script, "#!/nope/python\n", { mode: 0o755 });
    await assertRejects(
      () => loadInventory([script], openInventorySources()),
      InventoryError,
      "the interpreter in its first line is missing",
    );
  }));

Deno.test("run() refuses a script that others may change", () =>
  withFolder(async (folder) => {
    const script = await writeScript(folder, "echo '{}'");
    await Deno.chmod(script, 0o757);
    await assertRejects(
      () => loadInventory([script], openInventorySources()),
      InventoryError,
      "everybody can write to it",
    );
  }));

const root = Deno.uid() === 0;
Deno.test({
  name: `run() refuses a script of another user${
    root ? "" : " (skipped: needs root)"
  }`,
  ignore: !root,
  fn: () =>
    withFolder(async (folder) => {
      const script = await writeScript(folder, "echo '{}'");
      await Deno.chown(script, 65534, 65534);
      await assertRejects(
        () => loadInventory([script], openInventorySources()),
        InventoryError,
        "it belongs to user 65534",
      );
    }),
});

Deno.test({
  name: `run() refuses what a group may change that others are in${
    root ? "" : " (skipped: needs root)"
  }`,
  ignore: !root,
  fn: () =>
    withFolder(async (folder) => {
      const script = await writeScript(folder, "echo '{}'");
      await Deno.chmod(script, 0o775);
      await loadInventory([script], openInventorySources());
      await Deno.chown(script, 0, 100);
      await assertRejects(
        () => loadInventory([script], openInventorySources()),
        InventoryError,
        "group 100 can write to it",
      );
    }),
});

Deno.test("run() ends with the signal's reason, and the script with it", () =>
  withFolder(async (folder) => {
    const started = join(folder, "started");
    const script = await writeScript(
      folder,
      `echo $$ > ${started}.new; mv ${started}.new ${started}; exec sleep 60`,
    );
    const abort = new AbortController();
    const loading = loadInventory([script], openInventorySources(), {
      signal: abort.signal,
    });
    for await (const event of Deno.watchFs(folder)) {
      if (event.paths.includes(started)) break;
    }
    const pid = Number(await Deno.readTextFile(started));
    abort.abort(new Error("enough"));
    await assertRejects(() => loading, Error, "enough");
    assert(!await isRunning(pid));
  }));

Deno.test("run() does not wait for a script of another user, which we cannot kill", () =>
  withFolder(async (folder) => {
    const path = await writeScript(folder, "exec sleep 20");
    const { kill } = Deno;
    let killed = 0;
    Deno.kill = (pid) => {
      killed = pid;
      throw new Deno.errors.PermissionDenied("Operation not permitted");
    };
    try {
      await assertRejects(
        () => openInventorySources({ timeoutMs: 200 }).run(path, [], {}),
        InventoryError,
        "it took longer than 0.2 s",
      );
    } finally {
      Deno.kill = kill;
      kill(killed, "SIGKILL");
      await new Promise((resolve) => setTimeout(resolve, 100)); // until it has ended
    }
  }));

Deno.test("run() does not wait for a process that a script leaves with its output", () =>
  withFolder(async (folder) => {
    const left = join(folder, "left");
    const script = await writeScript(
      folder,
      `setsid sleep 60 & echo $! > ${left}; exec sleep 60`,
    );
    try {
      await assertRejects(
        () => loadInventory([script], openInventorySources({ timeoutMs: 300 })),
        InventoryError,
        "it took longer than 0.3 s",
      );
    } finally {
      Deno.kill(Number(await Deno.readTextFile(left)), "SIGKILL");
    }
  }));

async function isRunning(pid: number): Promise<boolean> {
  const { success } = await new Deno.Command("kill", {
    args: ["-0", `${pid}`],
    stderr: "null",
  }).output();
  return success;
}

Deno.test("read() reports what cannot be read and why", async () => {
  const sources = openInventorySources();
  await assertRejects(
    () => sources.read("/nope"),
    InventoryError,
    "Cannot read inventory /nope: ",
  );
  await assertRejects(
    () => sources.list("/nope"),
    InventoryError,
    "Cannot read inventory /nope: ",
  );
});

Deno.test("read() reads a pipe, and does not wait forever for its writer", () =>
  withFolder(async (folder) => {
    const [idle, busy] = [join(folder, "idle"), join(folder, "busy")];
    await new Deno.Command("mkfifo", { args: [idle, busy] }).output();
    await assertRejects(
      () => openInventorySources({ pipeMs: 50 }).read(idle),
      InventoryError,
      `Cannot read inventory ${idle}: it is a pipe, and no process opened it for writing within 0.05 s`,
    );
    await Deno.writeTextFile(idle, ""); // lets go who still waits
    const [bytes] = await Promise.all([
      openInventorySources().read(busy),
      Deno.writeTextFile(busy, "web1\n"),
    ]);
    assertEquals(new TextDecoder().decode(bytes), "web1\n");
  }));

Deno.test("a link that leads nowhere is named with its target", () =>
  withFolder(async (folder) => {
    const link = join(folder, "hosts");
    await Deno.symlink("/nowhere/at/all", link);
    const message =
      `Cannot read inventory ${link}: it is a link to /nowhere/at/all, which does not exist`;
    for (const source of [folder, link]) {
      await assertRejects(
        () => loadInventory([source], openInventorySources()),
        InventoryError,
        message,
      );
    }
    await Deno.remove(link);
    await Deno.writeTextFile(link, "web1\n");
    await Deno.mkdir(join(folder, "group_vars"));
    await Deno.symlink("/nowhere/vars", join(folder, "group_vars", "all.yml"));
    await assertRejects(
      () => loadInventory([link], openInventorySources()),
      InventoryError,
      "all.yml: it is a link to /nowhere/vars, which does not exist",
    );
  }));

/** Sources of a user who may enter folders, but not list them. */
function unlistable() {
  const sources = openInventorySources();
  return {
    ...sources,
    list: (path: string) => Promise.reject(denied(path)),
  };
}

function denied(path: string): InventoryError {
  return new InventoryError(
    `Cannot read inventory ${path}: permission denied`,
    {
      cause: new Deno.errors.PermissionDenied(path),
    },
  );
}

Deno.test("vars beside an inventory are found in folders that cannot be listed", () =>
  withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "hosts"), "[web]\nweb1\n");
    for (
      const [path, text] of [["group_vars/web.yml", "a: 1"], [
        "host_vars/web1",
        "b: 2",
      ]] as const
    ) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    const { hosts } = await loadInventory(
      [join(folder, "hosts")],
      unlistable(),
    );
    assertEquals({ ...hosts.get("web1")!.vars }, { a: 1, b: 2 });
    await assertRejects(
      () => loadInventory([folder], unlistable()),
      InventoryError,
      "permission denied",
    );
  }));

Deno.test("a list of hosts is read in a working folder that cannot be entered", async () => {
  const sources = {
    ...openInventorySources(),
    stat: (path: string) => Promise.reject(denied(path)),
  };
  const { hosts } = await loadInventory(["web1,web2,"], sources);
  assertEquals([...hosts.keys()], ["web1", "web2"]);
  await assertRejects(
    () => loadInventory(["hosts"], sources),
    InventoryError,
    "permission denied",
  );
});
