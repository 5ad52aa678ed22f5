// Loading gates from files: intact ones, and damaged ones with the reason.
import { assertEquals, assertRejects } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { BuildError } from "../../../src/errors.ts";
import { buildGate } from "../../../src/gate/archive/build_gate.ts";
import { readArchive } from "../../../src/gate/archive/load_archive.ts";
import { packZip, unpackZip } from "../../../src/gate/format/zipapp.ts";
import { openStore } from "../../../src/store/store.ts";

const MODULES = fromFileUrl(new URL("../../fixtures/modules", import.meta.url));

type Bytes = Uint8Array<ArrayBuffer>;

/** Kinds of damage, each with the reason in the error. */
const DAMAGE: Record<string, [change: (bytes: Bytes) => Bytes, why: string]> = {
  "an empty file": [() => new Uint8Array(), "it is not a zip"],
  "one cut short": [(bytes) => bytes.slice(0, -10), "it is not a zip"],
  "another zip": [
    () => packZip(new Map([["a.py", new Uint8Array(1)]])),
    "it has no valid manifest",
  ],
  "a changed byte": [
    (bytes) => {
      const entries = unpackZip(bytes);
      const text = entries.get("__main__.py")!;
      entries.set("__main__.py", text.with(9, text[9]! ^ 1) as Bytes);
      return packZip(entries, { main: true });
    },
    "__main__.py was changed",
  ],
  "an entry more": [
    (bytes) =>
      packZip(new Map([...unpackZip(bytes), ["a.py", new Uint8Array(1)]]), {
        main: true,
      }),
    "a.py is not in its manifest",
  ],
  "an entry less": [
    (bytes) => {
      const entries = unpackZip(bytes);
      entries.delete("__main__.py");
      return packZip(entries, { main: true });
    },
    "__main__.py is missing",
  ],
  "another first line": [
    (bytes) => bytes.with(2, bytes[2]! ^ 1),
    "there is data before or after its zip",
  ],
  "text after the end": [
    (bytes) => new Uint8Array([...bytes, 10]),
    "there is data before or after its zip",
  ],
};

Deno.test("readArchive() returns a gate as it was built, and refuses a damaged one", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const store = await openStore(join(folder, "store"));
    const spec = { modules: ["greet"], dirs: [MODULES] };
    const built = await buildGate(spec, { store });
    const path = join(folder, "gate.pyz");
    await Deno.writeFile(path, built.bytes);
    const { id, manifest } = await readArchive(path);
    assertEquals([id, manifest], [built.id, built.manifest]);
    for (const [what, [change, why]] of Object.entries(DAMAGE)) {
      await t.step(what, async () => {
        await Deno.writeFile(path, change(built.bytes as Bytes));
        const error = await assertRejects(() => readArchive(path), BuildError);
        assertEquals(
          error.message.startsWith(`Cannot use the gate ${path}: `),
          true,
        );
        assertEquals(error.message.endsWith(why), true, error.message);
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
