// Large outputs: what is kept has a limit, what is cut is reported in every format,
// and streams have no limit.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { join } from "@std/path";
import { createAccount } from "../support/ftl.ts";

const LOCAL = ["-i", "h1,", "-c", "local"];
const MODULE = `import json
import sys


def main(size, rest=""):
    print(json.dumps({"text": "x" * size}) + rest)


if __name__ == "__main__":
    import ast
    with open(sys.argv[1]) as file:
        args = json.load(file)
    main(args["size"], args.get("rest", ""))
# WANT_JSON
`;

Deno.test("--stream passes on more than a result holds, and the result reports the cut", async () => {
  await using account = await createAccount();
  const { code, stdout } = await account.ftl([
    ...["exec", ...LOCAL, "--stream", "--max-output", "100K"],
    ...["--", "seq 1 200000"],
  ]);
  assertEquals(code, 0);
  const lines = stdout.split("\n").filter((line) => line.startsWith("h1 |"));
  assertEquals(lines.length, 200_000);
  assertEquals(lines.at(-1), "h1 | 200000");
  const json = await account.ftl([
    ...["exec", ...LOCAL, "--stream", "--max-output", "100K"],
    ...["--format", "ndjson", "--", "seq 1 200000"],
  ]);
  const events = json.stdout.trim().split("\n").map((line) => JSON.parse(line));
  const text = events.filter(({ event }) => event === "output")
    .map((event) => event.text).join("");
  assertEquals(text.length, 1_288_895);
  const { result } = events.find(({ event }) => event === "result");
  assert(result.stdout.length < 110_000);
  assertStringIncludes(
    result.stdout,
    `[${1_288_895 - 102_400} bytes more were left out]`,
  );
});

for (const format of ["text", "json", "ndjson"]) {
  Deno.test(`a module that prints too much is failed and says so in ${format}`, async () => {
    await using account = await createAccount();
    const modules = join(account.home, "m");
    await Deno.mkdir(modules);
    await Deno.writeTextFile(join(modules, "large.py"), MODULE);
    const { code, stdout } = await account.ftl([
      ...["run", "large", "size:=2000000", ...LOCAL, "-M", modules],
      ...["--max-output", "1M", "--format", format],
    ]);
    assertEquals(code, 1, stdout.slice(0, 2000));
    for (const said of ["printed too much: 951437 bytes", "--max-output"]) {
      assert(stdout.includes(said), said); // the text is too long to be shown
    }
  });
}

Deno.test("a module's result may be larger than 16 MiB", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "m");
  await Deno.mkdir(modules);
  await Deno.writeTextFile(join(modules, "large.py"), MODULE);
  const { code, stdout } = await account.ftl([
    ...["run", "large", "size:=20000000", ...LOCAL, "-M", modules],
    ...["--format", "json"],
  ]);
  assertEquals(code, 0, stdout.slice(0, 2000));
  assertEquals(JSON.parse(stdout).results.h1.result.text.length, 20_000_000);
});

Deno.test("--max-output refuses more than a result can hold", async () => {
  await using account = await createAccount();
  const { code, stderr } = await account.ftl([
    ...["exec", ...LOCAL, "--max-output", "49M", "--", "true"],
  ]);
  assertEquals(code, 2);
  assertStringIncludes(
    stderr,
    "it is more than the 48M that a result can hold",
  );
});

Deno.test("an object inside broken JSON does not count, and unreachable is a status", async () => {
  await using account = await createAccount();
  const modules = join(account.home, "m");
  await Deno.mkdir(modules);
  const texts = {
    cut: '{"changed": true, "failed": true, "diff": {"before": 1}, "x": "cut',
    two: '{"changed": false}\n{"changed": true}',
    gone: '{"unreachable": true, "msg": "no route"}',
  };
  for (const [name, text] of Object.entries(texts)) {
    const path = join(modules, name);
    await Deno.writeTextFile(
      path,
      `#!/bin/sh\n# WANT_JSON\ncat <<'END'\n${text}\nEND\n`,
    );
  }
  const call = async (name: string) => {
    const { code, stdout } = await account.ftl([
      ...["run", name, ...LOCAL, "-M", modules, "--format", "json"],
    ]);
    return { code, ...JSON.parse(stdout).results.h1 };
  };
  const cut = await call("cut");
  assertEquals([cut.code, cut.status, cut.result], [1, "failed", null]);
  assertEquals(
    cut.error.message,
    "The module printed broken JSON (it has no end)",
  );
  const two = await call("two");
  assertEquals([two.code, two.status], [0, "changed"]);
  assertEquals(two.result.warnings, [
    "The module printed 2 JSON objects; the last one is its result",
  ]);
  const gone = await call("gone");
  assertEquals([gone.code, gone.status], [3, "unreachable"]);
});
