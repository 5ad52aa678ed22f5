// What the parts of an action say to each other: objects, as modules print
// them, and the values in their arguments as Ansible understands them.
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { HostResult } from "../call/call.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import { judgeObject } from "../result/host_result.ts";
import type { HostContext, OpenHost } from "../work/host_context.ts";

/** Thrown when a part has no regular end: its result is the action's. */
class Unfinished extends Error {
  readonly result: HostResult;

  constructor(result: HostResult) {
    super("A part of the action has not ended as it should");
    this.result = result;
  }
}

/** Thrown when the action has failed: what it says of that. */
class Failed extends Error {
  readonly answer: JsonObject;

  constructor(answer: JsonObject) {
    super("The action has failed");
    this.answer = answer;
  }
}

/** Ends the action: it has failed. */
export function fail(msg: string, more: JsonObject = {}): never {
  throw new Failed({ failed: true, msg, ...more });
}

/** Ends the action with what a part of it has said. */
export function endWith(answer: JsonObject): never {
  throw new Failed(answer);
}

/** Runs an action to the result that comes of what it says. */
export async function conclude(
  context: HostContext,
  act: () => Promise<JsonObject>,
): Promise<HostResult> {
  try {
    return judgeObject(await act(), context.callContext);
  } catch (error) {
    if (error instanceof Unfinished) return error.result;
    if (error instanceof Failed) {
      return judgeObject(error.answer, context.callContext);
    }
    throw error;
  }
}

/** Runs a module as a part of an action, and gives what it says. */
export async function ask(
  host: OpenHost,
  prepared: PreparedModule,
  args: JsonObject,
): Promise<JsonObject> {
  return answerOf(await host.module(prepared, args));
}

/** Runs a shell command as a part of an action. */
export async function askShell(
  host: OpenHost,
  command: string,
): Promise<{ rc: number; stdout: string; stderr: string }> {
  const answer = answerOf(await host.shell(command));
  const text = (value: Json | undefined) => String(value ?? "");
  return {
    rc: Number(answer.rc ?? 1),
    stdout: text(answer.stdout),
    stderr: text(answer.stderr),
  };
}

function answerOf(result: HostResult): JsonObject {
  const { status, result: answer, error } = result;
  const hasEnded = error === null &&
    ["ok", "changed", "failed", "skipped"].includes(status);
  if (hasEnded && isJsonObject(answer)) return answer;
  throw new Unfinished(result);
}

/** Says whether a value is an object. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an argument says yes: `boolean()` of module_utils. */
export function isYes(value: Json | undefined, otherwise = false): boolean {
  if (value === undefined || value === null) return otherwise;
  return ["y", "yes", "on", "1", "true", "t"]
    .includes(String(value).toLowerCase());
}

/** An argument that is a text; undefined when it is not given or empty. */
export function textOf(value: Json | undefined): string | undefined {
  return value === undefined || value === null || value === ""
    ? undefined
    : String(value);
}

/** Arguments without some. */
export function without(
  args: JsonObject,
  names: readonly string[],
): JsonObject {
  return Object.fromEntries(
    Object.entries(args).filter(([name]) => !names.includes(name)),
  );
}
