// The modules that Ansible runs as action plugins on its controller, and what ftl
// does for each. docs/modules.md lists the same; a test compares both.
import { builtinName } from "../../gate/modules/action_parts.ts";
import type { Located } from "../../gate/modules/module_lookup.ts";
import type { HostFleet } from "../fleet/host_fleet.ts";
import type { Plan } from "../work/task.ts";
import type { ReadLocal } from "./read_local.ts";

/** What ftl does for a module. Without a member, the module itself runs. */
export interface ActionEntry {
  /** Loads the replacement. */
  readonly plan?: () => Promise<Plan>;
  /** Loads what reads the files of the controller that it needs. */
  readonly read?: () => Promise<ReadLocal>;
  /** Whether what it reads depends on more of the host than the arguments. */
  readonly readsByHost?: boolean;
  /** Whether it can run in the background, as its last module. */
  readonly mayBeJob?: boolean;
  /** The hint for a module that is refused. */
  readonly instead?: string;
  /** Whether it takes other arguments than its module's documentation has. */
  readonly takesAny?: boolean;
}

const COMMAND = async () => (await import("./command_action.ts")).planCommand;
const PACKAGE_SERVICE: ActionEntry = {
  plan: async () => (await import("./package_service.ts")).planPackageService,
  mayBeJob: true,
  takesAny: true,
};
const FILE_ARGUMENTS = async () =>
  (await import("./file_arguments.ts")).planFileArguments;

/** The full name that a short one of ansible-core's has. */
export function fullActionName(module: string): string {
  return `ansible.builtin.${module.replace(/^ansible\.\w+\./, "")}`;
}

/** The entries by the full names of the modules. */
export const ACTIONS: ReadonlyMap<string, ActionEntry> = new Map(
  Object.entries<ActionEntry>({
    command: { plan: COMMAND, mayBeJob: true },
    shell: { plan: COMMAND, mayBeJob: true },
    raw: { plan: async () => (await import("./raw_action.ts")).planRaw },
    script: {
      plan: async () => (await import("./script_action.ts")).planScript,
      read: async () => (await import("./script_action.ts")).readScript,
    },
    debug: { plan: async () => (await import("./debug_action.ts")).planDebug },
    copy: {
      plan: async () => (await import("./copy_action.ts")).planCopy,
      read: async () => (await import("./copy_action.ts")).readCopy,
    },
    fetch: {
      plan: async () => (await import("./fetch_action.ts")).planFetchAction,
    },
    wait_for_connection: {
      plan: async () => (await import("./wait_for_connection.ts")).planWait,
    },
    package: PACKAGE_SERVICE,
    service: PACKAGE_SERVICE,
    dnf: PACKAGE_SERVICE,
    yum: PACKAGE_SERVICE,
    assemble: {
      plan: FILE_ARGUMENTS,
      read: async () => (await import("./assemble_local.ts")).readFragments,
    },
    unarchive: {
      plan: FILE_ARGUMENTS,
      read: async () => (await import("./file_arguments.ts")).readUnarchive,
    },
    uri: {
      plan: FILE_ARGUMENTS,
      read: async () => (await import("./file_arguments.ts")).readUri,
    },
    async_status: {
      plan: async () => (await import("./async_status.ts")).planAsyncStatus,
      takesAny: true, // it has more modes than the module
    },
    gather_facts: {
      plan: async () =>
        (await import("./gather_facts_action.ts")).planGatherFacts,
      takesAny: true, // it takes those of setup
    },
    reboot: {
      plan: async () => (await import("./reboot_action.ts")).planReboot,
      takesAny: true, // older names end in `_sec`; it refuses others itself
    },
    assert: {
      plan: async () => (await import("./assert_action.ts")).planAssert,
    },
    fail: { plan: async () => (await import("./fail_action.ts")).planFail },
    pause: { plan: async () => (await import("./pause_action.ts")).planPause },
    set_fact: {
      plan: async () => (await import("./set_fact_action.ts")).planSetFact,
      takesAny: true, // they are facts
    },
    template: {
      plan: async () => (await import("./template_action.ts")).planTemplate,
      read: async () => (await import("./template_action.ts")).readTemplate,
      readsByHost: true,
    },
    add_host: {
      plan: async () => (await import("./add_host_action.ts")).planAddHost,
      takesAny: true, // they are variables
    },
    group_by: {
      plan: async () => (await import("./group_by_action.ts")).planGroupBy,
    },
    include_vars: {
      plan: async () =>
        (await import("./include_vars_action.ts")).planIncludeVars,
    },
    set_stats: {
      instead: "Use the JSON of the runs: statistics belong to a playbook",
    },
    validate_argument_spec: {
      instead: "Use assert: the argument specs of roles belong to playbooks",
    },
  }).map(([name, entry]) => [`ansible.builtin.${name}`, entry]),
);

/** Entries of modules that have moved to collections, by their full names. */
const MOVED_ACTIONS: ReadonlyMap<string, ActionEntry> = new Map([
  ["ansible.posix.synchronize", {
    plan: async () => (await import("./synchronize_action.ts")).planSynchronize,
  }],
]);

/** An action, and the place of the module that it replaces, as far as there is one. */
export interface FoundAction {
  readonly action: ActionEntry | undefined;
  readonly located: Located | undefined;
}

/**
 * Finds the action of a module, which may be in a collection that is not there.
 *
 * @throws {BuildError} as `HostFleet.locate`.
 */
export async function findAction(
  module: string,
  fleet: Pick<HostFleet, "locate">,
): Promise<FoundAction> {
  const moved = MOVED_ACTIONS.get(module) ??
    MOVED_ACTIONS.get(`ansible.posix.${module}`);
  const located = await fleet.locate(module).catch((error) => {
    if (moved === undefined) throw error;
    return undefined;
  });
  if (located === undefined) {
    const action = moved ?? ACTIONS.get(builtinName(module) ?? "");
    return { action, located };
  }
  const { fullName = "" } = located;
  const action = ACTIONS.get(fullName) ?? MOVED_ACTIONS.get(fullName);
  return { action, located };
}
