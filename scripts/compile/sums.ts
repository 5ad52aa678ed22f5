// The checksums beside binaries and packages.
import { join } from "@std/path";
import { sha256 } from "./portable.ts";

const MADE =
  /^(?:install\.sh|ftl(?:[\w-]*(?:\.cdx\.json)?|[\w.-]*\.(?:deb|rpm)))$/;

/** Writes the sums of what was made in a folder, for `sha256sum -c`. */
export async function writeSums(folder: string): Promise<void> {
  const names = (await Array.fromAsync(Deno.readDir(folder)))
    .map(({ name }) => name)
    .filter((name) => MADE.test(name)).sort();
  const lines = await Promise.all(names.map(async (name) => {
    const bytes = await Deno.readFile(join(folder, name));
    return `${await sha256(bytes)}  ${name}\n`;
  }));
  await Deno.writeTextFile(join(folder, "SHA256SUMS"), lines.join(""));
}
