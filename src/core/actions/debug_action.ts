// debug: returns a message, or a variable of the host. Contacts no host.
import type { Json, JsonObject } from "../../protocol/message.ts";
import { type Host, withVars } from "../../inventory/inventory.ts";
import { createMask } from "../result/mask.ts";
import { lookUpVariable } from "../input/reference.ts";
import { concludeAction } from "./action_result.ts";
import type { Plan } from "../work/task.ts";

/** Plans a call of debug. */
export const planDebug: Plan = ({ verbosity = 0 }) =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(
        context,
        () => Promise.resolve(answer(context.args, context.host, verbosity)),
      ),
  });

function answer(args: JsonObject, host: Host, verbosity: number): JsonObject {
  if (Object.hasOwn(args, "msg") && Object.hasOwn(args, "var")) {
    return { failed: true, msg: "'msg' and 'var' are incompatible options" };
  }
  if (Number(args.verbosity ?? 0) > verbosity) {
    return { skipped: true, skipped_reason: "Verbosity threshold not met." };
  }
  if (!Object.hasOwn(args, "var")) return { msg: args.msg ?? "Hello world!" };
  const name = String(args.var);
  const shown = { [name]: valueOf(name, host) };
  return createMask({ args: shown }).args(shown);
}

function valueOf(path: string, host: Host): Json {
  const vars = {
    inventory_hostname: host.name,
    group_names: [...host.groups],
    ...host.vars,
  };
  try {
    return lookUpVariable(path, withVars(host, vars));
  } catch {
    return "VARIABLE IS NOT DEFINED!"; // as Ansible prints it
  }
}
