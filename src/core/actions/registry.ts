// The modules that Ansible runs as action plugins on its controller, and what ftl
// does for each. docs/modules.md lists the same; a test compares both.
import type { Plan } from "../work/task.ts";

/** What ftl does for a module. Without a member, the module itself runs. */
export interface ActionEntry {
  /** Loads the replacement. */
  readonly plan?: () => Promise<Plan>;
  /** The hint for a module that is refused. */
  readonly instead?: string;
}

const COMMAND = async () => (await import("./command_action.ts")).planCommand;
const PACKAGE_SERVICE = async () =>
  (await import("./package_service.ts")).planPackageService;
const FILE_ARGUMENTS = async () =>
  (await import("./file_arguments.ts")).planFileArguments;
const PLAYBOOK: ActionEntry = {
  instead: "Use Ansible for playbooks: ftl runs single modules",
};

/** The full name that a short one of ansible-core's has. */
export function fullActionName(module: string): string {
  return `ansible.builtin.${module.replace(/^ansible\.\w+\./, "")}`;
}

/** The entries by the full names of the modules. */
export const ACTIONS: ReadonlyMap<string, ActionEntry> = new Map(
  Object.entries<ActionEntry>({
    command: { plan: COMMAND },
    shell: { plan: COMMAND },
    raw: { plan: async () => (await import("./raw_action.ts")).planRaw },
    script: {
      plan: async () => (await import("./script_action.ts")).planScript,
    },
    debug: { plan: async () => (await import("./debug_action.ts")).planDebug },
    copy: { plan: async () => (await import("./copy_action.ts")).planCopy },
    fetch: {
      plan: async () => (await import("./fetch_action.ts")).planFetchAction,
    },
    wait_for_connection: {
      plan: async () => (await import("./wait_for_connection.ts")).planWait,
    },
    package: { plan: PACKAGE_SERVICE },
    service: { plan: PACKAGE_SERVICE },
    dnf: { plan: PACKAGE_SERVICE },
    yum: { plan: PACKAGE_SERVICE },
    assemble: { plan: FILE_ARGUMENTS },
    unarchive: { plan: FILE_ARGUMENTS },
    uri: { plan: FILE_ARGUMENTS },
    async_status: {
      instead: "Run the module without async: ftl waits for every call",
    },
    gather_facts: { instead: "Use setup, which gathers the same" },
    reboot: {
      instead:
        "Run the shell command shutdown -r now, then wait_for_connection",
    },
    template: {
      plan: async () => (await import("./template_action.ts")).planTemplate,
    },
    add_host: PLAYBOOK,
    assert: PLAYBOOK,
    fail: PLAYBOOK,
    group_by: PLAYBOOK,
    include_vars: PLAYBOOK,
    pause: PLAYBOOK,
    set_fact: PLAYBOOK,
    set_stats: PLAYBOOK,
    validate_argument_spec: PLAYBOOK,
  }).map(([name, entry]) => [`ansible.builtin.${name}`, entry]),
);
