// Packs programs into binaries, as users get ftl, so that programs that are packed
// alike can be compared.
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

/** The bundle of a program of this checkout. */
export function bundleOf(file: string): Promise<Bundle> {
  return bundle(ROOT, file);
}

/** Packs programs into a folder, where they also unpack themselves. */
export async function pack<Name extends string>(
  programs: Readonly<Record<Name, Bundle>>,
  folder: string,
): Promise<{ paths: Record<Name, string>; env: Record<string, string> }> {
  const deno = await readDeno(thisMachine()!, Deno.version.deno);
  const paths: Partial<Record<Name, string>> = {};
  for (const name of Object.keys(programs) as Name[]) {
    const content = { deno, bundle: programs[name] };
    const path = paths[name] = join(folder, name);
    await Deno.writeFile(path, await packPortable(content), { mode: 0o755 });
  }
  return {
    paths: paths as Record<Name, string>,
    env: { FTL_RUNTIME_DIR: join(folder, "runtime"), HOME: folder },
  };
}
