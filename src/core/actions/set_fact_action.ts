// set_fact: sets variables of a host for the rest of the session. Contacts no host.
// Follows Ansible's action plugin set_fact.
import { markMembers } from "../../inventory/mark_unsafe.ts";
import type { Json } from "../../protocol/message.ts";
import type { Plan } from "../work/task.ts";
import { concludeAction, fail, isYes } from "./action_result.ts";

/** Plans a call of set_fact. */
export const planSetFact: Plan = () =>
  Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, () => {
        const { cacheable, ...given } = context.args;
        const facts = Object.fromEntries(
          Object.entries(given).map(([name, value]) => {
            if (/^[A-Za-z_]\w*$/.test(name)) return [name, factOf(value)];
            fail(
              `The variable name '${name}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
            );
          }),
        );
        if (Object.keys(facts).length === 0) {
          fail(
            "No key/value pairs provided, at least one is required for this action to succeed",
          );
        }
        context.keepArgumentSecrets();
        // What a template has made may be what a host has said.
        context.setVariables(markMembers(facts), {
          by: "set_fact",
          areFacts: isYes(cacheable),
        });
        return Promise.resolve({ changed: false, ansible_facts: facts });
      }),
  });

/** `KEY=yes` is a boolean, as in Ansible without jinja2_native. */
function factOf(value: Json): Json {
  if (typeof value !== "string") return value;
  if (/^(?:true|yes)$/i.test(value)) return true;
  return /^(?:false|no)$/i.test(value) ? false : value;
}
