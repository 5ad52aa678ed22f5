// debug: returns a message, or what an expression is for the host. Contacts no host.
import { UndefinedError } from "../../template/template_error.ts";
import type { Json, JsonObject } from "../../protocol/message.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import { createMask } from "../result/mask.ts";
import { refuseOthers } from "./action_options.ts";
import { concludeAction } from "./action_result.ts";

/** Plans a call of debug. */
export const planDebug: Plan = ({ verbosity = 0 }) =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) => concludeAction(context, () => answer(context, verbosity)),
  });

async function answer(
  context: HostContext,
  verbosity: number,
): Promise<JsonObject> {
  refuseOthers(context, ["msg", "var", "verbosity"]);
  const { args } = context;
  if (Object.hasOwn(args, "msg") && Object.hasOwn(args, "var")) {
    return { failed: true, msg: "'msg' and 'var' are incompatible options" };
  }
  if (Number(args.verbosity ?? 0) > verbosity) {
    return { skipped: true, skipped_reason: "Verbosity threshold not met." };
  }
  if (!Object.hasOwn(args, "var")) return { msg: args.msg ?? "Hello world!" };
  const name = String(args.var);
  const { value, secrets } = await valueOf(name, context);
  const shown = { [name]: value };
  return createMask({ args: shown, values: secrets }).args(shown);
}

async function valueOf(
  expression: string,
  context: HostContext,
): Promise<{ value: Json; secrets: readonly string[] }> {
  const { host, call } = context;
  const templates = await context.templates();
  const written = "module" in call ? call.args?.var : undefined;
  try {
    return await templates.value(`{{ ${expression} }}`, "var", {
      host,
      // A template puts text of the host into it.
      isSealed: written !== expression,
    });
  } catch (error) {
    if (!(error instanceof UndefinedError)) throw error;
    // As Ansible prints it.
    return { value: "VARIABLE IS NOT DEFINED!", secrets: [] };
  }
}
