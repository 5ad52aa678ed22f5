// The reader of plain YAML against the reader of the whole language: whatever it
// takes means the same, to the column; whatever else it leaves alone.
import { assertEquals, assertNotEquals } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import fc from "fast-check";
import type { DocumentNode } from "../../../src/inventory/format/document.ts";
import { parseYaml } from "../../../src/inventory/format/yaml.ts";
import { parsePlainYaml } from "../../../src/inventory/format/yaml_plain.ts";

/** Everything that a document says, with its places and complaints. */
function told(
  read: (
    warn: (place: unknown, text: string) => void,
  ) => DocumentNode | undefined,
) {
  const warnings: string[] = [];
  const root = read((place, text) =>
    warnings.push(JSON.stringify([place, text]))
  );
  if (root === undefined) return undefined;
  const said = { root: tree(root), value: root.value() };
  return { ...said, warnings: [...new Set(warnings)] };
}

function tree(node: DocumentNode): unknown {
  return {
    kind: node.kind,
    // An empty value has the place after its key, or of its key.
    place: node.kind === "null" ? undefined : node.place,
    value: node.kind === "map" ? undefined : node.value(),
    entries: node.entries().map(({ key, place, node }) => [
      key,
      place,
      tree(node),
    ]),
  };
}

/** What both say; `plain` is undefined where that reader does not take it. */
function both(text: string) {
  const file = { file: "f.yml", text };
  const plain = told((warn) => parsePlainYaml(file, { warn }));
  if (plain === undefined) return { plain };
  return { plain, whole: told((warn) => parseYaml(file, { warn })) };
}

const TAKEN: Record<string, string> = {
  "nested groups": `---
# a comment
all:
  vars: {ntp: 192.0.2.1, empty: {}, list: [a, 'b c', "{{ d }}"]}
  children:
    web:   # another
      hosts:
        web1.example.com: {ansible_host: 10.0.0.1, nested: {a: [1, 2]}}
        web2:
        "2":
`.replace('        "2":\n', ""),
  "scalars of every kind":
    "a: yes\nb: 0644\nc: ~\nd: null\ne: 1.5\nf: 2001:db8::1\ng: a b  c\nh: -1\n" +
    "i: /usr/bin/python3\nj: ''\nk: \"#x\"\nl: 'it: x'\nm: 2024-01-02\nn: x#y\n" +
    "o: http://x:80/y?z\np: größe\nq: 1:30\nr: a # b\n".replace("?z", ""),
  "lists in all places": `a:
- 1
- two words
b:
  - x: 1
    y:
      - z
  -   q: {r: s}
c: [1, [2, 3], {d: e}]
`,
  "a key given twice": "a: 1\nb: 2\na: 3\n",
  "indents of any width": "a:\n     b:\n       c: 1\n     d: 2\ne:\n",
};

for (const [what, text] of Object.entries(TAKEN)) {
  Deno.test(`parsePlainYaml() gives the same result as parseYaml(): ${what}`, () => {
    const { plain, whole } = both(text);
    assertNotEquals(plain, undefined);
    assertEquals(plain, whole);
  });
}

const LEFT: readonly string[] = [
  "",
  "- a\n",
  "{a: b}\n",
  "a: &x 1\nb: *x\n",
  "a: !vault x\n",
  "a: |\n  text\n",
  "a: >-\n  text\n",
  "<<: {a: b}\n",
  "a: one\n  two\n",
  "a: 'one\n  two'\n",
  "a: b: c\n",
  "a: 'it''s'\n",
  'a: "\\n"\n',
  "a:\tb\n",
  "a: b\r\n",
  "? a\n: b\n",
  "a: 1\n---\nb: 2\n",
  "a: 1\n...\n",
  "a:\n    b: 1\n  c: 2\n",
  " a: 1\n",
  "a: {b: 1\n",
  "a: {b:1}\n",
  "a: [b]]\n",
  "a: @x\n",
  "a: %x\n",
  "a: - b\n",
  "a: 'b' c\n",
  "%YAML 1.1\n---\na: 1\n",
];

for (const text of LEFT) {
  Deno.test(`parsePlainYaml() leaves ${JSON.stringify(text)} alone`, () => {
    assertEquals(both(text).plain, undefined);
  });
}

Deno.test("parsePlainYaml() agrees with parseYaml() on every fixture", async () => {
  const folder = fromFileUrl(
    new URL("../../fixtures/inventory", import.meta.url),
  );
  const taken: string[] = [];
  for await (const path of filesBelow(folder)) {
    const { plain, whole } = both(await Deno.readTextFile(path));
    assertEquals(plain, whole, path);
    if (plain) taken.push(path);
  }
  assertEquals(taken.some((path) => path.endsWith("nested.yml")), true);
});

async function* filesBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

/** Pieces of YAML, right and wrong, of which any text may be made. */
const PIECES = [
  ..."a b: - 1 x.y 'q' \"r\" { } [ ] , # : ~ yes 0x1F 1_000 1.5 a:b".split(" "),
  ..."key: -1 - - && &a *a !t | > %d @ ` ? = << null 'it''s' 10.0.0.1".split(
    " ",
  ),
  " ",
  "  ",
  "\n",
  "\n  ",
  "\n    ",
  "\n- ",
  "\n  - ",
  ": ",
  ", ",
  " # ",
  "{a: ",
  "[1, ",
];

Deno.test("parsePlainYaml() agrees with parseYaml() on any text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }),
      (pieces) => {
        const { plain, whole } = both(`k: ${pieces.join("")}`);
        assertEquals(plain, whole);
      },
    ),
    { numRuns: 20_000 },
  );
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }),
      (pieces) => {
        const { plain, whole } = both(`k:\n  a: ${pieces.join("")}\n`);
        assertEquals(plain, whole);
      },
    ),
    { numRuns: 20_000 },
  );
});
