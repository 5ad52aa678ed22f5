import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { readNumbers, UsageError } from "../../scripts/number_options.ts";

Deno.test("readNumbers() reads numbers, and has defaults", () => {
  const defaults = { seed: 1, hosts: 5 };
  assertEquals(readNumbers([], defaults), defaults);
  assertEquals(readNumbers(["--seed", "7"], defaults), { seed: 7, hosts: 5 });
});

const REFUSED = {
  "--help": "Unknown option --help: use --seed, --hosts",
  "seed 7": "Unknown option seed: use --seed, --hosts",
  "--toString 7": "Unknown option --toString: use --seed, --hosts",
  "--hosts 5 --seed": "Cannot read the number of --seed: it is missing",
  "--seed x": "Cannot read the number of --seed: it is x",
  "--seed -1": "Cannot read the number of --seed: it is -1",
};

for (const [args, says] of Object.entries(REFUSED)) {
  Deno.test(`readNumbers() refuses ${args}`, () => {
    const defaults = { seed: 1, hosts: 5 };
    assertThrows(
      () => readNumbers(args.split(" "), defaults),
      UsageError,
      says,
    );
  });
}

for (const name of ["fuzz", "soak", "chaos"]) {
  const run = async (...args: string[]) => {
    const script = fromFileUrl(
      new URL(`../../scripts/${name}/main.ts`, import.meta.url),
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", script, ...args],
      env: { NO_COLOR: "1" },
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, stdout: text(stdout), stderr: text(stderr) };
  };

  Deno.test(`deno task ${name} prints its usage with --help`, async () => {
    const { code, stdout, stderr } = await run("--help");
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertStringIncludes(stdout, `Usage: deno task ${name} `);
  });

  Deno.test(`deno task ${name} explains an unknown option`, async () => {
    const { code, stdout, stderr } = await run("--days", "3");
    assertEquals({ code, stdout }, { code: 2, stdout: "" });
    assertStringIncludes(stderr, "Unknown option --days: use --");
    assertStringIncludes(stderr, `Usage: deno task ${name} `);
    assertEquals(stderr.includes("    at "), false, stderr);
  });
}
