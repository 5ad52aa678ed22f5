import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join } from "@std/path";
import fc from "fast-check";
import { FtlError } from "../../../../src/errors.ts";
import {
  openWorkerKey,
  parseWorkerKey,
  workerKeyText,
} from "../../../../src/core/nats/trust/worker_key.ts";
import { opensslNeed } from "../../../support/nats_credentials.ts";
import { need } from "../../../support/need.ts";
import { inFolder } from "../../../support/in_folder.ts";

const root = need("root", Deno.uid() === 0 ? "/" : undefined);

Deno.test("openWorkerKey() makes a key once, in a file of mode 0600", () =>
  inFolder(async (home) => {
    const first = await openWorkerKey(home);
    const second = await openWorkerKey(home);
    assertEquals(second.text, first.text);
    const { mode } = await Deno.stat(join(home, "worker.key"));
    assertEquals(mode! & 0o777, 0o600);
    assertEquals((await Array.fromAsync(Deno.readDir(home))).length, 1);
    assertEquals(first.privateKey.extractable, false);
  }));

Deno.test("openWorkerKey() of several workers at once gives all the same key", () =>
  inFolder(async (home) => {
    const keys = await Promise.all(
      Array.from({ length: 8 }, () => openWorkerKey(home)),
    );
    assertEquals(new Set(keys.map(({ text }) => text)).size, 1);
    assertEquals((await Array.fromAsync(Deno.readDir(home))).length, 1);
  }));

Deno.test({
  name: "openWorkerKey() writes what openssl reads as an X25519 key" +
    opensslNeed.suffix,
  ignore: opensslNeed.ignore,
  fn: () =>
    inFolder(async (home) => {
      const { publicKey } = await openWorkerKey(home);
      const { stdout } = await new Deno.Command(opensslNeed.path, {
        args: [
          ...["pkey", "-in", join(home, "worker.key")],
          ...["-pubout", "-outform", "DER"],
        ],
      }).output();
      assertEquals(stdout.slice(-32), publicKey);
    }),
});

Deno.test("openWorkerKey() refuses a key that other users can read", () =>
  inFolder(async (home) => {
    const { text } = await openWorkerKey(home);
    const path = join(home, "worker.key");
    await Deno.chmod(path, 0o640);
    const error = await assertRejects(() => openWorkerKey(home), FtlError);
    assertEquals(
      error.message,
      `Cannot use the key ${path}: other users can read it`,
    );
    assertMatch(error.hint!, /^Run chmod 600 /);
    await Deno.chmod(path, 0o600);
    assertEquals((await openWorkerKey(home)).text, text);
  }));

Deno.test("openWorkerKey() never replaces what is not a key", () =>
  inFolder(async (home) => {
    const path = join(home, "worker.key");
    for (const content of ["", "x", "-----BEGIN PRIVATE KEY-----\nAAAA\n---"]) {
      await Deno.writeTextFile(path, content, { mode: 0o600 });
      await assertRejects(
        () => openWorkerKey(home),
        FtlError,
        "it holds no X25519 key",
      );
      assertEquals(await Deno.readTextFile(path), content);
    }
    await Deno.remove(path);
    await Deno.symlink("/dev/null", path);
    await assertRejects(() => openWorkerKey(home), FtlError, "regular file");
  }));

Deno.test({
  name: "openWorkerKey() refuses the file of another user" + root.suffix,
  ignore: root.ignore,
  fn: () =>
    inFolder(async (home) => {
      await openWorkerKey(home);
      await Deno.chown(join(home, "worker.key"), 1234, null);
      await assertRejects(() => openWorkerKey(home), FtlError, "user 1234");
    }),
});

Deno.test("parseWorkerKey() reads what workerKeyText() writes", async () => {
  await fc.assert(fc.asyncProperty(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    async (key) => {
      const text = await workerKeyText(key);
      assertMatch(text, /^ftl-worker-[\w-]{48}$/);
      assertEquals(await parseWorkerKey(text), Uint8Array.from(key));
    },
  ));
});

Deno.test("parseWorkerKey() notices one changed character, and two exchanged ones", async () => {
  const text = await workerKeyText(crypto.getRandomValues(new Uint8Array(32)));
  for (let at = 0; at < text.length; at++) {
    for (const letter of ["a", "Z", "0", "-", "_", " ", "ä", ""]) {
      if (text[at] === letter) continue;
      const wrong = text.slice(0, at) + letter + text.slice(at + 1);
      await assertRejects(() => parseWorkerKey(wrong), FtlError);
    }
    const swapped = text.slice(0, at) + (text[at + 1] ?? "") + text[at] +
      text.slice(at + 2);
    if (swapped !== text) {
      await assertRejects(() => parseWorkerKey(swapped), FtlError);
    }
  }
});

Deno.test("parseWorkerKey() quotes and cuts what is not a key", async () => {
  const error = await assertRejects(
    () => parseWorkerKey("ssh-ed25519\x1b" + "A".repeat(1000)),
    FtlError,
  );
  assertEquals(error.message.includes("\x1b"), false);
  assertEquals(error.message.length < 200, true);
});
