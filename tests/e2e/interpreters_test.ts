// What ansible_python_interpreter may hold, on hosts that are this machine: each
// has one result, and none keeps the others, or a shell command, from theirs.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../support/ftl.ts";
import { needProgram } from "../support/need.ts";

const python = needProgram("python3");
const MODULE = `import sys


def main():
    return {"isolated": sys.flags.isolated}
`;

/** The lines of the inventory, and the status and error that each host gets. */
const HOSTS: readonly [line: string, status: string, error?: string][] = [
  ['env python="/usr/bin/env python3"', "ok"],
  ['options python="$PYTHON -I"', "ok"],
  ['blank python="$HOME/py case/python3"', "ok"],
  [`quoted python='"$HOME/py case/python3" -I'`, "ok"],
  ["tilde python=~/bin/python3", "ok"],
  ["noisy python=$HOME/noisy", "ok"],
  ["auto python=auto_legacy_silent", "ok"],
  ['playbook python="{{ ansible_playbook_python }}"', "ok"],
  [
    "missing python=/no/such/python",
    "unreachable",
    "Cannot find Python on the host: tried /no/such/python",
  ],
  [
    'unknown python="{{ nothing }}/python"',
    "unreachable",
    "Cannot render ansible_python_interpreter of unknown: 'nothing' is undefined",
  ],
  [
    'shell python="python3;id"',
    "unreachable",
    'Cannot use the Python interpreter "python3;id": "python3;id" has a ' +
    "character that a shell reads",
  ],
];
const ISOLATED = ["options", "quoted"];

Deno.test({
  name: `each host has the result of its own interpreter${python.suffix}`,
  ignore: python.ignore,
  fn: async () => {
    await using account = await createAccount();
    const { home } = account;
    await Deno.mkdir(join(home, "m"));
    await Deno.writeTextFile(join(home, "m/flags.py"), MODULE);
    await Deno.mkdir(join(home, "py case"));
    await Deno.symlink(python.path, join(home, "py case/python3"));
    await Deno.mkdir(join(home, "bin"));
    await Deno.symlink(python.path, join(home, "bin/python3"));
    await Deno.writeTextFile(
      join(home, "noisy"),
      '#!/bin/sh\necho "using a shim"\nexec python3 "$@"\n',
      { mode: 0o755 },
    );
    const lines = HOSTS.map(([line]) =>
      line.replace("python=", "ansible_python_interpreter=")
        .replaceAll("$HOME", home).replaceAll("$PYTHON", python.path)
    );
    const inventory = join(home, "hosts.ini");
    await Deno.writeTextFile(
      inventory,
      `[all:vars]\nansible_connection=local\n[g]\n${lines.join("\n")}\n`,
    );
    const flags = ["-i", inventory, "--format", "json"];
    const { code, stdout, stderr } = await account.ftl(
      ["run", "flags", "-M", join(home, "m"), ...flags],
    );
    assertEquals(code, 3, stderr);
    const { results } = JSON.parse(stdout);
    for (const [line, status, error] of HOSTS) {
      const name = line.split(" ")[0]!;
      const found = results[name];
      assertEquals([name, found.status], [name, status], JSON.stringify(found));
      if (status === "ok") {
        const isolated = ISOLATED.includes(name) ? 1 : 0;
        assertEquals([name, found.result.isolated], [name, isolated]);
      } else {
        assertEquals(found.error.message.split(" in ")[0], error);
        assertEquals(found.error.phase, "python");
      }
    }
    const exec = await account.ftl(["exec", ...flags, "--", "true"]);
    assertEquals(exec.code, 0, exec.stdout + exec.stderr);
  },
});
