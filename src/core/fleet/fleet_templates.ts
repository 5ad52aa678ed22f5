// The templates of a fleet: what they see besides the variables of their host.
import type { Group, Host, Inventory } from "../../inventory/inventory.ts";
import { HostTemplates } from "../../inventory/templates/host_templates.ts";
import type { Vault } from "../../inventory/vault.ts";
import type { ConnectionOverrides } from "../route/host_endpoint.ts";

/** Makes the templates of a fleet. */
export function makeTemplates(
  { inventory, hosts, connection, ...parts }: {
    inventory: Inventory | undefined;
    hosts: readonly Host[];
    vault: Vault | undefined;
    seen: (host: Host) => Host;
    connection: ConnectionOverrides;
  },
): HostTemplates {
  return new HostTemplates({
    ...parts,
    inventory: inventory ?? inventoryOf(hosts),
    defaults: { user: connection.user, connection: connection.transport },
  });
}

/** The groups that hosts are in, without their order and depth. */
function inventoryOf(hosts: readonly Host[]): Inventory {
  const members = new Map<string, string[]>([["all", []], ["ungrouped", []]]);
  for (const { name, groups } of hosts) {
    const own = groups.length === 0 ? ["ungrouped"] : groups;
    for (const group of ["all", ...own]) {
      const names = members.get(group) ?? [];
      names.push(name);
      members.set(group, names);
    }
  }
  const groupOf = ([name, hosts]: [string, string[]]): [string, Group] => [
    name,
    { name, hosts, children: [], parents: [], depth: 0, priority: 1 },
  ];
  return {
    hosts: new Map(hosts.map((host) => [host.name, host])),
    groups: new Map([...members].map(groupOf)),
  };
}
