// group_by: adds a host to a group for the rest of the session. Contacts no host.
// Follows Ansible's action plugin group_by.
import type { JsonObject } from "../../protocol/message.ts";
import type { SessionInventory } from "../fleet/session_inventory.ts";
import type { HostContext } from "../work/host_context.ts";
import type { Plan } from "../work/task.ts";
import { refuseOthers, textsOf } from "./action_options.ts";
import { concludeAction, fail, textOf } from "./action_result.ts";
import { sessionOf } from "./session_only.ts";

const HINT =
  "Use it in the console, or choose hosts by their groups with a pattern";

/** Plans a call of group_by. */
export const planGroupBy: Plan = ({ module }, { fleet }) => {
  const session = sessionOf(fleet, { module, hint: HINT });
  return Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, async () => {
        const { host, ...answer } = await groupHost(context, session);
        if (host !== undefined) fleet.replace(host);
        return answer satisfies JsonObject;
      }),
  });
};

async function groupHost(context: HostContext, session: SessionInventory) {
  refuseOthers(context, ["key", "parents"]);
  const key = textOf(context.args.key);
  if (key === undefined) {
    fail("the 'key' param is required when using group_by");
  }
  const group = nameOf(key);
  const parents = (textsOf(context.args.parents) ?? ["all"]).map(nameOf);
  const { host, changed = false } =
    await session.addToGroup(context.host.name, { group, parents }) ?? {};
  return { host, changed, add_group: group, parent_groups: parents };
}

function nameOf(text: string): string {
  return text.replaceAll(" ", "-");
}
