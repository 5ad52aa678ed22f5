// What the bundle loads: files cost the start of a program time.
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { bundle } from "../../../scripts/compile/bundle.ts";

const ROOT = fromFileUrl(new URL("../../..", import.meta.url));
const { files } = await bundle(ROOT);
const texts = new Map(
  [...files].map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]),
);

/** A file that matches, and all that it imports at once. */
function closureOf(pattern: RegExp): string[] {
  const start = [...texts].find(([, text]) => pattern.test(text));
  const names = new Set([start![0]]);
  for (const name of names) {
    const text = texts.get(name)!;
    for (const [, next] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) {
      names.add(next!);
    }
  }
  return [...names];
}

Deno.test("what ftl run and exec need for a call in a session is few files", () => {
  const names = closureOf(/export\{\w+ as mainOfScripts\}/);
  assert(names.length <= 5, names.join(" "));
  const later = names.flatMap((name) =>
    [...texts.get(name)!.matchAll(/import\(String\("\.\/([^"]+)"\)\)/g)]
      .map(([, next]) => next!)
  );
  assert(later.length > 20);
  const useless = later.filter((name) =>
    /^(?:import[^;]*;)*export\{[^}]*\};\n?$/.test(texts.get(name)!) &&
    closureOf(new RegExp(`^${RegExp.escape(texts.get(name)!)}$`))
      .every((each) => each === name || names.includes(each))
  );
  assertEquals(useless, [], "what is loaded is imported without a file");
});

Deno.test("the thread that watches loads a few kilobytes", () => {
  const names = closureOf(/new Worker\(import\.meta\.url/);
  const size = names.reduce((sum, name) => sum + texts.get(name)!.length, 0);
  assert(size < 30_000, `${size} bytes in ${names.join(" ")}`);
});
