// What an archive says about itself, in `manifest.json` at its root. It speaks
// of content only, never of where a file came from, so that the same content
// gives the same gate on every machine.

/**
 * How a module wants to be run: `binary` an executable, `new` a new-style
 * Python module of Ansible's, `json` anything that asks for WANT_JSON, `script`
 * a script with an interpreter of its own, `native` a Python module of ftl's
 * own kind, `old` what is left: Ansible's `k=v` modules.
 */
export type ModuleKind =
  | "binary"
  | "new"
  | "json"
  | "script"
  | "native"
  | "old";

/** A module of an archive. */
export interface ModuleEntry {
  /**
   * The module's path inside the archive. A new-style module stands where
   * Python would import it from (`ansible/modules/ping.py`,
   * `ansible_collections/ns/coll/plugins/modules/x.py`), so that its relative
   * imports hold and it can be imported again after a respawn; every other one
   * is below `modules/`.
   */
  path: string;
  /** How it is run. */
  kind: ModuleKind;
  /** Its parameters that it wants masked (`no_log`), sorted; absent: none. */
  secrets?: string[];
  /** Those that it wants shown (`no_log=False`), sorted; absent: none. */
  unmasked?: string[];
  /** Ansible runs an action plugin of this name on its controller instead. */
  hasAction?: true;
}

/** What an archive holds. */
export interface Manifest {
  /** The version of ftl that made it. */
  ftl: string;
  /** Every file but the manifest itself, by its path inside the archive. */
  entries: Record<string, { sha256: string; size: number }>;
  /** The modules by their names without extension: `ping`, or a full name. */
  modules: Record<string, ModuleEntry>;
  /**
   * Folders of packages that only some Pythons get, by version: `{"3.6":
   * ["site-extra/dataclasses-0.8"]}`. What all get is in `site/`. Absent: none.
   */
  site?: Record<string, readonly string[]>;
}

/** Where the manifest is in an archive. */
export const MANIFEST_PATH = "manifest.json";

/** The manifest as it is stored: keys sorted, no spaces. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  const sorted: Manifest = {
    ftl: manifest.ftl,
    entries: sortKeys(manifest.entries),
    modules: sortKeys(manifest.modules),
    ...(manifest.site && { site: sortKeys(manifest.site) }),
  };
  return new TextEncoder().encode(JSON.stringify(sorted));
}

function sortKeys<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}
