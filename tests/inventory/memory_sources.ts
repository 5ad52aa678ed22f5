// Files that exist only in a test: InventoryFiles over a record
// of paths and texts.
import type { InventoryFiles } from "../../src/inventory/inventory_files.ts";

/** A script: what it prints for its arguments, joined by spaces. */
type Script = Record<string, string>;

/** Gives the files their texts; a record is an executable script. */
export function memorySources(
  files: Readonly<Record<string, string | Uint8Array | Script>>,
): InventoryFiles {
  const encoder = new TextEncoder();
  const isScript = (file: unknown): file is Script =>
    typeof file === "object" && !(file instanceof Uint8Array);
  const below = (folder: string) =>
    Object.keys(files)
      .filter((path) =>
        folder === "." ? !path.startsWith("/") : path.startsWith(`${folder}/`)
      )
      .map((path) => folder === "." ? path : path.slice(folder.length + 1))
      .map((path) => path.split("/")[0] ?? "");
  return {
    stat(path) {
      const file = files[path];
      if (file !== undefined) {
        return Promise.resolve({ kind: "file", executable: isScript(file) });
      }
      return Promise.resolve(
        below(path).length > 0
          ? { kind: "folder", executable: false }
          : undefined,
      );
    },
    read(path) {
      const file = files[path];
      if (file instanceof Uint8Array) return Promise.resolve(file);
      return Promise.resolve(
        encoder.encode(isScript(file) ? "#!/bin/sh\n" : file),
      );
    },
    list: (path) => Promise.resolve([...new Set(below(path))]),
    run(path, args) {
      const file = files[path];
      const output = isScript(file) ? file[args.join(" ")] : undefined;
      return output === undefined
        ? Promise.reject(
          new Error(`${path} was not expected to run with ${args}`),
        )
        : Promise.resolve(encoder.encode(output));
    },
  };
}
