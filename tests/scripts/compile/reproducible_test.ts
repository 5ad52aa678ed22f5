// The same sources give the same bytes in any folder.
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { run } from "../../../scripts/compile/targets.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));
const PRINT = `const { makeContent } = await import(Deno.args[0]);
const { bundle } = await makeContent();
for (const [name, bytes] of bundle.files) {
  const sum = await crypto.subtle.digest("SHA-256", bytes);
  console.log(name, new Uint8Array(sum).toHex());
}`;

/** The sums of the files that a checkout is bundled into. */
async function sumsOf(checkout: string): Promise<string> {
  const script = join(checkout, "sums.mjs");
  await Deno.writeTextFile(script, PRINT);
  try {
    return await run(Deno.execPath(), [
      ...["run", "-A", "--config", join(checkout, "deno.json"), script],
      join(checkout, "scripts/compile/content.ts"),
    ]);
  } finally {
    await Deno.remove(script);
  }
}

Deno.test("two folders with the same sources give the same bundle", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    const copies = [join(folder, "one"), join(folder, "another/deeper")];
    for (const copy of copies) {
      await Deno.mkdir(copy, { recursive: true });
      for (const name of CONTENT) {
        await run("cp", ["-a", join(ROOT, name), copy]);
      }
    }
    const [one, other] = await Promise.all(copies.map(sumsOf));
    assertEquals(one, other);
    assert(one!.includes("main.js "), one);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

const CONTENT = [
  ...["LICENSE", "deno.json", "deno.lock", "main.ts", "node_modules"],
  "release_signers",
  ...["docs", "scripts", "src", "std"],
];
