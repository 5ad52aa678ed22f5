import { assertRejects } from "@std/assert";
import { SourceError } from "../../../src/errors.ts";
import { startSession } from "../../../src/core/session/start_session.ts";

function startProgram(path: string, args: readonly string[] = []) {
  return startSession("s", {
    idleMs: 1_000,
    program: { path, args, env: {} },
  });
}

Deno.test("a session whose program is missing is reported, with its name", async () => {
  await assertRejects(
    () => startProgram("/nonexistent/ftl"),
    SourceError,
    "Cannot start the session s: Failed to spawn '/nonexistent/ftl'",
  );
});

Deno.test("a session that ends at once is reported with what it says", async () => {
  await assertRejects(
    () => startProgram("/bin/sh", ["-c", "echo no room"]),
    SourceError,
    "Cannot start the session s: no room",
  );
  await assertRejects(
    () => startProgram("/bin/false"),
    SourceError,
    "Cannot start the session s: it ended at once",
  );
});
