// Memory that Deno frees only when a cipher is ended, see
// src/transport/ssh/library/ended_ciphers.ts.
import { assertEquals, assertLess } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { startServers } from "../../../support/flood_lab.ts";

/** Runs the program below against a good server; gives what it prints. */
async function exchange(cipher: string) {
  await using good = await startServers([]);
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "-A", "--no-check"],
      fromFileUrl(
        new URL("../../../support/cipher_counter.ts", import.meta.url),
      ),
      JSON.stringify(good.servers[0]),
      cipher,
    ],
    stderr: "inherit",
  }).output();
  return JSON.parse(new TextDecoder().decode(stdout)) as {
    made: number;
    ended: number;
    grown: number;
  };
}

for (
  const cipher of ["chacha20-poly1305@openssh.com", "aes128-gcm@openssh.com"]
) {
  Deno.test(`each cipher of ${cipher} is ended, and memory stays flat`, async () => {
    const { made, ended, grown } = await exchange(cipher);
    assertLess(4_000, made);
    // What is in use when the counts are taken: one of each direction.
    assertLess(made - ended, 4);
    assertLess(grown, 6 * 1024 * 1024); // it was 10 MB
  });
}

Deno.test("all of src takes ssh2's values from the module that ends ciphers", async () => {
  const found: string[] = [];
  const root = fromFileUrl(new URL("../../../../src", import.meta.url));
  for await (const path of files(root)) {
    if (!path.endsWith(".ts") || path.endsWith("/ssh/library/ssh2.ts")) {
      continue;
    }
    const text = await Deno.readTextFile(path);
    if (/^import (?!type )[^;]*from "ssh2";/m.test(text)) found.push(path);
  }
  assertEquals(found, []);
});

async function* files(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* files(path);
    else yield path;
  }
}
