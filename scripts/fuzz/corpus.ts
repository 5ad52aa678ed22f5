// The inputs that once found something: tests/fixtures/fuzz/TARGET/, one file each.
// An ordinary test reads them all.
import { fromFileUrl, join } from "@std/path";

const FOLDER = fromFileUrl(
  new URL("../../tests/fixtures/fuzz", import.meta.url),
);

/** The inputs of a target by their file names. */
export async function readCorpus(
  target: string,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const inputs = new Map<string, Uint8Array>();
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(join(FOLDER, target))) {
      names.push(name);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  for (const name of names.sort()) {
    inputs.set(name, await Deno.readFile(join(FOLDER, target, name)));
  }
  return inputs;
}

/** Keeps an input; gives its path. Its name is a part of its hash. */
export async function keepInput(
  target: string,
  input: Uint8Array,
): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", input.slice());
  const path = join(FOLDER, target, new Uint8Array(hash).toHex().slice(0, 12));
  await Deno.mkdir(join(FOLDER, target), { recursive: true });
  await Deno.writeFile(path, input);
  return path;
}
