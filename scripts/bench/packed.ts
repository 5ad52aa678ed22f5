// Programs as users get ftl: packed into a binary. What is between two of them
// that are packed the same way is their own.
import { fromFileUrl, join } from "@std/path";
import { type Bundle, bundle, ENTRY } from "../compile/bundle.ts";
import { packPortable } from "../compile/portable.ts";
import { readDeno, thisMachine } from "../compile/targets.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** A program that does nothing. */
export const NOTHING: Bundle = {
  files: new Map([[ENTRY, new TextEncoder().encode("export {};\n")]]),
  packages: [],
};

/** A program of this checkout, by its file in there. */
export function bundleOf(file: string): Promise<Bundle> {
  return bundle(ROOT, file);
}

/** Packs programs in a folder, where they also unpack themselves. */
export async function pack<Name extends string>(
  programs: Readonly<Record<Name, Bundle>>,
  folder: string,
): Promise<{ paths: Record<Name, string>; env: Record<string, string> }> {
  const deno = await readDeno(thisMachine()!, Deno.version.deno);
  const paths: Partial<Record<Name, string>> = {};
  for (const name of Object.keys(programs) as Name[]) {
    const content = { deno, bundle: programs[name], licenses: "" };
    const path = paths[name] = join(folder, name);
    await Deno.writeFile(path, await packPortable(content), { mode: 0o755 });
  }
  return {
    paths: paths as Record<Name, string>,
    env: { FTL_RUNTIME_DIR: join(folder, "runtime"), HOME: folder },
  };
}
