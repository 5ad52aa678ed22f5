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
  let added: JsonObject | undefined;
  return Promise.resolve({
    secrets: [],
    warnings: [],
    run: (context) =>
      concludeAction(context, () => {
        context.keepArgumentSecrets();
        return Promise.resolve(
          added ??= add(context.args, { session, fleet }),
        );
      }),
  });
};

function add(
  args: JsonObject,
  { session, fleet }: { session: SessionInventory; fleet: HostFleet },
): JsonObject {
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
  const changes = [
    session.addHost(name, markMembers(variables)),
    ...names.flatMap((group) =>
      session.addToGroup(name, { group, parents: [] }) ?? []
    ),
  ];
  fleet.replace(changes.at(-1)!.host);
  return {
    changed: changes.some(({ changed }) => changed),
    add_host: { host_name: name, groups: names, host_vars: variables },
  };
}

function firstOf(args: JsonObject, names: readonly string[]) {
  return names.map((name) => textOf(args[name]))
    .find((text) => text !== undefined);
}
