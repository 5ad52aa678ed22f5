// gather_facts: another name of setup, whose facts it returns in Ansible's shape.
import { isObject } from "../../protocol/body.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { Plan } from "../work/task.ts";
import { concludeAction, runStep } from "./action_result.ts";

const SETUP = "ansible.legacy.setup";

/** Plans a call of gather_facts. */
export const planGatherFacts: Plan = async (_, { fleet }) => {
  const prepared = await fleet.prepare(SETUP);
  const { secrets, unmasked, warnings } = prepared;
  return {
    secrets,
    unmasked,
    warnings,
    run: (context) =>
      concludeAction(context, () => {
        const { parallel: _, ...args } = context.args;
        return context.use(async (host) =>
          asGathered(await runStep(host, prepared, args))
        );
      }),
  };
};

function asGathered(answer: JsonObject): JsonObject {
  if (answer.failed) {
    return {
      failed: true,
      msg: `The following modules failed to execute: ${SETUP}\n`,
      ansible_facts: {},
      failed_modules: { [SETUP]: answer },
    };
  }
  const { ansible_facts, warnings, deprecations } = answer;
  return {
    changed: false,
    ansible_facts: isObject(ansible_facts) ? ansible_facts : {},
    warnings: warnings ?? [],
    deprecations: deprecations ?? [],
  };
}
