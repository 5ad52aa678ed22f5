import { joinBytes } from "../../join_bytes.ts";

/**
 * Identifies a program by the contents of its files, so that a copy on another
 * machine has the same id. The main file of a bundle names all others by the hashes
 * of their contents; in a checkout, everything below `src` counts, and the versions
 * of what it imports.
 */
export async function buildIdOf(main: string): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    main.endsWith(".ts") ? readCheckout(main) : await Deno.readFile(main),
  );
  return `${Deno.version.deno}-${new Uint8Array(digest).toHex()}`;
}

/** What counts beside the main file of a checkout, as far as it is there. */
const BESIDE = [
  "deno.json",
  "deno.lock",
  "docs",
  "release_signers",
  "src",
  "std",
];

/** All files of a checkout, each after its name and length. */
function readCheckout(main: string): Uint8Array<ArrayBuffer> {
  const folder = main.slice(0, main.lastIndexOf("/") + 1);
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  const take = (path: string) => {
    // In turn: a thousand small files are read three times as fast as at once.
    const bytes = Deno.readFileSync(path);
    const name = path.slice(folder.length);
    parts.push(encoder.encode(`${name}\0${bytes.length}\0`), bytes);
  };
  take(main);
  for (const { name, isFile, isDirectory } of entriesOf(folder, BESIDE)) {
    if (isFile) take(folder + name);
    if (isDirectory) { for (const path of filesIn(folder + name)) take(path); }
  }
  return joinBytes(parts);
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isFile, isDirectory } of entriesOf(folder)) {
    // Files of editors, and what Python compiled, are not sources.
    if (name.startsWith(".") || name === "__pycache__") continue;
    if (isFile) yield `${folder}/${name}`;
    if (isDirectory) yield* filesIn(`${folder}/${name}`);
  }
}

interface Entry {
  readonly name: string;
  readonly isFile: boolean;
  readonly isDirectory: boolean;
}

/** What is in a folder, links followed, in the same order on every machine. */
function entriesOf(folder: string, names?: readonly string[]): Entry[] {
  return [...Deno.readDirSync(folder)]
    .filter(({ name }) => names?.includes(name) ?? true)
    .sort((a, b) => a.name < b.name ? -1 : 1)
    .map((entry) => {
      if (!entry.isSymlink) return entry;
      const { isFile, isDirectory } = Deno.statSync(`${folder}/${entry.name}`);
      return { name: entry.name, isFile, isDirectory };
    });
}
