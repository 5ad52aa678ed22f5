// An inventory while its sources are being read. Every format writes into one
// draft, in the order of the sources; finishDraft() turns it into an Inventory.
import type { Variable } from "../inventory.ts";
import { errorAt, formatPlace, type TextPlace } from "../text_place.ts";

/** Variables by name; what is set last wins. */
export type Variables = Map<string, Variable>;

/** A group that is being read. */
export class DraftGroup {
  readonly hosts = new Set<DraftHost>();
  /** The child groups, and where each was first named as a child. */
  readonly children = new Map<DraftGroup, TextPlace>();
  readonly parents = new Set<DraftGroup>();
  readonly vars: Variables = new Map();
  /** From `group_vars/`, one per folder, in the order of the sources. */
  readonly fileVars: (Variables | undefined)[] = [];
  priority = 1;

  constructor(readonly name: string) {}
}

/** A host that is being read. */
export class DraftHost {
  readonly groups = new Set<DraftGroup>();
  vars: Variables | undefined;
  /** From `host_vars/`; the last folder wins. */
  fileVars: Variables | undefined;

  constructor(readonly name: string, readonly source: string) {}
}

/** The content of all sources that have been read so far. */
export class InventoryDraft {
  readonly groups = new Map<string, DraftGroup>();
  readonly hosts = new Map<string, DraftHost>();
  readonly warnings: string[] = [];
  /** Files of variables that were skipped, because they are encrypted. */
  readonly skippedFiles: string[] = [];
  readonly all: DraftGroup;
  readonly ungrouped: DraftGroup;

  constructor() {
    const nowhere: TextPlace = { file: "", line: 0 };
    this.all = this.group("all", nowhere);
    this.ungrouped = this.group("ungrouped", nowhere);
    this.addChild(this.all, this.ungrouped, nowhere);
  }

  warn(place: TextPlace, text: string): void {
    this.warnings.push(`${formatPlace(place)}: ${text}`);
  }

  /** Returns the group with a name; creates it when it is new. */
  group(name: string, place: TextPlace): DraftGroup {
    let group = this.groups.get(name);
    if (!group) {
      if (name === "") throw errorAt(place, "a group has an empty name");
      group = new DraftGroup(name);
      this.groups.set(name, group);
    }
    return group;
  }

  /**
   * Returns the host with a name, and adds it to a group; creates it when it is
   * new. A port is used only for a new host, as in Ansible.
   */
  host(
    name: string,
    group: DraftGroup,
    { port, ...place }: TextPlace & { port?: number | undefined },
  ): DraftHost {
    let host = this.hosts.get(name);
    if (!host) {
      const fault = hostNameFault(name);
      if (fault) {
        throw errorAt(place, `host name ${JSON.stringify(name)} ${fault}`);
      }
      host = new DraftHost(name, place.file);
      this.hosts.set(name, host);
      if (port !== undefined) {
        const { file, line } = place;
        this.setHostVar(host, "ansible_port", { value: port, file, line });
      }
    }
    host.groups.add(group);
    group.hosts.add(host);
    return host;
  }

  addChild(parent: DraftGroup, child: DraftGroup, place: TextPlace): void {
    if (parent === child) {
      throw errorAt(place, `group ${parent.name} cannot be its own child`);
    }
    if (!parent.children.has(child)) parent.children.set(child, place);
    child.parents.add(parent);
  }

  setGroupVar(group: DraftGroup, name: string, variable: Variable): void {
    if (name !== "ansible_group_priority") {
      group.vars.set(name, variable);
      return;
    }
    const priority = Number(variable.value);
    if (!Number.isInteger(priority)) {
      throw errorAt(
        variable,
        `ansible_group_priority of group ${group.name} must be a whole number, found ${
          JSON.stringify(variable.value)
        }`,
      );
    }
    group.priority = priority;
  }

  setHostVar(host: DraftHost, name: string, variable: Variable): void {
    (host.vars ??= new Map()).set(name, variable);
  }
}

/** What is wrong with a host's name, as the end of a sentence. */
function hostNameFault(name: string): string | undefined {
  if (name === "") return "is empty";
  // deno-lint-ignore no-control-regex -- the check is about these
  if (/[\x00-\x1f\x7f]/.test(name)) return "contains a control character";
  // A program would read it as an option.
  if (name.startsWith("-")) return "starts with a hyphen";
  return undefined;
}
