// How a call of the sample ended, in one shape for Ansible and ftl: its result, and
// what it changed, without what differs for a reason.
import { outcomeOfAnsible, outcomeOfFtl } from "../outcome.ts";
import type { SampleCall } from "./calls.ts";
import { DIFFERING, OF_CRASHES, VARYING } from "./differences.ts";
import type { Effect } from "./sandboxes.ts";

type Data = Record<string, unknown>;

/** What `ansible-playbook` gave for a call. */
export function endingWithAnsible(
  call: SampleCall,
  entry: unknown,
  effect: Effect,
): unknown {
  const data = entry as Data;
  const crash = lastLine(data.module_stderr);
  return comparable(call, {
    ...outcomeOfAnsible(call.module, without(data, OF_CRASHES.keys)),
    ...(crash === undefined ? {} : { crash }),
    effect,
  });
}

/** What ftl gave for a call. */
export function endingWithFtl(
  call: SampleCall,
  entry: unknown,
  effect: Effect,
): unknown {
  const { result, stderr } = entry as Data;
  const crash = result === null ? lastLine(stderr) : undefined;
  return comparable(call, {
    ...outcomeOfFtl(call.module, entry),
    ...(crash === undefined ? {} : { crash }),
    effect,
  });
}

function lastLine(text: unknown): string | undefined {
  return typeof text === "string" ? text.trim().split("\n").at(-1) : undefined;
}

function without(data: Data, keys: readonly string[]): Data {
  return Object.fromEntries(
    Object.entries(data).filter(([key]) => !keys.includes(key)),
  );
}

function comparable({ module, way }: SampleCall, ending: Data): unknown {
  const differing = DIFFERING.filter((each) =>
    each.module === module && each.way === way
  );
  const members = differing.flatMap(({ members }) => members);
  let text = JSON.stringify(without(ending, members));
  for (const { modules, text: varying, as } of VARYING) {
    if (modules?.includes(module) ?? true) text = text.replaceAll(varying, as);
  }
  return JSON.parse(text);
}
