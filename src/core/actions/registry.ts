// The modules that Ansible runs as action plugins on its controller, and what
// ftl does for each. docs/modules.md says the same in prose, and a test sees
// that the two agree.
import type { Plan } from "../work/task.ts";

/** What is done for a module. With neither member it runs as it is. */
export interface ActionEntry {
  /** Loads what takes its place. */
  readonly plan?: () => Promise<Plan>;
  /** It is refused: what to use instead, one sentence. */
  readonly instead?: string;
}

const COMMAND = async () => (await import("./command_action.ts")).planCommand;
const BACKEND = async () =>
  (await import("./package_service.ts")).planPackageService;
const SOURCE = async () =>
  (await import("./file_arguments.ts")).planFileArguments;
const PLAYBOOK: ActionEntry = {
  instead: "It belongs to playbooks, which ftl does not have",
};

/** By full name. */
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
    package: { plan: BACKEND },
    service: { plan: BACKEND },
    dnf: { plan: BACKEND },
    yum: { plan: BACKEND },
    assemble: { plan: SOURCE },
    unarchive: { plan: SOURCE },
    uri: { plan: SOURCE },
    async_status: { instead: "ftl starts nothing that it does not wait for" },
    gather_facts: { instead: "Use setup, which gathers the same" },
    reboot: {
      instead: "Use ftl exec with shutdown -r now, then wait_for_connection",
    },
    template: {
      instead: "Render the text first, and use copy with src or content",
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
  }).map(([name, treatment]) => [`ansible.builtin.${name}`, treatment]),
);
