// The binary as users get it, and a program that does nothing packed the same
// way: what is between them is ftl's own.
import { fromFileUrl, join } from "@std/path";
import { bundle, ENTRY } from "../compile/bundle.ts";
import { packPortable } from "../compile/portable.ts";
import { readDeno, thisMachine } from "../compile/targets.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** Two binaries, and the environment that they unpack themselves in. */
export interface Packed {
  readonly ftl: string;
  readonly empty: string;
  readonly env: Record<string, string>;
}

/** Makes the binaries in a folder. */
export async function packBoth(folder: string): Promise<Packed> {
  const deno = await readDeno(thisMachine()!, Deno.version.deno);
  const nothing = {
    files: new Map([[ENTRY, new TextEncoder().encode("export {};\n")]]),
    packages: [],
  };
  const [ftl, empty] = [join(folder, "ftl"), join(folder, "empty")];
  const write = async (path: string, content: typeof nothing) => {
    const bytes = await packPortable({ deno, bundle: content, licenses: "" });
    await Deno.writeFile(path, bytes, { mode: 0o755 });
  };
  await write(ftl, await bundle(ROOT) as typeof nothing);
  await write(empty, nothing);
  const env = { FTL_RUNTIME_DIR: join(folder, "runtime"), HOME: folder };
  return { ftl, empty, env };
}
