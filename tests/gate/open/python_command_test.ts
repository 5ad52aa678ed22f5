import { assertEquals, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { GateError } from "../../../src/errors.ts";
import {
  execPython,
  PYTHONS,
  pythonsToTry,
} from "../../../src/gate/open/python_command.ts";
import { needProgram } from "../../support/need.ts";

Deno.test("pythonsToTry() starts with the distribution's, and takes auto for it", () => {
  assertEquals(PYTHONS.slice(0, 4), [
    "/usr/bin/python3",
    "/usr/libexec/platform-python",
    "python3",
    "python3.13",
  ]);
  assertEquals(PYTHONS.at(-1), "python3.6");
  const all = PYTHONS.map((path) => [path]);
  for (
    const python of [undefined, "", "auto", " auto ", "auto_legacy_silent"]
  ) {
    assertEquals(pythonsToTry(python), all);
  }
});

Deno.test("pythonsToTry() reads words, options, blanks and quotes", () => {
  const cases: [python: string, words: string[][]][] = [
    ["~/py/bin/python", [["~/py/bin/python"]]],
    ["$HOME/py/bin/python -I", [
      ["~/py/bin/python -I"],
      ["~/py/bin/python", "-I"],
    ]],
    ["${HOME}/python", [["~/python"]]],
    ["python3 -I", [["python3", "-I"]]],
    [" /usr/bin/env  python3 ", [["/usr/bin/env", "python3"]]],
    ["/usr/bin/env python3", [
      ["/usr/bin/env python3"],
      ["/usr/bin/env", "python3"],
    ]],
    ["'/a b/python' -I", [["/a b/python", "-I"]]],
    ['"/a b/python"', [["/a b/python"]]],
    ["/usr/bin/env A=1 python3", [
      ["/usr/bin/env A=1 python3"],
      ["/usr/bin/env", "A=1", "python3"],
    ]],
  ];
  for (const [python, words] of cases) {
    assertEquals(pythonsToTry(python), words, python);
  }
});

Deno.test("pythonsToTry() refuses what a shell would take apart", () => {
  for (
    const [python, why] of [
      ["-c", "it does not start with a path"],
      ["p;id", '"p;id" has a character that a shell reads'],
      ["$PY/p", '"$PY/p" has a character that a shell reads'],
      ["p `id`", '"`id`" has a character that a shell reads'],
      ["p\nq\x01", "has a character that a shell reads"],
      ["p ''", "it has an empty word"],
      ["p'", "a ' is not closed"],
      ["p".repeat(256), "it is too long"],
    ] as const
  ) {
    const error = assertThrows(() => pythonsToTry(python), GateError, why);
    assertEquals(error.phase, "python");
  }
});

for (const shell of ["dash", "bash", "busybox", "ksh", "mksh", "yash", "zsh"]) {
  const { ignore, suffix, path } = needProgram(shell);
  Deno.test({
    name: `execPython() runs the first that there is in ${shell}${suffix}`,
    ignore,
    fn: async () => {
      const folder = await Deno.makeTempDir({ prefix: "ftl python " });
      const program = join(folder, "say");
      await Deno.writeTextFile(program, '#!/bin/sh\nprintf "<%s>" "$@"\n');
      await Deno.chmod(program, 0o755);
      const say = async (python: string) => {
        const pythons = python.split("|").flatMap(pythonsToTry);
        const script = "set -f;IFS=;c=$1;" +
          `${execPython(pythons, "-c $c 1")}echo none`;
        const { stdout } = await new Deno.Command(path, {
          args: [
            ...(shell === "busybox" ? ["sh"] : []),
            ...(shell === "zsh" ? ["--emulate", "sh"] : []),
            ...["-c", script, "sh", "a *  b"],
          ],
          env: { HOME: folder },
        }).output();
        return new TextDecoder().decode(stdout);
      };
      try {
        assertEquals(await say(program), "<-c><a *  b><1>");
        assertEquals(await say(`'${program}' -I`), "<-I><-c><a *  b><1>");
        assertEquals(await say(`/usr/bin/env '${program}'`), "<-c><a *  b><1>");
        assertEquals(await say("~/say"), "<-c><a *  b><1>");
        assertEquals(await say("~/say x y"), "<x><y><-c><a *  b><1>");
        assertEquals(await say(`no_such|~/say`), "<-c><a *  b><1>");
        assertEquals(await say("no_such -I|no_other"), "none\n");
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
