// Lays out the required packages in a gate: packages for every Python in `site/`,
// others in a folder each. One gate serves every Python, so requirements are
// resolved for each version of Python.
import { BuildError } from "../../errors.ts";
import type { Reader } from "../sources/build_inputs.ts";
import { readRequirements } from "./requirements_file.ts";
import { resolveWheels } from "./resolve_wheels.ts";
import type { Wheel } from "./wheel.ts";
import { Wheelhouse } from "./wheelhouse.ts";

/** The supported versions of Python; see docs/architecture.md. */
const PYTHONS = Array.from({ length: 9 }, (_, i) => `3.${6 + i}`);

/** Packages for a gate. */
export interface Site {
  /** Path inside the archive to content. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
  /** Version of Python, `3.9`, to its folders other than `site/`, if any. */
  readonly folders: Readonly<Record<string, readonly string[]>>;
  readonly warnings: readonly string[];
}

/**
 * Collects the packages that requirements files name.
 *
 * @throws {BuildError} when the requirements cannot be satisfied on any Python.
 */
export async function collectSite(
  reader: Reader,
  { requirements, wheelhouses }: {
    requirements: readonly string[];
    wheelhouses: readonly string[];
  },
): Promise<Site> {
  const stated = await readRequirements(reader, requirements);
  const wheelhouse = await Wheelhouse.open(reader, wheelhouses);
  const resolved = new Map<string, Wheel[]>();
  const failed = new Map<string, BuildError>();
  for (const python of PYTHONS) {
    try {
      resolved.set(
        python,
        await resolveWheels(stated, { wheelhouse, python }),
      );
    } catch (error) {
      if (!(error instanceof BuildError)) throw error;
      failed.set(python, error);
    }
  }
  if (resolved.size === 0) throw failed.get(PYTHONS.at(-1)!)!;
  const { warnings, ...site } = layOut(resolved);
  return {
    ...site,
    warnings: [...stated.warnings, ...warnOfFailed(failed), ...warnings],
  };
}

/** One sentence for all versions of Python that fail in the same way. */
function warnOfFailed(failed: ReadonlyMap<string, BuildError>): string[] {
  const pythons = new Map<string, string[]>();
  for (const [python, { message }] of failed) {
    const alike = message.replaceAll(`Python ${python} `, "it ");
    pythons.set(alike, [...pythons.get(alike) ?? [], python]);
  }
  return [...pythons].map(([message, these]) =>
    `Hosts with Python ${these.join(", ")} get no packages: ${message}`
  );
}

function layOut(resolved: ReadonlyMap<string, readonly Wheel[]>) {
  const sets = [...resolved.values()];
  const all = [...new Set(sets.flat())].sort((a, b) =>
    folderOf(a) < folderOf(b) ? -1 : 1
  );
  const isShared = (wheel: Wheel) => sets.every((set) => set.includes(wheel));
  const site: Layout = { files: new Map(), warnings: [] };
  for (const wheel of all) {
    put(site, isShared(wheel) ? "site" : folderOf(wheel), wheel);
  }
  const folders: Record<string, string[]> = {};
  for (const [python, wheels] of resolved) {
    const own = wheels.filter((wheel) => !isShared(wheel));
    if (own.length > 0) folders[python] = own.map(folderOf);
  }
  return { ...site, folders };
}

function folderOf({ name, version }: Wheel): string {
  return `site-extra/${name}-${version}`;
}

interface Layout {
  readonly files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly warnings: string[];
}

/**
 * Adds the files of a wheel. Packages that include their tests often have them
 * under the same names; the first file is kept.
 */
function put(
  { files, warnings }: Layout,
  folder: string,
  { name, version, files: own }: Wheel,
): void {
  const lost: string[] = [];
  for (const [path, content] of own) {
    const place = `${folder}/${path}`;
    const there = files.get(place);
    if (there === undefined) files.set(place, content);
    else if (!equal(there, content)) lost.push(path);
  }
  if (lost.length === 0) return;
  warnings.push(
    `Left out files of ${name} ${version} that another package has too: ` +
      lost.join(", "),
  );
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
