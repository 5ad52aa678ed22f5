// Full names of module utils, and where they are: `ansible.module_utils.x` and
// `ansible_collections.NS.COLL.plugins.module_utils.x`.

/** The package of ansible-core's module utils. */
export const CORE = "ansible.module_utils";

const IN_COLLECTION =
  /^ansible_collections\.\w+\.\w+\.plugins\.module_utils(?=\.|$)/;

/** Path inside an archive of a module or package by its full name. */
export function entryOf(name: string, isPackage = false): string {
  return name.replaceAll(".", "/") + (isPackage ? "/__init__.py" : ".py");
}

/** The package that relative imports of an entry count from. */
export function packageOf(entry: string): string {
  return entry.slice(0, entry.lastIndexOf("/")).replaceAll("/", ".");
}

/** `..x` as seen from a package; absolute names stay. */
export function absolute(module: string, from: string): string {
  const [, dots = "", rest = ""] = /^(\.*)(.*)$/.exec(module)!;
  if (dots === "") return rest;
  const parts = from.split(".");
  const above = parts.slice(0, parts.length - dots.length + 1);
  return [...above, ...rest === "" ? [] : [rest]].join(".");
}

/** `six` makes its submodules when it runs: they are all `six`. */
export function canonical(name: string): string {
  return name.replace(/^(ansible\.module_utils\.six)\..*$/, "$1");
}

/** Where a util is in its tree, without extension. */
export function stemOf(name: string): string {
  const path = name.split(".").slice(utilDepth(name)).join("/");
  return name.startsWith(`${CORE}.`) ? path : `plugins/module_utils/${path}`;
}

/** How many parts of a name are the root of module utils; 0: it is none. */
export function utilDepth(name: string): number {
  if (name === CORE || name.startsWith(`${CORE}.`)) return 2;
  return IN_COLLECTION.test(name) ? 5 : 0;
}

/** `ns.coll.x` as a Python name; a Python name stays. */
export function fullUtilName(redirect: string): string {
  if (/^ansible(?:\.module_utils|_collections)\./.test(redirect)) {
    return redirect;
  }
  const [ns, coll, ...rest] = redirect.split(".");
  return ["ansible_collections", ns, coll, "plugins", "module_utils", ...rest]
    .join(".");
}
