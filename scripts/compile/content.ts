// What every binary and package contains: the bundle, the packages in it, and their
// licenses.
import { fromFileUrl, join } from "@std/path";
import { type Bundle, bundle } from "./bundle.ts";
import { formatLicenses, type Package, readPackages } from "./packages.ts";
import { LICENSES } from "../../src/cli/commands/licenses/licenses_handler.ts";
import type { PortableParts } from "./portable.ts";
import { readDeno, type Target } from "./targets.ts";

const ROOT = fromFileUrl(new URL("../..", import.meta.url));

/** The content of every binary. */
export interface Content {
  readonly bundle: Bundle;
  readonly packages: readonly Package[];
}

/** Makes it from this checkout. */
export async function makeContent(): Promise<Content> {
  const bundled = await bundle(ROOT);
  const packages = await readPackages(ROOT, bundled.packages);
  const own = await Deno.readTextFile(join(ROOT, "LICENSE"));
  const licenses = new TextEncoder().encode(formatLicenses(own, packages));
  const files = new Map([...bundled.files, [LICENSES, licenses]]);
  return { bundle: { ...bundled, files }, packages };
}

/**
 * Adds the Deno of a machine, for a portable binary or a package.
 *
 * @param deno The version of Deno.
 */
export async function partsFor(
  target: Target,
  { bundle }: Content,
  deno: string,
): Promise<PortableParts> {
  return { deno: await readDeno(target, deno), bundle };
}
