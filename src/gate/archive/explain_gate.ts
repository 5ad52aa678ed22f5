// Explains why a gate contains its files, from the gate alone: its own files serve
// as the sources that it was built from.
import { importersOf, ImportGraph } from "../imports/import_closure.ts";
import { ImportFacts } from "../imports/import_facts.ts";
import { RoutingFile } from "../sources/routing.ts";
import { memoryTree } from "../sources/source_tree.ts";
import type { Archive } from "./archive.ts";
import { sha256, type SourceFile } from "../sources/build_inputs.ts";
import { unpackZip } from "../format/zipapp.ts";

/**
 * For each util of an archive, the entries in it that import it, sorted: the same
 * as `Archive.why` of an archive that was just built.
 */
export async function explainArchive(
  { bytes }: Pick<Archive, "bytes">,
): Promise<Record<string, readonly string[]>> {
  const files = new Map<string, SourceFile>();
  for (const [path, content] of unpackZip(bytes)) {
    const hash = await sha256(content);
    files.set(path, { path, bytes: content, sha256: hash });
  }
  const below = (folder: string) =>
    memoryTree(
      folder,
      new Map(
        [...files].filter(([path]) => path.startsWith(`${folder}/`))
          .map(([path, file]) => [path.slice(folder.length + 1), file]),
      ),
    );
  const graph = new ImportGraph({
    utils: [below("ansible/module_utils")],
    coreRouting: () => Promise.resolve(new RoutingFile("", "")),
    collections: {
      find: (name) =>
        Promise.resolve({
          name,
          tree: below(`ansible_collections/${name.replace(".", "/")}`),
          route: () => Promise.resolve(undefined),
        }),
    },
  }, await ImportFacts.open(undefined, ""));
  const nodes = [];
  for (const [path, file] of files) {
    if (/^(?:ansible|ansible_collections|modules)\/.*\.py$/.test(path)) {
      nodes.push(await graph.module(path, file));
    }
  }
  return importersOf(nodes);
}
