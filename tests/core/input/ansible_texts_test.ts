// Texts of arguments, and what Ansible's own `parse_kv` makes of them. The fixture
// keeps its answers, so that most of this needs no Ansible.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { parseArgumentText } from "../../../src/core/input/arguments.ts";
import { readKeyValue } from "../../../src/core/input/key_value.ts";
import {
  joinArguments,
  splitArguments,
} from "../../../src/core/input/split_arguments.ts";
import { needAnsible, runPython } from "../../support/ansible.ts";

type Args = Record<string, string>;

/** A text, and its arguments for most modules and for commands; null: refused. */
interface Sample {
  text: string;
  plain: Args | null;
  command: Args | null;
}

const FOLDER = new URL("../../fixtures/arguments/", import.meta.url);
const SAMPLES: Sample[] = JSON.parse(
  Deno.readTextFileSync(new URL("texts.json", FOLDER)),
);
const ansible = needAnsible();

Deno.test({
  name: `the fixture holds what Ansible makes of each text${ansible.suffix}`,
  ignore: ansible.ignore,
  fn: async () => {
    assert(SAMPLES.length > 150);
    const texts = JSON.stringify(SAMPLES.map(({ text }) => text));
    assertEquals(
      await runPython(
        ansible.python,
        new URL("parse_kv.py", import.meta.url),
        texts,
      ),
      SAMPLES,
    );
  },
});

Deno.test("words and their values are those of Ansible", () => {
  for (const { text, plain, command } of SAMPLES) {
    assertEquals({ text, args: read(text, false) }, { text, args: plain });
    assertEquals({ text, args: read(text, true) }, { text, args: command });
  }
});

Deno.test("parseArgumentText() gives a command what Ansible gives it", async () => {
  for (const { text, command } of SAMPLES) {
    const parsing = parseArgumentText(text, reading("shell"));
    if (command === null) await assertRejects(() => parsing, SyntaxError);
    else if (text !== "{}") { // an object, as it is in JSON
      assertEquals({ text, args: (await parsing).args }, {
        text,
        args: command,
      });
    }
  }
});

Deno.test("parseArgumentText() gives a module what Ansible gives it, or refuses the text", async () => {
  let count = 0;
  for (const { text, plain } of SAMPLES) {
    if (text.trimStart().startsWith("{")) continue; // JSON, or refused
    const parsing = parseArgumentText(text, reading("copy"));
    if (plain === null || isRefused(plain)) {
      await assertRejects(() => parsing, SyntaxError, "Cannot ", text);
    } else {
      assertEquals({ text, args: (await parsing).args }, { text, args: plain });
      count++;
    }
  }
  assert(count > 100);
});

/** What Ansible refuses later: words that Ansible does not expect, names with quotes. */
function isRefused(args: Args): boolean {
  return "_raw_params" in args ||
    Object.keys(args).some((key) => /^["']/.test(key));
}

function reading(module: string) {
  const readText = (path: string) => Promise.reject(new Error(path));
  return { module, readText };
}

function read(text: string, isCommand: boolean): Args | null {
  try {
    const args = new Map<string, string>();
    const free: string[] = [];
    for (const word of splitArguments(text)) {
      const pair = readKeyValue(word, { isCommand });
      if ("free" in pair) free.push(pair.free);
      else args.set(pair.key, pair.value);
    }
    if (free.length > 0) args.set("_raw_params", joinArguments(free));
    return Object.fromEntries(args);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
