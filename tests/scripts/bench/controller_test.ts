import { assert, assertEquals, assertRejects } from "@std/assert";
import { Controller } from "../../../scripts/bench/publish/controller.ts";

const LINUX = { ignore: Deno.build.os !== "linux" };

/** Uses some CPU time and memory. */
const BUSY = "x = b'x' * 50_000_000\nfor i in range(3_000_000): pass";

Deno.test("a program costs what it and its children cost", LINUX, async () => {
  await using controller = new Controller();
  const argv = ["sh", "-c", `python3 -c "${BUSY}"; true`];
  const cost = await controller.run({ argv }, { memory: true });
  assert(cost.cpu_ms > 10 && cost.wall_ms > 10);
  assert(cost.memory_bytes! > 50_000_000);
  assertEquals(cost.host_cpu_ms, null);
});

Deno.test(
  "what a program leaves running counts, and is ended",
  LINUX,
  async () => {
    await using controller = new Controller();
    await controller.run({ argv: ["sh", "-c", "setsid sleep 600 &"] });
    const later = { argv: ["sleep", "0.2"] };
    const before = await controller.run(later, { memory: true });
    await controller.endAll();
    const after = await controller.run(later, { memory: true });
    assert(before.memory_bytes! > after.memory_bytes!);
  },
);

Deno.test(
  "a program that fails is an error with its output",
  LINUX,
  async () => {
    await using controller = new Controller();
    await assertRejects(
      () => controller.run({ argv: ["sh", "-c", "echo no host; exit 3"] }),
      Error,
      "exit status 3\nno host",
    );
  },
);
