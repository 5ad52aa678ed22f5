// The modules that ftl's actions call on hosts (src/core/actions/), so that a gate
// that is built for `copy` or `shell` holds them. tests/core/actions/action_gates_test.ts runs
// every action with such a gate and without any folder of modules.

/** The modules of one action. */
export interface ActionParts {
  /** Those that it always needs. */
  readonly needs: readonly string[];
  /** Those that some hosts need; a gate gets those that exist. */
  readonly wants: readonly string[];
}

// `PKG_MGRS` of module_utils/facts/system/pkg_mgr.py, and what newer ones add.
const PACKAGE_MANAGERS =
  "apk apt dnf dnf5 homebrew installp macports openbsd_pkg opkg pacman pkg5 " +
  "pkgin pkgng portage sorcery svr4pkg swdepot swupd urpmi xbps yum zypper";
// What module_utils/facts/system/service_mgr.py finds, as far as it is a module.
const SERVICE_MANAGERS = "launchd openwrt_init runit service systemd sysvinit";

function parts(needs: string, wants = ""): ActionParts {
  const words = (text: string) => text.split(" ").filter((word) => word !== "");
  return { needs: words(needs), wants: words(wants) };
}

/** By the short names of ansible.builtin's modules. */
export const ACTION_PARTS: ReadonlyMap<string, ActionParts> = new Map(
  Object.entries({
    add_host: parts(""),
    assemble: parts("assemble copy file slurp stat"),
    assert: parts(""),
    async_status: parts(""),
    command: parts("command"),
    copy: parts("copy file slurp stat"),
    debug: parts(""),
    dnf: parts("setup", "dnf dnf5 yum"),
    fail: parts(""),
    fetch: parts("stat"),
    gather_facts: parts("setup"),
    group_by: parts(""),
    include_vars: parts(""),
    package: parts("setup", PACKAGE_MANAGERS),
    pause: parts(""),
    raw: parts(""),
    reboot: parts(""),
    script: parts(""),
    service: parts("setup", SERVICE_MANAGERS),
    set_fact: parts(""),
    shell: parts("command"),
    template: parts("copy file slurp stat"),
    unarchive: parts("unarchive stat"),
    uri: parts("uri"),
    wait_for_connection: parts(""),
    yum: parts("setup", "dnf dnf5 yum"),
  }),
);

/**
 * The parts of a builtin module's action; undefined when the module itself runs.
 *
 * @param fullName As `fullModuleName`.
 */
export function actionParts(
  fullName: string | undefined,
): ActionParts | undefined {
  const [, name] = /^ansible\.builtin\.(\w+)$/.exec(fullName ?? "") ?? [];
  return name === undefined ? undefined : ACTION_PARTS.get(name);
}

/** The full name of a builtin module that has to be named without any source. */
export function builtinName(module: string): string | undefined {
  const [, name] = /^(?:ansible\.(?:builtin|legacy)\.)?(\w+)$/.exec(module) ??
    [];
  return name && `ansible.builtin.${name}`;
}
