import { assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import {
  makeRunReceiver,
  openRunReceiver,
} from "../../../../src/core/nats/trust/run_receivers.ts";
import { FtlError } from "../../../../src/errors.ts";
import { inFolder } from "../../../support/in_folder.ts";

Deno.test("openRunReceiver() opens the key that was made for a run", () =>
  inFolder(async (home) => {
    const made = await makeRunReceiver("run-1", home);
    await makeRunReceiver("run-2", home);
    const opened = await openRunReceiver("run-1", home);
    assertEquals(opened.publicKey, made.publicKey);
    const path = join(home, "run_keys", "run-1.key");
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    const folder = join(home, "run_keys");
    assertEquals((await Deno.stat(folder)).mode! & 0o777, 0o700);
  }));

Deno.test("openRunReceiver() says where a run can be followed", () =>
  inFolder(async (home) => {
    const error = await assertRejects(
      () => openRunReceiver("run-1", home),
      FtlError,
      "its key is not here",
    );
    assertEquals(error.hint!.startsWith("Follow it as the user"), true);
  }));

Deno.test("an id never leads out of the folder", () =>
  inFolder(async (home) => {
    for (const run of ["", "..", "../worker", "a/b", "a\0", "x".repeat(101)]) {
      await assertRejects(() => openRunReceiver(run, home), FtlError, "the id");
      await assertRejects(() => makeRunReceiver(run, home), FtlError, "the id");
    }
  }));

Deno.test("makeRunReceiver() removes keys of more than 30 days ago", () =>
  inFolder(async (home) => {
    await makeRunReceiver("old", home);
    await makeRunReceiver("new", home);
    const day = 24 * 60 * 60 * 1000;
    for (const [run, days] of [["old", 31], ["new", 29]] as const) {
      const time = new Date(Date.now() - days * day);
      await Deno.utime(join(home, "run_keys", `${run}.key`), time, time);
    }
    await makeRunReceiver("next", home);
    await openRunReceiver("new", home);
    await assertRejects(() => openRunReceiver("old", home), FtlError);
  }));
