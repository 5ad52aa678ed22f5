// ftl ends after a signal even if its event loop hangs.
import { assertEquals, assertLess } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { createAccount } from "../support/ftl.ts";
import { need, needProgram } from "../support/need.ts";

const FREEZE = fromFileUrl(
  new URL("../support/freeze_main_thread.py", import.meta.url),
);
const pythonNeed = needProgram("python3");
const traceNeed = need(
  "root on Linux",
  Deno.build.os === "linux" && Deno.uid() === 0 ? "/" : undefined,
);

/** Two seconds, and more for a busy machine. */
const PATIENCE_MS = 4_000;

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  Deno.test({
    name:
      `${signal} ends ftl within seconds even if its event loop hangs${pythonNeed.suffix}${traceNeed.suffix}`,
    ignore: pythonNeed.ignore || traceNeed.ignore,
    fn: async () => {
      await using account = await createAccount();
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const ftl = account.start([
        ...["exec", "-i", "web1,", "-e", "ansible_host=127.0.0.1"],
        ...["--port", String(silent.addr.port), "--host-keys", "off"],
        ...["--", "true"],
      ]);
      using _connection = await silent.accept();
      const freezer = new Deno.Command(pythonNeed.path, {
        args: [FREEZE, String(ftl.pid)],
        stdout: "piped",
      }).spawn();
      const reader = freezer.stdout.getReader();
      await reader.read(); // "frozen"
      const began = performance.now();
      ftl.kill(signal);
      const killing = setTimeout(() => ftl.kill("SIGKILL"), 2 * PATIENCE_MS);
      const { code } = await ftl.output();
      clearTimeout(killing);
      assertEquals(code, status);
      assertLess(performance.now() - began, PATIENCE_MS);
      await reader.cancel();
      await freezer.status;
    },
  });
}
