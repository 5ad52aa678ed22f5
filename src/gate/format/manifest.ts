// The manifest of an archive, `manifest.json` at its root. It describes content
// only, never the paths of sources, so that the same content makes the same gate
// on every machine.

/**
 * How a module is run: `binary` an executable, `new` a new-style Python module of
 * Ansible, `json` a module with WANT_JSON, `script` a script with an interpreter
 * other than Python, `native` a Python module with a `main` that ftl calls, `old`
 * all others: Ansible's `k=v` modules.
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
   * The module's path inside the archive. A new-style module has the path from
   * which Python imports it (`ansible/modules/ping.py`,
   * `ansible_collections/ns/coll/plugins/modules/x.py`), so that its relative
   * imports work and it can be imported again after a respawn; all others are
   * below `modules/`.
   */
  path: string;
  /** How it is run. */
  kind: ModuleKind;
  /** Its parameters with `no_log=True`, sorted, if any. */
  secrets?: string[];
  /** Its parameters with `no_log=False`, sorted, if any. */
  unmasked?: string[];
  /** Ansible runs an action plugin of this name on its controller instead of it. */
  hasAction?: true;
}

/** The content of an archive. */
export interface Manifest {
  /** The version of ftl that made it. */
  ftl: string;
  /** Every file except the manifest itself, by its path inside the archive. */
  entries: Record<string, { sha256: string; size: number }>;
  /** The modules by their names without extension: `ping`, or a full name. */
  modules: Record<string, ModuleEntry>;
  /**
   * Folders of packages that only some versions of Python get: `{"3.6":
   * ["site-extra/dataclasses-0.8"]}`. Packages for all versions are in `site/`.
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
