// Results and arguments inside an action: objects as modules print them, and
// argument values as Ansible reads them.
import { isNumber } from "../../json/exact_number.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { HostResult } from "../call/call.ts";
import type { PreparedModule } from "../fleet/provision.ts";
import { judgeObject } from "../result/host_result.ts";
import type {
  HostContext,
  OpenHost,
  StepOptions,
} from "../work/host_context.ts";

/** Thrown when a step did not end normally; its result becomes the action's. */
class Unfinished extends Error {
  readonly result: HostResult;

  constructor(result: HostResult) {
    super("A step of the action did not end normally");
    this.result = result;
  }
}

/** Thrown when the action has failed, with its result. */
class Failed extends Error {
  readonly answer: JsonObject;

  constructor(answer: JsonObject) {
    super(String(answer.msg ?? "The action has failed"));
    this.answer = answer;
  }
}

/** Why a step did not end normally; undefined for any other error. */
export function faultOfStep(error: unknown): string | undefined {
  if (!(error instanceof Unfinished)) return undefined;
  return error.result.error?.message ?? `The step was ${error.result.status}`;
}

/** The message of an action that has failed; undefined for any other error. */
export function failureOf(error: unknown): string | undefined {
  return error instanceof Failed ? error.message : undefined;
}

/** Ends the action with a failure. */
export function fail(msg: string, more: JsonObject = {}): never {
  throw new Failed({ failed: true, msg, ...more });
}

/** Ends the action with the result of a step. */
export function endWith(answer: JsonObject): never {
  throw new Failed(answer);
}

/** Runs an action, and judges its result. */
export async function concludeAction(
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

/** Runs a module as a step of an action, and returns its object. */
export async function runStep(
  host: OpenHost,
  prepared: PreparedModule,
  args: JsonObject,
  options: StepOptions = {},
): Promise<JsonObject> {
  return answerOf(await host.module(prepared, args, options));
}

/** Runs a shell command as a step of an action. */
export async function runShellStep(
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
  if (hasEnded && isObject(answer)) return answer;
  throw new Unfinished(result);
}

/** Whether an argument is true, by the rules of `boolean()` of module_utils. */
export function isYes(value: Json | undefined, otherwise = false): boolean {
  if (value === undefined || value === null) return otherwise;
  return ["y", "yes", "on", "1", "true", "t"]
    .includes(String(isNumber(value) ? Number(value) : value).toLowerCase());
}

/** An argument as text; undefined when it is absent or empty. */
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
