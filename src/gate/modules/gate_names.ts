// Finds a module in a gate by any of its names: `ping`, `ping.py`,
// `ansible.legacy.ping` and `ansible.builtin.ping` are one, as in Ansible, unless
// the gate has a module of the user's own with the short name.
import type { ModuleEntry } from "../format/manifest.ts";
import { fullModuleName } from "./module_lookup.ts";

type Modules = Readonly<Record<string, ModuleEntry>>;

/** The name in the manifest, and the entry; undefined when the gate lacks it. */
export function findInManifest(
  modules: Modules,
  name: string,
): [name: string, entry: ModuleEntry] | undefined {
  const [, collection, rest] =
    /^(ansible\.(?:builtin|legacy)\.)?(.+)$/.exec(name) ?? [];
  const short = rest?.replace(/\.py$/, "") ?? name;
  const full = `ansible.builtin.${short}`;
  const names = collection === "ansible.builtin."
    ? [name]
    : [name, short, `ansible.legacy.${short}`];
  for (const each of names) {
    if (Object.hasOwn(modules, each)) return [each, modules[each]!];
  }
  return Object.entries(modules)
    .find(([, { path }]) => fullModuleName(path) === full) ??
    Object.entries(modules).find(([, { path }]) =>
      fullModuleName(path) === name
    );
}
