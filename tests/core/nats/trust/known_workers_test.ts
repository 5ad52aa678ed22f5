import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { join } from "@std/path";
import { KnownWorkers } from "../../../../src/core/nats/trust/known_workers.ts";
import { workerKeyText } from "../../../../src/core/nats/trust/worker_key.ts";
import { FtlError } from "../../../../src/errors.ts";

const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const [OLD, NEW, WRONG] = await Promise.all(
  [1, 2, 3].map((fill) => workerKeyText(bytes(fill))),
) as [string, string, string];

async function withFile(
  text: string | undefined,
  use: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "known_workers");
    if (text !== undefined) await Deno.writeTextFile(path, text);
    await use(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("check() gives a pinned key, and nothing for a name without one", () =>
  withFile(`# ours\n\nbastion1 ${OLD}\n bastion1\t${NEW}\r\n`, async (path) => {
    const workers = await KnownWorkers.load(path);
    assertEquals(workers.check({ name: "bastion1", key: OLD }), bytes(1));
    assertEquals(workers.check({ name: "bastion1", key: NEW }), bytes(2));
    assertEquals(workers.check({ name: "bastion2", key: NEW }), undefined);
    assertEquals(workers.check({ name: "__proto__", key: NEW }), undefined);
  }));

Deno.test("believes() takes pinned keys only, and all where none is pinned", async () => {
  await withFile(`bastion1 ${OLD}\nbastion2 ${NEW}\n`, async (path) => {
    const workers = await KnownWorkers.load(path);
    const believed = [OLD, NEW, WRONG].map((key) => workers.believes(key));
    assertEquals(believed, [true, true, false]);
  });
  await withFile("# none\n", async (path) => {
    assertEquals((await KnownWorkers.load(path)).believes(WRONG), true);
  });
});

Deno.test("check() refuses another key than the pinned one, by file and line", () =>
  withFile(`\nbastion1 ${OLD}\n`, async (path) => {
    const workers = await KnownWorkers.load(path);
    const error = assertThrows(
      () => workers.check({ name: "bastion1", key: WRONG }),
      FtlError,
    );
    assertEquals(
      error.message,
      `Cannot trust worker bastion1: it shows the key ${WRONG}, and ${path}:2 pins another`,
    );
    const hostile = assertThrows(
      () => workers.check({ name: "bastion1", key: "\x1b[2J".repeat(1000) }),
      FtlError,
    );
    assertEquals(hostile.message.includes("\x1b"), false);
    assertEquals(hostile.message.length < 1000, true);
  }));

Deno.test("require() refuses a worker without a pinned key", () =>
  withFile(undefined, async (path) => {
    const workers = await KnownWorkers.load(path);
    const error = assertThrows(
      () => workers.require({ name: "bastion1", key: OLD }),
      FtlError,
    );
    assertEquals(
      error.message,
      `Cannot send secrets to worker bastion1: its key is not pinned in ${path}`,
    );
    assertEquals(
      error.hint,
      `Run ftl worker --show-key on that machine, and add the line NAME KEY to ${path}`,
    );
  }));

Deno.test("load() names file and line of what is wrong", async () => {
  for (const line of ["bastion1", `bastion1 ${OLD} x`, `bastion1 ${OLD}x`]) {
    await withFile(`b ${OLD}\n${line}\n`, async (path) => {
      await assertRejects(
        () => KnownWorkers.load(path),
        FtlError,
        `Cannot read ${path}:2: `,
      );
    });
  }
});

Deno.test("load() refuses a file that others could write to", () =>
  withFile(`bastion1 ${OLD}\n`, async (path) => {
    await Deno.chmod(path, 0o666);
    await assertRejects(
      () => KnownWorkers.load(path),
      FtlError,
      "everybody can write to it",
    );
  }));
