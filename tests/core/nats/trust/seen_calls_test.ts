import { assert, assertEquals, assertRejects } from "@std/assert";
import { join } from "@std/path";
import { SeenCalls } from "../../../../src/core/nats/trust/seen_calls.ts";
import { FtlError } from "../../../../src/errors.ts";
import { inFolder } from "../../../support/in_folder.ts";

Deno.test("take() accepts a call once, also after the worker was killed", () =>
  inFolder(async (folder) => {
    const first = await SeenCalls.open(folder, { now: 1000 });
    assert(await first.take({ id: "a", expires: 5000 }, 1000));
    assert(!await first.take({ id: "a", expires: 5000 }, 1000));
    first.close(); // all that a kill does here
    await Deno.writeTextFile(join(folder, "seen_calls"), "60", {
      append: true,
    });
    const second = await SeenCalls.open(folder, { now: 2000 });
    assert(!await second.take({ id: "a", expires: 5000 }, 2000));
    assert(await second.take({ id: "b", expires: 6000 }, 2000));
    second.close();
  }));

Deno.test("take() refuses a call that it may have forgotten when the clock was set back", () =>
  inFolder(async (folder) => {
    const first = await SeenCalls.open(folder, { now: 1000 });
    assert(await first.take({ id: "a", expires: 5000 }, 1000));
    first.close();
    const later = await SeenCalls.open(folder, { now: 9000 });
    later.close();
    const back = await SeenCalls.open(folder, { now: 1000 });
    await assertRejects(
      () => back.take({ id: "a", expires: 5000 }, 1000),
      FtlError,
      "this machine's clock was set back",
    );
    assert(await back.take({ id: "b", expires: 5001 }, 1000));
    back.close();
  }));

Deno.test("take() refuses calls when it remembers too many, and forgets expired ones", () =>
  inFolder(async (folder) => {
    const seen = await SeenCalls.open(folder, { most: 3, now: 0 });
    for (const id of ["a", "b", "c"]) {
      assert(await seen.take({ id, expires: 100 }, 0));
    }
    await assertRejects(
      () => seen.take({ id: "d", expires: 100 }, 100),
      FtlError,
      "3 calls have not expired yet",
    );
    assert(!await seen.take({ id: "a", expires: 100 }, 100));
    assert(await seen.take({ id: "d", expires: 200 }, 101));
    seen.close();
  }));

Deno.test("take() keeps the file short", () =>
  inFolder(async (folder) => {
    const seen = await SeenCalls.open(folder, { most: 10, now: 0 });
    for (let i = 0; i < 11_000; i++) {
      assert(await seen.take({ id: `call-${i}`, expires: i + 1 }, i));
    }
    seen.close();
    const text = await Deno.readTextFile(join(folder, "seen_calls"));
    assert(text.split("\n").length < 10_100);
  }));

Deno.test("take() refuses an id that could break its file", () =>
  inFolder(async (folder) => {
    const seen = await SeenCalls.open(folder);
    for (const id of ["", "a\n5 b", "a b", "x".repeat(65), "forgotten"]) {
      await assertRejects(
        () => seen.take({ id, expires: 1 }),
        FtlError,
        "malformed",
      );
    }
    seen.close();
  }));

Deno.test("open() refuses a folder that another worker uses", () =>
  inFolder(async (folder) => {
    const seen = await SeenCalls.open(folder);
    await assertRejects(() => SeenCalls.open(folder), FtlError, "another one");
    seen.close();
    (await SeenCalls.open(folder)).close();
    assertEquals(
      (await Deno.stat(join(folder, "seen_calls"))).mode! & 0o777,
      0o600,
    );
  }));
