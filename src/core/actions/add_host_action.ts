// add_host: adds a host to the inventory of the session, once for all hosts of a call.
// Contacts no host. Follows Ansible's action plugin add_host.
import { markMembers } from "../../inventory/mark_unsafe.ts";
import type { JsonObject } from "../../protocol/message.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { SessionInventory } from "../fleet/session_inventory.ts";
import type { Plan } from "../work/task.ts";
import { textsOf } from "./action_options.ts";
import { concludeAction, fail, textOf, without } from "./action_result.ts";
import { sessionOf } from "./session_only.ts";

const NAMES = ["name", "hostname", "host"];
const GROUPS = ["groupname", "groups", "group"];
const HINT = "Use it in the console, or name the host with `inventory`";

/** Plans a call of add_host. */
export const planAddHost: Plan = ({ module }, { fleet }) => {
  const session = sessionOf(fleet, { module, hint: HINT });
  let added: Promise<JsonObject> | undefined;
  return Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, () => {
        context.keepArgumentSecrets();
        return added ??= add(context.args, { session, fleet });
      }),
  });
};

async function add(
  args: JsonObject,
  { session, fleet }: { session: SessionInventory; fleet: HostFleet },
): Promise<JsonObject> {
  const given = firstOf(args, NAMES);
  if (given === undefined) fail("name, host or hostname needs to be provided");
  const [, name = given, port] = /^([^:]+|\[.*\]):(\d+)$/.exec(given) ?? [];
  const variables = without(args, [...NAMES, ...GROUPS]);
  if (port !== undefined) variables.ansible_port = Number(port);
  const named = GROUPS.map((each) => args[each]).find((value) => value);
  const texts = textsOf(named) ?? [];
  const groups = Array.isArray(named)
    ? texts
    : texts.flatMap((text) => text.split(","));
  const names = [...new Set(groups.map((group) => group.trim()))]
    .filter((group) => group !== "");
  let { host, changed } = session.addHost(name, markMembers(variables));
  for (const group of names) {
    const joined = await session.addToGroup(name, { group, parents: [] });
    host = joined?.host ?? host;
    changed ||= joined?.changed ?? false;
  }
  fleet.replace(host);
  return {
    changed,
    add_host: { host_name: name, groups: names, host_vars: variables },
  };
}

function firstOf(args: JsonObject, names: readonly string[]) {
  return names.map((name) => textOf(args[name]))
    .find((text) => text !== undefined);
}
