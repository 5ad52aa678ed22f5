// Environment variables that would control the runtime in the binary: the real
// binary, and the effect that each variable would have.
import { assertEquals } from "@std/assert";
import { join } from "@std/path";
import { needBinary, RUNTIME_DIR } from "../support/binary.ts";
import { MODULES } from "../support/ftl.ts";

const binary = await needBinary();

interface Case {
  readonly what: string;
  /** Returns the variables; their effect would appear in `folder`. */
  readonly env: (folder: string) => Record<string, string>;
}

const CASES: readonly Case[] = [
  {
    what: "NODE_OPTIONS loads no code",
    env: (folder) => ({
      NODE_OPTIONS: `--require ${join(folder, "load.cjs")}`,
    }),
  },
  {
    what: "DENO_COVERAGE_DIR writes no files",
    env: (folder) => ({ DENO_COVERAGE_DIR: join(folder, "made") }),
  },
  {
    what: "DENO_V8_FLAGS changes no output",
    env: () => ({ DENO_V8_FLAGS: "--trace-gc,--print-bytecode" }),
  },
  {
    what: "OTEL_DENO sends no telemetry",
    env: () => ({ OTEL_DENO: "true", OTEL_EXPORTER_OTLP_PROTOCOL: "console" }),
  },
  {
    what: "DENO_LOG and RUST_LOG change no output",
    env: () => ({ DENO_LOG: "trace", RUST_LOG: "trace" }),
  },
  { what: "NODE_DEBUG changes no output", env: () => ({ NODE_DEBUG: "*" }) },
  { what: "COMPLETE prints no script", env: () => ({ COMPLETE: "bash" }) },
];

const ARGS = ["module", "list", "-M", MODULES];

async function start(command: readonly string[], env: Record<string, string>) {
  const { code, stdout, stderr } = await new Deno.Command(command[0]!, {
    args: [...command.slice(1)],
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH")!, NO_COLOR: "1", ...env },
  }).output();
  const text = new TextDecoder();
  return { code, stdout: text.decode(stdout), stderr: text.decode(stderr) };
}

Deno.test({
  name: `variables for Deno and Node have no effect on ftl${binary.suffix}`,
  ignore: binary.ignore,
  fn: async (t) => {
    const folder = await Deno.makeTempDir();
    const own = { FTL_RUNTIME_DIR: RUNTIME_DIR, FTL_HOME: folder };
    await Deno.writeTextFile(
      join(folder, "load.cjs"),
      `require("fs").writeFileSync(${
        JSON.stringify(join(folder, "made"))
      }, "")`,
    );
    const made = () =>
      Deno.remove(join(folder, "made"), { recursive: true })
        .then(() => true, () => false);
    try {
      const plain = await start([binary.path, ...ARGS], own);
      for (const { what, env } of CASES) {
        await t.step(what, async () => {
          const set = { ...own, ...env(folder) };
          assertEquals(await start([binary.path, ...ARGS], set), plain);
          assertEquals(await made(), false);
        });
      }
      await t.step(
        "they are not passed to programs that ftl starts",
        async () => {
          const { stdout } = await start([
            ...[binary.path, "exec", "-c", "local", "-i", "h,"],
            ...["--format", "json", "--", "env"],
          ], { ...own, NODE_OPTIONS: "x", DENO_DIR: "y", MY_OWN: "z" });
          assertEquals(
            stdout.match(/(?:NODE_OPTIONS|DENO_[A-Z_]+|MY_OWN)=\w*/g),
            ["MY_OWN=z"],
          );
        },
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
