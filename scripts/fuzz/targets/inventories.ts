// Inventories in all formats, patterns, vault.
import fc from "fast-check";
import { loadInventory } from "../../../src/inventory/load.ts";
import type { Inventory } from "../../../src/inventory/inventory.ts";
import { selectHosts } from "../../../src/inventory/pattern/pattern.ts";
import { Vault } from "../../../src/inventory/vault.ts";
import { memorySources } from "../../../tests/inventory/memory_sources.ts";
import { json, linesOf, repeated, word, wordsOf } from "../grammar.ts";
import { type Target, textOf } from "../target.ts";
import { yaml } from "../yaml_grammar.ts";

const pattern = wordsOf([
  "web",
  "db",
  "web1",
  "*",
  "?",
  "[",
  "]",
  "0",
  "-1",
  ":",
  ",",
  "&",
  "!",
  "~",
  "(",
  ")",
  "|",
  "01-03",
  "all",
  "@x",
  " ",
  ".",
], 12);

const iniLine = fc.oneof(
  fc.tuple(word, fc.array(fc.tuple(word, word))).map(([host, vars]) =>
    `${host} ${vars.map(([name, value]) => `${name}=${value}`).join(" ")}`
  ),
  word.map((name) => `[${name}]`),
  word.map((name) => `[${name}:children]`),
  word.map((name) => `[${name}:vars]`),
  wordsOf([
    "web[",
    "01:",
    "40",
    "]",
    ":2",
    "a=",
    '"',
    "'",
    "#",
    ";",
    " ",
    "=",
    "{1: [2]}",
    "(",
    "0x10",
    "1_0",
    "\\",
  ], 10),
);

const jsonInventory = fc.oneof(
  json,
  fc.dictionary(
    word,
    fc.oneof(
      fc.record({
        hosts: fc.oneof(fc.array(word), fc.dictionary(word, fc.jsonValue())),
        children: fc.array(word),
        vars: fc.dictionary(word, fc.jsonValue()),
      }, { requiredKeys: [] }),
      fc.array(word),
      fc.jsonValue(),
    ),
  ).map((value) => JSON.stringify(value)),
);

async function load(file: string, bytes: Uint8Array): Promise<Inventory> {
  const inventory = await loadInventory(
    [file],
    memorySources({ [file]: bytes }),
  );
  for (const host of inventory.hosts.values()) JSON.stringify(host.vars);
  return inventory;
}

const some = loadInventory(
  ["h.ini"],
  memorySources({
    "h.ini": "[web]\nweb[01:20]\n[db]\ndb1\ndb2\n[both:children]\nweb\ndb\n",
  }),
);

const vaultText = fc.tuple(
  fc.constantFrom(
    "$ANSIBLE_VAULT;1.1;AES256",
    "$ANSIBLE_VAULT;1.2;AES256;id",
    "$ANSIBLE_VAULT;1.3;AES256",
    "$ANSIBLE_VAULT;",
  ),
  fc.array(
    fc.constantFrom("61", "0a", "30", "3", "zz", "\n", " ", "3130330a"),
    {
      maxLength: 60,
    },
  ),
).map(([head, parts]) => `${head}\n${parts.join("")}\n`);

export const inventoryTargets: readonly Target[] = [
  {
    name: "ini",
    grammar: fc.oneof(
      linesOf(iniLine),
      repeated(fc.constantFrom("[", "a=(", "'")),
    ),
    async read(input) {
      await load("h.ini", input);
    },
  },
  {
    name: "yaml",
    grammar: fc.oneof(
      { weight: 8, arbitrary: yaml },
      {
        weight: 1,
        arbitrary: repeated(
          fc.constantFrom(
            "[",
            "{a: ",
            "- ",
            "a:\n",
            "&a ",
            "'",
            "? ",
            "a: &a [*a]\n",
            "!!x ",
          ),
        ),
      },
    ),
    async read(input) {
      await load("h.yml", input);
    },
  },
  {
    name: "json",
    grammar: fc.oneof(
      jsonInventory,
      repeated(fc.constantFrom("[", '{"a":', "[1,")),
    ),
    async read(input) {
      await load("h.json", input);
    },
  },
  {
    name: "pattern",
    grammar: fc.oneof(
      pattern,
      repeated(fc.constantFrom("[", "(", "~(", "a:", "!", "*"), 3000),
    ),
    async read(input) {
      selectHosts(await some, textOf(input));
    },
  },
  {
    name: "vault",
    grammar: vaultText,
    async read(input) {
      const vault = new Vault(() =>
        Promise.resolve([{ id: "id", password: "x" }])
      );
      try {
        await vault.decrypt(textOf(input));
      } catch (error) {
        // Its errors are the end of a sentence, which the reader of the file starts.
        if (!(error instanceof Error) || error.name !== "Error") throw error;
      }
    },
  },
];
