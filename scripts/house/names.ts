// One name, one thing: file names are unique below src/ (but for `mod.ts`), and
// so are exported names, so that jumping to a name finds one place.
import { join } from "@std/path";

const EXPORT = new RegExp(
  "^export (?:default )?(?:async )?(?:abstract )?" +
    "(?:function\\*?|class|interface|type|const|let|enum) (\\w+)",
  "gm",
);

/** Names every file name and every exported name that stands twice. */
export async function checkNames(
  root: string,
  files: readonly string[],
): Promise<string[]> {
  const sources = files.filter((file) => file.endsWith(".ts"));
  const exported = await Promise.all(sources.map(async (file) => {
    const text = await Deno.readTextFile(join(root, file));
    // Overloads repeat a name within a file, and mean one function.
    const names = new Set([...text.matchAll(EXPORT)].map((match) => match[1]!));
    return [...names].map((name) => [name, file] as const);
  }));
  const named = sources.filter((file) => !file.endsWith("/mod.ts"))
    .map((file) => [file.split("/").at(-1)!, file] as const);
  return [
    ...repeated(named).map(([name, places]) =>
      `${places[1]}: The file name ${name} is taken by ${places[0]}`
    ),
    ...repeated(exported.flat()).map(([name, places]) =>
      `${places[1]}: The exported name ${name} is taken by ${places[0]}`
    ),
  ];
}

function repeated(
  pairs: readonly (readonly [string, string])[],
): [string, string[]][] {
  const places = new Map<string, string[]>();
  for (const [name, place] of pairs) {
    places.set(name, [...(places.get(name) ?? []), place]);
  }
  return [...places].filter(([, list]) => list.length > 1);
}
