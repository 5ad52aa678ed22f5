// assert: checks conditions on the variables of each host. Contacts no host. Follows
// Ansible's action plugin assert.
import { messageOf } from "../../errors.ts";
import { TemplateError } from "../../template/template_error.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import { refuseOthers } from "./action_options.ts";
import { concludeAction, fail } from "./action_result.ts";

const OPTIONS = ["fail_msg", "msg", "quiet", "success_msg", "that"];

/** Plans a call of assert. */
export const planAssert: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) => concludeAction(context, () => assert(context)),
  });

async function assert(context: HostContext): Promise<JsonObject> {
  refuseOthers(context, OPTIONS);
  const { that, fail_msg, msg, success_msg } = context.args;
  if (that === undefined) fail('conditional required in "that" string');
  const failure = message(fail_msg ?? msg, "fail_msg or msg");
  const success = message(success_msg, "success_msg");
  const conditions = [that].flat();
  const written = writtenConditions(context);
  for (const [at, condition] of conditions.entries()) {
    const source = written.length === conditions.length
      ? written[at]
      : undefined;
    if (!await holds(condition, { context, source })) {
      return {
        failed: true,
        evaluated_to: false,
        assertion: condition,
        msg: failure ?? "Assertion failed",
      };
    }
  }
  return { changed: false, msg: success ?? "All assertions passed" };
}

/** A message, which is a text or a list of texts. */
function message(value: Json | undefined, name: string): Json | undefined {
  if (value === undefined || value === null) return undefined;
  const parts = [value].flat();
  if (parts.every((part) => typeof part === "string")) return value;
  fail(`Incorrect type for ${name}, expected a string or a list of strings`);
}

/** The conditions before templates in them were filled in. */
function writtenConditions({ call }: HostContext): Json[] {
  const { that } = "module" in call ? call.args ?? {} : {};
  return [that ?? null].flat();
}

/**
 * Whether a condition, as after Jinja's `if`, is true for a host.
 *
 * @param source What it was made from: a template puts text of the host into it.
 */
async function holds(
  condition: Json,
  { context, source }: { context: HostContext; source: Json | undefined },
): Promise<boolean> {
  if (typeof condition === "boolean") return condition;
  if (Array.isArray(condition) || isObject(condition)) {
    fail("Conditionals are expected to be strings or booleans");
  }
  const text = String(condition);
  try {
    const templates = await context.templates();
    return await templates.holds(text, "that", {
      host: context.host,
      isSealed: source !== condition,
    });
  } catch (error) {
    const why = error instanceof TemplateError
      ? error.reason
      : messageOf(error);
    fail(`The conditional check '${text}' failed. The error was: ${why}`);
  }
}
