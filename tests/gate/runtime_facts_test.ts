// Numbers that the controller and the gate share: each is written once in
// TypeScript, once in Python and once in docs/protocol.md, and all must be equal.
import { assert, assertEquals } from "@std/assert";
import { GATE_PARENTS } from "../../src/core/shell/own_folder.ts";
import * as limits from "../../src/protocol/limits.ts";

const ROOT = new URL("../../", import.meta.url);
const MIB = 1024 * 1024;

interface Fact {
  /** In src/protocol/limits.ts. */
  name: keyof typeof limits;
  /** In src/gate/runtime/ftl_gate/. */
  file: string;
  python: string;
  /** How many TypeScript units one Python unit is. */
  unit?: number;
  /** Its text in docs/protocol.md. */
  page: string;
}

const FACTS: readonly Fact[] = [
  {
    name: "MAX_BODY",
    file: "frames",
    python: "MAX_BODY",
    page: `body is at most ${limits.MAX_BODY / MIB} MiB`,
  },
  {
    name: "MAX_DEPTH",
    file: "frames",
    python: "MAX_DEPTH",
    page: `nested at most ${limits.MAX_DEPTH} deep`,
  },
  {
    name: "MAX_VALUES",
    file: "frames",
    python: "MAX_VALUES",
    page: `most ${grouped(limits.MAX_VALUES)} values`,
  },
  {
    name: "MAX_WHOLE",
    file: "writer",
    python: "MAX_WHOLE",
    page: `longer than ${limits.MAX_WHOLE / MIB} MiB is sent as a series`,
  },
  {
    name: "MAX_DATA",
    file: "writer",
    python: "MAX_DATA",
    page: `each is at most ${limits.MAX_DATA / 1024} KiB`,
  },
  {
    name: "MAX_STDOUT",
    file: "output",
    python: "MAX_STDOUT",
    page: `at most ${limits.MAX_STDOUT / MIB} MiB and`,
  },
  {
    name: "MOST_STDOUT",
    file: "output",
    python: "MOST_STDOUT",
    page: `absent: 33 554 432; at most ${grouped(limits.MOST_STDOUT)}`,
  },
  {
    name: "MAX_STDERR",
    file: "output",
    python: "MAX_STDERR",
    page: `MiB and ${limits.MAX_STDERR / MIB} MiB`,
  },
  {
    name: "MAX_RUNNING",
    file: "gate",
    python: "MAX_RUNNING",
    page: `At most ${limits.MAX_RUNNING} calls run at once`,
  },
  {
    name: "SILENCE_MS",
    file: "gate",
    python: "SILENCE",
    unit: 1000,
    page: `has read nothing for ${limits.SILENCE_MS / 1000} s`,
  },
  {
    name: "KILL_AFTER_MS",
    file: "terminate",
    python: "GRACE",
    unit: 1000,
    page: `and KILL ${limits.KILL_AFTER_MS / 1000} s later`,
  },
];

for (const { name, file, python, unit = 1, page } of FACTS) {
  Deno.test(`${name} is the gate's ${file}.${python}`, async () => {
    const path = `src/gate/runtime/ftl_gate/${file}.py`;
    const value = constantOf(await read(path), python);
    assertEquals(limits[name], value * unit, `${name} and ${path}`);
  });
  Deno.test(`docs/protocol.md states ${name}`, async () => {
    const text = (await read("docs/protocol.md")).replace(/\s+/g, " ");
    assert(text.includes(page), `docs/protocol.md does not have: ${page}`);
  });
}

Deno.test("docs/protocol.md states PING_MS, which divides SILENCE_MS", async () => {
  const text = await read("docs/protocol.md");
  assert(text.includes(`\`Ping\` every ${limits.PING_MS / 1000} s`));
  assertEquals(limits.SILENCE_MS % limits.PING_MS, 0);
});

Deno.test("the other pages state MAX_RUNNING and KILL_AFTER_MS", async () => {
  const connections = await read("docs/connections.md");
  const architecture = await read("docs/architecture.md");
  const kill = limits.KILL_AFTER_MS / 1000;
  for (
    const text of [
      `for each ${limits.MAX_RUNNING} calls before it, plus ${kill + 5} s`,
      `TERM, KILL, and ${kill + 3} s for both`,
      `a local command that ignores TERM has ${kill + 1} s`,
    ]
  ) assert(connections.includes(text), text);
  assert(architecture.includes(`(TERM, and KILL after ${kill} s)`));
});

Deno.test("every limit except the ping is compared with the gate's", () => {
  assertEquals(
    FACTS.map(({ name }) => name as string).sort(),
    Object.keys(limits).filter((name) => name !== "PING_MS").sort(),
  );
});

Deno.test("a host is inspected in the folders that a gate tries", async () => {
  const text = await read("src/gate/runtime/ftl_gate/folder.py");
  const body = /^def candidates\(\):\n(.*?)^def /ms.exec(text)![1]!;
  const found = [...body.matchAll(/"(HOME|XDG_CACHE_HOME|\/(?:var\/)?tmp)\b/g)]
    .map((match) => match[1]!);
  assertEquals(
    found.map((name) => name.startsWith("/") ? name : `$${name}`),
    GATE_PARENTS,
  );
});

/** The number that Python assigns to a name: `16`, `60.0` or `1 << 20`. */
function constantOf(text: string, name: string): number {
  const line = new RegExp(`^${name} = ([\\d.]+)(?: << (\\d+))?(?: |$)`, "m")
    .exec(text);
  assert(line !== null, `${name} is not assigned`);
  return Number(line[1]) * 2 ** Number(line[2] ?? 0);
}

/** `1 000 000` */
function grouped(value: number): string {
  return String(value).replace(/\B(?=(?:\d{3})+$)/g, " ");
}

function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, ROOT));
}
