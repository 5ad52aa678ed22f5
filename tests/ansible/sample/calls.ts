// The calls of each module of the sample: as its documentation shows it, in check
// mode, with a diff, and in the ways in which it fails.
import type { Candidate } from "./choice.ts";
import { SAMPLE_CASES } from "./cases.ts";
import type { HostState } from "./sandboxes.ts";

/** One call, which has a host of its own. */
export interface SampleCall {
  /** The host's name. */
  readonly host: string;
  readonly module: string;
  /** What is special about it. */
  readonly way: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly check: boolean;
  readonly diff: boolean;
  readonly state: HostState;
}

/** Programs of the machine that modules need as they are. */
const REAL = new Set(
  ("dd dpkg-divert findmnt grep mount ps rmdir ssh-keygen sysctl timeout umount " +
    "update-alternatives").split(" "),
);

/** All calls of one module; `number` makes the hosts' names. */
export function callsOf(module: Candidate, number: number): SampleCall[] {
  const { args = module.examples[0] ?? {}, files = {}, programs = {} } =
    SAMPLE_CASES[module.name] ?? {};
  const names = new Set([...module.programs, ...Object.keys(programs)]);
  const scripts = (script: (name: string) => string) =>
    Object.fromEntries(
      [...names].filter((name) => !REAL.has(name))
        .map((name) => [name, `${NOTE}${script(name)}\n`]),
    );
  const usual = scripts((name) => programs[name] ?? SAYS);
  const failing = scripts(() => FAILS);
  const ways: Record<string, Partial<SampleCall>> = {
    "as documented": {},
    "in check mode": { check: true },
    "with a diff": { diff: true },
    "in check mode with a diff": { check: true, diff: true },
    "without arguments": { args: {} },
    "with a parameter that it does not have": {
      args: { ...args, no_such_parameter: 1 },
    },
    "with failing programs": { state: { files, programs: failing } },
    "without its programs": { state: { files, programs: {} } },
  };
  return Object.entries(ways)
    .filter(([way]) => names.size > 0 || !/programs$/.test(way))
    .map(([way, special], i) => ({
      host: `h${number}x${i}`,
      module: module.name,
      way,
      args,
      check: false,
      diff: false,
      state: { files, programs: usual },
      ...special,
    }));
}

/** What a program is called with, its input included. */
const NOTE = `#!/bin/sh
{
  echo "\${0##*/} $*"
  cat
} >>/var/log/programs.log
`;
const SAYS = 'echo "${0##*/}: $*"';
const FAILS = 'echo "${0##*/}: cannot do this: $*" >&2; exit 3';
