import { assertEquals } from "@std/assert";

const MODULE = new URL(
  "../../../src/cli/process/clean_environment.ts",
  import.meta.url,
);

Deno.test("clean_environment.ts removes only the variables that Deno and Node read", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--no-config",
      `await import(${JSON.stringify(MODULE.href)});
       console.log(Object.keys(Deno.env.toObject()).sort().join(" "));`,
    ],
    clearEnv: true,
    env: {
      DENO_DIR: Deno.env.get("DENO_DIR") ?? "/tmp",
      DENO_NO_UPDATE_CHECK: "1",
      NODE_DEBUG: "x",
      OTEL_SERVICE_NAME: "x",
      RUST_MIN_STACK: "9000000",
      COMPLETE_ME: "x",
      FTL_HOME: "x",
      MY_NODE_OPTIONS: "x",
      PATH: "/bin",
    },
  }).output();
  assertEquals(
    new TextDecoder().decode(stdout),
    "COMPLETE_ME FTL_HOME MY_NODE_OPTIONS PATH\n",
  );
});
