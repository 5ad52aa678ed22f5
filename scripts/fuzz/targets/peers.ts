// What ftl and others make of the same: the gate's Python, Ansible's YAML, `ssh -G`.
import { fromFileUrl } from "@std/path";
import fc from "fast-check";
import { readData } from "../../../src/inventory/format/data_file.ts";
import { readModuleOutput } from "../../../src/core/result/module_output.ts";
import { FrameDecoder } from "../../../src/protocol/frame.ts";
import { needAnsible } from "../../../tests/support/ansible.ts";
import { findProgram } from "../../../tests/support/need.ts";
import {
  manyAnswers,
  ourAnswer,
  ssh,
} from "../../../tests/transport/ssh_config/ssh_g.ts";
import { json, linesOf, word, wordsOf } from "../grammar.ts";
import { Oracle } from "../oracle.ts";
import { faultOf, type Target, textOf } from "../target.ts";
import { yaml } from "../yaml_grammar.ts";
import { configLine } from "./ssh_files.ts";

const ansible = needAnsible();
const python = findProgram("python3");
const ansibleYaml = pythonOracle(
  ansible.python,
  "../../../tests/inventory/ansible_yaml.py",
);
const gateEnd = pythonOracle(python, "../gate_end.py");
const gateSession = pythonOracle(python, "../gate_session.py");

function pythonOracle(interpreter: string | undefined, script: string): Oracle {
  const path = fromFileUrl(new URL(script, import.meta.url));
  return new Oracle(interpreter ?? "python3", path);
}

/**
 * What differs on purpose: line ends that only YAML 1.1 has, a number as the
 * whole file, numbers that Python makes infinite, keys that are equal in Python
 * alone (True and 1), words inside brackets that start with `?` or `:`, which
 * PyYAML takes for marks, an empty key with the tag `!`, and a block of text at the
 * column of its key, which is an alias.
 */
const KNOWN_TO_DIFFER = [
  /[\u2028\u2029]/,
  /^\s*-?[\d.]+(?:e[+-]?\d+)?\s*$/i,
  /e\+?\d{3}/i,
  /[[{,]\s*(?:[&!]\S*\s+)*[?:][^\s,\]}]/,
  /!\s*:(?:\s|$)/,
  /\*\S+:\s*\n\s*[|>]/,
  /(?=[^]*\b(?:true|yes|on|false|no|off)\b)(?=[^]*(?:!!(?:int|float)\b|\b[01]\b))/i,
];

async function yamlDifferences(inputs: readonly Uint8Array[]) {
  const texts = inputs.map(textOf);
  const theirs = await ansibleYaml.ask(texts) as (
    | { json: string }
    | { error: string }
  )[];
  return await Promise.all(texts.map(async (text, i) => {
    if (KNOWN_TO_DIFFER.some((each) => each.test(text))) return undefined;
    const wanted = theirs[i]!;
    let got: string;
    try {
      const node = await readData({ file: "f", text }, { warn: () => {} });
      got = JSON.stringify(node.value());
    } catch (error) {
      const fault = faultOf(error);
      if (fault !== undefined) return fault;
      return "json" in wanted && !isOutOfBounds(error)
        ? `PyYAML reads ${wanted.json.slice(0, 200)}, ftl says ${
          (error as Error).message
        }`
        : undefined;
    }
    if ("error" in wanted) return undefined; // ftl may read what Ansible refuses
    const same = JSON.stringify(JSON.parse(got)) ===
      JSON.stringify(JSON.parse(withoutNan(wanted.json)));
    return same
      ? undefined
      : `PyYAML reads ${wanted.json.slice(0, 200)}, ftl ${got.slice(0, 200)}`;
  }));
}

/** JSON as Python writes it, with texts for what JSON has no number for. */
function withoutNan(json: string): string {
  return json.replaceAll(
    /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g,
    (found) => found.startsWith('"') ? found : `"${found}"`,
  );
}

function isOutOfBounds(error: unknown): boolean {
  return /nested|larger|repeat more/.test((error as Error).message);
}

async function gateDifferences(inputs: readonly Uint8Array[]) {
  const theirs = await gateEnd.ask(base64Of(inputs)) as {
    bodies: string[];
    object: string | null;
    fault: string | null;
  }[];
  return inputs.map((input, i) => {
    const { bodies, object, fault } = theirs[i]!;
    if (fault !== null) return `the gate's Python: ${fault}`;
    const ours = framesOf(input);
    if (JSON.stringify(ours) !== JSON.stringify(bodies)) {
      return `frames: the gate reads ${bodies.length}, ftl ${ours.length}`;
    }
    const text = textOf(input);
    const found = readModuleOutput(text).object;
    if ((found === null) !== (object === null)) {
      return `the gate takes ${object} from what a module printed, ftl ${
        JSON.stringify(found)
      }`;
    }
    return undefined;
  });
}

/** The bodies of frames, up to where the stream cannot be read on. */
function framesOf(input: Uint8Array): string[] {
  const bodies: string[] = [];
  try {
    for (const body of new FrameDecoder().push(input)) {
      bodies.push(body.slice().toHex());
    }
  } catch (error) {
    if (faultOf(error) !== undefined) throw error;
  }
  return bodies;
}

const framed = fc.array(fc.tuple(json, fc.boolean()), { maxLength: 4 }).map((
  parts,
) =>
  parts.map(([text, isRight]) => {
    const size = new TextEncoder().encode(text).length + (isRight ? 0 : 1);
    return size.toString(16).padStart(8, "0") + text;
  }).join("")
);
const printed = fc.array(
  fc.oneof(
    fc.dictionary(word, fc.jsonValue()).map((value) => JSON.stringify(value)),
    json,
    wordsOf([
      "{",
      "}",
      "[",
      "]",
      '"',
      "\\",
      ",",
      ":",
      "NaN",
      "Infinity",
      " ",
      "x",
    ]),
  ),
  { maxLength: 5 },
).map((lines) => lines.join("\n"));

async function gateFaults(inputs: readonly Uint8Array[]) {
  const faults = await gateSession.ask(base64Of(inputs)) as (string | null)[];
  return faults.map((fault) => fault ?? undefined);
}

function base64Of(inputs: readonly Uint8Array[]): string[] {
  return inputs.map((input) => input.slice().toBase64());
}

/** Requests of a controller, most of them after its Hello. */
const requests: fc.Arbitrary<string> = fc.array(
  fc.tuple(
    fc.constantFrom(
      "Call",
      "Call",
      "Call",
      "Cancel",
      "Data",
      "Ping",
      "Pack",
      "Info",
      "Hello",
      "Shutdown",
      "Module",
      "x",
    ),
    fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({
          module: fc.constantFrom("ping", "native", "old", "none", 1),
          args: fc.constantFrom({}, { a: [1] }, null),
          pack: fc.constantFrom("p1", "p2", 1),
          after: fc.constantFrom(1, 2, 3, 4, -1, "1", null),
          timeout_ms: fc.constantFrom(1000, -1, 0.5, 1e300, true),
          env: fc.constantFrom({}, { A: "1" }, { "": "x" }, { A: 1 }, []),
          settings: fc.constantFrom({}, { verbosity: 1 }, 1),
          check: fc.constantFrom(true, false, 0),
          stream: fc.boolean(),
          fresh: fc.boolean(),
          max_output: fc.constantFrom(0, -1, 2 ** 53, 1.5),
          job: fc.constantFrom({}, { pack: "p1" }, { pack: "p2" }, 1),
          sha256: fc.constantFrom("p1", "e3b0c442", 1),
          data: fc.constantFrom("", "aGk=", "%", "é"),
          part: fc.constantFrom('["Ping",{},1]', "[", "\ud800"),
          last: fc.constantFrom(true, false, 1),
          nonce: fc.string(),
          ftl: fc.constantFrom(1, 2),
        }, { requiredKeys: [] }).map((data) =>
          // Some members make a call that is served.
          JSON.stringify({ module: "ping", args: {}, ...data })
            .replace("1e+300", "1".padEnd(400, "0"))
        ),
      },
      { weight: 1, arbitrary: json },
    ),
    fc.constantFrom("0", "1", "2", "3", "4", "5", "-1", "1.0", "null"),
  ).map(([type, data, id]) => `["${type}",${data},${id}]`),
  { maxLength: 8 },
).map((bodies) =>
  ['["Hello",{"ftl":2,"nonce":"n1"},0]', ...bodies].map((body) =>
    new TextEncoder().encode(body).length.toString(16).padStart(8, "0") + body
  ).join("")
);

async function configDifferences(inputs: readonly Uint8Array[]) {
  const configs = inputs.map(textOf);
  // Some would run programs and read other files.
  const asked = configs.filter((config) => !/exec|include|\0/i.test(config));
  const theirs = new Map(
    (await manyAnswers(asked, "web1")).map((answer, i) => [asked[i]!, answer]),
  );
  return configs.map((config) => {
    const answer = theirs.get(config);
    return answer && configDifference(config, answer);
  });
}

function configDifference(config: string, theirs: object): string | undefined {
  try {
    const ours = ourAnswer(config, "web1");
    const [got, wanted] = [JSON.stringify(ours), JSON.stringify(theirs)];
    return got === wanted ? undefined : `ssh -G says ${wanted}, ftl ${got}`;
  } catch (error) {
    return faultOf(error); // what ssh takes, ftl may refuse
  }
}

export const peerTargets: readonly Target[] = [
  {
    name: "yaml_ansible",
    grammar: yaml,
    mutates: false,
    compare: yamlDifferences,
    end: () => ansibleYaml.end(),
    missing: ansible.ignore ? "ansible-core" : undefined,
  },
  {
    name: "gate_python",
    grammar: fc.oneof(framed, printed),
    compare: gateDifferences,
    end: () => gateEnd.end(),
    missing: python === undefined ? "python3" : undefined,
  },
  {
    name: "gate_session",
    grammar: requests,
    compare: gateFaults,
    end: () => gateSession.end(),
    missing: python === undefined ? "python3" : undefined,
  },
  {
    name: "ssh_config_ssh",
    grammar: linesOf(configLine, 6),
    mutates: false,
    compare: configDifferences,
    share: 0.2,
    missing: ssh.ignore ? "ssh" : undefined,
  },
];
