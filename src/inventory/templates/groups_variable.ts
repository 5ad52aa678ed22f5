// The variable `groups`: the hosts of each group, read when they are used.
import type { Value } from "../../template/values/template_value.ts";
import {
  type Group,
  type Host,
  hostsOf,
  type Inventory,
} from "../inventory.ts";
import { MappingOf } from "./mappings.ts";

/** The groups of an inventory as templates see them. */
export class GroupsVariable {
  readonly #inventory: Inventory;
  readonly #names = new Map<string, readonly string[]>();
  /** The groups that `#names` are of; those of a session change. */
  #known: ReadonlyMap<string, Group> | undefined;

  constructor(inventory: Inventory) {
    this.#inventory = inventory;
  }

  get hosts(): ReadonlyMap<string, Host> {
    return this.#inventory.hosts;
  }

  /** The value of `groups`. */
  mapping(): Value {
    return new MappingOf(
      "dict",
      () => [...this.#inventory.groups.keys()],
      (name) => {
        const names = this.#namesIn(name);
        return names && [...names]; // a template may change its list
      },
    );
  }

  #namesIn(group: string): readonly string[] | undefined {
    const { groups } = this.#inventory;
    if (!groups.has(group)) return undefined;
    if (this.#known !== groups) this.#names.clear();
    this.#known = groups;
    let names = this.#names.get(group);
    if (names === undefined) {
      names = hostsOf(this.#inventory, group).map((host) => host.name);
      this.#names.set(group, names);
    }
    return names;
  }
}
