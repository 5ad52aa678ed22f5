// The facts of hosts, which `setup` and other modules report: variables that hosts
// have beside those of the inventory. What a host says is data: it is never read as
// a template, and never changes how a host is reached, its name or its groups.
import { CONNECTION_VARIABLES } from "../../inventory/connection/connection_settings.ts";
import { type Host, withVars } from "../../inventory/inventory.ts";
import { markMembers } from "../../inventory/mark_unsafe.ts";
import { SPECIAL_NAMES } from "../../inventory/special_names.ts";
import { isObject } from "../../protocol/body.ts";
import type { Json } from "../../protocol/message.ts";

/** Variables that hosts may not set. */
const OURS: ReadonlySet<string> = new Set([
  ...Object.values<readonly string[]>(CONNECTION_VARIABLES).flat(),
  ...SPECIAL_NAMES,
]);
/** The one fact whose name keeps its prefix in `ansible_facts`, as in Ansible. */
const LOCAL = "ansible_local";
const PREFIX = "ansible_";

/** The facts of the hosts of a fleet. */
export class HostFacts {
  readonly #facts = new Map<string, Readonly<Record<string, unknown>>>();

  /** Adds the facts in a result, if it has any. */
  note(host: string, result: Json): void {
    const facts = isObject(result) ? result.ansible_facts : undefined;
    if (!isObject(facts)) return;
    const known = this.#facts.get(host);
    this.#facts.set(host, { ...known, ...markMembers(facts) });
  }

  has(host: string): boolean {
    return this.#facts.has(host);
  }

  forget(host: string): void {
    this.#facts.delete(host);
  }

  /**
   * The host with its facts among its variables: `ansible_facts.distribution`, and
   * `ansible_distribution`, unless the inventory or `-e` has that variable.
   */
  seen(host: Host): Host {
    const facts = this.#facts.get(host.name);
    if (facts === undefined) return host;
    const members: Record<string, unknown> = Object.create(null);
    const injected: Record<string, unknown> = Object.create(null);
    for (const [name, value] of Object.entries(facts)) {
      const isPrefixed = name.startsWith(PREFIX) && name !== LOCAL;
      members[isPrefixed ? name.slice(PREFIX.length) : name] = value;
      if (!OURS.has(name) && !name.endsWith("_interpreter")) {
        injected[name] = value;
      }
    }
    return withVars(host, {
      ...injected,
      ...host.vars,
      ansible_facts: members,
    });
  }
}
