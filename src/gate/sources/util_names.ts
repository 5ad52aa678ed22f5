// Full names of module utils and their paths: `ansible.module_utils.x` and
// `ansible_collections.NS.COLL.plugins.module_utils.x`.

/** The package of ansible-core's module utils. */
export const CORE = "ansible.module_utils";

const IN_COLLECTION =
  /^ansible_collections\.\w+\.\w+\.plugins\.module_utils(?=\.|$)/;

/** The path inside an archive of a module or package, by its full name. */
export function entryOf(name: string, isPackage = false): string {
  return name.replaceAll(".", "/") + (isPackage ? "/__init__.py" : ".py");
}

/** The package that relative imports of an entry start from. */
export function packageOf(entry: string): string {
  return entry.slice(0, entry.lastIndexOf("/")).replaceAll("/", ".");
}

/** Resolves `..x` in a package; returns absolute names unchanged. */
export function absolute(module: string, from: string): string {
  const [, dots = "", rest = ""] = /^(\.*)(.*)$/.exec(module)!;
  if (dots === "") return rest;
  const parts = from.split(".");
  const above = parts.slice(0, parts.length - dots.length + 1);
  return [...above, ...rest === "" ? [] : [rest]].join(".");
}

/** `six` makes its submodules when it runs: all of them are in `six`. */
export function canonical(name: string): string {
  return name.replace(/^(ansible\.module_utils\.six)\..*$/, "$1");
}

/** The path of a util in its tree, without extension. */
export function stemOf(name: string): string {
  const path = name.split(".").slice(utilDepth(name)).join("/");
  return name.startsWith(`${CORE}.`) ? path : `plugins/module_utils/${path}`;
}

/** The number of leading parts that name the root of module utils; 0 for other names. */
export function utilDepth(name: string): number {
  if (name === CORE || name.startsWith(`${CORE}.`)) return 2;
  return IN_COLLECTION.test(name) ? 5 : 0;
}

/** Converts `ns.coll.x` to a Python name; returns a Python name unchanged. */
export function fullUtilName(redirect: string): string {
  if (/^ansible(?:\.module_utils|_collections)\./.test(redirect)) {
    return redirect;
  }
  const [ns, coll, ...rest] = redirect.split(".");
  return ["ansible_collections", ns, coll, "plugins", "module_utils", ...rest]
    .join(".");
}
